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
    /// The resource's credential as it is now; `nil` where there is none to be had. It is asked for each request.
    public var credential: @Sendable () -> HTTPCredential?
    /// Keeps what budgets count; `nil`: nothing that counts in one is shown.
    public var budgets: (any BudgetKeeping)?
    /// Bounds what the sessions of a process hold of bodies.
    public var buffers: BufferBudget
    /// Of sessions to MCP servers.
    public var mcp: MCPServices

    public init(
        makeRecordID: @escaping @Sendable (SessionInstant) -> RecordID,
        takeGrant: @escaping @Sendable (_ binding: [UInt8]) -> GrantLookup,
        credential: @escaping @Sendable () -> HTTPCredential?, budgets: (any BudgetKeeping)? = nil,
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

/// What tells an upstream that it is the sidecar that asks. It describes itself without its value, so that no log gets it by
/// accident.
public struct HTTPCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The field that it is sent in; `nil`: the upstream asks for nothing.
    public let field: String?
    public let value: String
    /// What nobody may see of it, where a service shows it: the token or the field's value, and a password.
    let secrets: [String]

    /// Nothing is sent.
    public static let anonymous = HTTPCredential(field: nil, value: "", secrets: [])

    /// A field of the service's own.
    public init(field: String, value: String) {
        self.init(field: Optional(field), value: value, secrets: [value])
    }

    /// `Authorization: Bearer` (RFC 6750).
    public static func bearer(_ token: String) -> HTTPCredential {
        HTTPCredential(field: "Authorization", value: "Bearer \(token)", secrets: [token])
    }

    /// `Authorization: Basic` (RFC 7617).
    ///
    /// - Parameter encoded: Name and password as base64.
    public static func basic(encoded: String, password: String) -> HTTPCredential {
        HTTPCredential(field: "Authorization", value: "Basic \(encoded)", secrets: [encoded, password])
    }

    private init(field: String?, value: String, secrets: [String]) {
        self.field = field
        self.value = value
        self.secrets = secrets
    }

    public var description: String { "<credential>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
