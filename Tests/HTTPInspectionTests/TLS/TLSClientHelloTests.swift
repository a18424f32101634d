import HTTPInspection
import Testing

@Suite("A TLS client's hello") struct TLSClientHelloTests {
    /// What curl 8 (OpenSSL 3.0) says to www.example.org, cut after what is read.
    private static func hello(_ name: String, extensions: [UInt8] = []) -> [UInt8] {
        let list = Array(name.utf8)
        var all: [UInt8] = [0, 0] + two(list.count + 5) + two(list.count + 3) + [0] + two(list.count) + list
        all += [0, 0x2B, 0, 3, 2, 3, 4] + extensions
        var body: [UInt8] =
            [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 1, 1, 0] + two(all.count) + all
        body = [1, 0] + two(body.count) + body
        return body
    }

    private static func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
    private static func record(_ content: some Collection<UInt8>) -> [UInt8] {
        [22, 3, 1] + two(content.count) + content
    }

    @Test("tells for whom it is, in lower case, and where it ends") func name() throws {
        let bytes = Self.record(Self.hello("WWW.example.org")) + [20, 3, 3, 0, 1, 1]
        let (hello, count) = try #require(try TLSClientHello.read(bytes.span))
        #expect(hello.serverName == .name("www.example.org") && !hello.hidesAnother)
        #expect(count == bytes.count - 6)
    }

    @Test("is the same in however many records it comes, and waits for all of it") func records() throws {
        let message = Self.hello("a.example")
        for size in [1, 3, 50] {
            let bytes = stride(from: 0, to: message.count, by: size).flatMap {
                Self.record(message[$0..<min($0 + size, message.count)])
            }
            for end in 0..<bytes.count {
                #expect(try TLSClientHello.read(Array(bytes[..<end]).span) == nil)
            }
            #expect(try TLSClientHello.read(bytes.span)?.hello.serverName == .name("a.example"))
        }
    }

    @Test("with any byte changed it is read otherwise or refused, and nothing traps") func mutations() {
        let bytes = Self.record(Self.hello("a.example", extensions: [0xFE, 0x0D, 0, 1, 0]))
        for index in bytes.indices {
            for value in [0, 1, 2, 0x7F, 0xFE, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = try? TLSClientHello.read(changed.span)
            }
        }
        #expect((try? TLSClientHello.read(bytes.span))??.hello.hidesAnother == true)
    }

    @Test("a server's wish for another hello is told from its answer") func retry() {
        #expect(TLSServerAnswer.read([UInt8]([21, 3, 3, 0, 2, 2, 40]).span) == .other)
        #expect(TLSServerAnswer.read([UInt8]([22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 0xCF]).span) == nil)
        #expect(TLSServerAnswer.read([UInt8]([22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 0xCE]).span) == .other)
    }
}
