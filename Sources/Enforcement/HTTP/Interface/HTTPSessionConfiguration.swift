public import HTTPInspection
public import Policy
public import Records

/// What a session over HTTP is made with.
public struct HTTPSessionConfiguration: Sendable {
    public var resource: Resource
    /// Where every request goes, and what its Host says. Behind a forward proxy each request says that itself.
    public var upstream: HTTPAuthority
    /// Names the agent in the session's first record.
    public var agent: AgentDescription
    /// The longest time between a client's connect and its identity, in seconds.
    public var authenticationSeconds: UInt32

    public init(
        resource: Resource, upstream: HTTPAuthority, agent: AgentDescription, authenticationSeconds: UInt32 = 60
    ) {
        self.resource = resource
        self.upstream = upstream
        self.agent = agent
        self.authenticationSeconds = authenticationSeconds
    }
}

/// What a session calls on, all of it synchronous and quick.
public struct HTTPSessionServices: Sendable {
    /// Makes a record's id, a UUIDv7 of the given time.
    public var makeRecordID: @Sendable (SessionInstant) -> RecordID
    /// Takes the grant for a binding, if it was given: it is used up by the look-up.
    public var takeGrant: @Sendable (_ binding: [UInt8]) -> GrantLookup
    /// The resource's credential as it is now. It is asked for each request.
    public var credential: @Sendable () -> HTTPCredentialLookup
    /// Keeps what budgets count; `nil`: nothing that counts in one is shown.
    public var budgets: (any BudgetKeeping)?
    /// Bounds what the sessions of a process hold of bodies.
    public var buffers: BufferBudget
    /// Of sessions to MCP servers.
    public var mcp: MCPServices

    public init(
        makeRecordID: @escaping @Sendable (SessionInstant) -> RecordID,
        takeGrant: @escaping @Sendable (_ binding: [UInt8]) -> GrantLookup,
        credential: @escaping @Sendable () -> HTTPCredentialLookup, budgets: (any BudgetKeeping)? = nil,
        buffers: BufferBudget = BufferBudget(),
        mcp: MCPServices = MCPServices(pins: NoToolPins())
    ) {
        self.makeRecordID = makeRecordID
        self.takeGrant = takeGrant
        self.credential = credential
        self.budgets = budgets
        self.buffers = buffers
        self.mcp = mcp
    }
}
