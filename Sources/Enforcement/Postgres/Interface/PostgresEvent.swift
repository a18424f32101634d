/// What happens to a session from outside, other than bytes, which have entries of their own
/// (``PostgresSession/receiveFromClient(_:at:into:)``, ``PostgresSession/receiveFromUpstream(_:at:into:)``).
public enum PostgresEvent: Sendable {
    /// The TLS handshake that ``PostgresAction/startClientTLS`` asked for is complete; what the client sends now is
    /// plaintext.
    case clientTLSEstablished
    /// The answer to ``PostgresAction/authenticate(token:)``.
    case identified(SessionIdentity)
    /// The answer to ``PostgresAction/authenticate(token:)`` when it is no. `reason` goes to the record and the log; the
    /// client is told only that the token was refused.
    case identityRefused(reason: String)
    /// The answer to ``PostgresAction/connectUpstream(_:)``: logged in, and the server has sent its first ReadyForQuery.
    case upstreamReady(UpstreamGreeting)
    /// The answer to ``PostgresAction/connectUpstream(_:)`` when it is no.
    case upstreamFailed(UpstreamFailure)
    /// The upstream's connection has ended.
    case upstreamClosed
    /// The client's connection has ended.
    case clientClosed
    /// The answer to ``PostgresAction/judge(_:)``.
    case judged(JudgementTicket, StatementReading)
    /// An answer to ``PostgresAction/askApproval(_:)``. Also in answer to an ask that could not be delivered
    /// (``ApprovalDecision/Outcome/unavailable(reason:)``).
    case approvalDecided(ApprovalDecision)
    /// Another policy is in force from now on, open sessions included.
    case policyChanged(any SessionPolicy)
    /// The database's catalog was read again; also the answer to ``PostgresAction/refreshCatalog``.
    case catalogChanged(PostgresCatalog)
    /// The catalog may be out of date and could not be read again; also the answer to ``PostgresAction/refreshCatalog``.
    case catalogLost(reason: String)
    /// The token was renewed (a token file changed, the issuer was asked again): the same person, with the groups of now.
    case identityChanged(SessionIdentity)
    /// The token's time is over. The machine looks at the expiry itself at every tick; this is for whoever knows sooner.
    case identityExpired
    /// The subject, the token or the session was revoked.
    case revoked(reason: String)
    /// A record could not be spooled and the machine said that it must be
    /// (``PostgresSession/mustRecord``): what depended on it was withheld (``SessionOutput/withhold()``).
    case recordRefused(reason: String)
    /// Time has passed; at the latest at ``PostgresSession/nextDeadline``.
    case tick
    /// The sidecar stops: the session ends at the next moment when no statement is under way.
    case drain
}

/// What a login to the upstream yields.
public struct UpstreamGreeting: Sendable {
    /// Every ParameterStatus up to the first ReadyForQuery, the last value of each.
    public var parameters: [String: String]
    /// The upstream's own cancel key; `nil` when it sent none.
    public var cancelKey: CancelKey?
    public var catalog: PostgresCatalog

    public init(parameters: [String: String], cancelKey: CancelKey?, catalog: PostgresCatalog) {
        self.parameters = parameters
        self.cancelKey = cancelKey
        self.catalog = catalog
    }
}

/// Why there is no upstream.
public struct UpstreamFailure: Error, Hashable, Sendable {
    /// What the client sees: `08001` when there is no connection, the server's own when the server said no.
    public var sqlState: String
    /// For the client: no address, no credential.
    public var message: String
    /// For the record and the log.
    public var detail: String

    public init(sqlState: String, message: String, detail: String) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
    }
}

/// What identifies a session to a CancelRequest.
public struct CancelKey: Hashable, Sendable {
    public var processID: Int32
    /// Four bytes in protocol 3.0.
    public var secret: Int32

    public init(processID: Int32, secret: Int32) {
        self.processID = processID
        self.secret = secret
    }
}
