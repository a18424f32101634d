public import Policy
public import Records

/// What a session is made with.
public struct PostgresSessionConfiguration: Sendable {
    public var resource: Resource
    /// TLS is offered to the client (the resource has a certificate).
    public var offersTLS: Bool
    /// Names the agent in the session's first record.
    public var agent: AgentDescription
    /// The sidecar's own key of this session, random.
    public var cancelKey: CancelKey
    /// The longest time between a client's connect and its identity, in seconds.
    public var authenticationSeconds: UInt32

    public init(
        resource: Resource, offersTLS: Bool, agent: AgentDescription, cancelKey: CancelKey,
        authenticationSeconds: UInt32 = 60
    ) {
        self.resource = resource
        self.offersTLS = offersTLS
        self.agent = agent
        self.cancelKey = cancelKey
        self.authenticationSeconds = authenticationSeconds
    }
}

/// What a session calls on, all of it synchronous and quick.
public struct PostgresSessionServices: Sendable {
    /// Reads statements; shared by the sessions of a process, so that each text is read once.
    public var reader: StatementReader
    /// Makes a record's id, a UUIDv7 of the given time.
    public var makeRecordID: @Sendable (SessionInstant) -> RecordID
    /// Takes the grant for a binding, if it was given: it is used up by the look-up.
    public var takeGrant: @Sendable (_ binding: [UInt8]) -> GrantLookup
    /// Keeps what budgets count; `nil`: nothing that counts in one is shown.
    public var budgets: (any BudgetKeeping)?
    /// Bounds what the sessions of a process hold of long messages.
    public var buffers: BufferBudget

    public init(
        reader: StatementReader, makeRecordID: @escaping @Sendable (SessionInstant) -> RecordID,
        takeGrant: @escaping @Sendable (_ binding: [UInt8]) -> GrantLookup, budgets: (any BudgetKeeping)? = nil,
        buffers: BufferBudget = BufferBudget()
    ) {
        self.reader = reader
        self.makeRecordID = makeRecordID
        self.takeGrant = takeGrant
        self.budgets = budgets
        self.buffers = buffers
    }
}
