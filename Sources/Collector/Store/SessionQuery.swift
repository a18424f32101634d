import Foundation
import GRDB

/// What a listing of sessions asks for. All that is set must match.
public struct SessionQuery: Sendable, Hashable {
    /// Active at or after this.
    public var since: Timestamp?
    /// Opened before this.
    public var until: Timestamp?
    public var subject: String?
    public var actor: String?
    public var resource: String?
    public var sidecar: String?
    /// Still without a close, or closed.
    public var open: Bool?
    /// With open findings, or without.
    public var findings: Bool?

    public init() {}
}

extension SessionQuery {
    /// Sessions by their arrival, the newest first, with the cursor of each.
    static func fetch(
        _ db: Database, _ query: SessionQuery, cursor: Int64?, limit: Int
    ) throws -> [(cursor: Int64, view: SessionView)] {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        func add(_ condition: String, _ values: any DatabaseValueConvertible...) {
            conditions.append(condition)
            arguments.append(contentsOf: values)
        }
        if let since = query.since { add("last_us >= ?", since.microseconds) }
        if let until = query.until { add("coalesce(opened_us, received_us) < ?", until.microseconds) }
        if let subject = query.subject { add("subject = ?", subject) }
        if let actor = query.actor { add("EXISTS (SELECT 1 FROM json_each(actors) WHERE value = ?)", actor) }
        if let resource = query.resource { add("resource = ?", resource) }
        if let sidecar = query.sidecar { add("sidecar_id = ?", sidecar) }
        if let open = query.open { add(open ? "closed_us IS NULL" : "closed_us IS NOT NULL") }
        if let findings = query.findings { add(findings ? "findings > 0" : "findings = 0") }
        if let cursor { add("session < ?", cursor) }
        arguments.append(limit)
        let sql = """
            SELECT * FROM sessions \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY session DESC LIMIT ?
            """
        return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).map {
            (cursor: $0["session"], view: SessionView($0))
        }
    }

    static func find(_ db: Database, id: [UInt8]) throws -> SessionView? {
        try Row.fetchOne(db, sql: "SELECT * FROM sessions WHERE session_id = ?", arguments: [id.data])
            .map(SessionView.init)
    }
}

extension SessionView {
    init(_ row: Row) {
        let findings: Int64 = row["findings"]
        let hasGap = (row["max_sequence"] as Int64) >= (row["next_sequence"] as Int64)
        self.init(
            id: Identifiers.uuid(row["session_id"] as Data), sidecarId: row["sidecar_id"], subject: row["subject"],
            issuer: row["issuer"], groups: JSONText.decode(row["groups"]), actors: JSONText.decode(row["actors"]),
            resource: row.text("resource"), protocol: row.text("protocol"), client: row.text("client"),
            database: row.text("database"), namespace: row.text("namespace"), workload: row.text("workload"),
            pod: row.text("pod"),
            policyDigest: (row["policy_digest"] as Data?).flatMap { Identifiers.hex($0).nonEmpty },
            refused: row.text("refused"),
            opened: (row["opened_us"] as Int64?).map(Timestamp.init(microseconds:)),
            lastActivity: Timestamp(microseconds: row["last_us"]),
            closed: (row["closed_us"] as Int64?).map(Timestamp.init(microseconds:)),
            closeReason: row.text("close_reason"),
            signature: row.text("signature").flatMap(SignatureStatus.init(rawValue:)), records: row["records"],
            statements: row["statements"], denied: row["denied"], held: row["held"], rows: row["rows"],
            bytes: row["bytes"], maskedValues: row["masked"], findings: findings, intact: findings == 0 && !hasGap)
    }
}

extension Row {
    /// The text of a column; nil for NULL and for the empty string.
    fileprivate func text(_ column: String) -> String? {
        (self[column] as String?)?.nonEmpty
    }
}

/// What a listing of findings asks for.
struct FindingQuery: Sendable {
    var kind: FindingKind?
    var session: [UInt8]?
    /// Those that stand, or those that are mended.
    var open: Bool?

    static func fetch(
        _ db: Database, _ query: FindingQuery, order: PageOrder, cursor: Int64?, limit: Int
    ) throws -> [FindingView] {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        if let kind = query.kind {
            conditions.append("kind = ?")
            arguments.append(kind.rawValue)
        }
        if let session = query.session {
            conditions.append("session_id = ?")
            arguments.append(session.data)
        }
        if let open = query.open { conditions.append(open ? "resolved_us IS NULL" : "resolved_us IS NOT NULL") }
        if let cursor {
            conditions.append(order == .newest ? "finding < ?" : "finding > ?")
            arguments.append(cursor)
        }
        arguments.append(limit)
        let sql = """
            SELECT finding, kind, session_id, sequence, sidecar_id, detail, found_us, resolved_us FROM findings
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY finding \(order == .newest ? "DESC" : "ASC") LIMIT ?
            """
        return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).map { row in
            FindingView(
                id: row[0], kind: FindingKind(rawValue: row[1]) ?? .malformed,
                sessionId: Identifiers.uuid(row[2] as Data).nonEmpty, sequence: row[3], sidecarId: row[4],
                detail: row[5], found: Timestamp(microseconds: row[6]),
                resolved: (row[7] as Int64?).map(Timestamp.init(microseconds:)))
        }
    }
}
