import HTTPInspection
import Testing
import WireBytes

/// Requests and answers between HTTP/2 and HTTP/1.1: what one says the other says, and what RFC 9113 has no place for is refused.
@Suite struct HTTP2TranslationTests {
    private static let get = [
        HTTP2Field(":method", "GET"), HTTP2Field(":scheme", "http"), HTTP2Field(":authority", "crm:8081"),
        HTTP2Field(":path", "/v1/a?b=c"),
    ]
    private static let post = [HTTP2Field(":method", "POST")] + get.dropFirst()

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a request becomes one of HTTP/1.1 with the authority as its Host`() throws {
        var translation = HTTP2RequestTranslation()
        var bytes: [UInt8] = []
        let kind = try translation.head(
            Self.get + [
                HTTP2Field("cookie", "a=1"), HTTP2Field("accept", "*/*"), HTTP2Field("cookie", "b=2"),
                HTTP2Field("te", "trailers"),
            ], endsStream: true, into: &bytes)
        #expect(kind == .ordinary)
        #expect(
            text(bytes)
                == "GET /v1/a?b=c HTTP/1.1\r\naccept: */*\r\nte: trailers\r\ncookie: a=1; b=2\r\nhost: crm:8081\r\n\r\n"
        )
    }

    @Test func `a body of unknown length is chunked and has its trailers`() throws {
        var translation = HTTP2RequestTranslation()
        var bytes: [UInt8] = []
        _ = try translation.head(Self.post, endsStream: false, into: &bytes)
        try translation.body(Array("hello".utf8).span, into: &bytes)
        try translation.end(trailers: [HTTP2Field("x-sum", "5")], into: &bytes)
        #expect(text(bytes).contains("Transfer-Encoding: chunked\r\n"))
        #expect(text(bytes).hasSuffix("\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n"))
    }

    @Test func `a body is as long as it says, or the request is none`() throws {
        let head = Self.post + [HTTP2Field("content-length", "5")]
        for (pieces, isWhole) in [(["hello"], true), (["he", "llo"], true), (["hell"], false), (["hello!"], false)] {
            var translation = HTTP2RequestTranslation()
            var bytes: [UInt8] = []
            _ = try translation.head(head, endsStream: false, into: &bytes)
            do {
                for piece in pieces { try translation.body(Array(piece.utf8).span, into: &bytes) }
                try translation.end(into: &bytes)
                #expect(isWhole && text(bytes).hasSuffix("\r\n\r\nhello"))
            } catch {
                #expect(!isWhole)
            }
        }
    }

    static let refused: [[HTTP2Field]] = [
        // What is missing, comes twice, is not known, or comes behind the fields.
        Array(get.dropFirst()), Array(get.dropLast()), get + [HTTP2Field(":path", "/")],
        get + [HTTP2Field(":protocol", "websocket")], get + [HTTP2Field("a", "b"), HTTP2Field(":x", "y")],
        // What belongs to a connection, or smuggles another request.
        get + [HTTP2Field("connection", "close")], get + [HTTP2Field("transfer-encoding", "chunked")],
        get + [HTTP2Field("upgrade", "h2c")], get + [HTTP2Field("te", "gzip")], get + [HTTP2Field("Accept", "*/*")],
        get + [HTTP2Field("host", "other")], get + [HTTP2Field("x", "a\r\nb: c")], get + [HTTP2Field("x y", "a")],
        get + [HTTP2Field("x", "a\0")], get + [HTTP2Field("content-length", "5")],
        get + [HTTP2Field("content-length", "0"), HTTP2Field("content-length", "0")],
        get.map { $0.name == ":path" ? HTTP2Field(":path", "/a HTTP/1.1\r\nx: y") : $0 },
        get.map { $0.name == ":path" ? HTTP2Field(":path", "http://other/") : $0 },
        get.map { $0.name == ":path" ? HTTP2Field(":path", "") : $0 },
        get.map { $0.name == ":method" ? HTTP2Field(":method", "GET /x") : $0 },
        get.map { $0.name == ":method" ? HTTP2Field(":method", "CONNECT") : $0 },
        get.map { $0.name == ":authority" ? HTTP2Field(":authority", "user@crm") : $0 },
        get.map { $0.name == ":scheme" ? HTTP2Field(":scheme", "ftp") : $0 },
        get + (0..<300).map { HTTP2Field("x-\($0)", "y") },
        get + [HTTP2Field("x", String(repeating: "a", count: 70_000))],
    ]

    @Test(arguments: refused)
    func `what is no request is refused`(section: [HTTP2Field]) {
        var translation = HTTP2RequestTranslation()
        var bytes: [UInt8] = []
        #expect(throws: HTTPError.self) { _ = try translation.head(section, endsStream: true, into: &bytes) }
    }

    @Test func `an answer becomes frames, whatever the pieces it comes in`() throws {
        let answer = Array(
            ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\nX-A: b\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n").utf8)
        for size in [1, 3, answer.count] {
            var reader = HTTP2AnswerReader(answering: .ordinary)
            var input = InputBuffer()
            var heads: [[HTTP2Field]] = []
            var body: [UInt8] = []
            var trailers: [HTTP2Field]?
            for start in stride(from: 0, to: answer.count, by: size) {
                input.append(answer[start..<min(start + size, answer.count)])
                while let part = try reader.next(in: &input) {
                    switch part {
                    case .head(let section, let endsStream):
                        #expect(!endsStream)
                        heads.append(section)
                    case .body(let range): body += input.bytes[range]
                    case .end(let section): trailers = section
                    }
                }
            }
            #expect(
                heads == [
                    [HTTP2Field(":status", "103"), HTTP2Field("link", "</a>")],
                    [HTTP2Field(":status", "200"), HTTP2Field("x-a", "b")],
                ])
            #expect(text(body) == "hello")
            #expect(trailers == [HTTP2Field("x-sum", "5")])
        }
    }

    @Test func `an answer without a body ends its stream with its head`() throws {
        for (text, kind) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", HTTPRequestKind.ordinary),
            ("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", .head), ("HTTP/1.1 304 Not Modified\r\n\r\n", .ordinary),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .ordinary),
        ] {
            var reader = HTTP2AnswerReader(answering: kind)
            var input = InputBuffer()
            input.append(text.utf8)
            guard case .head(_, endsStream: true)? = try reader.next(in: &input) else {
                Issue.record("\(text) did not end")
                continue
            }
            #expect(try reader.next(in: &input) == nil)
        }
    }

    @Test func `what a session writes for a server, and what that answers, come back as they were`() throws {
        var reader = HTTP2RequestReader(scheme: "https")
        var input = InputBuffer()
        input.append(
            ("POST /v1/a HTTP/1.1\r\nHost: crm\r\nVia: 1.1 stile\r\nContent-Length: 2\r\n\r\nok"
                + "HEAD / HTTP/1.1\r\nHost: crm\r\n\r\n").utf8)
        let head = [
            HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "https"), HTTP2Field(":path", "/v1/a"),
            HTTP2Field(":authority", "crm"), HTTP2Field("via", "1.1 stile"), HTTP2Field("content-length", "2"),
        ]
        #expect(try reader.next(in: &input) == .head(head, endsStream: false))
        guard case .body(let range)? = try reader.next(in: &input) else { throw HTTPError(.truncated, "no body") }
        #expect(text(Array(input.bytes[range])) == "ok")
        #expect(try reader.next(in: &input) == .end([]))
        guard case .head(_, endsStream: true)? = try reader.next(in: &input) else {
            throw HTTPError(.truncated, "no second head")
        }
        #expect(reader.kind == .head)

        var translation = HTTP2ResponseTranslation(answering: .ordinary)
        var bytes: [UInt8] = []
        try translation.head([HTTP2Field(":status", "200"), HTTP2Field("a", "b")], endsStream: false, into: &bytes)
        try translation.body(Array("hi".utf8).span, into: &bytes)
        try translation.end(into: &bytes)
        #expect(text(bytes) == "HTTP/1.1 200 \r\na: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
    }

    @Test(arguments: [
        [HTTP2Field(":status", "101")], [HTTP2Field(":status", "20")], [HTTP2Field("a", "b")],
        [HTTP2Field(":status", "200"), HTTP2Field("transfer-encoding", "chunked")],
        [HTTP2Field(":status", "100")], [HTTP2Field(":status", "200"), HTTP2Field("content-length", "3")],
    ])
    func `what is no answer is refused`(section: [HTTP2Field]) {
        var translation = HTTP2ResponseTranslation(answering: .ordinary)
        var bytes: [UInt8] = []
        #expect(throws: HTTPError.self) { try translation.head(section, endsStream: true, into: &bytes) }
    }

    @Test func `a connection's preface is told from everything else as soon as that can be`() {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        for count in 0..<preface.count { #expect(HTTP2Preface.read(Array(preface[..<count])) == .undecided) }
        #expect(HTTP2Preface.read(preface) == .itself)
        #expect(HTTP2Preface.read(preface + [0]) == .itself)
        for other in ["G", "PUT", "PRI * HTTP/1.1"] {
            #expect(HTTP2Preface.read(Array(other.utf8)) == .anotherProtocol)
        }
    }
}
