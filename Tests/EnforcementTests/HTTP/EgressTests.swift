import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

@Suite("A session of a forward proxy") struct EgressTests {
    static let rules = """
        classifications: { people: { detectors: [us-ssn, credit-card] } }
        rules:
          - { name: api, allow: [select, call], on: [crm], to: { groups: [support] }, where: { hosts: [api.example], paths: ['/v1/**'] } }
          - { name: odd-port, allow: [select], on: [crm], to: { groups: [support] }, where: { hosts: [odd.example], ports: [8443] } }
          - { name: packages, allow: ['*'], on: [crm], to: { groups: [support] }, where: { hosts: [pypi.example] }, vouch: { features: [tunnel] } }
          - { name: inside, allow: [select], on: [crm], to: { groups: [support] }, where: { hosts: [in.example, 127.0.0.1, 169.254.169.254] }, vouch: { features: [privateAddress] } }
          - { name: no-drop, deny: ['*'], on: [crm], to: { groups: [support] }, where: { hosts: [drop.example] } }
          - { name: drop, allow: ['*'], on: [crm], to: { groups: [support] }, where: { hosts: ['drop.*'] } }
        """
    private static let publicAddress = IPAddress.v4(IPv4Address(93, 184, 215, 14))
    /// `any:good`.
    private static let auth = "Proxy-Authorization: Basic YW55Omdvb2Q=\r\n"

    static func harness(_ rest: String = rules) throws -> HTTPHarness {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(rest, resource: "protocol: egress, listen: '127.0.0.1:8081'"), isEgress: true
        )
        for name in ["api.example", "odd.example", "pypi.example", "drop.example"] {
            harness.addresses[name] = [publicAddress]
        }
        return harness
    }

    private func connect(_ harness: HTTPHarness, _ place: String) -> String {
        harness.send("CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n\(Self.auth)\r\n")
        return harness.take()
    }

    // MARK: Requests that say where they go

    @Test("a request goes where it says, with the agent's own Authorization and without what is for the proxy")
    func absolute()
        throws
    {
        let harness = try Self.harness()
        harness.send(
            "GET http://api.example/v1/a?x=1 HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer for-the-api\r\n\(Self.auth)\r\n"
        )
        #expect(harness.resolves == ["api.example"])
        #expect(
            harness.routes == [
                HTTPRoute(
                    destination: .init(host: .name("api.example"), port: 80, isEncrypted: false),
                    addresses: [Self.publicAddress], kind: .plain)
            ])
        let sent = harness.takeUpstream()
        #expect(sent.hasPrefix("GET /v1/a?x=1 HTTP/1.1\r\n"))
        #expect(sent.contains("Host: api.example\r\n") && sent.contains("Authorization: Bearer for-the-api\r\n"))
        #expect(!sent.contains("YW55Omdvb2Q") && !sent.contains("Proxy-"))
        harness.answer("HTTP/1.1 302 Found\r\nLocation: http://api.example/v1/b\r\nContent-Length: 0\r\n\r\n")
        // Whoever follows it comes here again by itself.
        #expect(harness.take().contains("Location: http://api.example/v1/b\r\n"))
        #expect(harness.judged.map(\.text) == ["GET http://api.example/v1/a?x=1"])
        #expect(harness.judged.first?.objects == ["api.example/v1/a"])
    }

    @Test("a connection is used again for the same place, and for no other") func links() throws {
        let harness = try Self.harness(
            "rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] } }]")
        harness.addresses["b.example"] = [Self.publicAddress]
        for (host, connects) in [("api.example", 1), ("api.example", 1), ("b.example", 2), ("api.example", 3)] {
            let got = harness.exchange(
                "GET http://\(host)/ HTTP/1.1\r\nHost: \(host)\r\n\(Self.auth)\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(got.hasSuffix("ok"), "\(got)")
            #expect(harness.routes.count == connects)
            #expect(harness.takeUpstream().contains("Host: \(host)\r\n"))
        }
        #expect(harness.upstreamCloses == 2)
    }

    @Test(
        "what no rule allows is refused, and no name is asked for",
        arguments: [
            "http://other.example/v1/a", "http://api.example/v2/a", "http://api.example:8080/v1/a",
            "http://odd.example/", "http://drop.example/", "http://2130706434/v1/a", "http://0x7f.2/",
            "http://[::ffff:127.0.0.2]/", "http://127.0.0.2./",
        ]) func denied(target: String) throws
    {
        let harness = try Self.harness()
        let host = target.dropFirst(7).prefix { $0 != "/" }
        harness.send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(Self.auth)\r\n")
        let got = harness.take()
        #expect(got.hasPrefix("HTTP/1.1 403") || got.hasPrefix("HTTP/1.1 400"), "\(got)")
        #expect(harness.resolves.isEmpty && harness.routes.isEmpty)
        #expect(harness.order.contains("judged deny"))
    }

    @Test(
        "a host in odd letters is no host",
        arguments: [
            "a\u{0}b", "api.example\u{0}.evil", "äpi.example", "api%2eexample", "a..b", "api_example@evil",
            "api.example:80:80",
        ])
    func oddHosts(host: String) throws {
        let harness = try Self.harness()
        harness.send("GET http://\(host)/v1/a HTTP/1.1\r\nHost: \(host)\r\n\(Self.auth)\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 4"))
        #expect(harness.resolves.isEmpty && harness.routes.isEmpty)
    }

    @Test("a dot at a host's end changes nothing, and an address in numbers is the address") func canonicalHosts()
        throws
    {
        let harness = try Self.harness()
        harness.send("GET http://API.example./v1/a HTTP/1.1\r\nHost: api.example\r\n\(Self.auth)\r\n")
        #expect(harness.resolves == ["api.example"])
        harness.answer("HTTP/1.1 204 No Content\r\n\r\n")
        // Policy vouches for it by its usual form.
        harness.send("GET http://2130706433/ HTTP/1.1\r\nHost: 2130706433\r\n\(Self.auth)\r\n")
        #expect(harness.routes.last?.addresses == [.v4(IPv4Address(127, 0, 0, 1))])
        #expect(harness.takeUpstream().contains("Host: 127.0.0.1\r\n"))
    }

    @Test("a path alone is no request to a proxy, and whoever has no token is told by the proxy's own status")
    func misdirected()
        throws
    {
        let harness = try Self.harness()
        harness.send("GET /v1/a HTTP/1.1\r\nHost: api.example\r\n\(Self.auth)\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 400"))
        let other = try Self.harness()
        other.send("GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n\r\n")
        let got = other.take()
        #expect(got.hasPrefix("HTTP/1.1 407") && got.contains("Proxy-Authenticate: Basic"))
        #expect(other.isClientClosed && other.order.first == "opened")
    }

    @Test("the agent's token does not go on, in whatever field") func token() throws {
        for field in ["Authorization: Bearer good", "Authorization: Basic YW55Omdvb2Q=", "X-Note: is good"] {
            let harness = try Self.harness()
            harness.send("GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\n\(Self.auth)\(field)\r\n\r\n")
            #expect(harness.take().hasPrefix("HTTP/1.1 403"), "\(field)")
            #expect(harness.routes.isEmpty)
        }
    }

    // MARK: Addresses

    @Test("a name that stands for an address of one's own is refused unless policy vouches for it") func rebinding()
        throws
    {
        let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))
        for addresses in [
            [loopback], [Self.publicAddress, loopback], [IPAddress("fd00::1")!], [IPAddress("::ffff:10.0.0.1")!],
        ] {
            let harness = try Self.harness()
            harness.addresses["api.example"] = addresses
            harness.send("GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\n\(Self.auth)\r\n")
            #expect(harness.take().hasPrefix("HTTP/1.1 403"))
            #expect(harness.routes.isEmpty)
            #expect(harness.judged.last?.features.contains("privateAddress") == true)
        }
        let vouched = try Self.harness()
        vouched.addresses["in.example"] = [loopback]
        vouched.send("GET http://in.example/ HTTP/1.1\r\nHost: in.example\r\n\(Self.auth)\r\n")
        #expect(vouched.routes.map(\.addresses) == [[loopback]])
    }

    @Test("a name never stands for the metadata service; where that is meant, its address is written") func metadata()
        throws
    {
        let address = IPAddress.v4(IPv4Address(169, 254, 169, 254))
        let harness = try Self.harness()
        harness.addresses["in.example"] = [address]
        harness.send("GET http://in.example/ HTTP/1.1\r\nHost: in.example\r\n\(Self.auth)\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 403") && harness.routes.isEmpty)
        harness.send("GET http://169.254.169.254/ HTTP/1.1\r\nHost: 169.254.169.254\r\n\(Self.auth)\r\n")
        #expect(harness.routes.map(\.addresses) == [[address]])
    }

    @Test("a name that does not resolve, and a host that does not answer, are 502 with a reason in the record")
    func unreachable()
        throws
    {
        let harness = try Self.harness()
        harness.addresses["api.example"] = nil
        harness.send("GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\n\(Self.auth)\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 502"))
        #expect(harness.completed.last?.refused.contains("no such name") == true)
    }

    // MARK: What goes out

    @Test(
        "what policy classifies goes out in no part of a request",
        arguments: [
            "GET http://api.example/v1/283-68-4467 HTTP/1.1\r\nHost: api.example\r\nPROXY\r\n",
            "GET http://api.example/v1/a?q=283-68-4467 HTTP/1.1\r\nHost: api.example\r\nPROXY\r\n",
            "GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nX-A: 283-68-4467\r\nPROXY\r\n",
            "GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer 283-68-4467\r\nPROXY\r\n",
            // x:283-68-4467
            "GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAuthorization: Basic eDoyODMtNjgtNDQ2Nw==\r\nPROXY\r\n",
            "POST http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nContent-Type: text/plain\r\nPROXYContent-Length: 11\r\n\r\n283-68-4467",
        ]) func outbound(request: String) throws
    {
        let harness = try Self.harness()
        harness.send(request.replacing("PROXY", with: Self.auth))
        #expect(harness.take().hasPrefix("HTTP/1.1 403"))
        #expect(harness.takeUpstream().isEmpty)
        #expect(
            !harness.judged.contains { $0.text.contains("283-68") || $0.parameters.contains { $0.contains("283") } })
    }

    @Test("a host's name carries nothing out, and is not even asked for") func hostAsCarrier() throws {
        let harness = try Self.harness(
            """
            classifications: { people: { detectors: [us-ssn, credit-card] } }
            rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] }, where: { hosts: ['*.evil.example'] } }]
            """)
        for host in ["283-68-4467.evil.example", "4539148803436467.evil.example"] {
            harness.send("GET http://\(host)/ HTTP/1.1\r\nHost: \(host)\r\n\(Self.auth)\r\n")
            #expect(harness.take().hasPrefix("HTTP/1.1 403"))
            #expect(harness.resolves.isEmpty)
        }
        #expect(harness.judged.allSatisfy { !$0.text.contains("283-68") && !$0.text.contains("4539148803436467") })
    }

    // MARK: CONNECT that is opened

    @Test("a CONNECT without a vouched tunnel is opened, and each of its requests judged") func opened() throws {
        let harness = try Self.harness()
        #expect(connect(harness, "api.example:443") == "HTTP/1.1 200 Connection established\r\n\r\n")
        #expect(harness.openedHosts == ["api.example"] && harness.routes.isEmpty)
        harness.send("GET /v1/a HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer mine\r\n\r\n")
        #expect(
            harness.routes == [
                HTTPRoute(
                    destination: .init(host: .name("api.example"), port: 443, isEncrypted: true),
                    addresses: [Self.publicAddress], kind: .tls)
            ])
        #expect(harness.takeUpstream().contains("Authorization: Bearer mine\r\n"))
        harness.answer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n283-68-4467")
        #expect(!harness.take().contains("283-68"))
        harness.send("GET /v2/a HTTP/1.1\r\nHost: api.example\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 403"))
        harness.send("DELETE /v1/a HTTP/1.1\r\nHost: api.example\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 403"))
        #expect(harness.resolves == ["api.example"])
        #expect(
            harness.judged.map(\.text) == [
                "CONNECT api.example:443", "GET https://api.example/v1/a", "GET https://api.example/v2/a",
                "DELETE https://api.example/v1/a",
            ])
    }

    @Test(
        "a Host within that is not CONNECT's is misdirected",
        arguments: ["other.example", "api.example:8443", "pypi.example"])
    func fronting(host: String) throws {
        let harness = try Self.harness()
        _ = connect(harness, "api.example:443")
        harness.send("GET /v1/a HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 421"))
        harness.send("GET https://\(host)/v1/a HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 421"))
        #expect(harness.routes.isEmpty)
    }

    @Test("there is no CONNECT within one, and nothing may come before its answer") func nested() throws {
        let harness = try Self.harness()
        _ = connect(harness, "api.example:443")
        harness.send("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 405"))
        let early = try Self.harness()
        early.send(
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\(Self.auth)\r\nGET /v1/a HTTP/1.1\r\n")
        #expect(early.take().hasPrefix("HTTP/1.1 400"))
        #expect(early.openedHosts.isEmpty)
    }

    @Test(
        "CONNECT goes to no place that no rule is about",
        arguments: [
            "other.example:443", "api.example:25", "api.example:22", "odd.example:443", "drop.example:443",
            "169.254.169.253:80",
            "10.0.0.1:443", "[::1]:443",
        ]) func deniedConnect(place: String) throws
    {
        let harness = try Self.harness()
        #expect(connect(harness, place).hasPrefix("HTTP/1.1 403"))
        #expect(harness.resolves.isEmpty && harness.openedHosts.isEmpty && harness.isClientClosed)
        #expect(harness.judged.map(\.text) == ["CONNECT \(place)"])
    }

    @Test("what is behind an opened CONNECT to one's own network needs a rule that vouches, each time")
    func openedPrivate()
        throws
    {
        let harness = try Self.harness(
            Self.rules
                + "\n  - { name: in-posts, allow: [call], on: [crm], to: { groups: [support] }, where: { hosts: [in.example] } }"
        )
        harness.addresses["in.example"] = [.v4(IPv4Address(10, 0, 0, 7))]
        #expect(connect(harness, "in.example:443").hasPrefix("HTTP/1.1 200"))
        harness.send("POST /a HTTP/1.1\r\nHost: in.example\r\nContent-Length: 0\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 403") && harness.routes.isEmpty)
        harness.send("GET /a HTTP/1.1\r\nHost: in.example\r\n\r\n")
        #expect(harness.routes.count == 1)
    }

    @Test("so does what goes on a connection to one's own network that is open already") func linkedPrivate() throws {
        let harness = try Self.harness(
            Self.rules
                + "\n  - { name: in-posts, allow: [call], on: [crm], to: { groups: [support] }, where: { hosts: [in.example] } }"
        )
        harness.addresses["in.example"] = [.v4(IPv4Address(10, 0, 0, 7))]
        let got = harness.exchange(
            "GET http://in.example/a HTTP/1.1\r\nHost: in.example\r\n\(Self.auth)\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(got.hasPrefix("HTTP/1.1 204"))
        _ = harness.takeUpstream()
        harness.send("POST http://in.example/a HTTP/1.1\r\nHost: in.example\r\n\(Self.auth)Content-Length: 0\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 403") && harness.takeUpstream().isEmpty)
    }

    @Test("a tunnel that a rule holds waits for its approval, which is for this place alone") func held() throws {
        let harness = try Self.harness(
            Self.rules
                + "\n  - { name: hold, hold: [other], on: [crm], to: { groups: [support] }, where: { tunnel: true }, approval: { by: { groups: [security] } } }"
        )
        #expect(connect(harness, "pypi.example:443").isEmpty && harness.routes.isEmpty)
        let ask = try #require(harness.asks.first)
        #expect(ask.statement == "CONNECT pypi.example:443")
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "sam"))))
        #expect(harness.routes.map(\.kind) == [.tunnel] && harness.take().hasPrefix("HTTP/1.1 200"))
    }

    // MARK: Tunnels

    @Test("a tunnel that is vouched for is recorded before it opens, and passes bytes once the hello is for its host")
    func tunnel()
        throws
    {
        for pieces in [0, 1, 7] {
            let harness = try Self.harness()
            harness.send("CONNECT pypi.example:443 HTTP/1.1\r\nHost: pypi.example:443\r\n\(Self.auth)\r\n")
            #expect(harness.routes.map(\.kind) == [.tunnel])
            #expect(harness.order == ["opened", "judged allow", "client"])
            #expect(harness.take() == "HTTP/1.1 200 Connection established\r\n\r\n")
            harness.pieceBytes = pieces
            let hello = SampleHello(name: "pypi.example").bytes
            harness.sendBytes(hello)
            #expect(harness.takeUpstream().utf8.count > 0)
            harness.answerBytes(SampleHello.serverHello)
            harness.sendBytes(Array("anything".utf8))
            #expect(harness.takeUpstream() == "anything")
            harness.feed(.upstreamClosed)
            let end = try #require(harness.completed.last)
            #expect(
                end.tag == "200, \(hello.count + 8) bytes sent" && end.bytes == UInt64(SampleHello.serverHello.count))
            #expect(harness.isClientClosed && harness.order.last == "closed")
        }
    }

    @Test("a tunnel has a connection of its own, not the one that requests went on within the sidecar's TLS")
    func tunnelBehindRequests()
        throws
    {
        let harness = try Self.harness()
        let got = harness.exchange(
            "GET https://pypi.example/ HTTP/1.1\r\nHost: pypi.example\r\n\(Self.auth)\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(got.hasPrefix("HTTP/1.1 204"))
        #expect(connect(harness, "pypi.example:443").hasPrefix("HTTP/1.1 200"))
        #expect(harness.routes.map(\.kind) == [.tls, .tunnel] && harness.upstreamCloses == 1)
    }

    @Test(
        "a tunnel ends, with the reason in its record, when its first bytes are not a hello for its host",
        arguments: SampleHello.refused) func refusedHello(sample: SampleHello) throws
    {
        let harness = try Self.harness()
        _ = connect(harness, "pypi.example:443")
        harness.sendBytes(sample.bytes)
        #expect(harness.takeUpstream().isEmpty && harness.isClientClosed, "\(sample)")
        #expect(harness.completed.last?.refused.hasPrefix("tunnel refused") == true)
        #expect(harness.completed.last?.incomplete == true)
    }

    @Test("a hello that a server asks for again is for the same host") func secondHello() throws {
        let harness = try Self.harness()
        _ = connect(harness, "pypi.example:443")
        harness.sendBytes(SampleHello(name: "pypi.example").bytes)
        #expect(!harness.takeUpstream().isEmpty)
        // What comes before the server has answered waits: it may be the second hello.
        harness.sendBytes(SampleHello.changeCipherSpec + SampleHello(name: "evil.example").bytes)
        #expect(harness.takeUpstream().isEmpty)
        harness.answerBytes(SampleHello.helloRetryRequest)
        #expect(harness.isClientClosed)
        #expect(harness.completed.last?.refused.contains("another host") == true)
        let good = try Self.harness()
        _ = connect(good, "pypi.example:443")
        good.sendBytes(SampleHello(name: "pypi.example").bytes)
        _ = good.takeUpstream()
        good.answerBytes(SampleHello.helloRetryRequest)
        good.sendBytes(SampleHello.changeCipherSpec + SampleHello(name: "pypi.example").bytes + [23, 3, 3, 0, 1, 0])
        #expect(!good.takeUpstream().isEmpty && !good.isClientClosed)
    }

    @Test("a tunnel ends with a policy that does not let it pass") func policyChange() throws {
        let harness = try Self.harness()
        _ = connect(harness, "pypi.example:443")
        harness.feed(
            .policyChanged(
                try HTTPHarness.policy(
                    HTTPHarness.readAll, resource: "protocol: egress, listen: '127.0.0.1:8081'")))
        #expect(harness.isClientClosed)
    }

    @Test("a server without the host's certificate is no end of a tunnel") func unverified() throws {
        let harness = try Self.harness()
        harness.isUpstreamReachable = false
        #expect(connect(harness, "pypi.example:443").hasPrefix("HTTP/1.1 502"))
        #expect(harness.completed.last?.refused.contains("nobody listens") == true)
    }
}
