import Records
import TestKit
import Testing

@Suite struct RecordIDTests {
    @Test func `an id is a UUID of version 7 that tells its millisecond`() {
        var generator = SeededGenerator(seed: 1)
        let id = RecordID(at: 1_645_557_742_000_123, using: &generator)
        #expect(id.milliseconds == 1_645_557_742_000)
        #expect(id.description.hasPrefix("017f22e2-79b0-7"))
        #expect(id.bytes[6] >> 4 == 7)
        #expect(id.bytes[8] >> 6 == 2)
    }

    @Test func `ids sort by time, to the microsecond`() {
        var generator = SeededGenerator(seed: 2)
        let ids = (0..<5000).map { RecordID(at: 1_700_000_000_000_000 + $0, using: &generator) }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `bytes and text read back`() {
        let id = RecordID(at: 1_700_000_000_000_000)
        #expect(RecordID(bytes: id.bytes) == id)
        #expect(RecordID(id.description) == id)
        #expect(RecordID(id.description.uppercased()) == id)
        #expect(RecordID(bytes: [1]) == nil)
        #expect(RecordID("not an id") == nil)
        #expect(RecordHash(bytes: RecordHash(of: [1, 2]).bytes) == RecordHash(of: [1, 2]))
    }

    @Test func `times that no clock shows make an id and no trap`() {
        #expect(RecordID(at: .min).milliseconds == 0)
        _ = RecordID(at: .max)
    }
}
