import PostgresWire
import Testing
import WireBytes

@Suite struct FrameDecoderTests {
    private func decodeBackend(_ decoder: inout FrameDecoder) throws -> [BackendMessage] {
        var messages: [BackendMessage] = []
        while let frame = try decoder.peek() {
            messages.append(try BackendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body)))
            decoder.consume(frame)
        }
        return messages
    }

    @Test func `messages that come in one piece come out one by one`() throws {
        var decoder = FrameDecoder(.backend)
        let bytes = MessageSamples.backend.flatMap(\.encoded)
        decoder.append(bytes.span)
        #expect(try decodeBackend(&decoder) == MessageSamples.backend)
        #expect(decoder.buffered == 0)
    }

    @Test func `messages that drip in byte by byte come out the same`() throws {
        var decoder = FrameDecoder(.backend)
        var messages: [BackendMessage] = []
        for byte in MessageSamples.backend.flatMap(\.encoded) {
            decoder.append([byte].span)
            messages += try decodeBackend(&decoder)
        }
        #expect(messages == MessageSamples.backend)
    }

    @Test func `a length that a message claims takes room for at most as much again as has come, and gives it back`()
        throws
    {
        var decoder = FrameDecoder(.backend)
        let size = 8 << 20
        let row = BackendMessage.dataRow([[UInt8](repeating: 120, count: size)]).encoded
        let part = 64 << 10
        var start = 0
        while start < row.count {
            let end = min(start + part, row.count)
            // What comes behind the row is in the same read.
            decoder.append(
                (Array(row[start..<end]) + (end == row.count ? BackendMessage.parseComplete.encoded : [])).span)
            #expect(decoder.capacity <= max(4 * part, min(2 * end + 4 * part, row.count + 4 * part)))
            start = end
        }
        let frame = try #require(try decoder.peek())
        #expect(frame.whole.count == row.count)
        decoder.consume(frame)
        #expect(decoder.capacity < part && decoder.buffered == 5)
        #expect(try decodeBackend(&decoder) == [.parseComplete])
    }

    @Test func `frontend messages come out the same whole and in pieces`() throws {
        let bytes = MessageSamples.frontend.flatMap(\.encoded)
        for size in [1, 2, 3, 7, 64, bytes.count] {
            var decoder = FrameDecoder(.frontend)
            var messages: [FrontendMessage] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                decoder.append(Array(rest.prefix(size)).span)
                rest = rest.dropFirst(size)
                while let frame = try decoder.peek() {
                    messages.append(
                        try FrontendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body)))
                    decoder.consume(frame)
                }
            }
            #expect(messages == MessageSamples.frontend)
        }
    }

    @Test(
        arguments: [[UInt8]]([
            [0x51, 0, 0, 0, 3], [0x51, 0xFF, 0xFF, 0xFF, 0xFF], [0x51, 0x7F, 0xFF, 0xFF, 0xFF], [0x00, 0, 0, 0, 4],
            [0x54, 0, 0, 0, 4], [0x53, 0, 1, 0, 5],
        ]))
    func `a frame that cannot be, or is too long, is refused by its header`(header: [UInt8]) {
        var decoder = FrameDecoder(.frontend)
        decoder.append(header.span)
        #expect(throws: WireError.self) { try decoder.peek() }
    }

    @Test func `a row that may pass is streamed, however long, and what follows is found`() throws {
        let long = BackendMessage.dataRow([[UInt8](repeating: 120, count: 10_000)]).encoded
        let bytes = long + BackendMessage.commandComplete([65]).encoded
        var decoder = FrameDecoder(.backend)
        var passed: [UInt8] = []
        var after: [BackendMessage] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.append(Array(rest.prefix(999)).span)
            rest = rest.dropFirst(999)
            if decoder.isStreaming {
                passed += decoder.streamed() ?? []
            } else if let head = try decoder.head(), head.tag == BackendTag.dataRow.rawValue {
                passed += try decoder.beginStreaming() ?? []
            }
            after += try decodeBackend(&decoder)
        }
        #expect(passed == long)
        #expect(after == [.commandComplete([65])])
    }
}

@Suite struct StartupDecoderTests {
    private let packets: [StartupPacket] = [
        .sslRequest, .gssEncRequest, .cancel(processID: 7, secret: [1, 2, 3, 4]),
        .startup(
            major: 3, minor: 0,
            parameters: [.init(name: "user", value: "ann"), .init(name: "database", value: "")]),
        .startup(major: 2, minor: 0, parameters: []),
    ]

    @Test func `packets come out the same whole and byte by byte`() throws {
        for packet in packets {
            var whole = StartupDecoder()
            whole.append(packet.encoded.span)
            #expect(try whole.next() == packet)
            var dripped = StartupDecoder()
            for (index, byte) in packet.encoded.enumerated() {
                if index > 0 { #expect(try dripped.next() == nil) }
                dripped.append([byte].span)
            }
            #expect(try dripped.next() == packet)
        }
    }

    @Test(
        arguments: [[UInt8]]([
            [0, 0, 0, 7], [0, 0, 0x27, 0x11], [0x16, 3, 1, 2], [0, 0, 0, 9, 4, 210, 22, 47, 0],
            [0, 0, 0, 9, 0, 3, 0, 0, 65], [0, 0, 0, 12, 0, 3, 0, 0, 65, 0, 0, 255], [0xFF, 0xFF, 0xFF, 0xFF],
        ]))
    func `a packet that cannot be is refused`(bytes: [UInt8]) {
        var decoder = StartupDecoder()
        decoder.append(bytes.span)
        #expect(throws: WireError.self) { try decoder.next() }
    }
}
