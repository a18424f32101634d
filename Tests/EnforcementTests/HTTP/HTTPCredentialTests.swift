import Policy
import Records
import Testing

@testable import Enforcement

/// What becomes of requests whose credential is being fetched, is not to be had, or is not taken.
@Suite("Credentials of services") struct HTTPCredentialTests {
    private static let get = "GET /v1/customers/7 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    private static let unauthorized = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"

    private func harness() throws -> HTTPHarness { HTTPHarness(policy: try HTTPHarness.policy(HTTPHarness.readAll)) }

    @Test func `a request waits for a credential that is being fetched`() throws {
        let harness = try harness()
        harness.lookup = .pending
        harness.send(Self.get)
        harness.pass(seconds: 3)
        #expect(harness.awaitedCredentials == 1)
        #expect(harness.connects == 0 && harness.takeUpstream().isEmpty && harness.take().isEmpty)
        // It is asked for again where it was another that came.
        harness.feed(.credentialSettled)
        #expect(harness.awaitedCredentials == 2)
        harness.credential = .bearer("of-the-service")
        harness.feed(.credentialSettled)
        #expect(harness.takeUpstream().contains("Authorization: Bearer of-the-service\r\n"))
        harness.answer(Self.ok)
        #expect(harness.take().hasSuffix("hi"))
        // On a connection that is there, too.
        harness.lookup = .pending
        harness.send(Self.get)
        #expect(harness.awaitedCredentials == 3 && harness.takeUpstream().isEmpty)
        harness.credential = .bearer("of-the-service")
        harness.feed(.credentialSettled)
        harness.answer(Self.ok)
        #expect(harness.take().hasSuffix("hi"))
        #expect(harness.connects == 1)
    }

    @Test func `without a credential nothing is sent, the client is told so, and the record says why`() throws {
        let harness = try harness()
        harness.lookup = .missing(message: "There is none.", reason: "no token for the upstream: it is away")
        harness.send(Self.get)
        let answer = harness.take()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("application/problem+json"))
        #expect(answer.contains("There is none.") && !answer.contains("away"))
        #expect(harness.connects == 0 && harness.takeUpstream().isEmpty)
        #expect(harness.completed.last?.refused == "no token for the upstream: it is away")
        // The connection goes on.
        harness.lookup = .anonymous
        #expect(harness.exchange(Self.get, Self.ok).hasSuffix("hi"))
    }

    @Test func `a file that cannot be read is named in the record alone`() throws {
        let harness = try harness()
        harness.lookup = .unreadable("/var/run/t: is empty")
        harness.send(Self.get)
        let answer = harness.take()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && !answer.contains("/var/run"))
        #expect(harness.completed.last?.refused == "no credential for the upstream: /var/run/t: is empty")
    }

    @Test func `a credential that is not taken is said to be, and the request is not sent again`() throws {
        let harness = try harness()
        harness.credential = .bearer("of-the-service")
        let answer = harness.exchange(Self.get, Self.unauthorized)
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.hasSuffix("no"))
        #expect(harness.refusedCredentials.map(\.value) == ["Bearer of-the-service"])
        #expect(harness.takeUpstream().ranges(of: "GET ").count == 1)
        // Another status says nothing of it, and nothing is to be said where none was sent.
        _ = harness.exchange(Self.get, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        harness.credential = .anonymous
        _ = harness.exchange(Self.get, Self.unauthorized)
        #expect(harness.refusedCredentials.count == 1)
    }
}
