import Foundation
import TestKit
import Testing

/// Tokens of a real OpenID provider, found by discovery.
@Suite("With a real OpenID provider")
struct ProviderTests {
    private static let policy = """
        apiVersion: stile.dev/v1
        kind: Policy
        metadata: { name: provider }
        identity:
          issuers: [{ url: "PROVIDER", audience: support-assistant }]
        resources:
          db:
            protocol: postgres
            listen: "127.0.0.1:{{listen}}"
            upstream: "127.0.0.1:{{upstream}}"
            tls: disable
            credentials: { usernameFile: "{{credentials}}/username", passwordFile: "{{credentials}}/password" }
        rules:
          - { name: support-reads, allow: [select], on: [db], to: { groups: [support] } }
        """

    @Test("who signs in there and is in the group may read; who is not may not; and no token at all gets nothing")
    func signIn() async throws {
        let port = try LoopbackPort()
        let provider = "http://127.0.0.1:\(port)"
        let server = try Command([
            (Products.python as NSString).deletingLastPathComponent + "/oidc-provider-mock", "--port", "\(port)",
            "--user-claims", #"{"sub":"alice","groups":["support"]}"#, "--user-claims",
            #"{"sub":"bob","groups":["guests"]}"#,
        ])
        try await eventually("the provider answers") {
            try await StileStack.get(port: port.number, path: "/.well-known/openid-configuration")?.status == 200
        }
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy.replacingOccurrences(of: "PROVIDER", with: provider)],
            withCollector: false)

        func signIn(_ subject: String, audience: String = "support-assistant") async throws -> String {
            let client = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients/oidc_login.py"
            let result = try await Command.run([Products.python, client, provider, audience, subject])
            #expect(result.status == 0, "\(result.errors)")
            return result.output.trimmingCharacters(in: .newlines)
        }

        let alice = try await stack.psql("SELECT 6 * 7;", token: signIn("alice"))
        #expect(alice.output == "42\n", "\(alice.errors)")
        let bob = try await stack.psql("SELECT 6 * 7;", token: signIn("bob"))
        #expect(bob.output.isEmpty)
        #expect(bob.errors.contains("ERROR") || bob.errors.contains("FATAL"))
        let other = try await stack.psql("SELECT 6 * 7;", token: signIn("alice", audience: "payroll"))
        #expect(other.output.isEmpty && other.errors.contains("audience"))
        let none = try await stack.psql("SELECT 6 * 7;", token: "not-a-token")
        #expect(none.output.isEmpty && none.errors.contains("FATAL"))
        try await server.kill9()
        try await stack.stopAll()
    }

    @Test("that is down, logins are refused with a message that names it, and open sessions go on")
    func unreachable() async throws {
        let port = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy.replacingOccurrences(of: "PROVIDER", with: "http://127.0.0.1:\(port)")],
            withCollector: false)
        let forged = try await TestIssuer(url: "http://127.0.0.1:\(port)").token(subject: "alice", groups: ["support"])
        let answer = try await stack.psql("SELECT 1;", token: forged)
        #expect(answer.output.isEmpty)
        #expect(answer.errors.contains("127.0.0.1:\(port)"), "\(answer.errors)")
        try await stack.stopAll()
    }
}
