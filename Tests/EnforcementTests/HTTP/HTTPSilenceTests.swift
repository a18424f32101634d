import Enforcement
import Records
import Testing

/// Services that say nothing, and services that say too much: what only the sidecar knows.
@Suite struct HTTPSilenceTests {
    private static let request = "GET /v1/orders HTTP/1.1\r\nHost: crm\r\nAuthorization: Bearer good\r\n\r\n"
    private static let secret = "sidecar-secret-4711"

    private func open() throws -> HTTPHarness {
        HTTPHarness(policy: try HTTPHarness.policy(HTTPHarness.readAll))
    }

    @Test func `an answer that does not come within ten minutes is answered in the service's place`() throws {
        let harness = try open()
        harness.send(Self.request)
        let due = try #require(harness.nextDeadline)
        #expect(due.uptimeNanoseconds == harness.now.uptimeNanoseconds + 600_000_000_000)
        harness.pass(seconds: 599)
        #expect(harness.take().isEmpty)
        harness.pass(seconds: 1)
        #expect(harness.take().hasPrefix("HTTP/1.1 504 "))
        #expect(harness.completed.last?.refused == "the exchange stood still for too long")
        #expect(harness.upstreamCloses == 1)
        // The connection goes on.
        #expect(
            harness.exchange(Self.request, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").hasSuffix("\r\n\r\nok"))
    }

    @Test func `what comes of an answer begins the time anew, and a stall in its middle cuts it`() throws {
        let harness = try open()
        harness.send(Self.request)
        harness.pass(seconds: 500)
        harness.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        harness.pass(seconds: 500)
        #expect(!harness.isClientClosed)
        harness.pass(seconds: 100)
        #expect(harness.isClientClosed)
        #expect(harness.completed.last?.incomplete == true)
    }

    @Test func `a stream of events may be silent for as long as its token is good`() throws {
        let harness = try open()
        harness.send(Self.request)
        harness.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        harness.pass(seconds: 3_000)
        harness.answer("data: late\n\n")
        #expect(harness.take().contains("data: late\n\n"))
    }

    @Test(arguments: [0, 1, 2, 7])
    func `a service that shows the request's fields does not show the sidecar's credential`(pieceBytes: Int) throws {
        let harness = try open()
        harness.credential = .bearer(Self.secret)
        harness.pieceBytes = pieceBytes
        let body = #"{"headers":{"Authorization":"Bearer \#(Self.secret)"},"again":"sidecar-sidecar-secret-4711x"}"#
        let answer = harness.exchange(
            Self.request,
            "HTTP/1.1 200 OK\r\nX-Seen: Bearer \(Self.secret)\r\nX-\(Self.secret): 1\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(harness.takeUpstream().contains("Authorization: Bearer \(Self.secret)\r\n"))
        #expect(!answer.contains("secret"))
        #expect(answer.contains("X-Seen: Bearer *******************\r\n"))
        #expect(answer.contains("Content-Length: \(body.utf8.count)\r\n"))
        #expect(answer.hasSuffix(#""},"again":"sidecar-*******************x"}"#))
    }

    @Test func `an answer that ends with the beginning of the credential is whole`() throws {
        let harness = try open()
        harness.credential = .bearer(Self.secret)
        let answer = harness.exchange(
            Self.request, "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nsidecar-secret")
        #expect(answer.hasSuffix("\r\n\r\nsidecar-secret"))
    }

    @Test func `a password is hidden as it is and as Basic writes it`() throws {
        let harness = try open()
        harness.credential = .basic(encoded: "c3RpbGU6aHVudGVyMjJodW50ZXI=", password: "hunter22hunter")
        let body = "c3RpbGU6aHVudGVyMjJodW50ZXI= is stile:hunter22hunter"
        let answer = harness.exchange(
            Self.request, "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(answer.hasSuffix("\(String(repeating: "*", count: 28)) is stile:\(String(repeating: "*", count: 14))"))
    }
}
