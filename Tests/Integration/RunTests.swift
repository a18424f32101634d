import Foundation
import TestKit
import Testing

/// `stile run`: a sidecar and a collector around one command.
@Suite("stile run")
struct RunTests {
    private static func fixture() async throws -> (PostgresServer, TemporaryFolder, TestIssuer) {
        let server = try await PostgresServer()
        let folder = try TemporaryFolder("stile-run")
        let issuer = TestIssuer()
        let values = [
            "listen": "1", "upstream": "\(server.port)", "jwks": folder["jwks.json"],
            "credentials": folder["credentials"], "issuer": issuer.url, "audience": issuer.audience,
        ]
        var text = StileStack.allowAll
        for (key, value) in values { text = text.replacingOccurrences(of: "{{\(key)}}", with: value) }
        try folder.write(text, to: "policy/policy.yaml")
        try folder.write(issuer.jwks, to: "jwks.json")
        try folder.write(server.superuser + "\n", to: "credentials/username")
        try folder.write(server.password + "\n", to: "credentials/password")
        return (server, folder, issuer)
    }

    private static func run(_ folder: TemporaryFolder, token: String, _ command: [String]) async throws -> CommandResult
    {
        try await Command.run(
            [
                Products.path(of: "stile"), "run", "--policy", folder["policy"], "--state", folder["state"], "--http",
                "127.0.0.1:0", "--",
            ] + command,
            environment: ["STILE_TOKEN": token, "PGUSER": "agent", "PGDATABASE": "postgres"])
    }

    @Test("gives the command the database, passes on its exit code, ends with it, and keeps the evidence")
    func runs() async throws {
        let (server, folder, issuer) = try await Self.fixture()
        let token = try await issuer.token(subject: "me", groups: ["everyone"])
        let first = try await Self.run(folder, token: token, ["psql", "-X", "-A", "-t", "-c", "SELECT 6 * 7"])
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output == "42\n", "\(first.errors)")
        #expect(first.errors.contains("db is on 127.0.0.1:"))

        let evidence = try await Self.run(
            folder, token: token,
            [Products.path(of: "stile"), "sessions", "search", "--token-file", folder["state"] + "/owner-token"])
        #expect(evidence.output.contains("SELECT 6 * 7"), "\(evidence.output) \(evidence.errors)")
        #expect(try await Self.run(folder, token: token, ["sh", "-c", "exit 7"]).status == 7)
        #expect(try await Self.run(folder, token: token, ["no-such-program"]).status == 66)
        #expect(
            try await server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ) == "0")
    }

    @Test("lets nobody in whom the policy does not know") func refused() async throws {
        let (_, folder, issuer) = try await Self.fixture()
        let token = try await issuer.token(subject: "me", groups: [])
        let result = try await Self.run(folder, token: token, ["psql", "-X", "-A", "-t", "-c", "SELECT 6 * 7"])
        #expect(result.status == 2)
        #expect(result.output.isEmpty && result.errors.contains("FATAL"), "\(result.errors)")
    }
}
