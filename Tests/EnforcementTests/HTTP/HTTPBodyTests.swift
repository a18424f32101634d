import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

@Suite("Bodies and heads over HTTP") struct HTTPBodyTests {
    private static let get = "GET /v1/customers/7 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\r\n"

    private func harness(outbound: String = "deny", vouch: String = "", record: String = "") throws -> HTTPHarness {
        HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                classifications:
                  people: { detectors: [us-ssn], jsonKeys: [name], mask: redact, outbound: \(outbound) }
                rules:
                  - { name: all, allow: ['*'], on: [crm], to: { groups: [support] }\(vouch) }
                \(record)
                """))
    }

    private static func post(_ body: String, type: String = "application/json") -> String {
        "POST /v1/orders HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Type: \(type)\r\nContent-Length: "
            + "\(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func answer(_ body: String, type: String = "application/json", more: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("masks a document, and takes away what described it", arguments: [0, 1, 5]) func masking(pieces: Int) throws {
        let harness = try harness(record: "record: { statements: masked, responses: masked }")
        harness.pieceBytes = pieces
        let got = harness.exchange(
            Self.get,
            Self.answer(
                #"{"name":"Ann","id":7,"note":"283-68-4467 likes tea"}"#,
                more: "ETag: \"a\"\r\nContent-MD5: x\r\nAccept-Ranges: bytes\r\nX-Who: 283-68-4467\r\n"))
        #expect(got.contains("likes tea") && got.contains("\"id\":7") && got.contains("ETag: W/\"a\""))
        for part in ["Ann", "283-68", "Content-MD5", "Accept-Ranges", "Content-Length"] {
            #expect(!got.contains(part), "\(part)")
        }
        #expect(got.hasSuffix("0\r\n\r\n"))
        let completed = try #require(harness.completed.first)
        #expect(completed.masks.reduce(0) { $0 + $1.values } == 3)
        #expect(completed.masks.contains { $0.column == "X-Who" && $0.classification == "people" })
        #expect(!String(decoding: completed.response, as: UTF8.self).contains("283-68"))
    }

    @Test("asks for all of an answer, in codings that it can open") func requestFields() throws {
        let harness = try harness()
        harness.send(
            "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nRange: bytes=0-1\r\nIf-Range: \"a\"\r\n"
                + "Accept-Encoding: gzip, zstd;q=0, dcb\r\n\r\n")
        let sent = harness.takeUpstream()
        #expect(sent.contains("Accept-Encoding: gzip\r\n") && !sent.contains("Range"))
    }

    @Test("answers 502 for what cannot be looked into, unless policy vouches for it") func opaque() throws {
        let answer = Self.answer("\u{0}\u{1}\u{2}", type: "application/octet-stream")
        let refused = try harness()
        #expect(refused.exchange(Self.get, answer).hasPrefix("HTTP/1.1 502 "))
        #expect(refused.completed.first?.refused.isEmpty == false)
        let vouched = try harness(vouch: ", vouch: { features: [opaqueBody] }")
        #expect(vouched.exchange(Self.get, answer).hasSuffix("\r\n\r\n\u{0}\u{1}\u{2}"))
        // And so for requests.
        let upload = Self.post("\u{0}\u{1}\u{2}", type: "application/octet-stream")
        refused.send(upload)
        #expect(refused.take().hasPrefix("HTTP/1.1 415 "))
        vouched.send(upload)
        #expect(vouched.takeUpstream().hasSuffix("\r\n\r\n\u{0}\u{1}\u{2}"))
    }

    @Test("tells of an answer that turns out to be none before it began, and cuts it off after") func brokenAnswers()
        throws
    {
        let early = try harness()
        #expect(early.exchange(Self.get, Self.answer(#"{"a":1,"a":2}"#)).hasPrefix("HTTP/1.1 502 "))
        let late = try harness()
        let items = String(repeating: #"{"id":1},"#, count: 20_000)
        let got = late.exchange(Self.get, Self.answer("[" + items + #"{"a":1,"a":2}]"#))
        #expect(got.hasPrefix("HTTP/1.1 200 ") && !got.hasSuffix("0\r\n\r\n"))
        #expect(late.isClientClosed && late.completed.first?.incomplete == true)
    }

    @Test("refuses what policy classifies on its way out, wherever it stands") func outbound() throws {
        for request in [
            Self.post(#"{"a":"283-68-4467"}"#), Self.post(#"{"name":"Ann"}"#),
            Self.get.replacing("/v1/customers/7", with: "/v1/283-68-4467"),
            Self.get.replacing("/v1/customers/7", with: "/v1/?q=%3283-68-4467"),
            Self.get.replacing("/v1/customers/7", with: "/v1/?name=Ann"),
            Self.get.replacing("Host: h\r\n", with: "Host: h\r\nX-Who: 283-68-4467\r\n"),
        ] {
            let harness = try harness()
            harness.send(request)
            #expect(harness.take().hasPrefix("HTTP/1.1 403 "), "\(request)")
            #expect(harness.takeUpstream().isEmpty)
            let judged = try #require(harness.judged.first)
            #expect(judged.outcome == .deny)
            #expect(!"\(judged)".contains("283-68") && !judged.text.contains("Ann"), "\(judged)")
        }
    }

    @Test("masks what goes out, or lets it pass, where policy says so") func outboundChoices() throws {
        let masking = try harness(outbound: "mask")
        masking.send(Self.post(#"{"a":"283-68-4467"}"#))
        let sent = masking.takeUpstream()
        #expect(sent.hasSuffix("}") && !sent.contains("283-68"))
        #expect(sent.contains("Content-Length: \(sent.split(separator: "\r\n\r\n")[1].utf8.count)\r\n"))
        let allowing = try harness(outbound: "allow")
        allowing.send(Self.post(#"{"a":"283-68-4467"}"#))
        #expect(allowing.takeUpstream().hasSuffix(#"{"a":"283-68-4467"}"#))
        #expect(!"\(allowing.judged)".contains("283-68"))
    }

    @Test("streams a long body behind its detectors, and cuts the request when something is found") func longBody()
        throws
    {
        let clean = String(repeating: #"{"id":1},"#, count: 200_000)
        let harness = try harness()
        harness.pieceBytes = 50_000
        harness.send(Self.post("[" + clean + "1]"))
        #expect(harness.takeUpstream().hasSuffix(",1]"))
        let dirty = try self.harness()
        dirty.pieceBytes = 50_000
        dirty.send(Self.post("[" + clean + #""283-68-4467"]"#))
        let sent = dirty.takeUpstream()
        #expect(sent.contains("POST /v1/orders") && !sent.contains("283-68") && !sent.hasSuffix("]"))
        #expect(dirty.upstreamCloses == 1)
        #expect(dirty.take().hasPrefix("HTTP/1.1 403 "))
    }

    @Test("pauses a client that sends on while it must wait") func pausing() throws {
        let harness = try harness()
        harness.send(Self.get)
        #expect(!harness.isPaused)
        harness.send(String(repeating: Self.get, count: 1_000))
        #expect(harness.isPaused)
        for _ in 0..<1_001 { harness.answer("HTTP/1.1 204 No Content\r\n\r\n") }
        #expect(!harness.isPaused)
        #expect(harness.completed.count == 1_001)
    }

    @Test("ends with the token, a revocation and the sidecar, after the exchange where it can") func ends() throws {
        let expired = try harness()
        expired.send(Self.get)
        expired.pass(seconds: 4_000)
        #expect(expired.take().hasPrefix("HTTP/1.1 401 ") && expired.isClientClosed)
        let revoked = try harness()
        revoked.send(Self.get)
        revoked.feed(.revoked(reason: "left"))
        #expect(revoked.take().hasPrefix("HTTP/1.1 403 ") && revoked.isClientClosed)
        let drained = try harness()
        drained.send(Self.get)
        drained.feed(.drain)
        #expect(!drained.isClientClosed)
        drained.answer("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(drained.take().contains("Connection: close") && drained.isClientClosed)
        let idle = try harness()
        idle.feed(.drain)
        #expect(idle.isClientClosed)
        for harness in [expired, revoked, drained] {
            #expect(harness.order.last(where: { $0 != "client" && $0 != "upstream" }) == "closed")
        }
    }

    @Test("denies where a budget would count, which is not counted here") func budgets() throws {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                classifications: { people: { detectors: [us-ssn], mask: { keepLast: 4 } } }
                rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] } }]
                budgets: [{ name: few, of: { classification: people }, valuesPerSubject: 10, window: 1h }]
                """))
        harness.send(Self.get)
        #expect(harness.take().hasPrefix("HTTP/1.1 403 "))
    }
}
