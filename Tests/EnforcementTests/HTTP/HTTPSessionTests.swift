import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

@Suite("A session over HTTP") struct HTTPSessionTests {
    private static let get =
        "GET /v1/customers/7?full=1 HTTP/1.1\r\nHost: localhost:8081\r\nAuthorization: Bearer good\r\n\r\n"

    private func harness() throws -> HTTPHarness { HTTPHarness(policy: try HTTPHarness.policy(HTTPHarness.readAll)) }

    @Test("passes a request on with the head that was judged, and without the client's token") func request() throws {
        let harness = try harness()
        harness.credential = HTTPCredential(field: "Authorization", value: "Bearer upstream-secret")
        harness.send(
            "GET /v1/a%20b?x=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nX-One: 1\r\n"
                + "Connection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: p\r\n\r\n")
        let sent = harness.takeUpstream()
        #expect(sent.hasPrefix("GET /v1/a%20b?x=1 HTTP/1.1\r\n"))
        #expect(sent.contains("Host: crm.internal\r\n"))
        #expect(sent.contains("Authorization: Bearer upstream-secret\r\n"))
        #expect(sent.contains("X-One: 1\r\n") && sent.contains("Via: 1.1 stile\r\n"))
        #expect(!sent.contains("good") && !sent.contains("X-Hop") && !sent.contains("Proxy-"))
    }

    @Test("answers, records first, and serves the next request on the same connections") func keepAlive() throws {
        let harness = try harness()
        for number in 1...3 {
            let got = harness.exchange(Self.get, "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello")
            #expect(got.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(got.hasSuffix("Content-Length: 5\r\n\r\nhello"))
            #expect(harness.completed.count == number)
        }
        #expect(harness.connects == 1)
        #expect(harness.order.prefix(4) == ["opened", "upstream", "run", "client"])
        let judged = try #require(harness.judged.first)
        #expect(judged.text == "GET /v1/customers/7?full=1")
        #expect(judged.objects == ["/v1/customers/7"])
        #expect(judged.verbs == ["select"])
        #expect(judged.rules == ["all"])
        let completed = try #require(harness.completed.first)
        #expect(completed.tag == "200" && completed.bytes == 5 && !completed.incomplete)
    }

    @Test("takes pipelined requests one after the other") func pipelining() throws {
        let harness = try harness()
        harness.send(Self.get + Self.get)
        #expect(harness.takeUpstream().ranges(of: "GET /").count == 1)
        harness.answer("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(harness.takeUpstream().ranges(of: "GET /").count == 1)
        harness.answer("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(harness.take().ranges(of: "HTTP/1.1 204").count == 2)
    }

    @Test("records a write before the service gets it") func writes() throws {
        let harness = try harness()
        harness.send(
            "POST /v1/orders HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n"
                + "Content-Length: 7\r\n\r\n{\"a\":1}")
        #expect(harness.order == ["opened", "judged allow", "upstream"])
        #expect(harness.judged.first?.parameters == ["{\"a\":1}"])
        harness.answer("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        #expect(harness.take().hasSuffix("\r\n\r\n2\r\nok\r\n"))
        #expect(harness.completed.isEmpty)
        harness.answer("0\r\nX-Trail: 1\r\n\r\n")
        #expect(harness.take() == "0\r\nX-Trail: 1\r\n\r\n")
        #expect(harness.order.suffix(2) == ["completed", "client"])
    }

    @Test("refuses with a problem, the rule's message and the record's id") func denial() throws {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                rules:
                  - { name: reads, allow: [select], on: [crm], to: { groups: [support] } }
                  - { name: no-deletes, deny: [delete], on: [crm], to: { groups: [support] }, message: "Ask the team." }
                """))
        harness.send(
            "DELETE /v1/customers/7 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 2\r\n\r\nab"
                + Self.get)
        let got = harness.take()
        #expect(got.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(
            got.contains("application/problem+json") && got.contains("Ask the team.") && got.contains("\"record\":\""))
        #expect(harness.judged.first?.outcome == .deny)
        // The connection goes on.
        #expect(harness.takeUpstream().hasPrefix("GET /v1/customers/7"))
        #expect(!harness.isClientClosed)
    }

    @Test("asks for a token, and tells who has none") func noToken() throws {
        for head in [
            "", "Authorization: Basic eDp5\r\n", "Authorization: Bearer bad\r\n", "Authorization: Bearer \r\n",
        ] {
            let harness = try harness()
            harness.send("GET / HTTP/1.1\r\nHost: h\r\n\(head)\r\n")
            let got = harness.take()
            #expect(got.hasPrefix("HTTP/1.1 401 Unauthorized\r\n") && got.contains("WWW-Authenticate: Bearer"))
            #expect(harness.isClientClosed && harness.takeUpstream().isEmpty)
            #expect(harness.order.first == "opened")
        }
    }

    @Test("is one subject's: another's token ends the connection, a new one of the same renews") func otherSubject()
        throws
    {
        let harness = try harness()
        harness.identities["newer"] = HTTPHarness.identity("ann", groups: ["support", "more"])
        harness.identities["other"] = HTTPHarness.identity("bob")
        _ = harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n")
        _ = harness.exchange(
            Self.get.replacing("Bearer good", with: "Bearer newer"), "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(harness.order.contains("identity"))
        harness.send(Self.get.replacing("Bearer good", with: "Bearer other"))
        #expect(harness.take().hasPrefix("HTTP/1.1 421 "))
        #expect(harness.isClientClosed)
    }

    @Test("gives the same bytes whatever pieces they come in", arguments: [1, 2, 3, 7, 64]) func pieces(count: Int)
        throws
    {
        let request =
            "POST /v1/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n" + Self.get
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
        let whole = try harness()
        whole.send(request)
        whole.answer(response)
        whole.answer(response)
        let pieced = try harness()
        pieced.pieceBytes = count
        pieced.send(request)
        pieced.answer(response)
        pieced.answer(response)
        #expect(pieced.take() == whole.take())
        func body(_ text: String) -> String { text.replacing("\r\n", with: "|") }
        #expect(
            body(pieced.takeUpstream()).hasSuffix(
                body("GET /v1/customers/7?full=1 HTTP/1.1\r\nHost: crm.internal\r\nVia: 1.1 stile\r\n\r\n")))
        #expect(pieced.judged.map(\.text) == whole.judged.map(\.text))
    }

    @Test(
        "refuses what has two readings, tells why, and records it",
        arguments: [
            "POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "GET / HTTP/1.1\r\nHost: h\r\n Authorization: Bearer good\r\n\r\n",
            "GET / HTTP/1.1\nHost: h\n\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n",
        ]) func smuggling(text: String) throws
    {
        let harness = try harness()
        _ = harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n")
        harness.send(text)
        #expect(harness.take().hasPrefix("HTTP/1.1 400 "))
        #expect(harness.isClientClosed)
        #expect(harness.judged.last?.outcome == .deny)
        #expect(harness.judged.last?.features == ["unparsable"])
        #expect(harness.takeUpstream().ranges(of: "\r\n\r\n").count == 1)
    }

    @Test("sends a read again, once, when a used connection turns out to be closed, and a write never") func again()
        throws
    {
        let harness = try harness()
        _ = harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n")
        harness.send(Self.get)
        harness.feed(.upstreamClosed)
        #expect(harness.connects == 2)
        harness.answer("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(harness.take().hasSuffix("HTTP/1.1 204 No Content\r\nVia: 1.1 stile\r\n\r\n"))
        harness.send("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 0\r\n\r\n")
        harness.feed(.upstreamClosed)
        #expect(harness.connects == 2)
        #expect(harness.take().hasPrefix("HTTP/1.1 502 "))
        #expect(harness.completed.last?.tag == "502" && harness.completed.last?.refused.isEmpty == false)
    }

    @Test("tells a client to go on once its request is let through, and the service nothing of it") func continuing()
        throws
    {
        let harness = try harness()
        harness.send(
            "PUT /x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        )
        #expect(harness.take() == "HTTP/1.1 100 Continue\r\n\r\n")
        harness.send("abc")
        let sent = harness.takeUpstream()
        #expect(!sent.contains("Expect") && sent.hasSuffix("\r\n\r\nabc"))
    }

    @Test("answers HEAD without a body, and says the length that there would be") func head() throws {
        let harness = try harness()
        let got = harness.exchange(
            Self.get.replacing("GET", with: "HEAD"), "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        #expect(got.hasSuffix("\r\n\r\n") && got.contains("Content-Length: 500"))
        #expect(harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n").hasPrefix("HTTP/1.1 204"))
    }

    @Test("takes no CONNECT, no TRACE, no other protocol and no field that makes a request another") func refused()
        throws
    {
        for (line, field, status) in [
            ("CONNECT h:443", "", "405"), ("TRACE /", "", "405"),
            ("GET /", "Connection: upgrade\r\nUpgrade: tcp\r\n", "501"),
            ("GET /", "X-HTTP-Method-Override: DELETE\r\n", "400"), ("GET /", "X-Original-URL: /admin\r\n", "400"),
            ("GET /", "X_Http_Method_Override: DELETE\r\n", "400"), ("GET /", "Content_Length: 5\r\n", "400"),
        ] {
            let harness = try harness()
            let host = line.hasPrefix("CONNECT") ? "h:443" : "h"
            harness.send("\(line) HTTP/1.1\r\nHost: \(host)\r\nAuthorization: Bearer good\r\n\(field)\r\n")
            #expect(harness.take().hasPrefix("HTTP/1.1 \(status) "), "\(line) \(field)")
            #expect(harness.takeUpstream().isEmpty && harness.judged.last?.outcome == .deny)
        }
    }

    @Test("releases nothing that cannot be recorded") func fullSpool() throws {
        let harness = try harness()
        _ = harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n")
        _ = harness.takeUpstream()
        harness.refusesRecords = true
        harness.send("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 0\r\n\r\n")
        #expect(harness.takeUpstream().isEmpty)
        #expect(harness.take().hasPrefix("HTTP/1.1 503 "))
        #expect(harness.isClientClosed)
    }

    @Test("releases no last answer of a connection that cannot be recorded either") func fullSpoolAtTheEnd() throws {
        let harness = try harness()
        harness.send("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n")
        #expect(!harness.takeUpstream().isEmpty)
        harness.refusesRecords = true
        harness.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        #expect(harness.isClientClosed && harness.take().isEmpty)
    }

    @Test("holds a request with its body until somebody approves, and sends it then") func hold() throws {
        let harness = HTTPHarness(policy: try HTTPHarness.policy(Self.holdRules(mode: "wait")))
        let request = "POST /v1/refunds HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 4\r\n\r\n"
        harness.send(request)
        #expect(harness.asks.isEmpty)
        harness.send("five")
        let ask = try #require(harness.asks.first)
        #expect(ask.statement == "POST /v1/refunds" && ask.parameters == ["five"])
        #expect(harness.takeUpstream().isEmpty)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        #expect(harness.takeUpstream().hasSuffix("\r\n\r\nfive"))
        #expect(harness.order == ["opened", "judged hold", "asked", "answered", "judged allow", "upstream"])
        harness.answer("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(harness.take().hasPrefix("HTTP/1.1 204"))
        // Another body is another request.
        harness.send(request + "nine")
        #expect(harness.asks.count == 2 && harness.asks[1].binding != ask.binding)
        harness.feed(.clientClosed)
        #expect(harness.withdrawn == [harness.asks[1].id])
    }

    @Test("sends a client away that is to come back, and lets the same request pass once") func comeBack() throws {
        let harness = HTTPHarness(policy: try HTTPHarness.policy(Self.holdRules(mode: "return")))
        let request =
            "POST /v1/refunds HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 4\r\n\r\nfive"
        harness.send(request)
        let ask = try #require(harness.asks.first)
        let got = harness.take()
        #expect(got.hasPrefix("HTTP/1.1 403 ") && got.contains("\"approval\":\"\(ask.id)\""))
        harness.grants.give(.granted(ApprovalGrant(approvalID: ask.id, approver: "eve")), for: ask.binding)
        harness.send(request)
        #expect(harness.takeUpstream().hasSuffix("five"))
        #expect(harness.judged.last?.approvalID == ask.id)
    }

    private static func holdRules(mode: String) -> String {
        """
        rules:
          - { name: all, allow: ['*'], on: [crm], to: { groups: [support] } }
          - name: refunds
            hold: [call]
            on: [crm]
            to: { groups: [support] }
            approval: { by: { groups: [security] }, within: 5m, mode: \(mode) }
        """
    }

    @Test("keeps a client that follows links and redirects on this side of the sidecar") func redirects() throws {
        let harness = try harness()
        for (location, expected) in [
            ("http://crm.internal/v2/a?b=c", "/v2/a?b=c"), ("http://CRM.internal:80", "/"), ("/v2/a", "/v2/a"),
            ("https://other.example/x", "https://other.example/x"),
        ] {
            let got = harness.exchange(
                Self.get,
                "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nAlt-Svc: h3=\":443\"\r\nContent-Length: 0\r\n\r\n")
            #expect(got.contains("Location: \(expected)\r\n") && !got.contains("Alt-Svc"))
        }
    }
}
