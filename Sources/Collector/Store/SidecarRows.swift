import Foundation
import GRDB
import Records
import UplinkProtocol

/// The tables of sidecars and of the keys they connected with.
enum SidecarRows {
    static func connected(_ db: Database, _ hello: PBHello, _ identity: SidecarIdentity, now: Timestamp) throws {
        let agent = [hello.agent.namespace, hello.agent.workload, hello.agent.pod].filter { !$0.isEmpty }
        try db.execute(
            sql: """
                INSERT INTO sidecars (sidecar_id, agent, version, policy, policy_digest, first_seen_us, last_seen_us)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (sidecar_id) DO UPDATE SET agent = excluded.agent, version = excluded.version,
                    policy = excluded.policy, policy_digest = excluded.policy_digest,
                    last_seen_us = excluded.last_seen_us
                """,
            arguments: [
                hello.sidecarID, agent.joined(separator: "/"), hello.version, hello.policy, hello.policyDigest,
                now.microseconds, now.microseconds,
            ])
        try db.execute(
            sql: """
                INSERT INTO sidecar_keys (sidecar_id, key_id, public_key, certificate, first_seen_us)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (sidecar_id, key_id) DO UPDATE SET certificate = excluded.certificate
                """,
            arguments: [
                hello.sidecarID, identity.keyID.data, identity.publicKey.data, identity.certificate.data,
                now.microseconds,
            ])
    }

    static func heartbeat(_ db: Database, _ heartbeat: PBHeartbeat, sidecarID: String, now: Timestamp) throws {
        try db.execute(
            sql: """
                UPDATE sidecars SET last_seen_us = ?, spool_bytes = ?, open_sessions = ?, policy_digest = ?
                WHERE sidecar_id = ?
                """,
            arguments: [
                now.microseconds, Int64(clamping: heartbeat.spoolBytes), Int64(clamping: heartbeat.openSessions),
                heartbeat.policyDigest, sidecarID,
            ])
    }

    /// Whether a sidecar has sessions without a close that no finding tells of.
    static func hasUnclosed(_ db: Database, sidecarID: String) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM sessions s WHERE sidecar_id = ? AND closed_us IS NULL
                    AND resource IS NOT NULL AND resource <> ''
                    AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.session_id = s.session_id
                        AND f.kind = 'missing-close' AND f.resolved_us IS NULL))
                """,
            arguments: [sidecarID]) ?? false
    }

    /// The certificates that a sidecar connected with, DER, by the id of their keys.
    static func certificates(_ db: Database, sidecarID: String) throws -> [(keyID: [UInt8], certificate: [UInt8])] {
        try Row.fetchAll(
            db, sql: "SELECT key_id, certificate FROM sidecar_keys WHERE sidecar_id = ? ORDER BY first_seen_us",
            arguments: [sidecarID]
        ).map { (keyID: [UInt8]($0[0] as Data), certificate: [UInt8]($0[1] as Data)) }
    }

    /// The keys that a sidecar connected with, for checking what it signed.
    static func verificationKeys(
        _ db: Database, sidecarID: String
    ) throws -> [RecordHash: SessionVerificationKey] {
        var keys: [RecordHash: SessionVerificationKey] = [:]
        for row in try Row.fetchAll(
            db, sql: "SELECT public_key FROM sidecar_keys WHERE sidecar_id = ?", arguments: [sidecarID])
        {
            // A key of another kind authenticates a connection all the same; it signs nothing that we could check.
            guard let key = try? SessionVerificationKey(subjectPublicKeyInfo: row.bytes(0)) else { continue }
            keys[key.id] = key
        }
        return keys
    }

    /// A sidecar as it was last seen.
    static func list(_ db: Database, connected: Set<String>) throws -> [SidecarView] {
        try Row.fetchAll(db, sql: "SELECT * FROM sidecars ORDER BY sidecar_id LIMIT 10000").map { row in
            SidecarView(
                id: row["sidecar_id"], agent: row["agent"], version: row["version"], policy: row["policy"],
                policyDigest: (row["policy_digest"] as Data?).map { Identifiers.hex($0) },
                firstSeen: Timestamp(microseconds: row["first_seen_us"]),
                lastSeen: Timestamp(microseconds: row["last_seen_us"]), spoolBytes: row["spool_bytes"],
                openSessions: row["open_sessions"], connected: connected.contains(row["sidecar_id"]))
        }
    }
}
