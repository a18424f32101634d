import Foundation
import Records
import Sidecar
import TestKit
import Testing

@Suite struct SpoolDamageTests {
    /// A spool with one segment of `count` records, left as after a kill.
    func written(_ count: Int) throws -> (SpoolFixture, String, Data) {
        let fixture = try SpoolFixture()
        do {
            let (spool, _) = try fixture.open()
            var recorder = fixture.recorder(spool)
            try recorder.open()
            for index in 0..<count - 1 { try recorder.say("select \(index)") }
        }
        let path = try #require(fixture.segments().first)
        return (fixture, path, try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func replace(_ path: String, in fixture: SpoolFixture, with data: Data) throws {
        for segment in try fixture.segments() { try FileManager.default.removeItem(atPath: segment) }
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func `a segment cut anywhere opens with every record before the cut`() throws {
        let (fixture, path, data) = try written(6)
        let used = try #require(data.lastIndex { $0 != 0 }) + 1
        var counts: [UInt64] = []
        for cut in stride(from: 0, through: used, by: 3) {
            try replace(path, in: fixture, with: data[..<cut])
            let (spool, recovery) = try fixture.open()
            #expect(try spool.all().records.count == Int(recovery.records))
            #expect(recovery.damages == [])
            counts.append(recovery.records)
        }
        #expect(counts == counts.sorted())
        #expect(counts.first == 0)
    }

    @Test func `damage in the middle is told with its place, and the rest is read`() throws {
        let (fixture, path, data) = try written(20)
        var damaged = data
        let place = try #require(damaged.range(of: Data("select 7".utf8))).lowerBound
        damaged[place] = 0x58
        try replace(path, in: fixture, with: damaged)
        let (spool, recovery) = try fixture.open()
        #expect(recovery.records == 19)
        #expect(recovery.damages.count == 1)
        let damage = try #require(recovery.damages.first)
        #expect(damage.segment == path)
        #expect((damage.offset..<damage.offset + damage.byteCount).contains(place))
        let (records, _) = try spool.all()
        #expect(records.count == 19)
        // The gap shows in the chain: nothing is passed over silently.
        #expect(try fixture.faults(of: records).first?.kind == .gap(expected: 8, found: 9))
    }

    @Test func `damage that comes while the spool is open is counted and passed over`() throws {
        let fixture = try SpoolFixture()
        let (spool, _) = try fixture.open()
        var recorder = fixture.recorder(spool)
        try recorder.open()
        for index in 0..<20 { try recorder.say("select \(index)") }
        let path = try #require(fixture.segments().first)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seek(toOffset: UInt64(try #require(data.range(of: Data("select 7".utf8))).lowerBound))
        try handle.write(contentsOf: Data("X".utf8))
        #expect(try spool.all().records.count == 20)
        #expect(spool.statistics.damages == 1)
    }

    @Test func `a segment with a damaged header is put aside, and the spool opens`() throws {
        let (fixture, path, data) = try written(5)
        var damaged = data
        damaged[3] ^= 0xFF
        try replace(path, in: fixture, with: damaged)
        let (spool, recovery) = try fixture.open()
        #expect(recovery.unreadable == [path + ".damaged"])
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
        var recorder = fixture.recorder(spool, 9)
        try recorder.open()
        #expect(try spool.all().records.count == 1)
    }

    @Test(arguments: [Data(), Data(count: 16 << 10), Data("not a segment".utf8)])
    func `a segment that is empty, blank or something else does not stop the spool`(data: Data) throws {
        let (fixture, path, _) = try written(1)
        try replace(path, in: fixture, with: data)
        let (spool, recovery) = try fixture.open()
        #expect(recovery.records == 0)
        #expect(try spool.all().records == [])
    }

    @Test func `a process that is killed at any moment loses no record that it had appended`() async throws {
        let folder = try TemporaryFolder("spool-kill")
        for round in 0..<8 {
            let directory = folder["spool-\(round)"]
            let writer = try Command([Products.path(of: "spool-writer"), directory])
            // Some output first; then at a moment that nobody chose.
            try await eventually("it wrote for a while") { writer.output.utf8.count >= 2000 * (round + 1) }
            try await writer.kill9()

            let said = writer.output
            let lines = said.split(separator: "\n", omittingEmptySubsequences: true)
            // The last line may be cut.
            let whole = said.last == "\n" ? lines : lines.dropLast()
            let (spool, recovery) = try Spool.open(
                SpoolConfiguration(
                    directory: directory, maximumBytes: 64 << 20, segmentBytes: 64 << 10, reserveBytes: 4 << 10),
                now: 1)
            #expect(recovery.damages == [])
            let found = try Set(
                spool.all(by: 500).records.map { record in
                    let envelope = try RecordEnvelope(of: record)
                    return "\(envelope.sessionID) \(envelope.sequence)"
                })
            #expect(whole.count > 10)
            #expect(whole.allSatisfy { found.contains(String($0)) })
            // At most the record that was appended and not yet told of.
            #expect(found.count <= whole.count + 1)
            #expect(recovery.openSessions.count <= 1)
        }
    }
}
