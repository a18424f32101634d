import FoundationEssentials
import GRDB
import Records
import SwiftProtobuf

/// Takes records into the store: each once, its chain checked as far as it reaches, whatever is wrong written down.
///
/// One value lives for one transaction. Nothing is thrown for bad evidence: it would come again and again, and hold up
/// what is good behind it. It becomes a finding instead, and the bytes are kept with it.
struct RecordIngest {
    /// A record as it came.
    struct Record: Sendable {
        /// As they were hashed.
        var bytes: [UInt8]
        /// Where it was computed on the way.
        var hash: RecordHash?
    }

    /// A batch as it came over one connection.
    struct Batch: Sendable {
        var sidecarID: String
        var records: [Record]
    }

    /// What came of a transaction.
    struct Outcome: Sendable {
        var stored = 0
        var duplicates = 0
        var findings: [FindingKind: Int] = [:]
        var approvalsChanged = false
    }

    let db: Database
    private let now: Int64
    private(set) var outcome = Outcome()
    var alike: AlikeRecords
    private var nextOrdinal: Int64
    let statements: HotStatements
    private var sessions: [SessionState] = []
    private var sessionIndexes: [RecordID: Int] = [:]
    private var keys: [String: [RecordHash: SessionVerificationKey]] = [:]

    private init(_ db: Database, now: Timestamp, alike: AlikeRecords) throws {
        self.db = db
        self.now = now.microseconds
        self.alike = alike
        // The number that the table would give: it is needed before there is a row.
        let last = try db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'records'")
        nextOrdinal = try (Int64.fetchOne(last) ?? 0) + 1
        statements = try HotStatements(db)
    }

    /// Ingests batches in their order and returns what came of it.
    ///
    /// - Parameter alike: What the transactions before this one have indexed; what it has become if this one is committed.
    static func run(
        _ db: Database, _ batches: [Batch], now: Timestamp, alike: inout AlikeRecords
    ) throws -> Outcome {
        // Taken and given back: a second reference would have it copied.
        var ingest = try RecordIngest(db, now: now, alike: exchange(&alike, with: AlikeRecords()))
        defer { alike = ingest.alike }
        for batch in batches {
            for record in batch.records { try ingest.take(record, from: batch.sidecarID) }
        }
        try ingest.finish()
        return ingest.outcome
    }

    private mutating func take(_ received: Record, from sidecarID: String) throws {
        let raw = received.bytes
        let digest = received.hash ?? RecordHash(of: raw)
        let hash = digest.bytes
        guard let envelope = try? RecordEnvelope(of: raw), let record = try? PBRecord(serializedBytes: raw),
            let sequence = Int64(exactly: envelope.sequence), sequence < .max
        else {
            try add(
                Finding(
                    kind: .malformed, sessionID: [], sequence: 0, digest: hash,
                    detail: "\(raw.count) bytes from sidecar \(sidecarID) are no record",
                    raw: Array(raw.prefix(RecordLimits.maximumRecordBytes))),
                sidecarID: sidecarID)
            return
        }
        let index = try sessionIndex(of: envelope, sidecarID: sidecarID)
        var session = sessions[index]
        defer { sessions[index] = session }
        guard session.sidecarID == sidecarID else {
            try add(
                Finding(
                    kind: .foreign, sessionID: session.sessionID, sequence: sequence, digest: hash,
                    detail: "sidecar \(sidecarID) sent a record of a session of sidecar \(session.sidecarID)",
                    raw: raw),
                sidecarID: sidecarID, to: &session)
            return
        }
        if let stored = try storedHash(session: session, sequence: sequence) {
            guard stored != hash else {
                outcome.duplicates += 1
                return
            }
            try add(
                Finding(
                    kind: .fork, sessionID: session.sessionID, sequence: sequence, digest: hash,
                    detail: "record \(sequence) came again with other bytes; the first is kept", raw: raw),
                sidecarID: sidecarID, to: &session)
            return
        }
        try insert(record, envelope, raw: raw, hash: hash, sequence: sequence, into: &session)
        if sequence == session.nextSequence {
            try link(raw, envelope, record, digest, in: &session)
            try linkStored(&session)
        }
    }

    /// Where a record's session is kept while this transaction lasts.
    private mutating func sessionIndex(of envelope: RecordEnvelope, sidecarID: String) throws -> Int {
        if let known = sessionIndexes[envelope.sessionID] { return known }
        sessions.append(
            try SessionState.load(
                db, sessionID: envelope.sessionID.bytes, sidecarID: sidecarID, time: envelope.time, now: now))
        sessionIndexes[envelope.sessionID] = sessions.count - 1
        return sessions.count - 1
    }

    // MARK: Rows

    private func storedHash(session: SessionState, sequence: Int64) throws -> [UInt8]? {
        guard sequence <= session.maxSequence else { return nil }
        let select = try db.cachedStatement(sql: "SELECT hash FROM records WHERE session = ? AND sequence = ?")
        return try Row.fetchOne(select, arguments: [session.rowID, sequence]).map { $0.bytes(0) }
    }

    private mutating func insert(
        _ record: PBRecord, _ envelope: RecordEnvelope, raw: [UInt8], hash: [UInt8], sequence: Int64,
        into session: inout SessionState
    ) throws {
        let (id, sessionID) = (envelope.id, envelope.sessionID)
        let facts = RecordFacts(record)
        let idBytes = id.bytes
        // An id that was derived, and that leads back here, no other record has but one that carries it.
        let isDerived =
            !session.sharesKey && sequence < RecordNames.sequences
            && id == RecordID(derivedFrom: sessionID, sequence: UInt64(clamping: sequence))
        if try statements.carriedID.hasRow({ $0.bind(1, blob: idBytes) })
            || (!isDerived && RecordNames.derived(db, id) != nil)
        {
            try add(
                Finding(
                    kind: .duplicateID, sessionID: session.sessionID, sequence: sequence, digest: hash,
                    detail: "record \(sequence) has the id \(id) of another record"),
                sidecarID: session.sidecarID, to: &session)
        }
        let ordinal = nextOrdinal
        nextOrdinal += 1
        let valuesBack = try indexValues(facts, at: ordinal)
        let textBack = try indexText(facts, at: ordinal)
        try statements.record.run {
            $0.bind(1, ordinal)
            $0.bind(2, session.rowID)
            $0.bind(3, sequence)
            $0.bind(4, blob: idBytes)
            $0.bind(5, blob: hash)
            $0.bind(6, blob: raw)
            $0.bind(7, now)
            $0.bind(8, record.timeUnixUs)
            $0.bind(9, facts.kind.rawValue)
            $0.bind(10, facts.statement)
            $0.bind(11, facts.verdict)
            $0.bind(12, valuesBack)
            $0.bind(13, textBack)
            $0.bind(14, isDerived ? nil : 1)
        }
        outcome.stored += 1
        try count(record, in: &session)
        session.records += 1
        session.maxSequence = max(session.maxSequence, sequence)
        session.lastTime = max(session.lastTime, record.timeUnixUs)
    }

    private mutating func count(_ record: PBRecord, in session: inout SessionState) throws {
        switch record.event {
        case .sessionOpened(let event):
            try session.saveOpening(db, event, time: record.timeUnixUs)
        case .statement(let event):
            try count(event, sequence: Int64(clamping: record.sequence), in: &session)
        case .completed(let event): Self.count(event, in: &session)
        case .statementRun(let event):
            try count(event.judged, sequence: Int64(clamping: record.sequence), in: &session)
            Self.count(event.completed, in: &session)
        default: break
        }
    }

    private mutating func count(
        _ event: PBStatementJudged, sequence: Int64, in session: inout SessionState
    ) throws {
        session.statements = max(session.statements, Int64(clamping: event.statement))
        if event.outcome == .deny { session.denied += 1 }
        if event.outcome == .hold { session.held += 1 }
        // One that was denied, or that nobody decided in time, is named by the refusal.
        if event.outcome == .allow, !event.approvalID.isEmpty {
            try checkApproval(event.approvalID, sequence: sequence, in: &session)
        }
    }

    private static func count(_ event: PBStatementCompleted, in session: inout SessionState) {
        session.rows = session.rows.addingClamped(event.rows)
        session.bytes = session.bytes.addingClamped(event.bytes)
        for mask in event.masks { session.masked = session.masked.addingClamped(mask.values) }
    }

    /// A statement that an approval let pass: it must be one that was given here, to this sidecar.
    private mutating func checkApproval(_ id: String, sequence: Int64, in session: inout SessionState) throws {
        try db.execute(
            sql: """
                UPDATE approvals SET used_us = coalesce(used_us, ?)
                WHERE approval_id = ? AND sidecar_id = ? AND state = 'approved'
                """,
            arguments: [now, id, session.sidecarID])
        guard db.changesCount == 0 else {
            outcome.approvalsChanged = true
            return
        }
        try add(
            Finding(
                kind: .unapproved, sessionID: session.sessionID, sequence: sequence, digest: [],
                detail: "record \(sequence) says that approval \(id.prefix(64)) let it pass, which nobody gave here"),
            sidecarID: session.sidecarID, to: &session)
    }

    // MARK: The chain

    /// Checks the next record of the verified prefix and moves its end.
    private mutating func link(
        _ raw: [UInt8], _ envelope: RecordEnvelope, _ record: PBRecord, _ hash: RecordHash,
        in session: inout SessionState
    ) throws {
        guard var verifier = try exchange(&session.verifier, with: nil) ?? verifier(for: session) else { return }
        let faults = verifier.check(raw, envelope, hash)
        for fault in faults {
            guard let kind = FindingKind(fault.kind) else { continue }
            try add(
                Finding(
                    kind: kind, sessionID: session.sessionID, sequence: session.nextSequence, digest: hash.bytes,
                    detail: fault.description),
                sidecarID: session.sidecarID, to: &session)
        }
        if case .sessionClosed(let event) = record.event {
            session.closedTime = record.timeUnixUs
            session.closeReason = event.reason
            session.signature = SignatureStatus(faults: faults)
        }
        session.head = hash.bytes
        session.headTime = record.timeUnixUs
        session.nextSequence += 1
        // One that saw no fault and no close is what would be made of the session's row.
        if faults.isEmpty, session.closedTime == nil { session.verifier = verifier }
    }

    /// Goes on with records that came before their turn.
    private mutating func linkStored(_ session: inout SessionState) throws {
        while session.maxSequence >= session.nextSequence {
            let select = try db.cachedStatement(sql: "SELECT raw FROM records WHERE session = ? AND sequence = ?")
            guard let row = try Row.fetchOne(select, arguments: [session.rowID, session.nextSequence]) else { return }
            let raw = row.bytes(0)
            try link(
                raw, try RecordEnvelope(of: raw), try PBRecord(serializedBytes: raw), RecordHash(of: raw), in: &session)
        }
    }

    /// A verifier that goes on at the end of the verified prefix.
    private mutating func verifier(for session: SessionState) throws -> ChainVerifier? {
        let keys = try verificationKeys(of: session.sidecarID)
        guard let id = RecordID(bytes: session.sessionID), let head = RecordHash(bytes: session.head) else {
            return nil
        }
        guard session.nextSequence > 0 else { return ChainVerifier(sessionID: id) { keys[$0] } }
        let state = ChainState(
            sessionID: id, nextSequence: UInt64(session.nextSequence), previous: head, lastTime: session.headTime ?? 0)
        return ChainVerifier(resuming: state, isClosed: session.closedTime != nil) { keys[$0] }
    }

    /// The keys that a sidecar ever connected with.
    private mutating func verificationKeys(of sidecarID: String) throws -> [RecordHash: SessionVerificationKey] {
        if let known = keys[sidecarID] { return known }
        let found = try SidecarRows.verificationKeys(db, sidecarID: sidecarID)
        keys[sidecarID] = found
        return found
    }

    // MARK: Findings

    private mutating func add(_ finding: Finding, sidecarID: String, to session: inout SessionState) throws {
        if try add(finding, sidecarID: sidecarID) { session.findings += 1 }
    }

    /// Writes a finding down, once; says whether it is new.
    @discardableResult
    private mutating func add(_ finding: Finding, sidecarID: String) throws -> Bool {
        let isNew = try FindingRows.add(db, finding, sidecarID: sidecarID, now: now)
        if isNew { outcome.findings[finding.kind, default: 0] += 1 }
        return isNew
    }

    private mutating func finish() throws {
        for var session in sessions {
            if session.hadGap {
                try db.execute(
                    sql: """
                        UPDATE findings SET resolved_us = ?
                        WHERE kind = 'gap' AND session_id = ? AND sequence < ? AND resolved_us IS NULL
                        """,
                    arguments: [now, session.sessionID.data, session.nextSequence])
                session.findings -= Int64(db.changesCount)
            }
            if session.hasGap {
                try add(
                    Finding(
                        kind: .gap, sessionID: session.sessionID, sequence: session.nextSequence, digest: [],
                        detail: "record \(session.nextSequence) is missing; \(session.maxSequence) is here"),
                    sidecarID: session.sidecarID, to: &session)
            }
            if session.closedTime != nil {
                session.findings -= Int64(
                    try FindingRows.resolve(db, .missingClose, sessionID: session.sessionID, now: now))
            }
            try session.save(db, now: now)
        }
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: UInt64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(Int64(clamping: other))
        return overflow ? .max : sum
    }
}
