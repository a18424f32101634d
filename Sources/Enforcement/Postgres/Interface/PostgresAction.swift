/// What the session wants done besides records and bytes, which have places of their own in ``SessionOutput``: performed after
/// them, in order.
public enum PostgresAction: Sendable {
    /// `S` has been sent: a TLS server handshake begins with the client's next byte.
    case startClientTLS
    /// Find out who this is, by the token that the client sent, or by the resource's token file when there is none.
    case authenticate(token: ClientToken?)
    /// Connect, do TLS, log in (``PostgresEvent/upstreamReady(_:)``).
    case connectUpstream(UpstreamRequest)
    /// CancelRequests with this key are for this session, from now on until it closes.
    case publishCancelKey(CancelKey)
    /// This connection is a CancelRequest: find the session with this key, if there is one, and send a CancelRequest with
    /// its ``PostgresSession/upstreamCancelKey`` to its upstream. Also asked by a session that ends while something of its
    /// own still runs.
    case cancel(CancelKey)
    /// Read a statement that is too long for an event loop's stack, elsewhere, with ``JudgementRequest/read()``.
    case judge(JudgementRequest)
    case askApproval(ApprovalAsk)
    /// Nobody waits for this approval any more.
    case withdrawApproval(id: String)
    /// The session changed the schema: read the catalog again and answer with ``PostgresEvent/catalogChanged(_:)``. The
    /// session's next statement waits for it.
    case refreshCatalog
    /// Do not read from the client: the session has as much of it as it may keep.
    case pauseClient
    case resumeClient
    /// Flush what was sent, then close.
    case closeClient
    /// Flush what was sent (a Terminate may be in it), then close.
    case closeUpstream
}

/// What a session wants of an upstream.
public struct UpstreamRequest: Hashable, Sendable {
    public var database: String
    /// Start-up parameters to send besides user and database, in this order; pinned ones included.
    public var parameters: [StartupParameter]

    public init(database: String, parameters: [StartupParameter]) {
        self.database = database
        self.parameters = parameters
    }
}

public struct StartupParameter: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
