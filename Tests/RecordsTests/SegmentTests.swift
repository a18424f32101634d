import Records
import TestKit
import Testing

@Suite struct SegmentTests {
    let header = SegmentHeader(number: 3, created: 1_700_000_000_000_000, salt: 0x1234_5678_9ABC_DEF0)
    var framing: SegmentFraming { SegmentFraming(header) }

    func segment(_ contents: [[UInt8]], padding: Int = 0) throws -> [UInt8] {
        var bytes = header.encoded
        for content in contents { bytes += try #require(framing.frame(content, kind: .record)) }
        return bytes + [UInt8](repeating: 0, count: padding)
    }

    func contents(_ count: Int) -> [[UInt8]] {
        var generator = SeededGenerator(seed: UInt64(count))
        return (0..<count).map { _ in
            (0..<Int.random(in: 1...50, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
    }

    @Test func `the processor's checksum is the tables'`() {
        var generator = SeededGenerator(seed: 7)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let before = UInt32.random(in: 0...(.max), using: &generator)
            #expect(
                CRC32C.checksum(bytes, continuing: before) == CRC32C.byTables(bytes.span, continuing: before))
        }
    }

    @Test func `the checksum is CRC-32C`() {
        // The check values of RFC 3720 §B.4 and of the polynomial's catalogue.
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        let text = Array("what is split anywhere has one checksum".utf8)
        for split in 0...text.count {
            let first = CRC32C.checksum(Array(text[..<split]))
            #expect(CRC32C.checksum(Array(text[split...]), continuing: first) == CRC32C.checksum(text))
        }
    }

    @Test func `a header reads back, and no damaged one does`() {
        #expect(SegmentHeader(of: header.encoded) == header)
        for bit in 0..<36 * 8 {
            var bytes = header.encoded
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(SegmentHeader(of: bytes) == nil)
        }
        #expect(SegmentHeader(of: []) == nil)
    }

    @Test func `what was framed is recovered`() throws {
        let contents = contents(30)
        let bytes = try segment(contents, padding: 4096)
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        #expect(recovery.frames.map { Array(bytes[$0.content]) } == contents)
        #expect(recovery.damaged == [])
        #expect(recovery.tornByteCount == 0)
        #expect(recovery.end == bytes.count - 4096)
    }

    @Test(arguments: [false, true])
    func `a segment cut anywhere keeps every frame before the cut`(zeroed: Bool) throws {
        let contents = contents(12)
        let whole = try segment(contents)
        let ends = SegmentRecovery(of: whole, framing: framing).frames.map(\.content.upperBound)
        for cut in SegmentHeader.byteCount...whole.count {
            // A killed writer leaves a preallocated file, zero from there on; a damaged disk a shorter one.
            var bytes = Array(whole[..<cut])
            if zeroed { bytes += [UInt8](repeating: 0, count: whole.count - cut) }
            let recovery = SegmentRecovery(of: bytes, framing: framing)
            let found = recovery.frames.map { Array(bytes[$0.content]) }
            #expect(found == Array(contents[..<found.count]))
            // A frame that ends in zeros may be whole though the cut lies in it.
            #expect(found.count >= ends.count { $0 <= cut })
            #expect(recovery.damaged == [])
        }
    }

    @Test func `damage in the middle costs that frame alone and is named`() throws {
        let contents = contents(9)
        let whole = try segment(contents, padding: 512)
        let frames = SegmentRecovery(of: whole, framing: framing).frames
        for (index, frame) in frames.dropLast().enumerated() {
            for position in frame.content.lowerBound - SegmentFrame.headByteCount..<frame.content.upperBound {
                var bytes = whole
                bytes[position] ^= 0x41
                let recovery = SegmentRecovery(of: bytes, framing: framing)
                var expected = contents
                expected.remove(at: index)
                #expect(recovery.frames.map { Array(bytes[$0.content]) } == expected)
                #expect(recovery.damaged == [frame.content.lowerBound - SegmentFrame.headByteCount..<frame.end])
            }
        }
    }

    @Test func `a hole of zeros in the middle is damage, not an end`() throws {
        let contents = contents(9)
        var bytes = try segment(contents)
        let frames = SegmentRecovery(of: bytes, framing: framing).frames
        let hole = frames[2].content.lowerBound - SegmentFrame.headByteCount..<frames[5].end
        bytes.replaceSubrange(hole, with: repeatElement(0, count: hole.count))
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        #expect(recovery.frames.count == 5)
        #expect(recovery.damaged == [hole])
    }

    @Test func `a frame inside a damaged record is not taken for one`() throws {
        // An agent that knows the format, and not the salt, puts a frame into its own text.
        let forged = try #require(
            SegmentFraming(SegmentHeader(number: 3, created: header.created, salt: 0)).frame(
                Array("forged".utf8), kind: .record))
        let carrier = [UInt8](repeating: 65, count: 8) + forged + [UInt8](repeating: 65, count: 8)
        var bytes = try segment([carrier, [1, 2, 3]])
        bytes[SegmentHeader.byteCount] ^= 1
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        #expect(recovery.frames.map { Array(bytes[$0.content]) } == [[1, 2, 3]])
    }

    @Test func `a torn tail is counted`() throws {
        let bytes = try segment(contents(3)) + [9, 9, 9, 0, 9] + [UInt8](repeating: 0, count: 64)
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        #expect(recovery.frames.count == 3)
        #expect(recovery.tornByteCount == 5)
    }

    @Test(arguments: 0..<50)
    func `random bytes hold no frame and never trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        #expect(recovery.frames == [])
        #expect(SegmentRecovery(of: Array(bytes[..<20]), framing: framing).frames == [])
    }

    @Test func `content that is empty or too long is not framed`() {
        #expect(framing.frame([], kind: .record) == nil)
        let long = [UInt8](repeating: 1, count: RecordLimits.maximumRecordBytes + 1)
        #expect(framing.frame(long, kind: .record) == nil)
        #expect(framing.frame(Array(long.dropLast()), kind: .record) != nil)
    }
}
