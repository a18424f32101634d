import PostgresWire
import Testing
import WireBytes

@Suite struct MessageTests {
    @Test(arguments: MessageSamples.frontend)
    func `a frontend message survives its encoding`(message: FrontendMessage) throws {
        let bytes = message.encoded
        #expect(try FrontendMessage(tag: bytes[0], body: ByteReader(bytes, in: 5..<bytes.count)) == message)
    }

    @Test(arguments: MessageSamples.backend)
    func `a backend message survives its encoding`(message: BackendMessage) throws {
        let bytes = message.encoded
        #expect(try BackendMessage(tag: bytes[0], body: ByteReader(bytes, in: 5..<bytes.count)) == message)
    }

    @Test(arguments: MessageSamples.frontend)
    func `a frontend message that goes on after its end is refused`(message: FrontendMessage) throws {
        switch message {
        case .functionCall, .copyData, .password: return  // whatever follows is content
        default:
            let bytes = message.encoded + [0]
            #expect(throws: WireError.self) {
                try FrontendMessage(tag: bytes[0], body: ByteReader(bytes, in: 5..<bytes.count))
            }
        }
    }

    @Test func `random bodies are decoded or refused, and never trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let body = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Bool.random() ? UInt8.random(in: 0...3) : UInt8.random(in: 0...255)
            }
            let tag = UInt8.random(in: 0...255, using: &random)
            _ = try? FrontendMessage(tag: tag, body: ByteReader(body))
            _ = try? BackendMessage(tag: tag, body: ByteReader(body))
            if var row = try? DataRowReader(ByteReader(body)) {
                while let value = try? row.next() { _ = value }
            }
        }
    }

    @Test func `mutated messages are decoded or refused, and never trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            for message in MessageSamples.backend {
                var bytes = message.encoded
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
                var decoder = FrameDecoder(.backend)
                decoder.append(bytes.span)
                if let frame = try? decoder.peek() {
                    _ = try? BackendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
                }
            }
        }
    }

    @Test func `a row's values are read where they lie`() throws {
        let bytes = BackendMessage.dataRow([[49, 50], nil, []]).encoded
        var row = try DataRowReader(ByteReader(bytes, in: 5..<bytes.count))
        #expect(row.columnCount == 3)
        #expect(try row.next() == .some(.some(11..<13)))
        #expect(try row.next() == .some(.none))
        #expect(try row.next() == .some(.some(21..<21)))
        #expect(try row.next() == nil)
    }
}
