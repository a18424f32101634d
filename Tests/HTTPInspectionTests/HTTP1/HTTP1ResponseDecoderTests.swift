import Testing
import WireBytes

@testable import HTTPInspection

@Suite("Responses of HTTP/1")
struct HTTP1ResponseDecoderTests {
    private func framings(_ reading: Reading) -> [HTTPBodyFraming] {
        reading.events.compactMap { if case .response(_, let framing) = $0 { framing } else { nil } }
    }

    @Test("Responses come in the order of their requests")
    func several() {
        let reading = verified(
            responses: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
                + "HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n"
                + "HTTP/1.1 204 \r\n\r\n", to: [.ordinary, .ordinary, .ordinary])
        #expect(reading.error == nil)
        #expect(reading.bodies == ["ab", "c"])
        #expect(framings(reading) == [.length(2), .chunked, .none])
        #expect(reading.ends == 3)
    }

    @Test("What comes before the response is not the response")
    func interim() {
        let reading = verified(
            responses: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(reading.error == nil)
        #expect(reading.events.count == 4)
        #expect(framings(reading) == [.length(0)])
    }

    @Test("A response to HEAD and one of 304 have no body, whatever they say")
    func bodiless() {
        let reading = verified(
            responses:
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", to: [.head, .ordinary, .head])
        #expect(reading.error == nil)
        #expect(framings(reading) == [.none, .none, .none])
        #expect(reading.ends == 3)
    }

    @Test("A body without a length ends with the connection, and only there")
    func untilClose() {
        let reading = verified(responses: "HTTP/1.0 200 OK\r\n\r\nabc\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        #expect(reading.error == nil)
        #expect(reading.bodies == ["abc\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"])
        #expect(reading.ends == 1)
    }

    @Test("After a switch of protocols the stream is the other's")
    func switching() {
        let upgraded = verified(
            responses:
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{1}\u{2}",
            to: [.upgrade])
        #expect(upgraded.error == nil)
        #expect(upgraded.rest == [1, 2])
        let tunnel = verified(responses: "HTTP/1.1 200 Connection established\r\n\r\n\u{16}", to: [.connect])
        #expect(tunnel.rest == [0x16])
        let refused = verified(responses: "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", to: [.connect])
        #expect(refused.bodies == ["no"])
    }

    @Test("A connection is free when all is answered and nobody ends it")
    func reuse() throws {
        var decoder = HTTP1ResponseDecoder()
        var input = InputBuffer()
        #expect(decoder.isReusable)
        decoder.expect(.ordinary)
        #expect(!decoder.isReusable)
        input.append("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        while try decoder.next(in: &input) != nil {}
        #expect(!decoder.isReusable)
        input.append("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".utf8)
        while try decoder.next(in: &input) != nil {}
        #expect(decoder.isReusable && decoder.unanswered == 0)
        decoder.expect(.ordinary)
        input.append("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nxHTTP/1.1 200 OK\r\n".utf8)
        while try decoder.next(in: &input) != nil {}
        #expect(!decoder.isReusable)
    }

    @Test("What has two readings, and what has no place, is refused", arguments: refusals)
    func refused(_ refusal: Refusal) {
        let reading = verified(responses: refusal.text)
        #expect(reading.error?.code == refusal.code)
        #expect(reading.ends == 0)
    }

    private static let refusals: [Refusal] = [
        Refusal("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", .malformedStartLine),
        Refusal("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", .malformedStartLine),
        Refusal("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", .malformedStartLine),
        Refusal("another protocol", "ICY 200 OK.........\r\n\r\n", .malformedStartLine),
        Refusal("HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
        Refusal("a bare LF", "HTTP/1.1 200 OK\n\n", .malformedStartLine),
        Refusal("a control character in the reason", "HTTP/1.1 200 O\u{1}K\r\n\r\n", .malformedStartLine),
        Refusal("a fold", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .malformedField),
        Refusal("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", .ambiguousFraming),
        Refusal(
            "a length beside chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .ambiguousFraming),
        Refusal("chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousFraming),
        Refusal("gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferCoding),
        Refusal("204 with a length", "HTTP/1.1 204 OK\r\nContent-Length: 1\r\n\r\nx", .ambiguousFraming),
        Refusal("204 with chunks", "HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousFraming),
        Refusal("100 with a length", "HTTP/1.1 100 OK\r\nContent-Length: 1\r\n\r\nx", .ambiguousFraming),
        Refusal("101 that nobody asked for", "HTTP/1.1 101 OK\r\nUpgrade: h2c\r\n\r\n", .unexpected),
        Refusal("17 interim responses", String(repeating: "HTTP/1.1 102 P\r\n\r\n", count: 17), .unexpected),
        Refusal("a body that ends early", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", .truncated),
        Refusal("chunks that end early", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", .truncated),
        Refusal("no response", "", .truncated),
    ]

    @Test("A response to no request ends the connection")
    func unasked() {
        let reading = verified(
            responses: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        #expect(reading.ends == 1)
        #expect(reading.error?.code == .unexpected)
    }
}
