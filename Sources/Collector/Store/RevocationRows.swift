import Foundation
import GRDB
import Records
import UplinkProtocol

/// The table of revocations.
enum RevocationRows {
    /// A revocation as it is stored.
    struct Stored: Sendable {
        var ordinal: Int64
        var id: String
        var subject: String
        var issuer: String
        var sessionID: [UInt8]
        var reason: String
        /// Tokens issued before this are meant; 0 for all.
        var before: Int64
        var created: Timestamp
        var createdBy: String
        var lifted: Timestamp?
        var liftedBy: String?

        init(_ row: Row) {
            ordinal = row["ordinal"]
            id = row["id"]
            subject = row["subject"]
            issuer = row["issuer"]
            sessionID = [UInt8](row["session_id"] as Data)
            reason = row["reason"]
            before = row["before_s"]
            created = Timestamp(microseconds: row["created_us"])
            createdBy = row["created_by"]
            lifted = (row["lifted_us"] as Int64?).map(Timestamp.init(microseconds:))
            liftedBy = row["lifted_by"]
        }

        /// As sidecars get it.
        var message: PBRevocation {
            var message = PBRevocation()
            message.id = id
            message.subject = subject
            message.issuer = issuer
            message.sessionID = Data(sessionID)
            message.reason = reason
            message.beforeUnixS = before
            message.lifted = lifted != nil
            return message
        }
    }

    static func add(
        _ db: Database, id: String, subject: String, issuer: String, sessionID: [UInt8], reason: String, before: Int64,
        by admin: String, now: Timestamp
    ) throws -> Stored? {
        try db.execute(
            sql: """
                INSERT INTO revocations (id, subject, issuer, session_id, reason, before_s, created_us, created_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [id, subject, issuer, sessionID.data, reason, before, now.microseconds, admin])
        return try find(db, id: id)
    }

    static func find(_ db: Database, id: String) throws -> Stored? {
        try Row.fetchOne(db, sql: "SELECT * FROM revocations WHERE id = ?", arguments: [id]).map(Stored.init)
    }

    /// Lifts a revocation; false when it was not in force.
    static func lift(_ db: Database, id: String, by admin: String, now: Timestamp) throws -> Bool {
        try db.execute(
            sql: "UPDATE revocations SET lifted_us = ?, lifted_by = ? WHERE id = ? AND lifted_us IS NULL",
            arguments: [now.microseconds, admin, id])
        return db.changesCount == 1
    }

    /// All that are in force, in the order they were issued.
    static func inForce(_ db: Database) throws -> [Stored] {
        try Row.fetchAll(db, sql: "SELECT * FROM revocations WHERE lifted_us IS NULL ORDER BY ordinal").map(Stored.init)
    }

    static func list(_ db: Database, includeLifted: Bool, before cursor: Int64?, limit: Int) throws -> [Stored] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM revocations WHERE (? OR lifted_us IS NULL) AND ordinal < ? ORDER BY ordinal DESC LIMIT ?
                """,
            arguments: [includeLifted, cursor ?? .max, limit]
        ).map(Stored.init)
    }
}
