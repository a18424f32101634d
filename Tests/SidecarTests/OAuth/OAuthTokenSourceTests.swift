import Enforcement
import Logging
import Policy
import Synchronization
import TestKit
import Testing

@testable import Sidecar

@Suite("The source of a token") struct OAuthTokenSourceTests {
    /// A token endpoint that answers when the test says so, and a clock that the test moves.
    private final class Server: OAuthTokenFetching {
        struct State {
            var requests: [OAuthTokenRequest] = []
            var answers: [CheckedContinuation<Result<OAuthTokenAnswer, OAuthFault>, Never>] = []
            var now: UInt64 = 1_000_000_000_000
        }

        let state = Mutex(State())

        func fetch(_ request: OAuthTokenRequest) async throws(OAuthFault) -> OAuthTokenAnswer {
            try await withCheckedContinuation { continuation in
                state.withLock {
                    $0.requests.append(request)
                    $0.answers.append(continuation)
                }
            }.get()
        }

        var count: Int { state.withLock { $0.requests.count } }

        func answer(_ result: Result<OAuthTokenAnswer, OAuthFault>) async throws {
            let continuation = try await eventually("the endpoint is asked") {
                state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
            }
            continuation.resume(returning: result)
        }

        func give(_ token: String, lifetime: Int = 90) async throws {
            let body = #"{"token_type":"Bearer","access_token":"\#(token)","expires_in":\#(lifetime)}"#
            try await answer(.success(try OAuthTokenAnswer(status: 200, body: Array(body.utf8))))
        }

        func pass(seconds: UInt64) { state.withLock { $0.now += seconds * 1_000_000_000 } }
    }

    private struct Fixture {
        let folder: TemporaryFolder
        let server = Server()
        let source: OAuthTokenSource

        init() throws {
            let (folder, server) = (try TemporaryFolder("stile-oauth"), server)
            self.folder = folder
            try folder.write("client-7\n", to: "id")
            try folder.write("hunter22\n", to: "secret")
            source = OAuthTokenSource(
                OAuthClient(
                    tokenURL: "https://id.example/token?tenant=7", clientIDFile: folder["id"],
                    clientSecretFile: folder["secret"]),
                fetcher: server, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { server.state.withLock { $0.now } })
        }

        /// What a request would be sent with.
        var value: String? {
            guard case .found(let credential) = source.lookUp() else { return nil }
            return credential.value
        }

        var missing: String? {
            guard case .missing(_, let reason) = source.lookUp() else { return nil }
            return reason
        }

        func has(_ token: String) async throws {
            try await eventually("the token is \(token)") { value == "Bearer \(token)" }
        }
    }

    @Test func `many requests wait for one fetch, and all of them are told`() async throws {
        let fixture = try Fixture()
        let told = Mutex(0)
        for _ in 0..<20 {
            #expect(fixture.value == nil && fixture.missing == nil)
            fixture.source.whenSettled { told.withLock { $0 += 1 } }
        }
        #expect(told.withLock { $0 } == 0)
        try await fixture.server.give("one")
        try await fixture.has("one")
        try await eventually("all were told") { told.withLock { $0 } == 20 }
        fixture.source.whenSettled { told.withLock { $0 += 1 } }
        #expect(told.withLock { $0 } == 21)
        #expect(fixture.server.count == 1)
        #expect(fixture.source.fault == nil)
    }

    @Test func `a token is renewed in time, and the one before serves until then`() async throws {
        let fixture = try Fixture()
        fixture.source.tick()
        try await fixture.server.give("one")
        try await fixture.has("one")
        fixture.server.pass(seconds: 59)
        fixture.source.tick()
        #expect(fixture.server.count == 1)
        fixture.server.pass(seconds: 1)
        fixture.source.tick()
        #expect(fixture.value == "Bearer one")
        try await fixture.server.give("two")
        try await fixture.has("two")
        #expect(fixture.server.count == 2)
    }

    @Test func `a failure is said at once, without a secret, and is over with the next token`() async throws {
        let fixture = try Fixture()
        fixture.source.tick()
        try await fixture.server.answer(.failure(OAuthFault("answered 401 (invalid_client)")))
        try await eventually("it is known") { fixture.missing != nil }
        #expect(
            fixture.missing
                == "no token for the upstream: the token endpoint https://id.example/token answered 401 (invalid_client)"
        )
        #expect(fixture.source.fault?.contains("invalid_client") == true)
        fixture.server.pass(seconds: 2)
        fixture.source.tick()
        try await fixture.server.give("one")
        try await fixture.has("one")
        #expect(fixture.source.fault == nil)
    }

    @Test func `a token that is not taken is fetched anew, and no more often than every ten seconds`() async throws {
        let fixture = try Fixture()
        fixture.source.tick()
        try await fixture.server.give("one")
        try await fixture.has("one")
        fixture.source.refused(.bearer("one"))
        #expect(fixture.value == nil && fixture.missing == nil)
        try await fixture.server.give("two")
        try await fixture.has("two")
        // Said late, of the one before.
        fixture.source.refused(.bearer("one"))
        fixture.source.refused(.bearer("two"))
        #expect(fixture.value == "Bearer two" && fixture.server.count == 2)
        fixture.server.pass(seconds: 10)
        fixture.source.refused(.bearer("two"))
        try await fixture.server.give("three")
        try await fixture.has("three")
    }

    @Test func `a client's files are read again when they change`() async throws {
        let fixture = try Fixture()
        fixture.source.tick()
        try await fixture.server.give("one")
        try await fixture.has("one")
        try fixture.folder.write("another\n", to: "secret")
        fixture.source.tick()
        try await fixture.server.give("two")
        try await fixture.has("two")
        let requests = fixture.server.state.withLock { $0.requests }
        #expect(requests.count == 2 && requests[0].authorization != requests[1].authorization)
    }

    @Test func `a file that is missing is named, and the endpoint is not asked`() async throws {
        let fixture = try Fixture()
        try fixture.folder.write("\n", to: "secret")
        fixture.source.tick()
        try await eventually("it is known") { fixture.missing != nil }
        #expect(fixture.missing?.contains(fixture.folder["secret"] + ": is empty") == true, "\(fixture.missing ?? "")")
        #expect(fixture.server.count == 0)
    }
}
