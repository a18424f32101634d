import Foundation
import GRDB
import Records
import SwiftProtobuf
import TestKit
import Testing

@testable import Collector

@Suite struct RecordSearchTests {
    @Test(arguments: [11, 29] as [UInt64])
    func `A search finds what looking at every record finds, in pages of any size`(seed: UInt64) async throws {
        let folder = try TemporaryFolder("store")
        let store = try Store(directory: folder["data"])
        var records = try RandomRecords(seed: seed)
        try await fill(store, &records, count: 600)
        try await checkSearches(store, &records, count: 100)
    }

    @Test func `A store that an older collector made is searched as before, and goes on`() async throws {
        let folder = try TemporaryFolder("store")
        var records = try RandomRecords(seed: 5)
        try OlderStore.make(in: folder["data"], try (try records.opening()) + (0..<300).map { _ in try records.next() })
        let store = try Store(directory: folder["data"])
        try await checkSearches(store, &records, count: 60)
        try await fill(store, &records, count: 300, opened: true)
        try await checkSearches(store, &records, count: 60)
    }

    @Test func `What was rolled back stands for no record that is stored later`() async throws {
        let folder = try TemporaryFolder("store")
        let store = try Store(directory: folder["data"])
        var session = try SampleSession()
        for number in 1...4 { try session.addRun(UInt64(number), "SELECT card FROM shop.orders") }
        try await store.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON records WHEN new.sequence = 2
                    BEGIN SELECT RAISE(ABORT, 'not this one'); END
                    """)
        }
        await #expect(throws: DatabaseError.self) { try await ingest(store, session.bytes) }
        try await store.write { db in try db.execute(sql: "DROP TRIGGER refuse") }
        try await ingest(store, session.bytes)
        var query = RecordQuery()
        query.table = "orders"
        query.text = "card"
        let asked = query
        let found = try await store.read {
            try RecordQuery.fetch($0, asked, order: .newest, cursor: nil, limit: 10).map(\.sequence)
        }
        #expect(found == [4, 3, 2, 1])
    }

    @Test func `Records that are alike are indexed once, and again by a store that was opened anew`() async throws {
        let folder = try TemporaryFolder("store")
        var session = try SampleSession()
        for number in 1...200 { try session.addRun(UInt64(number), "SELECT card FROM shop.orders") }
        for part in [session.bytes.prefix(101), session.bytes.dropFirst(101)] {
            let store = try Store(directory: folder["data"])
            try await ingest(store, Array(part))
        }
        let store = try Store(directory: folder["data"])
        let (rules, texts) = try await store.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM record_values WHERE dimension = 'rule'"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM record_search WHERE record_search MATCH 'card'")
            )
        }
        #expect(rules == 2)
        #expect(texts == 2)
        var query = RecordQuery()
        query.text = "card"
        let asked = query
        let found = try await store.read {
            try RecordQuery.fetch($0, asked, order: .oldest, cursor: nil, limit: 1_000).count
        }
        #expect(found == 200)
    }

    @Test func `A record is found by its id, and one that takes the id of another is a finding`() async throws {
        let folder = try TemporaryFolder("store")
        let store = try Store(directory: folder["data"])
        let start: Int64 = 1_800_000_000_000_000
        let first = RecordID(high: 0x0198_C0DE_0000_7000, low: 0x8000_0000_0000_0100)
        var ordinary = SessionChain(sessionID: first)
        let opened = PBRecord.OneOf_Event.sessionOpened(.with { $0.resource = "db" })
        try await ingest(store, try (0..<5).map { try ordinary.seal(opened, id: nil, time: start + $0).bytes })
        // Its ids are those of the first from the third record on.
        var near = SessionChain(sessionID: RecordID(high: first.high, low: first.low + 3))
        try await ingest(store, try (0..<5).map { try near.seal(opened, id: nil, time: start + $0).bytes })
        // One that carries what was derived for another, one that carries its own, and that again.
        var other = SessionChain(sessionID: RecordID(high: first.high + 0x10_0000, low: first.low))
        let own = RecordID(at: start)
        try await ingest(
            store,
            try [RecordID(derivedFrom: first, sequence: 1), own, own, nil].map {
                try other.seal(opened, id: $0, time: start).bytes
            })
        // What is derived now was carried before.
        let late = RecordID(high: first.high + 0x20_0000, low: first.low)
        try await ingest(
            store, [try other.seal(opened, id: RecordID(derivedFrom: late, sequence: 0), time: start).bytes])
        var last = SessionChain(sessionID: late)
        try await ingest(store, [try last.seal(opened, id: nil, time: start).bytes])

        let findings = try await store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT session_id, sequence FROM findings WHERE kind = 'duplicate-id' ORDER BY finding"
            ).map { [UInt8]($0[0] as Data) + [UInt8($0[1] as Int64)] }
        }
        let (nearBytes, otherBytes) = (near.state.sessionID.bytes, other.state.sessionID.bytes)
        #expect(findings == [nearBytes + [0], nearBytes + [1], otherBytes + [0], otherBytes + [2], late.bytes + [0]])
        let all = try await store.read { db in try StoredRecord.all(db) }
        #expect(all.count == 16)
        for id in Set(all.map(\.id)) {
            var query = RecordQuery()
            query.id = id
            let asked = query
            let found = try await store.read {
                try RecordQuery.fetch($0, asked, order: .oldest, cursor: nil, limit: 10).map(\.ordinal)
            }
            #expect(found == all.filter { $0.id == id }.map(\.ordinal).sorted())
        }
    }

    // MARK: The parts

    private func ingest(_ store: Store, _ bytes: [[UInt8]]) async throws {
        _ = try await store.ingest(
            [.init(sidecarID: "sidecar-1", records: bytes.map { .init(bytes: $0, hash: nil) })], now: store.clock())
    }

    /// In transactions of any size, some out of order, over several windows of ordinals.
    private func fill(_ store: Store, _ records: inout RandomRecords, count: Int, opened: Bool = false) async throws {
        var waiting = opened ? [] : try records.opening()
        for _ in 0..<count { waiting.append(try records.next()) }
        while !waiting.isEmpty {
            let size = min(waiting.count, Int.random(in: 1...90, using: &records.generator))
            var batch = Array(waiting.prefix(size))
            waiting.removeFirst(size)
            if Int.random(in: 0..<4, using: &records.generator) == 0 { batch.shuffle(using: &records.generator) }
            try await ingest(store, batch)
            guard Int.random(in: 0..<4, using: &records.generator) == 0 else { continue }
            // As though many others had come between.
            let skipped = Int64.random(in: 1...20_000, using: &records.generator)
            try await store.write { db in
                try db.execute(
                    sql: "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'records'", arguments: [skipped])
            }
        }
    }

    private func checkSearches(_ store: Store, _ records: inout RandomRecords, count: Int) async throws {
        let all = try await store.read { db in try StoredRecord.all(db) }
        let sessions = Array(Set(all.map(\.session)))
        for _ in 0..<count {
            let query = records.query(sessions: sessions, ids: all.map(\.id))
            let order = records.pick(PageOrder.allCases)
            var expected = all.filter { $0.matches(query) }.map { query.session == nil ? $0.ordinal : $0.sequence }
                .sorted()
            if order == .newest { expected.reverse() }
            var found: [Int64] = []
            var cursor: Int64?
            while true {
                let limit = Int.random(in: 1...60, using: &records.generator)
                let from = cursor
                let page = try await store.read {
                    try RecordQuery.fetch($0, query, order: order, cursor: from, limit: limit)
                        .map { query.session == nil ? $0.ordinal : $0.sequence }
                }
                found += page
                guard page.count == limit, let last = page.last else { break }
                cursor = last
            }
            #expect(found == expected, "\(query), \(order)")
        }
    }
}

/// A record of a store, and whether a search asks for it: by its own bytes, with no index.
private struct StoredRecord {
    let ordinal: Int64
    let sequence: Int64
    let id: [UInt8]
    let session: [UInt8]
    let record: PBRecord
    let subject: String?
    let actors: [String]
    let resource: String?

    static func all(_ db: Database) throws -> [Self] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT r.ordinal, r.sequence, r.id, s.session_id, r.raw, s.subject, s.actors, s.resource
                FROM records r JOIN sessions s ON s.session = r.session
                """
        ).map { row in
            Self(
                ordinal: row[0], sequence: row[1], id: [UInt8](row[2] as Data), session: [UInt8](row[3] as Data),
                record: try PBRecord(serializedBytes: [UInt8](row[4] as Data)), subject: row[5],
                actors: JSONText.decode(row[6]), resource: row[7])
        }
    }

    func matches(_ query: RecordQuery) -> Bool {
        func holds<Asked>(_ asked: Asked?, _ test: (Asked) -> Bool) -> Bool { asked.map(test) ?? true }
        return holds(query.since) { record.timeUnixUs >= $0.microseconds }
            && holds(query.until) { record.timeUnixUs < $0.microseconds }
            && holds(query.subject) { subject == $0 } && holds(query.actor) { actors.contains($0) }
            && holds(query.resource) { resource == $0 } && holds(query.session) { session == $0 }
            && holds(query.id) { id == $0 } && holds(query.kind) { $0.found.contains(RecordKind(record)) }
            && holds(query.verdict) { judged.map { RecordText.outcome($0.outcome) } == $0 }
            && holds(query.rule) { judged?.rules.contains($0) == true || judged?.observedRules.contains($0) == true }
            && holds(query.table) { table in
                judged?.objects.contains { $0 == table || $0.split(separator: ".").last.map(String.init) == table }
                    == true
            }
            && holds(query.classification) { asked in
                judged?.classifications.contains(asked) == true
                    || masks.contains { $0.classification == asked }
            }
            && holds(query.approval) { approvals.contains($0) }
            && holds(query.text) { text in texts.contains { $0.lowercased().contains(text.lowercased()) } }
    }

    private var judged: PBStatementJudged? {
        switch record.event {
        case .statement(let event): event
        case .statementRun(let event): event.judged
        default: nil
        }
    }

    private var masks: [PBMaskApplied] {
        switch record.event {
        case .completed(let event): event.masks
        case .statementRun(let event): event.completed.masks
        default: []
        }
    }

    private var approvals: [String] {
        if case .approvalAnswered(let event) = record.event { return [event.approvalID] }
        return judged.map { [$0.approvalID] } ?? []
    }

    private var texts: [String] {
        switch record.event {
        case .sessionOpened(let event): return [event.refused, event.client]
        case .approvalAnswered(let event): return [event.reason]
        default: break
        }
        return judged.map { [$0.text, $0.message] + $0.parameters } ?? []
    }
}

/// A store as it was made before records that are alike were indexed once.
private enum OlderStore {
    static func make(in directory: String, _ records: [[UInt8]]) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let pool = try DatabasePool(path: directory + "/collector.sqlite")
        try Schema.migrator.migrate(pool, upTo: "1: evidence, approvals, revocations")
        try pool.write { db in
            for raw in records { try insert(db, raw) }
        }
        try pool.close()
    }

    private static func insert(_ db: Database, _ raw: [UInt8]) throws {
        let envelope = try RecordEnvelope(of: raw)
        let record = try PBRecord(serializedBytes: raw)
        let session = try session(db, envelope, record)
        let facts = RecordFacts(record)
        try db.execute(
            sql: """
                INSERT INTO records (session, sequence, id, hash, raw, received_us, time_us, kind, statement, verdict)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                session, Int64(envelope.sequence), Data(envelope.id.bytes), Data(RecordHash(of: raw).bytes),
                Data(raw), envelope.time, envelope.time, facts.kind.rawValue, facts.statement, facts.verdict,
            ])
        let ordinal = db.lastInsertedRowID
        for value in facts.values {
            try db.execute(
                sql: "INSERT INTO record_values (dimension, value, ordinal) VALUES (?, ?, ?)",
                arguments: [value.dimension, value.value, ordinal])
        }
        let text = [facts.text, facts.parameters].filter { !$0.isEmpty }.joined(separator: "\n")
        if !text.isEmpty {
            try db.execute(sql: "INSERT INTO record_text (rowid, text) VALUES (?, ?)", arguments: [ordinal, text])
        }
        try db.execute(
            sql: "UPDATE sessions SET next_sequence = ?, max_sequence = ?, head = ?, head_us = ? WHERE session = ?",
            arguments: [
                Int64(envelope.sequence) + 1, Int64(envelope.sequence), Data(RecordHash(of: raw).bytes), envelope.time,
                session,
            ])
    }

    private static func session(_ db: Database, _ envelope: RecordEnvelope, _ record: PBRecord) throws -> Int64 {
        guard case .sessionOpened(let event) = record.event else {
            return try Int64.fetchOne(
                db, sql: "SELECT session FROM sessions WHERE session_id = ?",
                arguments: [Data(envelope.sessionID.bytes)]) ?? 0
        }
        try db.execute(
            sql: """
                INSERT INTO sessions (session_id, sidecar_id, received_us, last_received_us, last_us, max_sequence, head,
                    subject, actors, resource)
                VALUES (?, 'sidecar-1', ?, ?, ?, -1, zeroblob(32), ?, ?, ?)
                """,
            arguments: [
                Data(envelope.sessionID.bytes), envelope.time, envelope.time, envelope.time, event.subject.id,
                try JSONText.encode(event.subject.actors), event.resource,
            ])
        return db.lastInsertedRowID
    }
}
