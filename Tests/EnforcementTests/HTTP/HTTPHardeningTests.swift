import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

/// What somebody found who tried to get around the lane.
@Suite("Ways around the HTTP lane") struct HTTPHardeningTests {
    private func harness(_ classes: String = "people: { detectors: [us-ssn], jsonKeys: [name], mask: redact }") throws
        -> HTTPHarness
    {
        HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                classifications:
                  \(classes)
                rules:
                  - { name: all, allow: ['*'], on: [crm], to: { groups: [support] } }
                  - { name: none, deny: [delete], on: [crm] }
                  - { name: held, hold: [update], on: [crm], to: { groups: [support] }, approval: { by: { groups: [x] }, within: 1m } }
                record: { statements: masked }
                """))
    }

    private static func request(_ line: String, _ fields: String = "", body: String = "") -> String {
        "\(line) HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\(fields)\r\n\(body)"
    }

    @Test(
        "takes no method in small letters, and none that carries digits",
        arguments: ["delete", "Delete", "trace", "X283"])
    func methods(method: String) throws {
        let harness = try harness()
        harness.send(Self.request("\(method) /y"))
        #expect(harness.take().hasPrefix("HTTP/1.1 400 "))
        #expect(harness.takeUpstream().isEmpty)
    }

    @Test(
        "takes no trailer that makes a request another",
        arguments: ["X-HTTP-Method-Override: DELETE", "X-Original-URL: /z", "Range: bytes=0-1"])
    func trailers(trailer: String) throws {
        let harness = try harness()
        harness.send(
            Self.request("POST /y", "Transfer-Encoding: chunked\r\n", body: "2\r\n{}\r\n0\r\n\(trailer)\r\n\r\n"))
        #expect(harness.take().hasPrefix("HTTP/1.1 400 "))
        #expect(!harness.takeUpstream().contains("POST"))
    }

    @Test("binds an approval to trailers") func approvals() throws {
        func binding(_ trailers: String) throws -> [UInt8] {
            let harness = try harness()
            harness.send(
                Self.request("PUT /y", "Transfer-Encoding: chunked\r\n", body: "2\r\n{}\r\n0\r\n\(trailers)\r\n"))
            return try #require(harness.asks.first).binding
        }
        #expect(try binding("X-Amount: 1\r\n") != binding(""))
        #expect(try binding("X-Amount: 1\r\n") == binding("X-Amount: 1\r\n"))
    }

    @Test("lets no client take the sidecar's credential away") func credential() throws {
        let harness = try harness()
        harness.credential = HTTPCredential(field: "X-Api-Key", value: "key")
        harness.send(Self.request("GET /y", "Connection: X-Api-Key\r\n"))
        #expect(harness.takeUpstream().contains("X-Api-Key: key"))
    }

    @Test("records nothing of a body that policy lets out") func records() throws {
        let harness = try harness("cards: { detectors: [credit-card], mask: redact, outbound: allow }")
        let body = #"{"card":"4539148803436467"}"#
        harness.send(
            Self.request(
                "POST /y", "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n", body: body))
        #expect(harness.takeUpstream().contains("4539148803436467"))
        #expect(!"\(harness.records)".contains("4539148803436467"))
    }

    @Test("lets no digest of what was masked through, in fields or trailers") func digests() throws {
        let harness = try harness()
        let got = harness.exchange(
            Self.request("GET /y"),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Amz-Checksum-Sha256: a1\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"name\": \"Ann\"} \r\n0\r\nContent-Digest: a2\r\nETag: \"a3\"\r\n\r\n"
        )
        #expect(got.contains("[redacted]"))
        for digest in ["a1", "a2", "a3"] { #expect(!got.contains(digest)) }
    }

    @Test("looks into fields as URLs write them") func encoded() throws {
        let harness = try harness()
        let got = harness.exchange(
            Self.request("GET /y"),
            "HTTP/1.1 302 Found\r\nLocation: /c?n=283%2D68%2D4467\r\nContent-Length: 0\r\n\r\n")
        #expect(got.contains("Location: [redacted]"))
        harness.send(Self.request("GET /z", "Referer: http://a/?n=283%2D68%2D4467\r\n"))
        #expect(harness.take().hasPrefix("HTTP/1.1 403 "))
    }

    @Test("looks into the texts of a multipart beside what is none") func multipart() throws {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                classifications: { people: { detectors: [us-ssn], mask: redact } }
                rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] }, vouch: { features: [opaqueBody] } }]
                """))
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n283-68-4467\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\nContent-Type: image/png\r\n\r\n"
            + "\u{89}PNG\u{0}\u{1}\r\n--b--\r\n"
        harness.send(
            Self.request(
                "POST /y", "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(body.utf8.count)\r\n",
                body: body))
        #expect(!harness.takeUpstream().contains("283-68"))
        #expect(harness.take().hasPrefix("HTTP/1.1 403 "))
    }

    @Test(
        "takes time in proportion to a body's length",
        arguments: [
            ("text/html", "<!doctype"), ("text/html", "123-45-6789 "), ("text/plain", "123-45-6789 "),
            ("text/event-stream", "id:283-68-4467\n"), ("text/csv", "283-68-4467,"),
        ])
    func linear(type: String, part: String) throws {
        // Counted by what is done at each place: a square of this would take minutes.
        let body = String(repeating: part, count: (256 << 10) / part.utf8.count)
        let harness = try harness()
        let got = harness.exchange(
            Self.request("GET /y"),
            "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(!got.contains("283-68-4467") && !got.contains("123-45-6789"))
    }
}
