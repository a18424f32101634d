/// One client's session with one database: bytes and events in, actions out. No socket, no clock, no logger.
public struct PostgresSession: ~Copyable {
    let configuration: PostgresSessionConfiguration
    let services: PostgresSessionServices
    var policy: (any SessionPolicy)?

    /// - Parameter policy: `nil` when no bundle is in force: the session is refused.
    public init(
        configuration: PostgresSessionConfiguration, services: PostgresSessionServices, policy: (any SessionPolicy)?,
        at now: SessionInstant
    ) {
        self.configuration = configuration
        self.services = services
        self.policy = policy
    }

    /// Feed ``PostgresEvent/tick`` no later than this; `nil`: nothing is due.
    public var nextDeadline: SessionInstant? { nil }

    /// The upstream's own key of this session, for a CancelRequest that names the session's.
    public private(set) var upstreamCancelKey: CancelKey?

    /// Whether what cannot be recorded must not happen.
    public var mustRecord: Bool { true }

    public mutating func receiveFromClient(
        _ bytes: Span<UInt8>, at now: SessionInstant, into actions: inout [PostgresAction]
    ) {}

    public mutating func receiveFromUpstream(
        _ bytes: Span<UInt8>, at now: SessionInstant, into actions: inout [PostgresAction]
    ) {}

    public mutating func handle(_ event: PostgresEvent, at now: SessionInstant, into actions: inout [PostgresAction]) {
    }
}
