import Foundation
import GRDB
import Records
import SwiftProtobuf

/// What a search of records asks for. All that is set must match.
public struct RecordQuery: Sendable, Hashable {
    /// The sidecar's clock, from this on.
    public var since: Timestamp?
    /// The sidecar's clock, before this.
    public var until: Timestamp?
    public var subject: String?
    public var actor: String?
    public var resource: String?
    public var verdict: String?
    public var rule: String?
    /// A relation by its name, with or without its schema.
    public var table: String?
    public var classification: String?
    public var approval: String?
    /// A part of the statement, message, parameter or reason, in either case.
    public var text: String?
    /// `statement` and `completed` find the records that are both, too.
    public var kind: RecordKind?
    public var session: [UInt8]?
    public var id: [UInt8]?

    public init() {}
}

/// Which way a listing goes.
public enum PageOrder: String, Sendable, Codable, CaseIterable {
    /// The latest to arrive first.
    case newest
    /// The first to arrive first.
    case oldest
}

extension RecordQuery {
    /// A record's row with what its session adds.
    static func fetch(
        _ db: Database, _ query: RecordQuery, order: PageOrder, cursor: Int64?, limit: Int, byArrival: Bool = false
    ) throws -> [RecordView] {
        var (conditions, arguments) = query.conditions
        // Within one session the sequence is the order that counts: records may have come out of it.
        let key = query.session != nil && !byArrival ? "r.sequence" : "r.ordinal"
        if let cursor {
            conditions.append(order == .newest ? "\(key) < ?" : "\(key) > ?")
            arguments.append(cursor)
        }
        let sql = """
            SELECT r.ordinal, r.id, s.session_id, r.sequence, r.time_us, r.received_us, r.kind, r.hash, r.raw,
                s.subject, s.issuer, s.actors, s.resource
            FROM records r JOIN sessions s ON s.session = r.session
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY \(key) \(order == .newest ? "DESC" : "ASC") LIMIT ?
            """
        arguments.append(limit)
        return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).map(RecordView.init)
    }

    /// Records by their arrival, whatever the query: what a stream of events resumes from.
    static func events(_ db: Database, _ query: RecordQuery, after cursor: Int64, limit: Int) throws -> [RecordView] {
        try fetch(db, query, order: .oldest, cursor: cursor, limit: limit, byArrival: true)
    }

    private var conditions: ([String], [any DatabaseValueConvertible]) {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        func add(_ condition: String, _ values: any DatabaseValueConvertible...) {
            conditions.append(condition)
            arguments.append(contentsOf: values)
        }
        if let since { add("r.time_us >= ?", since.microseconds) }
        if let until { add("r.time_us < ?", until.microseconds) }
        if let subject { add("s.subject = ?", subject) }
        if let actor { add("EXISTS (SELECT 1 FROM json_each(s.actors) WHERE value = ?)", actor) }
        if let resource { add("s.resource = ?", resource) }
        if let verdict { add("r.verdict = ?", verdict) }
        if let kind {
            let kinds = kind.found
            conditions.append("r.kind IN (\(kinds.map { _ in "?" }.joined(separator: ", ")))")
            arguments.append(contentsOf: kinds.map(\.rawValue))
        }
        if let session { add("s.session_id = ?", session.data) }
        if let id { add("r.id = ?", id.data) }
        for (dimension, value) in [
            (RecordFacts.Dimension.rule, rule), (.object, table), (.classification, classification),
            (.approval, approval),
        ] {
            guard let value else { continue }
            add(
                "r.ordinal IN (SELECT ordinal FROM record_values WHERE dimension = ? AND value = ?)",
                dimension.rawValue, value)
        }
        if let text, !text.isEmpty {
            // A phrase for the trigram index; quotes in it are doubled, so nothing in it is an operator.
            let phrase = "\"" + text.replacing("\"", with: "\"\"") + "\""
            add("r.ordinal IN (SELECT rowid FROM record_text WHERE record_text MATCH ?)", phrase)
        }
        return (conditions, arguments)
    }

    /// The trigram index finds nothing shorter.
    static let minimumText = 3
}

extension RecordView {
    init(_ row: Row) throws {
        let record = try PBRecord(serializedBytes: row.bytes(8))
        self.init(
            ordinal: row[0], id: Identifiers.uuid(row.bytes(1)),
            sessionId: Identifiers.uuid(row.bytes(2)), sequence: row[3],
            time: Timestamp(microseconds: row[4]), received: Timestamp(microseconds: row[5]),
            kind: RecordKind(rawValue: row[6]) ?? .unknown, hash: Identifiers.hex(row.bytes(7)),
            previous: Identifiers.hex(record.previous), subject: row[9], issuer: row[10],
            actors: JSONText.decode(row[11]), resource: row[12])
        show(record)
    }
}
