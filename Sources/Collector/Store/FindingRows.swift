import FoundationEssentials
import GRDB

/// The table of findings.
enum FindingRows {
    /// Writes a finding down unless it is there; says whether it was new.
    static func add(_ db: Database, _ finding: Finding, sidecarID: String, now: Int64) throws -> Bool {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO findings (kind, session_id, sequence, digest, sidecar_id, detail, raw, found_us)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, session_id, sequence, digest) DO UPDATE SET resolved_us = NULL
                WHERE resolved_us IS NOT NULL
                """)
        try insert.execute(arguments: [
            finding.kind.rawValue, finding.sessionID.data, finding.sequence, finding.digest.data, sidecarID,
            finding.detail, finding.raw?.data, now,
        ])
        return db.changesCount > 0
    }

    /// Marks findings of a kind as mended, and says how many were.
    static func resolve(_ db: Database, _ kind: FindingKind, sessionID: [UInt8], now: Int64) throws -> Int {
        let update = try db.cachedStatement(
            sql: "UPDATE findings SET resolved_us = ? WHERE kind = ? AND session_id = ? AND resolved_us IS NULL")
        try update.execute(arguments: [now, kind.rawValue, sessionID.data])
        return db.changesCount
    }

    /// Marks sessions of a sidecar that were left without a close: it has no session open and nothing left to send.
    ///
    /// - Returns: how many sessions were marked.
    static func noteMissingCloses(_ db: Database, sidecarID: String, now: Int64) throws -> Int {
        let open = try Row.fetchAll(
            db,
            sql: """
                SELECT session, session_id, max_sequence FROM sessions
                WHERE sidecar_id = ? AND closed_us IS NULL AND resource IS NOT NULL AND resource <> ''
                """,
            arguments: [sidecarID])
        var marked = 0
        for row in open {
            let finding = Finding(
                kind: .missingClose, sessionID: row.bytes(1), sequence: row[2],
                digest: [], detail: "the session has no close; what followed record \(row[2] as Int64) may be missing")
            if try add(db, finding, sidecarID: sidecarID, now: now) {
                marked += 1
                try db.execute(
                    sql: "UPDATE sessions SET findings = findings + 1 WHERE session = ?", arguments: [row[0] as Int64])
            }
        }
        return marked
    }
}
