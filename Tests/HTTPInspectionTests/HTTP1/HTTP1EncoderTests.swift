import Testing

@testable import HTTPInspection

@Suite("Writing HTTP/1")
struct HTTP1EncoderTests {
    private func request(
        _ method: HTTPMethod = .post, _ target: String = "/a", _ pairs: KeyValuePairs<String, String> = ["Host": "a"]
    ) throws -> HTTPRequestHead {
        try HTTPRequestHead(
            method: method, target: HTTPTarget(target.utf8, for: method), fields: fields(pairs))
    }

    private func response(_ status: Int, _ pairs: KeyValuePairs<String, String> = [:]) throws -> HTTPResponseHead {
        try HTTPResponseHead(status: status, reason: "OK".utf8, fields: fields(pairs))
    }

    @Test("The framing is the encoder's, whatever the fields say")
    func framing() throws {
        let head = try request(
            .post, "/a", ["Host": "a", "Content-Length": "7", "Transfer-Encoding": "gzip", "x-y": "z"])
        var output: [UInt8] = []
        var encoder = HTTP1Encoder()
        try encoder.head(head, .chunked, into: &output)
        try encoder.body(Array("hello".utf8).span, into: &output)
        try encoder.body([UInt8]().span, into: &output)
        try encoder.body([UInt8](repeating: 65, count: 16).span, into: &output)
        try encoder.end(trailers: fields(["X-Sum": "1", "Content-Length": "5"]), into: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "POST /a HTTP/1.1\r\nHost: a\r\nx-y: z\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                + "10\r\nAAAAAAAAAAAAAAAA\r\n0\r\nX-Sum: 1\r\n\r\n")
    }

    @Test("A body is as long as its head says, or the message fails")
    func lengths() throws {
        var output: [UInt8] = []
        var short = HTTP1Encoder()
        try short.head(request(), .length(3), into: &output)
        try short.body([1, 2].span, into: &output)
        #expect(!short.isComplete)
        #expect(throws: HTTPError.self) { try short.end(into: &output) }
        var long = HTTP1Encoder()
        try long.head(request(), .length(3), into: &output)
        #expect(throws: HTTPError.self) { try long.body([1, 2, 3, 4].span, into: &output) }
        var none = HTTP1Encoder()
        try none.head(request(.get), .none, into: &output)
        #expect(none.isComplete)
        #expect(throws: HTTPError.self) { try none.body([1].span, into: &output) }
        #expect(throws: HTTPError.self) { try none.head(request(), .none, into: &output) }
    }

    @Test("A request's body cannot end with the connection")
    func requestUntilClose() throws {
        var encoder = HTTP1Encoder()
        var output: [UInt8] = []
        let head = try request()
        #expect(throws: HTTPError.self) { try encoder.head(head, .untilClose, into: &output) }
        #expect(output.isEmpty)
    }

    @Test("A client of HTTP/1.0 gets no chunks, and is told that the connection ends")
    func oldClient() throws {
        var encoder = HTTP1Encoder()
        var output: [UInt8] = []
        try encoder.head(
            response(200, ["Connection": "keep-alive"]), .chunked, answering: .ordinary, version: .http10, into: &output
        )
        try encoder.body([65].span, into: &output)
        try encoder.end(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nA")
    }

    @Test("A response that has no body is written without one, and the length it speaks of stays")
    func bodiless() throws {
        var output: [UInt8] = []
        var head = HTTP1Encoder()
        try head.head(response(200, ["Content-Length": "9"]), .none, answering: .head, into: &output)
        try head.end(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        output = []
        var empty = HTTP1Encoder()
        try empty.head(response(200), .none, answering: .ordinary, into: &output)
        try empty.end(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        var noContent = HTTP1Encoder()
        #expect(throws: HTTPError.self) {
            try noContent.head(self.response(204), .length(3), answering: .ordinary, into: &output)
        }
    }

    @Test("After an interim response comes the response")
    func interim() throws {
        var encoder = HTTP1Encoder()
        var output: [UInt8] = []
        try encoder.head(response(100), .none, answering: .ordinary, into: &output)
        try encoder.head(response(200), .length(0), answering: .ordinary, into: &output)
        try encoder.end(into: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 100 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("No value brings a line's end with it", arguments: ["a\r\nX: b", "a\nb", "a\rb", "a\0b"])
    func injection(_ value: String) throws {
        var fields = HTTPFields()
        #expect(throws: HTTPError.self) { try fields.append("X", value) }
        #expect(throws: HTTPError.self) { try fields.replace("X", with: value) }
        #expect(throws: HTTPError.self) { try fields.append(value, "a") }
        #expect(throws: HTTPError.self) { try HTTPResponseHead(status: 200, reason: value.utf8, fields: HTTPFields()) }
        #expect(throws: HTTPError.self) { try HTTPTarget("/\(value)".utf8, for: .get) }
        #expect(throws: HTTPError.self) { try HTTPMethod(value.utf8) }
        #expect(fields.isEmpty)
    }
}
