/// Who asks: a verified token's subject and, where the token was exchanged, the actors behind it.
public struct Subject: Hashable, Sendable {
    /// The token's `sub`.
    public var id: String
    /// The token's `iss`.
    public var issuer: String
    public var groups: [String]
    /// The `act` chain (RFC 8693 §4.1), the current actor first. Empty when nobody acts for the subject.
    public var actors: [String]

    public init(id: String, issuer: String, groups: [String] = [], actors: [String] = []) {
        self.id = id
        self.issuer = issuer
        self.groups = groups
        self.actors = actors
    }
}

/// The path of an object in its resource, outermost first, as the server spells it after case folding:
/// `[schema, relation]` in PostgreSQL, a path's segments, percent-decoded once, in HTTP, `[tool, name]` in MCP.
public struct ObjectPath: Hashable, Sendable {
    public var components: [String]

    public init(_ components: [String]) {
        self.components = components
    }
}

/// How an access uses a column.
public struct ColumnUse: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The column, or something computed from it, is in the result.
    public static let output = ColumnUse(rawValue: 1 << 0)
    /// The column decides which rows there are, their order, or whether there is an error: WHERE, JOIN, GROUP BY, HAVING,
    /// ORDER BY, CASE, arithmetic.
    public static let predicate = ColumnUse(rawValue: 1 << 1)
    public static let write = ColumnUse(rawValue: 1 << 2)
    /// The column is compared by `=` with a few values that are given, and ``predicate`` says whether it decides anything
    /// besides.
    public static let lookup = ColumnUse(rawValue: 1 << 3)
}

/// One verb on one object, with the columns that it uses.
public struct Access: Hashable, Sendable {
    public var verb: Verb
    public var object: ObjectPath
    /// Column name → use. Every column that the statement can reach through this access; never abridged.
    public var columns: [String: ColumnUse]
    /// What is true of this access alone (`unbounded`, `allColumns`, `unknownObject`, …).
    public var features: Features
    /// How many of the object's rows one row of the result may show; 0 when it shows none.
    public var shownRows: UInt32
    /// Objects whose content is among the object's own, such as a table's partitions: what their columns are classified as holds for
    /// the object's columns of the same names.
    public var below: [ObjectPath]

    public init(
        verb: Verb, object: ObjectPath, columns: [String: ColumnUse] = [:], features: Features = [],
        shownRows: UInt32 = 0, below: [ObjectPath] = []
    ) {
        self.below = below
        self.verb = verb
        self.object = object
        self.columns = columns
        self.features = features
        self.shownRows = shownRows
    }
}

/// How an operation uses what stands under a key of the documents in a column: of JSON, and of what is like it.
public struct DocumentKeyUse: Hashable, Sendable {
    /// The column's, from the outermost name in.
    public var column: [String]
    /// `nil` where it cannot be told which key it is.
    public var key: String?
    public var use: ColumnUse

    public init(column: [String], key: String?, use: ColumnUse) {
        self.column = column
        self.key = key
        self.use = use
    }
}

/// What a request over HTTP says besides its path, which is the object of its access.
public struct RequestFacts: Hashable, Sendable {
    /// As it was sent: case counts (RFC 9110 §9.1).
    public var method: String
    /// Where it goes, without a port: a name in lower case, or an address, one of IPv6 in brackets.
    public var host: String
    /// Through a forward proxy, where the agent says the port; `nil` elsewhere.
    public var port: UInt16?

    /// The ports that an allow rule is about which names none: those of http and https.
    public static let usualPorts: Set<UInt16> = [80, 443]

    public init(method: String, host: String, port: UInt16? = nil) {
        self.method = method
        self.host = host
        self.port = port
    }
}

/// What a call of a tool, a resource or a prompt says besides its name: the object of its access is `tool`, `resource` or `prompt`, and
/// then the name, of a resource its URI. What a client asks for besides has an object of one part, or of none.
public struct CallFacts: Hashable, Sendable {
    /// `nil`: not known yet, as where it is asked whether a tool is shown in a list.
    public var arguments: ArgumentValue?

    public init(arguments: ArgumentValue? = ArgumentValue.empty) {
        self.arguments = arguments
    }

    public static let tool = "tool"
    public static let resource = "resource"
    public static let prompt = "prompt"
}

/// What somebody wants done, in the one vocabulary that policy knows. Inspectors make it; it sees no protocol.
public struct Operation: Hashable, Sendable {
    /// The resource's name in the policy.
    public var resource: String
    /// What it touches. An operation that touches no object has one access with an empty path.
    public var accesses: [Access]
    /// Functions that it calls and that the product does not know to be harmless, `schema.name`, or the bare name for
    /// the server's own.
    public var functions: [String]
    /// What is true of the whole.
    public var features: Features
    /// How many values of other rows one row of the result may show besides: min, max, lag and their kin.
    public var shownValues: UInt32
    /// One number of the result may be computed of any number of rows' values, each of which can be told from it.
    public var packsRows: Bool
    /// What it takes out of documents, where that is no whole.
    public var documentKeys: [DocumentKeyUse]
    /// Of a request over HTTP. Conditions on tables and columns hold for none, and those on methods, hosts and paths for
    /// nothing else: `shop.customers` is no path, and `/shop/customers` no table.
    public var request: RequestFacts?
    /// Of what is asked of a server of tools. Conditions on tools, resources, prompts and arguments hold for nothing else, and those on
    /// statements and requests for none of it.
    public var call: CallFacts?

    public init(
        resource: String, accesses: [Access], functions: [String] = [], features: Features = [],
        shownValues: UInt32 = 0, packsRows: Bool = false, documentKeys: [DocumentKeyUse] = [],
        request: RequestFacts? = nil, call: CallFacts? = nil
    ) {
        self.resource = resource
        self.accesses = accesses
        self.functions = functions
        self.features = features
        self.shownValues = shownValues
        self.packsRows = packsRows
        self.documentKeys = documentKeys
        self.request = request
        self.call = call
    }
}
