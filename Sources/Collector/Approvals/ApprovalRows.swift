import Foundation
import GRDB
import Records
import SwiftProtobuf
import UplinkProtocol

/// The table of approvals. A state is left once: every change says which state it expects, so of two deciders at the
/// same instant one finds the row as it was, and the other does not.
enum ApprovalRows {
    /// An approval as it is stored.
    struct Stored: Sendable {
        var id: String
        var change: Int64
        var sidecarID: String
        var request: PBApprovalRequest
        var asked: Timestamp
        var expires: Timestamp
        var state: ApprovalState
        var decided: Timestamp?
        var approver: String?
        var reason: String?
        var used: Timestamp?

        init(_ row: Row) throws {
            id = row["approval_id"]
            change = row["change"]
            sidecarID = row["sidecar_id"]
            request = try PBApprovalRequest(serializedBytes: row["request"] as Data)
            asked = Timestamp(microseconds: row["asked_us"])
            expires = Timestamp(microseconds: row["expires_us"])
            state = ApprovalState(rawValue: row["state"]) ?? .withdrawn
            decided = (row["decided_us"] as Int64?).map(Timestamp.init(microseconds:))
            approver = row["approver"]
            reason = row["reason"]
            used = (row["used_us"] as Int64?).map(Timestamp.init(microseconds:))
        }

        /// The decision as the sidecar that asked gets it; nil when there is none.
        var decision: PBApprovalDecision? {
            guard state == .approved || state == .denied else { return nil }
            var message = PBApprovalDecision()
            message.approvalID = id
            message.approved = state == .approved
            message.approver = approver ?? ""
            message.reason = reason ?? ""
            message.binding = request.binding
            return message
        }
    }

    /// What came of asking.
    enum Asked: Sendable, Equatable {
        case new
        /// The same question again: after a reconnect, or a restart of the sidecar.
        case known
        /// The same id with another question.
        case conflict
    }

    private static let nextChange = "(SELECT coalesce(max(change), 0) + 1 FROM approvals)"

    /// Writes a request down.
    static func ask(_ db: Database, _ request: PBApprovalRequest, sidecarID: String, now: Timestamp) throws -> Asked {
        if let row = try Row.fetchOne(
            db, sql: "SELECT sidecar_id, binding FROM approvals WHERE approval_id = ?", arguments: [request.approvalID])
        {
            let same = (row[0] as String) == sidecarID && (row[1] as Data) == request.binding
            if !same {
                _ = try FindingRows.add(
                    db,
                    Finding(
                        kind: .approvalConflict, sessionID: [UInt8](request.sessionID), sequence: 0,
                        digest: Array(request.approvalID.utf8.prefix(64)),
                        detail: "approval \(request.approvalID.prefix(64)) was asked again with another question"),
                    sidecarID: sidecarID, now: now.microseconds)
            }
            return same ? .known : .conflict
        }
        try db.execute(
            sql: """
                INSERT INTO approvals (approval_id, change, sidecar_id, session_id, statement, subject, issuer, request,
                    binding, asked_us, expires_us, state)
                VALUES (?, \(nextChange), ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')
                """,
            arguments: [
                request.approvalID, sidecarID, request.sessionID, Int64(clamping: request.statement),
                request.subject.id, request.subject.issuer, try request.serializedData(), request.binding,
                now.microseconds, Timestamp(seconds: request.expiresUnixS).microseconds,
            ])
        for group in request.namedGroups {
            try db.execute(
                sql: "INSERT OR IGNORE INTO approval_groups (group_name, approval_id) VALUES (?, ?)",
                arguments: [group, request.approvalID])
        }
        return .new
    }

    static func find(_ db: Database, id: String) throws -> Stored? {
        try Row.fetchOne(db, sql: "SELECT * FROM approvals WHERE approval_id = ?", arguments: [id]).map(Stored.init)
    }

    /// Decides a pending request; false when it is pending no more.
    static func decide(
        _ db: Database, id: String, approve: Bool, approver: String, issuer: String, reason: String, now: Timestamp
    ) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE approvals SET state = ?, decided_us = ?, approver = ?, approver_issuer = ?, reason = ?,
                    change = \(nextChange)
                WHERE approval_id = ? AND state = 'pending' AND expires_us > ?
                """,
            arguments: [
                approve ? ApprovalState.approved.rawValue : ApprovalState.denied.rawValue, now.microseconds, approver,
                issuer, reason, id, now.microseconds,
            ])
        return db.changesCount == 1
    }

    /// The one who asked went away.
    static func withdraw(_ db: Database, id: String, sidecarID: String, reason: String, now: Timestamp) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE approvals SET state = 'withdrawn', decided_us = ?, reason = ?, change = \(nextChange)
                WHERE approval_id = ? AND sidecar_id = ? AND state = 'pending'
                """,
            arguments: [now.microseconds, reason, id, sidecarID])
        return db.changesCount == 1
    }

    /// Closes what nobody decided in time, and says how many those were.
    static func expire(_ db: Database, now: Timestamp) throws -> Int {
        let due = try String.fetchAll(
            db, sql: "SELECT approval_id FROM approvals WHERE state = 'pending' AND expires_us <= ?",
            arguments: [now.microseconds])
        for id in due {
            try db.execute(
                sql: """
                    UPDATE approvals SET state = 'expired', decided_us = ?, change = \(nextChange)
                    WHERE approval_id = ? AND state = 'pending'
                    """,
                arguments: [now.microseconds, id])
        }
        return due.count
    }

    /// Decisions that a sidecar may not have yet: given, not used, not past their time. It gets them again on every
    /// connection; it knows which it has had.
    static func undelivered(_ db: Database, sidecarID: String, now: Timestamp) throws -> [PBApprovalDecision] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM approvals WHERE sidecar_id = ? AND state IN ('approved', 'denied') AND used_us IS NULL
                    AND expires_us > ?
                ORDER BY change
                """,
            arguments: [sidecarID, now.microseconds]
        ).compactMap { try Stored($0).decision }
    }
}
