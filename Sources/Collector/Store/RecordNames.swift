import GRDB
import Records

/// Finds a record by its id, without an index of all ids.
///
/// Few records carry an id. That of any other is derived from its session's id and its sequence number, and leads back to both:
/// `sessions.id_key` is what a session's derived ids begin with, and `UNIQUE (session, sequence)` does the rest. What cannot be found so is
/// marked in `records.carried`, and has an index: ids that were carried, and all of a session whose key another has, which
/// none has that was not made to.
enum RecordNames {
    /// A derived id has room for sequence numbers below this.
    static let sequences: Int64 = 1 << 62

    /// What the ids that are derived from a session's have in common; the version is no part of it.
    static func key(of id: RecordID) -> Int64 { Int64(bitPattern: id.high & ~0xF000) }

    /// The records that have an id: one, unless somebody gave it twice.
    static func ordinals(_ db: Database, _ id: RecordID) throws -> [Int64] {
        let select = try db.cachedStatement(sql: "SELECT ordinal FROM records WHERE id = ? AND carried IS NOT NULL")
        var found = try Int64.fetchAll(select, arguments: [id.bytes.data])
        if let derived = try derived(db, id), !found.contains(derived) { found.append(derived) }
        return found
    }

    /// The record that an id was derived for.
    static func derived(_ db: Database, _ id: RecordID) throws -> Int64? {
        let keyed = try db.cachedStatement(sql: "SELECT session, session_id FROM sessions WHERE id_key = ?")
        guard let row = try Row.fetchOne(keyed, arguments: [key(of: id)]),
            let session = RecordID(bytes: row.bytes(1))
        else { return nil }
        let sequence = (id.low &- session.low) & UInt64(sequences - 1)
        guard RecordID(derivedFrom: session, sequence: sequence) == id else { return nil }
        let numbered = try db.cachedStatement(
            sql: "SELECT ordinal FROM records WHERE session = ? AND sequence = ? AND id = ?")
        return try Int64.fetchOne(
            numbered, arguments: [row[0] as Int64, Int64(clamping: sequence), id.bytes.data])
    }

    /// Whether the key of a new session is its own.
    static func isFree(_ db: Database, key: Int64) throws -> Bool {
        let select = try db.cachedStatement(sql: "SELECT 1 FROM sessions WHERE id_key = ?")
        return try Int64.fetchOne(select, arguments: [key]) == nil
    }

    /// Marks what was stored when all ids had an index.
    static func markStored(_ db: Database) throws {
        let sessions = try Row.fetchCursor(db, sql: "SELECT session, session_id FROM sessions ORDER BY session")
        let give = try db.makeStatement(sql: "UPDATE OR IGNORE sessions SET id_key = ? WHERE session = ?")
        let mark = try db.makeStatement(sql: "UPDATE records SET carried = 1 WHERE session = ?")
        while let row = try sessions.next() {
            let session: Int64 = row[0]
            if let id = RecordID(bytes: row.bytes(1)) {
                try give.execute(arguments: [key(of: id), session])
                if db.changesCount == 1 { continue }
            }
            try mark.execute(arguments: [session])
        }
        let records = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.ordinal, r.sequence, r.id, s.session_id
                FROM records r CROSS JOIN sessions s ON s.session = r.session WHERE r.carried IS NULL
                """)
        let markOne = try db.makeStatement(sql: "UPDATE records SET carried = 1 WHERE ordinal = ?")
        while let row = try records.next() {
            let sequence: Int64 = row[1]
            if sequence < sequences, let session = RecordID(bytes: row.bytes(3)),
                let id = RecordID(bytes: row.bytes(2)),
                id == RecordID(derivedFrom: session, sequence: UInt64(clamping: sequence))
            {
                continue
            }
            try markOne.execute(arguments: [row[0] as Int64])
        }
    }
}
