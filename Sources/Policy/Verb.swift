/// What an operation does to an object, in one vocabulary for every protocol.
///
/// The raw values are part of the bundle's layout: append, never renumber.
public enum Verb: UInt8, CaseIterable, Hashable, Sendable {
    case select = 0
    case insert = 1
    case update = 2
    case delete = 3
    case merge = 4
    case truncate = 5
    /// CALL of a procedure.
    case call = 6
    /// A DO block, or any other code that arrives as text.
    case execute = 7
    case create = 8
    case alter = 9
    case drop = 10
    /// GRANT, REVOKE and whatever else changes who may do what.
    case grant = 11
    /// VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH MATERIALIZED VIEW, CHECKPOINT.
    case maintain = 12
    /// LOCK TABLE.
    case lock = 13
    case listen = 14
    case notify = 15
    /// SHOW, SET and RESET of harmless settings, DISCARD, DEALLOCATE, CLOSE.
    case session = 16
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin.
    case transaction = 17
    /// Reading the server's own catalog, as `\d` and the drivers' introspection do.
    case describe = 18
    /// Anything that has no verb of its own.
    case other = 19

    /// The verbs that every allow rule implies on the resources and for the subjects that it names: without them no
    /// client can connect, and none of them reads or changes a row.
    public static let implied: [Verb] = [.session, .transaction, .describe]
}

extension Verb {
    /// The verb's name as policy YAML, records and the audit API spell it.
    public var name: String { Verb.names[Int(rawValue)] }

    /// By raw value: a case's own name is put together anew each time that it is asked for, and records ask for each request.
    private static let names = (0...(allCases.map(\.rawValue).max() ?? 0)).map { value in
        Verb(rawValue: value).map { "\($0)" } ?? ""
    }

    /// - Returns: `nil` when `name` is no verb.
    public init?(name: String) {
        guard let verb = Verb.allCases.first(where: { $0.name == name }) else { return nil }
        self = verb
    }
}

extension Verb {
    /// What a request with a method does: reading, calling, changing, deleting, or what has no verb of its own. Case counts.
    public init(requestMethod method: String) {
        self =
            switch method {
            case "GET", "HEAD", "OPTIONS": .select
            case "POST": .call
            case "PUT", "PATCH": .update
            case "DELETE": .delete
            default: .other
            }
    }

    /// The verbs of what is asked of a server of tools: calling a tool, reading a resource or a prompt, lists and the session's own, and
    /// methods that are not known.
    public static let ofCalls: Set<Verb> = [.call, .select, .describe, .session, .other]

    /// The verbs that requests have.
    public static let ofRequests: Set<Verb> = [.select, .call, .update, .delete, .other]
}
