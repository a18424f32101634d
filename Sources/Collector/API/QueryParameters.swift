import Hummingbird

/// The query of a request, read strictly: a parameter that is misspelt is an error and not a wider search.
struct QueryParameters {
    private let values: [String: String]

    /// No parameter is longer; a part of a statement to search for is the longest.
    private static let maximumLength = 1024
    static let defaultLimit = 100
    static let maximumLimit = 1000

    /// - Throws: ``Problem`` for what is unknown, doubled or too long.
    init(_ request: Request, allowed: Set<String>) throws {
        var values: [String: String] = [:]
        for (key, value) in request.uri.queryParameters {
            let key = String(key)
            guard allowed.contains(key) else {
                throw Problem.badRequest(
                    "there is no parameter \"\(key.prefix(64))\"; there are \(allowed.sorted().joined(separator: ", "))"
                )
            }
            guard values[key] == nil else { throw Problem.badRequest("\"\(key)\" is given twice") }
            guard value.utf8.count <= Self.maximumLength else {
                throw Problem.badRequest("\"\(key)\" is longer than \(Self.maximumLength) bytes")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else {
                throw Problem.badRequest("\"\(key)\" has a control character in it")
            }
            values[key] = String(value)
        }
        self.values = values
    }

    func text(_ name: String) throws -> String? {
        guard let value = values[name] else { return nil }
        guard !value.isEmpty else { throw Problem.badRequest("\"\(name)\" is empty") }
        return value
    }

    func time(_ name: String) throws -> Timestamp? {
        guard let value = values[name] else { return nil }
        guard let time = Timestamp(rfc3339: value) else {
            throw Problem.badRequest(
                "\"\(name)\" is not an RFC 3339 time such as 2026-01-31T09:15:00Z (a + in a query is written %2B)")
        }
        return time
    }

    func uuid(_ name: String) throws -> [UInt8]? {
        guard let value = values[name] else { return nil }
        guard let bytes = Identifiers.bytes(uuid: value) else { throw Problem.badRequest("\"\(name)\" is not a UUID") }
        return bytes
    }

    func boolean(_ name: String) throws -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw Problem.badRequest("\"\(name)\" is true or false")
        }
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Value.Type) throws -> Value? {
        guard let value = values[name] else { return nil }
        guard let choice = Value(rawValue: value) else {
            throw Problem.badRequest(
                "\"\(name)\" is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    var limit: Int {
        get throws {
            guard let value = values["limit"] else { return Self.defaultLimit }
            guard let limit = Int(value), (1...Self.maximumLimit).contains(limit) else {
                throw Problem.badRequest("\"limit\" is a number from 1 to \(Self.maximumLimit)")
            }
            return limit
        }
    }

    /// Where a page begins, as the page before it said.
    var cursor: Int64? {
        get throws {
            guard let value = values["cursor"] else { return nil }
            guard let cursor = Int64(value, radix: 36), cursor >= -1 else {
                throw Problem.badRequest("\"cursor\" is not one that this API gave")
            }
            return cursor
        }
    }

    static func cursor(_ position: Int64) -> String { String(position, radix: 36) }
}

extension Page {
    /// A page of at most `limit` items from a listing that was asked for one more.
    init(_ found: [Item], limit: Int, position: (Item) -> Int64) {
        let items = Array(found.prefix(limit))
        self.init(
            items: items,
            next: found.count > limit ? items.last.map { QueryParameters.cursor(position($0)) } : nil)
    }
}
