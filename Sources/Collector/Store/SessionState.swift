import FoundationEssentials
import GRDB
import Records

/// A session's row while a transaction adds to it: read once, changed in memory, written back once.
struct SessionState {
    let rowID: Int64
    let sessionID: [UInt8]
    let sidecarID: String
    var maxSequence: Int64
    /// Every record below is stored and has been checked against the one before.
    var nextSequence: Int64
    /// Digest of the last record of that prefix; zeros when there is none.
    var head: [UInt8]
    var headTime: Int64?
    var closedTime: Int64?
    var signature: SignatureStatus?
    /// Whether records were missing when the transaction began.
    let hadGap: Bool
    /// Whether the ids that are derived for its records lead to another session (see `RecordNames`).
    let sharesKey: Bool

    var records: Int64 = 0
    /// The highest number of a statement: one that was held and let pass is judged twice, and is one.
    var statements: Int64 = 0
    var denied: Int64 = 0
    var held: Int64 = 0
    var rows: Int64 = 0
    var bytes: Int64 = 0
    var masked: Int64 = 0
    var findings: Int64 = 0
    var lastTime: Int64
    var closeReason: String?
    /// Where the prefix ends, kept from one record to the next.
    var verifier: ChainVerifier?

    var hasGap: Bool { maxSequence >= nextSequence }

    private static let zeros = [UInt8](repeating: 0, count: 32)

    /// The session's row, made if it is not there.
    static func load(_ db: Database, sessionID: [UInt8], sidecarID: String, time: Int64, now: Int64) throws -> Self {
        let select = try db.cachedStatement(
            sql: """
                SELECT session, sidecar_id, max_sequence, next_sequence, head, head_us, closed_us, close_reason,
                    signature, last_us, id_key
                FROM sessions WHERE session_id = ?
                """)
        if let row = try Row.fetchOne(select, arguments: [sessionID.data]) {
            let maxSequence: Int64 = row[2]
            let nextSequence: Int64 = row[3]
            return Self(
                rowID: row[0], sessionID: sessionID, sidecarID: row[1], maxSequence: maxSequence,
                nextSequence: nextSequence, head: row.bytes(4), headTime: row[5],
                closedTime: row[6], signature: (row[8] as String?).flatMap(SignatureStatus.init(rawValue:)),
                hadGap: maxSequence >= nextSequence, sharesKey: row.hasNull(atIndex: 10), lastTime: row[9],
                closeReason: row[7])
        }
        let key = RecordID(bytes: sessionID).map(RecordNames.key)
        let ownKey = try key.flatMap { try RecordNames.isFree(db, key: $0) ? $0 : nil }
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO sessions
                    (session_id, sidecar_id, received_us, last_received_us, last_us, max_sequence, head, id_key)
                VALUES (?, ?, ?, ?, ?, -1, ?, ?)
                """)
        try insert.execute(arguments: [sessionID.data, sidecarID, now, now, time, zeros.data, ownKey])
        return Self(
            rowID: db.lastInsertedRowID, sessionID: sessionID, sidecarID: sidecarID, maxSequence: -1, nextSequence: 0,
            head: zeros, hadGap: false, sharesKey: ownKey == nil, lastTime: time)
    }

    /// Writes back what has changed; the counts are added to those of the row.
    func save(_ db: Database, now: Int64) throws {
        let update = try db.cachedStatement(
            sql: """
                UPDATE sessions SET last_received_us = ?, last_us = ?, records = records + ?,
                    statements = max(statements, ?), denied = denied + ?, held = held + ?, rows = rows + ?,
                    bytes = bytes + ?, masked = masked + ?, findings = findings + ?, closed_us = ?, close_reason = ?,
                    signature = ?, max_sequence = ?, next_sequence = ?, head = ?, head_us = ?
                WHERE session = ?
                """)
        try update.execute(arguments: [
            now, lastTime, records, statements, denied, held, rows, bytes, masked, findings, closedTime, closeReason,
            signature?.rawValue, maxSequence, nextSequence, head.data, headTime, rowID,
        ])
    }

    /// Copies what the opening record says of the session into its row.
    func saveOpening(_ db: Database, _ event: PBSessionOpened, time: Int64) throws {
        try db.execute(
            sql: """
                UPDATE sessions SET opened_us = ?, subject = ?, issuer = ?, groups = ?, actors = ?, resource = ?,
                    protocol = ?, client = ?, "database" = ?, agent = ?, namespace = ?, workload = ?, pod = ?,
                    policy_digest = ?, refused = ?
                WHERE session = ?
                """,
            arguments: [
                time, event.hasSubject ? event.subject.id.column : nil,
                event.hasSubject ? event.subject.issuer.column : nil,
                try JSONText.encode(event.subject.groups), try JSONText.encode(event.subject.actors),
                event.resource.column,
                event.protocol.column, event.client.column, event.database.column, event.agent.sidecarID.column,
                event.agent.namespace.column,
                event.agent.workload.column, event.agent.pod.column, event.policyDigest,
                event.refused.isEmpty ? nil : event.refused.column, rowID,
            ])
    }
}

/// What is known of the signature that closes a session.
public enum SignatureStatus: String, Sendable, Codable {
    /// Made by a key that the session's sidecar connected with.
    case verified
    /// Not there.
    case unsigned
    /// There, and wrong.
    case bad
    /// By a key that the session's sidecar never connected with.
    case unknownKey = "unknown-key"
}
