import Testing
import WireBytes

@testable import HTTPInspection

@Suite("Requests of HTTP/1")
struct HTTP1RequestDecoderTests {
    @Test("A request without a body is its head and its end")
    func plain() throws {
        let reading = verified(requests: "GET /a?b=c HTTP/1.1\r\nHost: api.example\r\nX-A:  b c \t\r\nx-a:\r\n\r\n")
        #expect(reading.error == nil)
        let head = try #require(reading.heads.first)
        #expect(head.method == .get)
        #expect(head.target.description == "/a?b=c")
        #expect(head.version == .http11)
        #expect(head.authority == HTTPAuthority(host: .name("api.example"), port: nil))
        #expect(head.fields.all(named: "x-a").map { String(decoding: $0, as: UTF8.self) } == ["b c", ""])
        #expect(head.keepsConnection)
        #expect(reading.events == [.request(head, .none), .end])
    }

    @Test("A body of a known length ends where it says, and the next request begins there")
    func pipelined() {
        let reading = verified(
            requests: "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                + "PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                + "\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4")
        #expect(reading.error == nil)
        #expect(reading.heads.map(\.target.description) == ["/1", "/2", "/3"])
        #expect(reading.bodies == ["hello"])
        #expect(reading.ends == 3)
        // After a request that closes the connection nothing is read.
        #expect(reading.rest == Array("GET /4".utf8))
    }

    @Test("Chunks are put together, their extensions left out, their trailers read")
    func chunks() throws {
        let reading = verified(
            requests: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5;a=\"b\"\r\nhello\r\n00A\r\n, you all!\r\n0;x\r\nX-Sum: 7\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.error == nil)
        #expect(reading.bodies == ["hello, you all!"])
        #expect(reading.events.contains(.trailers(try fields(["X-Sum": "7"]))))
        #expect(reading.ends == 2)
    }

    @Test("A body's ranges are in the input, and nothing of it is copied")
    func ranges() throws {
        var decoder = HTTP1RequestDecoder()
        var input = InputBuffer()
        input.append("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd".utf8)
        _ = try decoder.next(in: &input)
        guard case .body(let range)? = try decoder.next(in: &input) else {
            Issue.record("no body")
            return
        }
        #expect(Array(input.bytes[range]) == Array("abcd".utf8))
        #expect(try decoder.next(in: &input) == .end)
        #expect(input.isEmpty)
    }

    @Test("CONNECT hands the stream over")
    func connect() throws {
        let reading = verified(
            requests: "CONNECT db.example:443 HTTP/1.1\r\nHost: db.example:443\r\n\r\n\u{16}\u{3}\u{1}")
        #expect(reading.error == nil)
        let head = try #require(reading.heads.first)
        #expect(head.kind == .connect)
        #expect(head.authority == HTTPAuthority(host: .name("db.example"), port: 443))
        #expect(reading.rest == [0x16, 3, 1])
    }

    @Test("Who expects 100 waits for it, but in HTTP/1.0")
    func expectation() throws {
        let text = "Host: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\nx"
        #expect(verified(requests: "PUT / HTTP/1.1\r\n" + text).heads.first?.expectsContinue == true)
        #expect(verified(requests: "PUT / HTTP/1.0\r\n" + text).heads.first?.expectsContinue == false)
    }

    @Test("HTTP/1.0 keeps its connection only when asked to")
    func oldVersion() {
        #expect(verified(requests: "GET / HTTP/1.0\r\n\r\n").heads.first?.keepsConnection == false)
        #expect(
            verified(requests: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").heads.first?.keepsConnection == true)
        #expect(verified(requests: "GET / HTTP/1.0\r\n\r\n").heads.first?.authority == nil)
    }

    @Test("An error stays: nothing is read after it")
    func poisoned() throws {
        var decoder = HTTP1RequestDecoder()
        var input = InputBuffer()
        input.append("GET / HTTP/1.1\nHost: a\r\n\r\n".utf8)
        let first = #expect(throws: HTTPError.self) { try decoder.next(in: &input) }
        input.append("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let second = #expect(throws: HTTPError.self) { try decoder.next(in: &input) }
        #expect(first == second)
    }

    @Test(
        "The end of the stream within a request is an error",
        arguments: ["GET", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1"])
    func truncated(_ text: String) {
        #expect(verified(requests: text).error?.code == .truncated)
    }

    /// RFC 9112, and the ways in which its readers have differed.
    @Test("What has two readings is refused", arguments: Refusal.requests)
    func refused(_ refusal: Refusal) {
        let reading = verified(requests: refusal.text)
        #expect(reading.error?.code == refusal.code)
        #expect(reading.error?.status == refusal.status)
        #expect(reading.ends == 0)
        // Nothing of the content is in what is told of it.
        #expect(reading.error?.reason.contains("SECRET") == false)
    }
}

struct Refusal: Sendable, CustomTestStringConvertible {
    let what: String
    let text: String
    let code: HTTPError.Code
    let status: Int

    var testDescription: String { what }

    init(_ what: String, _ text: String, _ code: HTTPError.Code, _ status: Int = 400) {
        self.what = what
        self.text = text
        self.code = code
        self.status = status
    }

    /// With a request line that is fine.
    private static func fields(
        _ what: String, _ text: String, _ code: HTTPError.Code = .malformedField, _ status: Int = 400
    ) -> Refusal {
        Refusal(what, "POST / HTTP/1.1\r\nHost: a\r\n" + text + "\r\n\r\n", code, status)
    }

    private static func host(_ what: String, _ text: String) -> Refusal {
        Refusal(what, "GET / HTTP/1.1\r\n" + text + "\r\n\r\n", .malformedHost)
    }

    private static func chunks(
        _ what: String, _ text: String, _ code: HTTPError.Code = .malformedChunk, _ status: Int = 400
    )
        -> Refusal
    {
        Refusal(what, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + text, code, status)
    }

    private static func line(
        _ what: String, _ line: String, _ code: HTTPError.Code = .malformedStartLine, _ status: Int = 400
    ) -> Refusal {
        Refusal(what, line + "\r\nHost: a\r\n\r\n", code, status)
    }

    static let requests: [Refusal] = lines + heads + framings + hosts + bodies

    private static let lines: [Refusal] = [
        line("two spaces", "GET  / HTTP/1.1", .malformedTarget),
        line("a space in the target", "GET /SECRET b HTTP/1.1", .malformedTarget),
        line("a tab", "GET\t/ HTTP/1.1"), line("no version", "GET /SECRET"),
        line("HTTP/0.9", "GET / HTTP/0.9", .unsupportedVersion, 505),
        line("HTTP/2.0", "PRI * HTTP/2.0", .unsupportedVersion, 505),
        line("HTTP/1.2", "GET / HTTP/1.2", .unsupportedVersion, 505),
        line("a version in lower case", "GET / http/1.1"), line("a version of three", "GET / HTTP/1.10"),
        line("a method that is no token", "G(T / HTTP/1.1"), line("no method", " / HTTP/1.1"),
        line("a method of 33 letters", String(repeating: "A", count: 33) + " / HTTP/1.1"),
        line("a space at the end", "GET / HTTP/1.1 "), line("a NUL in the target", "GET /\0 HTTP/1.1"),
        line("a fragment", "GET /#SECRET HTTP/1.1", .malformedTarget),
        line("a target that is no path", "GET index HTTP/1.1", .malformedTarget),
        line("another scheme", "GET ftp://a/ HTTP/1.1", .malformedTarget),
        line("an asterisk", "GET * HTTP/1.1", .malformedTarget),
        line("CONNECT to a path", "CONNECT /a HTTP/1.1", .malformedHost),
        line("CONNECT without a port", "CONNECT a HTTP/1.1", .malformedTarget),
        line("a long target", "GET /" + String(repeating: "a", count: 16 << 10) + " HTTP/1.1", .oversizedTarget, 414),
        line("a target without end", "GET /" + String(repeating: "a", count: 65 << 10), .oversizedTarget, 414),
        Refusal("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
        Refusal("an LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
        Refusal("a CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
        Refusal("a bare LF in the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .malformedStartLine),
        Refusal("a CR in the request line", "GET /\rSECRET HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
    ]

    private static let heads: [Refusal] = [
        fields("a fold", "X: a\r\n SECRET"), fields("a fold of the first field", "\tX: a"),
        fields("a space before the colon", "X : a"),
        fields("a bare LF", "X: a\nY: b"), fields("a CR in a value", "X: a\rb"), fields("a NUL in a value", "X: a\0b"),
        fields("a control character in a value", "X: a\u{1}b"), fields("DEL in a value", "X: a\u{7F}b"),
        fields("no colon", "SECRET"), fields("no name", ": a"), fields("a name that is no token", "X(: a"),
        fields("a name of letters that are not ASCII", "Xé: a"),
        fields("a name of 257 bytes", String(repeating: "x", count: 257) + ": a"),
        fields("201 fields", (0..<200).map { "X\($0): a" }.joined(separator: "\r\n"), .oversizedHead, 431),
        fields(
            "70 KB of fields",
            (0..<70).map { "X\($0): " + String(repeating: "a", count: 1_000) }.joined(separator: "\r\n"),
            .oversizedHead, 431),
        fields("another expectation", "Expect: 200-ok", .unsupportedExpectation, 417),
        fields("two expectations", "Expect: 100-continue\r\nExpect: 100-continue", .unsupportedExpectation, 417),
        fields("a Connection that is no list", "Connection: a b"),
        fields("a Connection that names Host", "Connection: close, Host"),
        fields("a Connection that names Content-Length", "Content-Length: 0\r\nConnection: content-length"),
        fields("a Connection that names Authorization", "Connection: keep-alive\r\nConnection: Authorization"),
    ]

    private static let framings: [Refusal] = [
        fields("two lengths", "Content-Length: 1\r\nContent-Length: 2", .ambiguousFraming),
        fields("two equal lengths", "Content-Length: 1\r\ncontent-length: 1", .ambiguousFraming),
        fields("a list of lengths", "Content-Length: 1, 1", .ambiguousFraming),
        fields("an empty length", "Content-Length:", .ambiguousFraming),
        fields("a signed length", "Content-Length: +1", .ambiguousFraming),
        fields("a negative length", "Content-Length: -1", .ambiguousFraming),
        fields("a hexadecimal length", "Content-Length: 0x1", .ambiguousFraming),
        fields("a length of 64 bits", "Content-Length: 9223372036854775808", .ambiguousFraming),
        fields("a length of 20 digits", "Content-Length: 00000000000000000001", .ambiguousFraming),
        fields("CL.TE", "Content-Length: 4\r\nTransfer-Encoding: chunked", .ambiguousFraming),
        fields("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4", .ambiguousFraming),
        fields(
            "two codings in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .ambiguousFraming),
        fields("identity", "Transfer-Encoding: identity", .unsupportedTransferCoding, 501),
        fields("gzip", "Transfer-Encoding: gzip, chunked", .unsupportedTransferCoding, 501),
        fields("chunked twice", "Transfer-Encoding: chunked, chunked", .unsupportedTransferCoding, 501),
        fields("chunked with a parameter", "Transfer-Encoding: chunked;a=b", .unsupportedTransferCoding, 501),
        fields("xchunked", "Transfer-Encoding: xchunked", .unsupportedTransferCoding, 501),
        fields("chunked in quotes", "Transfer-Encoding: \"chunked\"", .unsupportedTransferCoding, 501),
        fields("an empty coding", "Transfer-Encoding:", .unsupportedTransferCoding, 501),
        fields("a vertical tab before chunked", "Transfer-Encoding: \u{B}chunked"),
        Refusal(
            "a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .ambiguousFraming),
        Refusal("TRACE with a body", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", .ambiguousFraming),
        Refusal(
            "CONNECT with a body", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\nx", .ambiguousFraming),
    ]

    private static let hosts: [Refusal] = [
        host("no Host", "X: a"), host("two Hosts", "Host: a\r\nHost: a"), host("an empty Host", "Host:"),
        host("a Host with user information", "Host: a@b"), host("a Host with a path", "Host: a/b"),
        host("a Host with a space", "Host: a b"), host("a list of Hosts", "Host: a, b"),
        host("a Host with a percent sign", "Host: a%00.b"),
        host("a Host with letters that are not ASCII", "Host: bücher.example"),
        host("a Host with a port that is none", "Host: a:http"), host("a Host with an empty port", "Host: a:"),
        host("a Host with port 65536", "Host: a:65536"),
        host("a Host of 300 bytes", "Host: " + String(repeating: "a.", count: 150) + "b"),
        Refusal("a Host that is not the target's", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", .malformedHost),
        Refusal("a port that is not the target's", "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n", .malformedHost),
        Refusal("a Host that is not CONNECT's", "CONNECT a:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", .malformedHost),
        Refusal("a target with user information", "GET http://u:SECRET@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedHost),
    ]

    private static let bodies: [Refusal] = [
        chunks("a size with a prefix", "0x5\r\nhello\r\n"), chunks("a size with a sign", "+5\r\nhello\r\n"),
        chunks("a size with a space", "5 \r\nhello\r\n"), chunks("a size with a space before", " 5\r\nhello\r\n"),
        chunks("no size", "\r\nhello\r\n"), chunks("a size that is no number", "SECRET\r\n"),
        chunks("a size of 17 digits", "00000000000000005\r\nhello\r\n"),
        chunks("a size of 64 bits", "8000000000000000\r\n"),
        chunks("an extension after a space", "5 ;a\r\nhello\r\n"), chunks("a bare LF behind a size", "5\nhello\r\n"),
        chunks("a bare LF in an extension", "5;a\nhello\r\n"), chunks("a CR in an extension", "5;a\rb\r\nhello\r\n"),
        chunks("a chunk that is longer than it says", "5\r\nhello!\r\n0\r\n\r\n"),
        chunks("a chunk that ends in an LF", "5\r\nhello\n0\r\n\r\n"),
        chunks(
            "an extension of 300 bytes", "5;" + String(repeating: "a", count: 300) + "\r\nhello\r\n",
            .oversizedChunkExtensions),
        chunks(
            "many extensions", String(repeating: "1;" + String(repeating: "a", count: 250) + "\r\nx\r\n", count: 70),
            .oversizedChunkExtensions),
        chunks("a bare LF in a trailer", "0\r\nX: a\n\r\n", .malformedField),
        chunks("a fold in a trailer", "0\r\nX: a\r\n b\r\n\r\n", .malformedField),
        chunks("a trailer that frames", "0\r\nContent-Length: 1\r\n\r\n", .forbiddenTrailer),
        chunks("a trailer that routes", "0\r\nHost: b\r\n\r\n", .forbiddenTrailer),
        chunks("a trailer that authenticates", "0\r\nAuthorization: Bearer SECRET\r\n\r\n", .forbiddenTrailer),
        chunks("201 trailers", "0\r\n" + (0...200).map { "X\($0): a\r\n" }.joined() + "\r\n", .oversizedTrailers, 431),
        chunks(
            "70 KB of trailers", "0\r\nX: " + String(repeating: "a", count: 70 << 10) + "\r\n\r\n", .oversizedTrailers,
            431),
    ]
}
