/// A whole policy, checked and normalized, before it is laid out as a bundle and after it is read from one.
///
/// The order of any array here never matters: the bundle's writer sorts.
public struct PolicyModel: Hashable, Sendable {
    public var name: String
    public var issuers: [Issuer]
    public var resources: [Resource]
    public var classifications: [Classification]
    public var customDetectors: [CustomDetector]
    public var rules: [Rule]
    public var budgets: [Budget]
    public var recording: Recording
    /// File that holds the key of `hash` masks, on the sidecar's file system; its bytes never enter a bundle.
    public var maskKeyFile: String?

    public init(
        name: String, issuers: [Issuer] = [], resources: [Resource] = [], classifications: [Classification] = [],
        customDetectors: [CustomDetector] = [], rules: [Rule] = [], budgets: [Budget] = [],
        recording: Recording = Recording(), maskKeyFile: String? = nil
    ) {
        self.name = name
        self.issuers = issuers
        self.resources = resources
        self.classifications = classifications
        self.customDetectors = customDetectors
        self.rules = rules
        self.budgets = budgets
        self.recording = recording
        self.maskKeyFile = maskKeyFile
    }
}

/// An OpenID provider whose tokens are accepted.
public struct Issuer: Hashable, Sendable {
    /// The `iss` claim, exactly; discovery is at `url/.well-known/openid-configuration`.
    public var url: String
    public var audience: String
    /// The claim that lists groups; dots descend into objects (`realm_access.roles`).
    public var groupsClaim: String
    /// A JWK set on the sidecar's file system, in place of discovery.
    public var jwksFile: String?
    /// A PEM bundle for the issuer's TLS certificate; the system's when `nil`.
    public var caFile: String?
    /// Tolerance for `exp` and `nbf`, in seconds (0…300).
    public var clockSkewSeconds: UInt32

    public init(
        url: String, audience: String, groupsClaim: String = "groups", jwksFile: String? = nil, caFile: String? = nil,
        clockSkewSeconds: UInt32 = 30
    ) {
        self.url = url
        self.audience = audience
        self.groupsClaim = groupsClaim
        self.jwksFile = jwksFile
        self.caFile = caFile
        self.clockSkewSeconds = clockSkewSeconds
    }
}

/// Something behind the sidecar, with the local address where the agent finds it.
public struct Resource: Hashable, Sendable {
    public enum ProtocolName: UInt8, Hashable, Sendable, CaseIterable {
        case postgres = 0
        case http = 1
        case mcp = 2
        /// A forward proxy: where a request goes is the agent's to say, and policy's to allow.
        case egress = 3
    }

    public enum UpstreamTLS: UInt8, Hashable, Sendable, CaseIterable {
        case disable = 0
        case require = 1
        case verifyCA = 2
        case verifyFull = 3
    }

    /// What an API is, beyond HTTP: what is done with its bodies besides looking into them.
    public enum Profile: UInt8, Hashable, Sendable, CaseIterable {
        /// Chat completions, completions and responses, and what is compatible with them.
        case openai = 1
        /// Messages.
        case anthropic = 2
    }

    public var name: String
    public var protocolName: ProtocolName
    /// `host:port` on loopback, or `unix:/path`.
    public var listen: String
    /// `host:port`. Of http it is the URL's, its port written out; ``tls`` says whether the URL was `https`. Of egress it is empty, and of
    /// mcp over a program's standard input and output.
    public var upstream: String
    /// Of mcp: the path of the endpoint, percent-encoded as it is sent.
    public var upstreamPath: String
    public var tls: UpstreamTLS
    /// PEM bundle that the upstream's certificate must chain to; the system's when `nil`. Of egress beside the system's.
    public var caFile: String?
    /// Certificate and key shown to the agent when it asks for TLS; `N` is answered when `nil`.
    public var listenCertificateFile: String?
    public var listenKeyFile: String?
    /// Of http both files or neither: they are sent as `Authorization: Basic`.
    public var usernameFile: String?
    public var passwordFile: String?
    /// Of http: a file whose content is sent as `Authorization: Bearer`.
    public var bearerFile: String?
    /// Of http: a field that is sent with the content of ``headerFile``; both or neither.
    public var headerName: String?
    public var headerFile: String?
    /// Of http: PEM files of the certificate, with its chain, and of the key that the upstream is shown in TLS; both or neither.
    public var clientCertificateFile: String?
    public var clientKeyFile: String?
    /// Of http: where a token is fetched that is sent as `Authorization: Bearer`.
    public var oauth: OAuthClient?
    /// A file with the agent's token (a pod's own identity); when `nil` the token is in the password field, and of http in
    /// `Authorization: Bearer`.
    public var tokenFile: String?
    /// The only databases that a session may name; empty: any. Of http always empty.
    public var databases: [String]
    /// Of egress: where the sidecar writes the certificate of the authority that it signs with, and what else the agent must trust.
    public var trustFile: String?
    /// Of mcp: what tools must be, by name.
    public var toolPins: [ToolPin]
    /// Of http: what it is; `nil`: nothing that is known.
    public var profile: Profile?
    /// With a profile: patterns of the hosts that links in what a model says may lead to, `*` for any run of letters, in lower case.
    public var linkHosts: [String]

    public init(
        name: String, protocolName: ProtocolName = .postgres, listen: String, upstream: String,
        tls: UpstreamTLS = .verifyFull, caFile: String? = nil, listenCertificateFile: String? = nil,
        listenKeyFile: String? = nil, usernameFile: String? = nil, passwordFile: String? = nil,
        bearerFile: String? = nil, headerName: String? = nil, headerFile: String? = nil,
        tokenFile: String? = nil, databases: [String] = [], trustFile: String? = nil, upstreamPath: String = "",
        toolPins: [ToolPin] = [], profile: Profile? = nil, linkHosts: [String] = [],
        clientCertificateFile: String? = nil, clientKeyFile: String? = nil, oauth: OAuthClient? = nil
    ) {
        self.name = name
        self.protocolName = protocolName
        self.listen = listen
        self.upstream = upstream
        self.tls = tls
        self.caFile = caFile
        self.listenCertificateFile = listenCertificateFile
        self.listenKeyFile = listenKeyFile
        self.usernameFile = usernameFile
        self.passwordFile = passwordFile
        self.bearerFile = bearerFile
        self.headerName = headerName
        self.headerFile = headerFile
        self.tokenFile = tokenFile
        self.databases = databases
        self.trustFile = trustFile
        self.upstreamPath = upstreamPath
        self.toolPins = toolPins
        self.profile = profile
        self.linkHosts = linkHosts
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
        self.oauth = oauth
    }
}

/// What a tool must be: its fingerprint.
public struct ToolPin: Hashable, Sendable {
    public var tool: String
    /// `sha256:` and 64 hexadecimal digits in lower case, see `ToolFingerprint`.
    public var fingerprint: String

    public init(tool: String, fingerprint: String) {
        self.tool = tool
        self.fingerprint = fingerprint
    }
}

/// A kind of sensitive data: where it lives, how it is recognised, how it is masked.
public struct Classification: Hashable, Sendable {
    public var name: String
    /// Globs over `schema.relation.column`.
    public var columns: [String]
    /// Names of built-in or custom detectors, run on every value of a resource that no column mask covers.
    public var detectors: [String]
    /// Keys of JSON, in any case, under which values of it are found wherever a detector would look.
    public var jsonKeys: [String]
    public var mask: Mask
    /// Resources that it holds for; empty: all.
    public var resources: [String]
    /// What its columns may decide.
    public var predicates: Predicates
    /// With ``Predicates/hold``: who may approve, and how.
    public var approval: ApprovalTerms?
    /// What becomes of what its detectors and keys find in requests to APIs.
    public var outbound: Outbound
    /// Sums and averages of a column pass where they are known to be of at least so many rows (2…1,000,000); `nil`: they
    /// are redacted, as everything is that is computed from it.
    public var aggregatedRows: UInt32?

    public init(
        name: String, columns: [String] = [], detectors: [String] = [], jsonKeys: [String] = [], mask: Mask = .redact,
        resources: [String] = [],
        predicates: Predicates = .lookup, approval: ApprovalTerms? = nil, aggregatedRows: UInt32? = nil,
        outbound: Outbound = .deny
    ) {
        self.name = name
        self.columns = columns
        self.detectors = detectors
        self.jsonKeys = jsonKeys
        self.mask = mask
        self.resources = resources
        self.predicates = predicates
        self.approval = approval
        self.aggregatedRows = aggregatedRows
        self.outbound = outbound
    }
}

/// What becomes of what is found in a request on its way out. The stricter is the greater: where two classifications find
/// one thing, that counts.
public enum Outbound: UInt8, Comparable, Hashable, Sendable, CaseIterable {
    /// It passes as it is.
    case allow = 0
    /// It passes as the classification's mask makes it.
    case mask = 1
    /// The request is refused.
    case deny = 2

    public static func < (left: Outbound, right: Outbound) -> Bool { left.rawValue < right.rawValue }
}

/// What may be decided by a classified column: which rows there are, in which order, whether there is an error. Whoever
/// may ask freely finds out any value in some dozen questions, masked or not.
public enum Predicates: UInt8, Hashable, Sendable, CaseIterable {
    /// Anything.
    case allow = 0
    /// It may be compared by `=` with a few values that are given, and decide nothing else.
    case lookup = 1
    /// A person is asked first.
    case hold = 2
    /// Nothing.
    case deny = 3
}

/// A detector of the operator's own.
public struct CustomDetector: Hashable, Sendable {
    public var name: String
    /// A regular expression of the documented subset.
    public var pattern: String
    /// Words of which one must stand near the match; empty: none needed.
    public var context: [String]

    public init(name: String, pattern: String, context: [String] = []) {
        self.name = name
        self.pattern = pattern
        self.context = context
    }
}

/// How a value is masked. The order of strictness is documented at ``Mask/strictness``.
public enum Mask: Hashable, Sendable {
    case redact
    case null
    /// Keyed, so that equal values stay equal.
    case hash
    case fixed(String)
    case keepFirst(UInt16)
    case keepLast(UInt16)
    case truncateDate(DatePrecision)

    public enum DatePrecision: UInt8, Hashable, Sendable, CaseIterable {
        case year = 0
        case month = 1
        case day = 2
    }
}

/// What to do with operations that match.
public struct Rule: Hashable, Sendable {
    public enum Effect: UInt8, Hashable, Sendable, CaseIterable {
        case allow = 0
        case hold = 1
        case deny = 2
    }

    public enum Mode: UInt8, Hashable, Sendable, CaseIterable {
        case enforce = 0
        /// Records what it would do, and does nothing.
        case observe = 1
    }

    public var name: String
    public var effect: Effect
    public var mode: Mode
    public var verbs: Set<Verb>
    /// Names of resources; empty: all.
    public var resources: [String]
    public var subjects: SubjectMatch
    public var condition: Condition
    /// What an allow rule lets pass that is denied otherwise.
    public var vouches: Vouches
    public var message: String?
    /// Of a hold rule.
    public var approval: ApprovalTerms?

    public init(
        name: String, effect: Effect, mode: Mode = .enforce, verbs: Set<Verb>, resources: [String] = [],
        subjects: SubjectMatch = SubjectMatch(), condition: Condition = Condition(), vouches: Vouches = Vouches(),
        message: String? = nil, approval: ApprovalTerms? = nil
    ) {
        self.name = name
        self.effect = effect
        self.mode = mode
        self.verbs = verbs
        self.resources = resources
        self.subjects = subjects
        self.condition = condition
        self.vouches = vouches
        self.message = message
        self.approval = approval
    }
}

/// Whom a rule is for. The lists are alternatives within one key, and every key that is not empty must hold.
public struct SubjectMatch: Hashable, Sendable {
    /// Exact names of groups.
    public var groups: [String]
    /// Globs over the token's `sub`.
    public var subjects: [String]
    /// Globs over any actor of the `act` chain.
    public var actors: [String]

    public init(groups: [String] = [], subjects: [String] = [], actors: [String] = []) {
        self.groups = groups
        self.subjects = subjects
        self.actors = actors
    }
}

/// What an operation must be for a rule to match. Alternatives within one key; every key that is not empty must hold,
/// all of them for one and the same access.
///
/// A deny or hold rule matches when *something* of the kind is named: one classification, column or function. An allow
/// rule matches when there is something of the kind and *all* of it is named: a rule that allows reading
/// `shop.customers.name` must not let `ssn` through beside it. A request has one method, one host and one path, a call one tool, one
/// resource or one prompt.
public struct Condition: Hashable, Sendable {
    /// The access uses a column of one of these classifications, in whatever way (allow: and of no other).
    public var classifications: [String]
    /// Globs over the object's path (`shop.*`).
    public var objects: [String]
    /// Globs over `schema.relation.column`; any column of the access (allow: every column).
    public var columns: [String]
    /// Globs over the operation's functions (deny and hold: any of them; allow: all, and it must vouch for them besides).
    public var functions: [String]
    /// Methods of requests, exactly.
    public var methods: [String]
    /// Globs over the hosts that requests go to, in any case; `*` is any run of letters, dots too.
    public var hosts: [String]
    /// Ports that requests through a forward proxy go to, as decimal numbers. An allow rule without any is about 80 and 443.
    public var ports: [String]
    /// Globs over requests' paths (`/v1/customers/*`, `/v1/reports/**`), see ``Glob/init(requestPath:)``.
    public var paths: [String]
    /// Globs over the names of tools that are called.
    public var tools: [String]
    /// Globs over the URIs of resources that are read.
    public var uris: [String]
    /// Globs over the names of prompts.
    public var prompts: [String]
    /// What a call's arguments must be, see ``argumentsHold(_:of:)``.
    public var arguments: [ArgumentCondition]
    /// Of an allow rule: the call has no arguments but those that ``arguments`` names.
    public var onlyArguments: Bool
    /// Features that must all be present, on the access or the operation.
    public var with: Features
    /// Features that must all be absent.
    public var without: Features

    public init(
        classifications: [String] = [], objects: [String] = [], columns: [String] = [], functions: [String] = [],
        methods: [String] = [], hosts: [String] = [], ports: [String] = [], paths: [String] = [],
        tools: [String] = [], uris: [String] = [], prompts: [String] = [], arguments: [ArgumentCondition] = [],
        onlyArguments: Bool = false,
        with: Features = [], without: Features = []
    ) {
        self.classifications = classifications
        self.objects = objects
        self.columns = columns
        self.functions = functions
        self.methods = methods
        self.hosts = hosts
        self.ports = ports
        self.paths = paths
        self.tools = tools
        self.uris = uris
        self.prompts = prompts
        self.arguments = arguments
        self.onlyArguments = onlyArguments
        self.with = with
        self.without = without
    }
}

/// What an allow rule answers for.
public struct Vouches: Hashable, Sendable {
    /// Globs over functions that are not known to be harmless.
    public var functions: [String]
    /// Guarded features.
    public var features: Features

    public init(functions: [String] = [], features: Features = []) {
        self.functions = functions
        self.features = features
    }
}

/// Who may approve what a rule holds, and how.
public struct ApprovalTerms: Hashable, Sendable {
    public enum Mode: UInt8, Hashable, Sendable, CaseIterable {
        /// The statement waits.
        case wait = 0
        /// The statement is refused with the approval's id, and passes once when it is asked again after approval.
        case `return` = 1
    }

    public enum InTransaction: UInt8, Hashable, Sendable, CaseIterable {
        case refuse = 0
        case wait = 1
    }

    /// An approver must be in one of these groups.
    public var groups: [String]
    /// How long a request may wait, in seconds (1…86,400).
    public var withinSeconds: UInt32
    public var mode: Mode
    /// What happens inside an open transaction, whose locks a wait would keep.
    public var inTransaction: InTransaction

    public init(
        groups: [String], withinSeconds: UInt32 = 600, mode: Mode = .wait, inTransaction: InTransaction = .refuse
    ) {
        self.groups = groups
        self.withinSeconds = withinSeconds
        self.mode = mode
        self.inTransaction = inTransaction
    }
}

/// What is recorded.
public struct Recording: Hashable, Sendable {
    public enum Content: UInt8, Hashable, Sendable, CaseIterable {
        case none = 0
        case masked = 1
    }

    public enum WhenSpoolIsFull: UInt8, Hashable, Sendable, CaseIterable {
        case deny = 0
        case allow = 1
    }

    public var statements: Content
    public var responses: Content
    /// Bytes of a response that a record keeps at the most.
    public var maxResponseBytes: UInt64
    public var whenSpoolIsFull: WhenSpoolIsFull

    public init(
        statements: Content = .masked, responses: Content = .none, maxResponseBytes: UInt64 = 65_536,
        whenSpoolIsFull: WhenSpoolIsFull = .deny
    ) {
        self.statements = statements
        self.responses = responses
        self.maxResponseBytes = maxResponseBytes
        self.whenSpoolIsFull = whenSpoolIsFull
    }
}

extension Resource.ProtocolName {
    /// Whether what is asked there are requests, with a method, a host and a path.
    public var takesRequests: Bool {
        switch self {
        case .postgres, .mcp: false
        case .http, .egress: true
        }
    }
}

extension Resource {
    /// Whether two reach their upstream alike, and sign in there alike; where they listen and what holds for them besides is left aside.
    public func reachesItsUpstream(as other: Resource) -> Bool {
        var (one, another) = (self, other)
        for keyPath in [\Resource.listenCertificateFile, \.listenKeyFile, \.tokenFile, \.trustFile] {
            one[keyPath: keyPath] = nil
            another[keyPath: keyPath] = nil
        }
        (one.listen, another.listen) = ("", "")
        (one.databases, another.databases) = ([], [])
        (one.toolPins, another.toolPins) = ([], [])
        (one.linkHosts, another.linkHosts) = ([], [])
        return one == another
    }
}
