/// A property of an operation, or of one of its accesses, that is not an object: how it asks rather than what for.
///
/// The bit numbers are part of the bundle's layout: append, never renumber.
public struct Features: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    // MARK: Plain features: a rule may ask for them; they need nobody's leave.

    /// A read with nothing that bounds it: no LIMIT and no equality on a column of the relation.
    public static let unbounded = Features(rawValue: 1 << 0)
    public static let multipleStatements = Features(rawValue: 1 << 1)
    public static let copy = Features(rawValue: 1 << 2)
    public static let explain = Features(rawValue: 1 << 3)
    public static let cursor = Features(rawValue: 1 << 4)
    public static let returning = Features(rawValue: 1 << 5)
    /// Every column of a relation is asked for, by `*` or as a whole row.
    public static let allColumns = Features(rawValue: 1 << 6)
    /// A classified column decides which rows come back, or in which order.
    public static let predicate = Features(rawValue: 1 << 7)
    /// One value of the result may hold any number of rows: string_agg, array_agg, `ARRAY(SELECT …)` and kin.
    public static let collects = Features(rawValue: 1 << 8)
    /// A request that asks for another protocol: WebSocket and kin.
    public static let upgrade = Features(rawValue: 1 << 9)
    /// A request for a part of something.
    public static let range = Features(rawValue: 1 << 10)
    /// A request that brings a file: a part with a file name, or a body that is neither text nor a form.
    public static let upload = Features(rawValue: 1 << 11)

    // MARK: Guarded features: denied unless the allow rule vouches for them by name.

    public static let unparsable = Features(rawValue: 1 << 32)
    public static let unknownObject = Features(rawValue: 1 << 33)
    /// What a result column is made of cannot be told.
    public static let unknownLineage = Features(rawValue: 1 << 34)
    /// A file or a program of the server's: COPY … FROM/TO a file or PROGRAM, pg_read_file and kin.
    public static let serverFiles = Features(rawValue: 1 << 35)
    /// Catalogs that hold secrets: pg_authid, pg_shadow, pg_hba_file_rules and kin.
    public static let secrets = Features(rawValue: 1 << 36)
    /// pg_stats and kin, which quote the values of columns.
    public static let statistics = Features(rawValue: 1 << 37)
    /// pg_stat_activity and kin, which quote what others ask.
    public static let otherSessions = Features(rawValue: 1 << 38)
    /// SET ROLE, SET SESSION AUTHORIZATION and kin.
    public static let roleChange = Features(rawValue: 1 << 39)
    /// A change to a setting that the judgement of statements relies on.
    public static let pinnedSetting = Features(rawValue: 1 << 40)
    /// Code that is not judged: DO, a function whose body is unknown.
    public static let dynamicCode = Features(rawValue: 1 << 41)
    public static let largeObjects = Features(rawValue: 1 << 42)
    /// dblink, foreign servers: data that lies elsewhere.
    public static let foreignData = Features(rawValue: 1 << 43)
    public static let replication = Features(rawValue: 1 << 44)
    /// A definition that gives a classified column another name: CREATE TABLE AS, CREATE VIEW, ALTER … RENAME.
    public static let relabels = Features(rawValue: 1 << 45)
    public static let functionCall = Features(rawValue: 1 << 46)
    /// A path about which servers disagree: `.` and `..`, empty segments, `%2f`, `%5c`, `\`, `;`, NUL, double encoding.
    public static let ambiguousPath = Features(rawValue: 1 << 47)
    /// A body that cannot be opened, and so not be looked into.
    public static let opaqueBody = Features(rawValue: 1 << 48)
    /// CONNECT to what is not looked into.
    public static let tunnel = Features(rawValue: 1 << 49)
    /// A host whose address is loopback, link-local or another that the Internet does not route.
    public static let privateAddress = Features(rawValue: 1 << 50)
    /// A tool that is another than it was when it was pinned: its name, description, schemas or annotations changed.
    public static let changedTool = Features(rawValue: 1 << 51)
    /// What a server asks of its client: sampling, elicitation, roots; and what a client answers to that.
    public static let serverRequest = Features(rawValue: 1 << 52)

    /// A request to go on as a WebSocket, over which either side sends what it likes.
    public static let webSocket = Features(rawValue: 1 << 53)

    /// The features that an allow rule must vouch for.
    public static let guarded = Features(rawValue: 0xFFFF_FFFF_0000_0000)
}

extension Features {
    /// Every feature with the name that policy YAML, records and messages use, in bit order.
    public static let named: [(name: String, feature: Features)] = [
        ("unbounded", .unbounded), ("multipleStatements", .multipleStatements), ("copy", .copy),
        ("explain", .explain), ("cursor", .cursor), ("returning", .returning), ("allColumns", .allColumns),
        ("predicate", .predicate), ("collects", .collects), ("upgrade", .upgrade), ("range", .range),
        ("upload", .upload), ("unparsable", .unparsable),
        ("unknownObject", .unknownObject),
        ("unknownLineage", .unknownLineage), ("serverFiles", .serverFiles), ("secrets", .secrets),
        ("statistics", .statistics), ("otherSessions", .otherSessions), ("roleChange", .roleChange),
        ("pinnedSetting", .pinnedSetting), ("dynamicCode", .dynamicCode), ("largeObjects", .largeObjects),
        ("foreignData", .foreignData), ("replication", .replication), ("relabels", .relabels),
        ("functionCall", .functionCall), ("ambiguousPath", .ambiguousPath), ("opaqueBody", .opaqueBody),
        ("tunnel", .tunnel), ("privateAddress", .privateAddress), ("changedTool", .changedTool),
        ("serverRequest", .serverRequest), ("webSocket", .webSocket),
    ]

    /// The names of the features in the set, in bit order.
    public var names: [String] {
        Features.named.filter { contains($0.feature) }.map(\.name)
    }
}
