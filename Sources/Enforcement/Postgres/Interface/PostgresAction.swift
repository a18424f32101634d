public import Policy
public import Records

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

/// A token on its way from a client. It describes itself without its value, so that no log gets it by accident.
public struct ClientToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let value: String

    public init(_ value: String) {
        self.value = value
    }

    public var description: String { "<token>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
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

/// A record that waits for its place in the chain and the spool.
public struct SessionRecord: Sendable {
    public enum Event: Sendable {
        case message(PBRecord.OneOf_Event)
        /// What happens again and again comes encoded; its bytes are in ``SessionOutput/events``.
        case encoded(EventBuffer.Event, StatementTally)
    }

    /// A UUIDv7 that the client was told, so that the record must get it; `nil` when nobody was told one.
    public var id: RecordID?
    public var event: Event
}

/// What counters want to know of an encoded event.
public struct StatementTally: Hashable, Sendable {
    /// It tells that a statement was allowed.
    public var isJudged: Bool
    /// It tells that one has ended, after so many microseconds.
    public var durationMicroseconds: UInt64?
    public var maskedValues: UInt64 = 0
}

/// What an approver is asked.
public struct ApprovalAsk: Sendable {
    public var id: String
    /// SHA-256 over resource, subject, statement text and parameters: an approval is for this and nothing else.
    public var binding: [UInt8]
    public var resource: String
    public var subject: Subject
    /// Sensitive literals masked.
    public var statement: String
    /// Masked.
    public var parameters: [String]
    public var rules: [String]
    public var message: String?
    public var terms: ApprovalTerms
    /// An approver must be in one group of each list.
    public var approverGroups: [[String]]
    public var expiresAtUnixSeconds: Int64
    /// Of the session's record of the held statement.
    public var recordID: RecordID

    public init(
        id: String, binding: [UInt8], resource: String, subject: Subject, statement: String, parameters: [String],
        rules: [String], message: String?, terms: ApprovalTerms, approverGroups: [[String]],
        expiresAtUnixSeconds: Int64, recordID: RecordID
    ) {
        self.id = id
        self.binding = binding
        self.resource = resource
        self.subject = subject
        self.statement = statement
        self.parameters = parameters
        self.rules = rules
        self.message = message
        self.terms = terms
        self.approverGroups = approverGroups
        self.expiresAtUnixSeconds = expiresAtUnixSeconds
        self.recordID = recordID
    }
}
