import Testing

@testable import HTTPInspection

@Suite("What is passed on")
struct ForwardedHeadTests {
    private func request(
        _ pairs: KeyValuePairs<String, String>, _ target: String = "/a", version: HTTPVersion = .http11
    ) throws -> HTTPRequestHead {
        try HTTPRequestHead(
            method: .get, target: HTTPTarget(target.utf8, for: .get), version: version, fields: fields(pairs))
    }

    @Test("The connection's fields, those that it names and what authenticates to a proxy are gone")
    func hopByHop() throws {
        let head = try request([
            "Host": "a", "Connection": "X-Hop, keep-alive", "Keep-Alive": "5", "X-Hop": "1", "x-hop": "2",
            "Proxy-Connection": "close",
            "Proxy-Authorization": "Basic x", "TE": "gzip;q=0.5", "Transfer-Encoding": "chunked", "Upgrade": "h2c",
            "HTTP2-Settings": "x",
            "connection": "HTTP2-Settings", "Authorization": "Bearer x", "X-End": "3", "Accept": "*/*",
        ])
        let forwarded = try ForwardedHead.request(head)
        #expect(
            forwarded.fields == (try fields(["Host": "a", "Authorization": "Bearer x", "X-End": "3", "Accept": "*/*"])))
        #expect(forwarded.connection == [])
    }

    @Test("A request to a proxy goes on with its path alone, and with the host that was judged")
    func absolute() throws {
        let forwarded = try ForwardedHead.request(
            request(["Host": "A.example:80"], "http://A.EXAMPLE./x?y", version: .http10))
        #expect(forwarded.target.description == "/x?y")
        #expect(forwarded.version == .http11)
        #expect(forwarded.fields.text("host") == "a.example")
        let named = try ForwardedHead.request(
            request(["Host": "localhost:8081"]), authority: HTTPAuthority(host: .name("api.internal"), port: nil))
        #expect(named.fields.text("host") == "api.internal")
        let decimal = try ForwardedHead.request(request(["Host": "2130706433"]))
        #expect(decimal.fields.text("host") == "127.0.0.1")
    }

    @Test("Without a host nothing is passed on")
    func hostless() throws {
        let head = try request([:], version: .http10)
        #expect(throws: HTTPError.self) { try ForwardedHead.request(head) }
    }

    @Test("Who takes trailers is said to, and a switch of protocols goes on only where it is allowed")
    func kept() throws {
        let head = try request([
            "Host": "a", "TE": "trailers, deflate", "Connection": "TE, Upgrade", "Upgrade": "websocket",
        ])
        let plain = try ForwardedHead.request(head)
        #expect(plain.fields == (try fields(["Host": "a", "TE": "trailers", "Connection": "TE"])))
        let upgraded = try ForwardedHead.request(head, upgrade: .allowed("websocket"), closes: true)
        #expect(upgraded.fields.text("connection") == "TE, Upgrade, close")
        #expect(upgraded.fields.text("upgrade") == "websocket")
        #expect(upgraded.kind == .upgrade)
        #expect(throws: HTTPError.self) { try ForwardedHead.request(head, upgrade: .allowed("a\r\nb")) }
    }

    @Test("A response loses what is its connection's; the length of a body that is not sent stays")
    func responses() throws {
        let head = try HTTPResponseHead(
            status: 200, reason: "OK".utf8, version: .http10,
            fields: fields([
                "Connection": "X-Hop", "X-Hop": "1", "Proxy-Authenticate": "Basic", "Content-Length": "5", "ETag": "x",
                "Trailer": "X-T",
            ]))
        let forwarded = try ForwardedHead.response(head, answering: .ordinary)
        #expect(forwarded.fields == (try fields(["ETag": "x", "Trailer": "X-T"])))
        let toHead = try ForwardedHead.response(head, answering: .head, closes: true)
        #expect(toHead.fields.text("content-length") == "5")
        #expect(toHead.connection == .close)
        #expect(toHead.version == .http11)
    }
}
