import Foundation
import TestKit
import Testing

/// What `stile run` is to the command that it runs.
@Suite("A command that is run")
struct RunCommandTests {
    @Test("gets the signals that are sent to it, and its end is passed on") func signals() async throws {
        let folder = try TemporaryFolder()
        try folder.write(TestIssuer().jwks, to: "jwks.json")
        try folder.write("u\n", to: "credentials/username")
        try folder.write("p\n", to: "credentials/password")
        let policy = StileStack.allowAll
            .replacingOccurrences(of: "{{issuer}}", with: "https://login.stile.test")
            .replacingOccurrences(of: "{{audience}}", with: "a")
            .replacingOccurrences(of: "{{upstream}}", with: "1")
            .replacingOccurrences(of: "{{listen}}", with: "5432")
            .replacingOccurrences(of: "{{jwks}}", with: folder["jwks.json"])
            .replacingOccurrences(of: "{{credentials}}", with: folder["credentials"])
        try folder.write(policy, to: "policy/policy.yaml")
        let run = try Command([
            Products.path(of: "stile"), "run", "--policy", folder["policy"], "--state", folder["state"], "--http",
            "127.0.0.1:0", "--quiet", "--", "sh", "-c", "echo started; exec sleep 60",
        ])
        try await eventually("the command runs") { run.output.contains("started") }
        run.signal(SIGTERM)
        let result = try await run.result(within: .seconds(20))
        #expect(result.status == 128 + SIGTERM, "\(result.status) \(result.errors)")
    }
}
