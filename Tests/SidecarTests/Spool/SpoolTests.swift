import Crypto
import Foundation
import Glibc
import Records
import Sidecar
import Synchronization
import TestKit
import Testing

/// A spool in a folder of its own, with small segments.
struct SpoolFixture {
    let folder: TemporaryFolder
    let signer = SessionSigner(p256: P256.Signing.PrivateKey())
    var configuration: SpoolConfiguration

    init(maximumBytes: Int = 1 << 20, segmentBytes: Int = 16 << 10, reserveBytes: Int = 2 << 10) throws {
        folder = try TemporaryFolder("spool")
        configuration = SpoolConfiguration(
            directory: folder["spool"], maximumBytes: maximumBytes, segmentBytes: segmentBytes,
            reserveBytes: reserveBytes)
    }

    func open() throws -> (spool: Spool, recovery: SpoolRecovery) { try Spool.open(configuration, now: 1) }

    func recorder(_ spool: Spool, _ number: Int64 = 0) -> SessionRecorder {
        SessionRecorder(sessionID: RecordID(at: 1_000_000 * number), spool: spool, signer: signer)
    }

    func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: configuration.directory)
            .filter { $0.hasSuffix(".segment") }.sorted().map { configuration.directory + "/" + $0 }
    }

    /// The faults of all chains that were read, ends included.
    func faults(of records: [[UInt8]]) throws -> [ChainFault] {
        let key = signer.verificationKey
        var verifiers: [RecordID: ChainVerifier] = [:]
        var faults: [ChainFault] = []
        for record in records {
            let id = try RecordEnvelope(of: record).sessionID
            faults += verifiers[id, default: ChainVerifier { $0 == key.id ? key : nil }].check(record)
        }
        return faults + verifiers.values.flatMap { $0.finish() }
    }
}

extension SessionRecorder {
    mutating func open(at time: Int64 = 1) throws {
        try record(.sessionOpened(PBSessionOpened()), id: RecordID(at: time), at: time)
    }

    mutating func say(_ text: String, at time: Int64 = 1) throws {
        var event = PBStatementJudged()
        event.text = text
        try record(.statement(event), id: RecordID(at: time), at: time)
    }

    mutating func close(at time: Int64 = 1) throws {
        try close(reason: "done", statements: 0, rows: 0, id: RecordID(at: time), at: time)
    }
}

extension Spool {
    /// All records from a place on.
    func all(from position: SpoolPosition? = nil, by maximumRecords: Int = 7) throws -> (
        records: [[UInt8]], end: SpoolPosition
    ) {
        var records: [[UInt8]] = []
        var position = position ?? start
        while true {
            let batch = try read(from: position, maximumRecords: maximumRecords, maximumBytes: 1000)
            position = batch.next
            if batch.records.isEmpty { return (records, position) }
            records += batch.records
        }
    }
}

@Suite struct SpoolTests {
    @Test func `what was appended is read in its order, over many segments`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        for index in 0..<500 { try recorder.say(String(repeating: "x", count: index)) }
        try recorder.close()
        let (records, end) = try spool.all()
        #expect(records.count == 502)
        #expect(try fixture.faults(of: records) == [])
        #expect(try fixture.segments().count > 5)
        #expect(try spool.all(from: end).records == [])
    }

    @Test func `a record longer than a batch comes alone`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        try recorder.say(String(repeating: "x", count: 5000))
        let batch = try spool.read(from: spool.start, maximumRecords: 10, maximumBytes: 300)
        #expect(batch.records.count == 1)
        #expect(try spool.read(from: batch.next, maximumRecords: 10, maximumBytes: 300).byteCount > 5000)
    }

    @Test func `segments go when all their records are acknowledged, and not before`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        for _ in 0..<300 { try recorder.say(String(repeating: "x", count: 200)) }
        try recorder.close()
        let before = try fixture.segments().count
        let first = try spool.read(from: spool.start, maximumRecords: 1, maximumBytes: 1)
        spool.acknowledge(upTo: first.next)
        try spool.commit()
        #expect(try fixture.segments().count == before)
        #expect(spool.statistics.records == 301)
        let (_, end) = try spool.all(from: first.next)
        spool.acknowledge(upTo: end)
        try spool.commit()
        #expect(try fixture.segments().count == 1)
        #expect(spool.statistics.records == 0)
        #expect(spool.statistics.pendingBytes == 0)
        #expect(spool.statistics.oldest == nil)
    }

    @Test func `what was not acknowledged is there after a restart`() throws {
        let fixture = try SpoolFixture()
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            for _ in 0..<100 { try recorder.say("select 1") }
            try recorder.close()
            // No close: as after a kill.
        }
        let (spool, recovery) = try fixture.open()
        #expect(recovery.records == 102)
        #expect(recovery.openSessions == [])
        #expect(recovery.damages == [])
        #expect(recovery.torn == [])
        #expect(try fixture.faults(of: spool.all().records) == [])
    }

    @Test func `a session that was left open is closed by the next process, and its chain verifies`() throws {
        let fixture = try SpoolFixture()
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            try recorder.say("select 1")
        }
        let (spool, recovery) = try fixture.open()
        #expect(recovery.openSessions.count == 1)
        try spool.closeSessions(recovery.openSessions, signer: fixture.signer, at: 2)
        let (records, _) = try spool.all()
        #expect(records.count == 3)
        #expect(try fixture.faults(of: records) == [])
        #expect(spool.statistics.openSessions == 0)
    }

    @Test func `an idle session is still closed when all its records have left the spool`() throws {
        let fixture = try SpoolFixture()
        var sent: [[UInt8]] = []
        let idleID: RecordID
        do {
            let (spool, _) = try fixture.open()
            var idle = fixture.recorder(spool, 1)
            idleID = idle.sessionID
            try idle.open()
            var busy = fixture.recorder(spool, 2)
            try busy.open()
            for _ in 0..<400 {
                try busy.say(String(repeating: "x", count: 200))
                let (records, end) = try spool.all()
                sent += records
                spool.acknowledge(upTo: end)
            }
            try busy.close()
            try spool.commit()
            #expect(try fixture.segments().count <= 2)
        }
        let (spool, recovery) = try fixture.open()
        #expect(recovery.openSessions.map(\.sessionID) == [idleID])
        try spool.closeSessions(recovery.openSessions, signer: fixture.signer, at: 2)
        // What was sent before and is still there comes twice; the store takes it once.
        var seen = Set(sent)
        for record in try spool.all().records where seen.insert(record).inserted { sent.append(record) }
        #expect(try fixture.faults(of: sent) == [])
    }

    @Test func `a full spool refuses, keeps room for closes, and takes records again when some are stored`() throws {
        let fixture = try SpoolFixture(maximumBytes: 64 << 10)
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        var appended = 1
        let error = #expect(throws: SpoolError.self) {
            while true {
                try recorder.say(String(repeating: "x", count: 300))
                appended += 1
            }
        }
        #expect(error?.code == .full)
        #expect(spool.statistics.isFull)
        #expect(spool.statistics.refused == 1)
        #expect(spool.statistics.bytes <= 64 << 10)
        #expect(appended > 100)

        // The refused record left no gap; its close still fits.
        try recorder.close()
        let (records, end) = try spool.all()
        #expect(records.count == appended + 1)
        #expect(try fixture.faults(of: records) == [])

        spool.acknowledge(upTo: end)
        var next = fixture.recorder(spool, 1)
        try next.open()
        for _ in 0..<50 { try next.say(String(repeating: "x", count: 300)) }
        #expect(!spool.statistics.isFull)
    }

    @Test func `a session whose opening finds no room leaves nothing behind, not a close alone`() throws {
        let fixture = try SpoolFixture(maximumBytes: 64 << 10)
        let (spool, _) = try fixture.open()
        var filler = fixture.recorder(spool)
        try filler.open()
        #expect(throws: SpoolError.self) { while true { try filler.say(String(repeating: "x", count: 300)) } }
        let sink = SpoolRecordSink(spool: spool, signer: fixture.signer, metrics: SidecarMetrics())
        let chain = sink.openChain(sessionID: RecordID(at: 9_000_000).bytes)
        #expect(throws: RecordRefusal.self) {
            try chain.append(.sessionOpened(PBSessionOpened()), id: nil, timeUnixMicroseconds: 9_000_000)
        }
        try chain.append(.sessionClosed(PBSessionClosed()), id: nil, timeUnixMicroseconds: 9_000_001)
        try filler.close()
        #expect(try fixture.faults(of: spool.all().records) == [])
    }

    @Test func `a full spool that is opened again can still close its sessions`() throws {
        let fixture = try SpoolFixture(maximumBytes: 64 << 10)
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            while (try? recorder.say(String(repeating: "x", count: 300))) != nil {}
        }
        let (spool, recovery) = try fixture.open()
        try spool.closeSessions(recovery.openSessions, signer: fixture.signer, at: 2)
        #expect(try fixture.faults(of: spool.all().records) == [])
        #expect(spool.statistics.bytes <= 64 << 10)
    }

    @Test func `restarts without a collector do not fill the spool with empty segments`() throws {
        let fixture = try SpoolFixture(maximumBytes: 64 << 10)
        for round in 0..<50 {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool, Int64(round))
            try recorder.open()
            try recorder.close()
        }
        let (spool, _) = try fixture.open()
        #expect(try spool.all().records.count == 100)
    }

    @Test func `a directory serves one spool at a time`() throws {
        let fixture = try SpoolFixture()
        let first = try fixture.open()
        let error = #expect(throws: SpoolError.self) { try fixture.open() }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
        try first.spool.close()
    }

    @Test func `a closed spool's directory is free, whoever still holds a copy of its descriptor`() throws {
        let fixture = try SpoolFixture()
        var copies: [Int32] = []
        defer { for copy in copies { Glibc.close(copy) } }
        do {
            let spool = try fixture.open().spool
            // A program that is being started has copies of all descriptors, from its fork to its exec.
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                guard file == fixture.configuration.directory + "/lock", let number = Int32(name) else { continue }
                copies.append(dup(number))
            }
            #expect(!copies.isEmpty)
            try spool.close()
        }
        _ = try fixture.open()
    }

    @Test func `a closed spool takes no more records`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        try spool.close()
        let error = #expect(throws: SpoolError.self) { try recorder.say("late") }
        #expect(error?.code == .closed)
    }

    @Test func `a record beyond the greatest length is refused`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        let error = #expect(throws: SpoolError.self) { try recorder.say(String(repeating: "x", count: 20_000)) }
        #expect(error?.code == .tooLarge)
        try recorder.open()
    }

    @Test(arguments: [(100, 64, 0), (1 << 20, 1024, 1024), (1 << 20, 1 << 20, 0)])
    func `sizes that do not fit together are refused with a message`(sizes: (Int, Int, Int)) throws {
        let fixture = try SpoolFixture(maximumBytes: sizes.0, segmentBytes: sizes.1, reserveBytes: sizes.2)
        let error = #expect(throws: SpoolError.self) { try fixture.open() }
        #expect(error?.code == .configuration)
    }

    @Test func `a reader is woken by the commit that finds records, once`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        let woken = Mutex(0)
        #expect(spool.wait(after: spool.start) { woken.withLock { $0 += 1 } })
        try spool.commit()
        #expect(woken.withLock { $0 } == 0)
        var recorder = fixture.recorder(spool)
        try recorder.open()
        try recorder.say("one")
        #expect(woken.withLock { $0 } == 0)
        try spool.commit()
        #expect(woken.withLock { $0 } == 1)
        try recorder.say("two")
        try spool.commit()
        #expect(woken.withLock { $0 } == 1)
        #expect(!spool.wait(after: spool.start) {})
        #expect(try spool.wait(after: spool.all().end) {})
    }

    @Test func `a segment is made ahead of time, taken when it is needed, and is gone with the spool`() throws {
        let fixture = try SpoolFixture()
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            try spool.commit()
            #expect(try fixture.segments().count == 1)
            for _ in 0..<20 { try recorder.say(String(repeating: "x", count: 400)) }
            try spool.commit()
            let ahead = try fixture.segments()
            #expect(ahead.count == 2)
            #expect(spool.statistics.segments == 1)
            #expect(spool.statistics.bytes == 32 << 10)
            for _ in 0..<30 { try recorder.say(String(repeating: "x", count: 400)) }
            #expect(try fixture.segments() == ahead)
            #expect(spool.statistics.segments == 2)
            try recorder.close()
            try spool.commit()
            #expect(try fixture.segments().count == 3)
            #expect(try fixture.faults(of: spool.all().records) == [])
            try spool.close()
            #expect(try fixture.segments() == ahead)
        }
        #expect(try fixture.open().recovery.records == 52)
    }

    @Test func `a segment that was made ahead of time is no loss of room, and none of records`() throws {
        let fixture = try SpoolFixture(maximumBytes: 96 << 10)
        var appended = 0
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            while (try? recorder.say(String(repeating: "x", count: 300))) != nil {
                appended += 1
                try spool.commit()
                #expect(spool.statistics.bytes <= 96 << 10)
            }
            #expect(appended * 300 > 64 << 10)
            // No close: as after a kill.
        }
        let (spool, recovery) = try fixture.open()
        #expect(recovery.records == UInt64(appended + 1))
        #expect(recovery.damages == [])
        try spool.closeSessions(recovery.openSessions, signer: fixture.signer, at: 2)
        #expect(try fixture.faults(of: spool.all().records) == [])
    }

    @Test func `an event that is encoded already is the record that its message makes`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        var buffer = EventBuffer()
        let evidence = StatementEvidence(
            StatementEvidence.Text("select 1", isTruncated: false, fingerprint: 7),
            StatementEvidence.Judgement(
                verbs: ["select"], objects: [], columns: [], classifications: [], outcome: .allow, rules: ["all"],
                observedRules: [], policyDigest: [1], features: []))
        let event = buffer.appendRun(evidence, number: 1, parameters: RecordedParameters(["a"]), Completion())
        try buffer.withMessage(of: event) { message throws(SpoolError) in
            try recorder.record(event.kind, message: message, at: 5)
        }
        try recorder.close(at: 6)
        let records = try spool.all().records
        #expect(try fixture.faults(of: records) == [])
        let run = try RecordEnvelope(of: records[1])
        #expect(run.event == .statementRun)
        #expect(run.time == 5)
        #expect(run.id == RecordID(derivedFrom: recorder.sessionID, sequence: 1))
    }

    @Test func `many threads append at once and nothing is lost`() async throws {
        let fixture = try SpoolFixture(maximumBytes: 8 << 20)
        let (spool, _) = try fixture.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in 0..<8 {
                group.addTask {
                    var recorder = fixture.recorder(spool, Int64(session))
                    try recorder.open()
                    for _ in 0..<200 { try recorder.say("select \(session)") }
                    try recorder.close()
                }
            }
            try await group.waitForAll()
        }
        let (records, _) = try spool.all()
        #expect(records.count == 8 * 202)
        #expect(try fixture.faults(of: records) == [])
    }
}
