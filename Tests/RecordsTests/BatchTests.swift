import FoundationEssentials
import Records
import TestKit
import Testing

@Suite struct BatchTests {
    /// Records of several sessions, as a spool would hold them.
    static func records(seed: UInt64, sessions: Int = 3, each count: Int = 12) throws -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        var chains = try (0..<sessions).map { index in
            var session = RandomSession(seed: seed &* 31 &+ UInt64(index))
            return try session.records(count).map(\.bytes)
        }
        var records: [[UInt8]] = []
        while true {
            chains.removeAll(where: \.isEmpty)
            guard let index = chains.indices.randomElement(using: &generator) else { return records }
            records.append(chains[index].removeFirst())
        }
    }

    static func encode(_ encoder: inout BatchEncoder, _ records: [[UInt8]]) throws -> BatchEncoder.Batch {
        var bytes: [UInt8] = [1, 2, 3]
        var ranges: [Range<Int>] = []
        for record in records {
            ranges.append(bytes.count..<bytes.count + record.count)
            bytes += record + [0, 0]
        }
        return try encoder.encode(bytes, ranges)
    }

    @Test(arguments: 0..<30)
    func `what is left out is restored to the byte, over batches of any size`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var encoder = try BatchEncoder()
        var decoder = try BatchDecoder()
        var records = try Self.records(seed: seed)[...]
        while !records.isEmpty {
            let part = Array(records.prefix(Int.random(in: 0...9, using: &generator)))
            records = records.dropFirst(part.count)
            let batch = try Self.encode(&encoder, part)
            let restored = try decoder.decode(batch.content, size: batch.size)
            #expect(restored.map(\.bytes) == part)
            #expect(restored.map(\.hash) == part.map { RecordHash(of: $0) })
        }
    }

    @Test func `records that are missing, out of order, doubled or no records at all come as they are`() throws {
        var records = try Self.records(seed: 5)
        records.remove(at: 7)
        records.swapAt(10, 11)
        records.insert(records[3], at: 14)
        records.insert(Array("no record".utf8), at: 4)
        records.insert([], at: 9)
        // The sequence number 0, written out: no encoder does that, and it must stay as it is.
        records.insert(Array(records[0][..<18]) + [0x10, 0x00] + Array(records[0][18...]), at: 6)
        // A first record that names what no first record names.
        var altered = records[0]
        altered[25] ^= 1
        records.insert(altered, at: 1)
        var encoder = try BatchEncoder()
        var decoder = try BatchDecoder()
        let batch = try Self.encode(&encoder, records)
        // The altered record is not the one that the session's next names: that is found, and nothing is restored wrongly.
        #expect(throws: RecordError.self) { try decoder.decode(batch.content, size: batch.size) }
        records.remove(at: 1)
        encoder = try BatchEncoder()
        decoder = try BatchDecoder()
        let other = try Self.encode(&encoder, records)
        #expect(try decoder.decode(other.content, size: other.size).map(\.bytes) == records)
    }

    @Test func `a chain that does not follow from itself is refused, not mended`() throws {
        var session = RandomSession(seed: 3)
        var records = try session.records(4).map(\.bytes)
        // One letter of an event, which the next record's hash covers.
        records[2][records[2].count - 1] ^= 1
        var encoder = try BatchEncoder()
        var decoder = try BatchDecoder()
        let batch = try Self.encode(&encoder, records)
        let error = #expect(throws: RecordError.self) { try decoder.decode(batch.content, size: batch.size) }
        #expect(error?.code == .malformed)
    }

    @Test func `a batch that was tampered with is refused`() throws {
        var encoder = try BatchEncoder()
        let records = try Self.records(seed: 9)
        let batch = try Self.encode(&encoder, records)
        for index in batch.content.indices {
            var altered = batch.content
            altered[index] ^= 0x10
            var decoder = try BatchDecoder()
            // A bit of the frame's head that says nothing may change and change nothing.
            if let restored = try? decoder.decode(altered, size: batch.size) {
                #expect(restored.map(\.bytes) == records)
            }
        }
        for length in batch.content.indices {
            var decoder = try BatchDecoder()
            #expect(throws: RecordError.self) {
                try decoder.decode(Array(batch.content[..<length]), size: batch.size)
            }
        }
    }

    @Test func `a batch that comes to another size than it says is refused`() throws {
        var encoder = try BatchEncoder()
        let batch = try Self.encode(&encoder, try Self.records(seed: 1))
        for size in [0, 1, batch.size - 1, batch.size + 1, BatchLimits.maximumBytes + 1, Int.max] {
            var decoder = try BatchDecoder()
            #expect(throws: RecordError.self) { try decoder.decode(batch.content, size: size) }
        }
    }

    @Test func `a few bytes cannot come to more than a batch may hold`() throws {
        // Twenty megabytes of zeros in a record that is none, which compress to a few hundred bytes.
        var encoder = try BatchEncoder()
        let error = #expect(throws: RecordError.self) {
            try Self.encode(&encoder, [[UInt8](repeating: 0, count: 20 << 20)])
        }
        #expect(error?.code == .tooLarge)
        // Records so small that what is restored would be many times the batch.
        var session = RandomSession(seed: 4)
        let record = try session.records(0)[0].bytes
        var small = try BatchEncoder()
        #expect(throws: RecordError.self) {
            try Self.encode(&small, [[UInt8]](repeating: record, count: BatchLimits.maximumRecords + 1))
        }
    }

    @Test(arguments: 0..<300)
    func `random bytes are refused and never trap`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var decoder = try BatchDecoder()
        let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        #expect(throws: RecordError.self) { try decoder.decode(bytes, size: Int.random(in: 0...4096)) }
    }

    @Test func `more sessions than are kept in mind begin anew`() throws {
        var encoder = try BatchEncoder()
        var decoder = try BatchDecoder()
        for round in 0..<12 {
            let records = try (0..<500).map { index in
                var chain = SessionChain(sessionID: RecordID(high: UInt64(round), low: UInt64(index)))
                return try chain.seal(.sessionOpened(PBSessionOpened()), id: nil, time: Int64(index)).bytes
            }
            let batch = try Self.encode(&encoder, records)
            #expect(try decoder.decode(batch.content, size: batch.size).map(\.bytes) == records)
        }
    }

    @Test func `a statement that runs again and again costs a few bytes`() throws {
        var chain = SessionChain(sessionID: RecordID(at: 1_800_000_000_000_000))
        var event = PBStatementRun()
        event.judged.text = "SELECT abalance FROM pgbench_accounts WHERE aid = $1"
        event.judged.verbs = ["select"]
        event.judged.objects = ["public.pgbench_accounts"]
        event.judged.rules = ["assistants-read"]
        event.judged.policyDigest = .init((0..<32).map { UInt8($0) })
        event.completed.tag = "SELECT 1"
        var encoder = try BatchEncoder()
        var generator = SeededGenerator(seed: 1)
        var time: Int64 = 1_800_000_000_000_000
        var total = 0
        for number in 1...200 as ClosedRange<UInt64> {
            event.judged.statement = number
            event.judged.parameters = ["\(generator.next() % 100_000)"]
            event.completed.durationUs = generator.next() % 400
            time += Int64(generator.next() % 50_000)
            // One statement a batch: the most that it can cost.
            let batch = try Self.encode(&encoder, [try chain.seal(.statementRun(event), id: nil, time: time).bytes])
            if number > 1 { total += batch.content.count }
        }
        #expect(total / 199 < 100)
    }

    /// The highest bits of two of the hash's words, in two records: they name nothing that was hashed. The hash begins at the 22nd byte.
    @Test(arguments: [(29, 29), (29, 37), (37, 45), (22, 22), (22, 30)])
    func `changes of hashes that are left out do not undo each other`(first: Int, second: Int) throws {
        var session = RandomSession(seed: 11)
        var records = try session.records(6).map(\.bytes)
        records[2][first] ^= 0x80
        records[3][second] ^= 0x80
        var encoder = try BatchEncoder()
        var decoder = try BatchDecoder()
        let batch = try Self.encode(&encoder, records)
        #expect(throws: RecordError.self) { try decoder.decode(batch.content, size: batch.size) }
    }
}
