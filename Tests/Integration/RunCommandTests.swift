import Foundation
import TestKit
import Testing

/// What `stile run` is to the command that it runs.
@Suite("A command that is run")
struct RunCommandTests {
    private static func folder() throws -> TemporaryFolder {
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
        return folder
    }

    private static func arguments(_ folder: TemporaryFolder) -> [String] {
        [
            Products.path(of: "stile"), "run", "--policy", folder["policy"], "--state", folder["state"], "--http",
            "127.0.0.1:0", "--quiet", "--",
        ]
    }

    @Test("keeps the authorities of all runs, by which their evidence is verified") func authorities() async throws {
        let folder = try Self.folder()
        for _ in 1...3 {
            let done = try await Command.run(Self.arguments(folder) + ["true"], within: .seconds(40))
            #expect(done.status == 0, "\(done.errors)")
        }
        let kept = try String(contentsOfFile: folder["state/certs/ca.pem"], encoding: .utf8)
        #expect(kept.ranges(of: "-----BEGIN CERTIFICATE-----").count == 3)
        let now = try String(contentsOfFile: folder["state/certs/uplink-ca.pem"], encoding: .utf8)
        #expect(kept.hasPrefix(now))
    }

    @Test("gets the signals that are sent to it, and its end is passed on") func signals() async throws {
        let folder = try Self.folder()
        let run = try Command(Self.arguments(folder) + ["sh", "-c", "echo started; exec sleep 60"])
        try await eventually("the command runs") { run.output.contains("started") }
        run.signal(SIGTERM)
        let result = try await run.result(within: .seconds(20))
        #expect(result.status == 128 + SIGTERM, "\(result.status) \(result.errors)")
    }
}
