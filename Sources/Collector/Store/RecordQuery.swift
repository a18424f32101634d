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
    /// A page of records, each with what its session adds.
    static func fetch(
        _ db: Database, _ query: RecordQuery, order: PageOrder, cursor: Int64?, limit: Int, byArrival: Bool = false
    ) throws -> [RecordView] {
        // Within one session the sequence is the order that counts: records may have come out of it.
        let isBySequence = query.session != nil && !byArrival
        let values = query.values
        let text = query.text.flatMap(\.nonEmpty)
        if !isBySequence, query.id == nil, text != nil || !values.isEmpty, try !query.hasRareVerdict(db) {
            let search = try RecordSearch(db, values: values, text: text, order: order, cursor: cursor)
            return try query.fetch(db, search, order: order, limit: limit)
        }
        var (conditions, arguments) = query.conditions
        if let id = query.id {
            let ordinals = try RecordID(bytes: id).map { try RecordNames.ordinals(db, $0) } ?? []
            conditions.append("r.ordinal IN (\(ordinals.map(String.init).joined(separator: ", ")))")
        }
        if let text {
            let phrase = TextMatches.phrase(text)
            conditions.append(
                "("
                    + TextMatches.indexes.map { index in
                        arguments.append(index.filter + phrase)
                        return (index.leads ? "r.ordinal - coalesce(r.text_back, 0)" : "r.ordinal")
                            + " IN (SELECT rowid FROM \(index.table) WHERE \(index.table) MATCH ?)"
                    }.joined(separator: " OR ") + ")")
        }
        let key = isBySequence ? "r.sequence" : "r.ordinal"
        if let cursor {
            conditions.append(order == .newest ? "\(key) < ?" : "\(key) > ?")
            arguments.append(cursor)
        }
        let sql = """
            SELECT \(columns) FROM records r JOIN sessions s ON s.session = r.session
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

    private static let columns = """
        r.ordinal, r.id, s.session_id, r.sequence, r.time_us, r.received_us, r.kind, r.hash, r.raw,
        s.subject, s.issuer, s.actors, s.resource, r.text_back
        """

    /// Looks at what a search says may be it, until the page is full.
    private func fetch(_ db: Database, _ search: RecordSearch, order: PageOrder, limit: Int) throws -> [RecordView] {
        var search = search
        let (conditions, arguments) = conditions
        // CROSS JOIN: the range comes first, whatever else is asked.
        let select = try db.cachedStatement(
            sql: """
                SELECT \(Self.columns) FROM records r CROSS JOIN sessions s ON s.session = r.session
                WHERE \((conditions + ["r.ordinal BETWEEN ? AND ?"]).joined(separator: " AND "))
                ORDER BY r.ordinal \(order == .newest ? "DESC" : "ASC")
                """)
        var found: [RecordView] = []
        while found.count < limit, let candidates = try search.next() {
            for range in candidates.ranges where found.count < limit {
                let rows = try Row.fetchCursor(
                    select, arguments: StatementArguments(arguments + [range.lowerBound, range.upperBound]))
                while found.count < limit, let row = try rows.next() {
                    if let texts = candidates.texts, !texts.contains(row[0], back: row[13]) { continue }
                    found.append(try RecordView(row))
                }
            }
        }
        return found
    }

    /// Whether few records have the verdict that is asked for: those are found by it, and then looked at.
    private func hasRareVerdict(_ db: Database) throws -> Bool {
        guard let verdict, verdict != "allow" else { return false }
        let most = RecordSearch.countedAtMost
        let select = try db.cachedStatement(
            sql: "SELECT count(*) FROM (SELECT 1 FROM records WHERE verdict = ? LIMIT \(most))")
        guard let count = try Int.fetchOne(select, arguments: [verdict]), count < most else { return false }
        return try values.allSatisfy { try RecordSearch.count(db, $0) > count }
    }

    private var values: [RecordSearch.Value] {
        [
            (RecordFacts.Dimension.rule, rule), (.object, table), (.classification, classification),
            (.approval, approval),
        ].compactMap { dimension, value in
            value.map { RecordSearch.Value(dimension: dimension, value: $0) }
        }
    }

    /// All but the text and the id.
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
        for value in values {
            add(
                """
                EXISTS (SELECT 1 FROM record_values
                    WHERE dimension = ? AND value = ? AND ordinal = r.ordinal - coalesce(r.values_back, 0))
                """, value.dimension.rawValue, value.value)
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
