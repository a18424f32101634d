import Testing
import WireBytes

@Suite struct ByteReaderTests {
    @Test func `integers are read as they were written`() throws {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt8(7))
        bytes.appendBigEndian(Int16(-2))
        bytes.appendBigEndian(UInt32(0xDEAD_BEEF))
        bytes.appendBigEndian(Int64.min)
        var reader = ByteReader(bytes)
        #expect(try reader.uint8() == 7)
        #expect(try reader.int16() == -2)
        #expect(try reader.uint32() == 0xDEAD_BEEF)
        #expect(try reader.int64() == .min)
        try reader.finish()
    }

    @Test func `a read past the end throws and moves nothing`() throws {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: WireError.self) { try reader.uint32() }
        #expect(reader.remaining == 3)
        #expect(throws: WireError.self) { try reader.range(-1) }
        #expect(throws: WireError.self) { try reader.range(.max) }
    }

    @Test func `a part of an array is not left, whatever range was asked for`() throws {
        var reader = ByteReader([1, 2, 3], in: 1..<99)
        #expect(try reader.uint16() == 0x0203)
        #expect(reader.remaining == 0)
    }

    @Test func `a string ends at its NUL and needs one`() throws {
        var reader = ByteReader([97, 0, 98])
        #expect(try reader.terminated() == [97])
        #expect(throws: WireError.self) { try reader.terminated() }
    }

    @Test func `what is left over is an error`() {
        let reader = ByteReader([1])
        #expect(throws: WireError.self) { try reader.finish() }
    }

    @Test func `a NUL within a string that is written ends it`() {
        var bytes: [UInt8] = []
        bytes.appendTerminated([97, 0, 98])
        #expect(bytes == [97, 0])
    }

    @Test func `a length is put only where there is room for it`() {
        var bytes: [UInt8] = [0, 0, 0, 0, 9]
        bytes.replaceBigEndian(258, at: 0)
        #expect(bytes == [0, 0, 1, 2, 9])
        bytes.replaceBigEndian(.max, at: 2)
        #expect(bytes == [0, 0, 1, 2, 9])
    }
}

@Suite struct InputBufferTests {
    @Test func `bytes come out in the order in which they went in, however they are cut`() {
        var random = SystemRandomNumberGenerator()
        var buffer = InputBuffer()
        var written: [UInt8] = []
        var read: [UInt8] = []
        for _ in 0..<500 {
            let part = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255) }
            buffer.append(part.span)
            written += part
            let count = Int.random(in: 0...50, using: &random)
            read += buffer.bytes[buffer.range].prefix(count)
            buffer.consume(count)
        }
        read += buffer.bytes[buffer.range]
        #expect(read == written)
    }
}
