import Collector
import Foundation
import TestKit
import Testing

/// Whatever is wrong with what the programs are given, they say in one line what and where and how to mend it, and exit by
/// sysexits.
@Suite("Bad input")
struct BadInputTests {
    private static let good = StileStack.allowAll
        .replacingOccurrences(of: "{{issuer}}", with: "https://login.stile.test")
        .replacingOccurrences(of: "{{audience}}", with: "a")
        .replacingOccurrences(of: "{{upstream}}", with: "1")

    /// A folder with a policy in it that is good but for `changes`. No test comes as far as to listen.
    private static func policy(listen: Int = 2, changes: [(String, String)] = []) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        var text = good.replacingOccurrences(of: "{{listen}}", with: "\(listen)")
            .replacingOccurrences(of: "{{jwks}}", with: folder["jwks.json"])
            .replacingOccurrences(of: "{{credentials}}", with: folder["credentials"])
        for (from, to) in changes {
            #expect(text.contains(from))
            text = text.replacingOccurrences(of: from, with: to)
        }
        try folder.write(TestIssuer().jwks, to: "jwks.json")
        try folder.write("u\n", to: "credentials/username")
        try folder.write("p\n", to: "credentials/password")
        try folder.write(text, to: "policy/policy.yaml")
        return folder
    }

    private static func sidecar(_ folder: TemporaryFolder, policy: String? = nil, _ more: [String] = []) async throws
        -> CommandResult
    {
        try await Command.run(
            [
                Products.path(of: "stile-sidecar"), "--policy", policy ?? folder["policy"], "--spool", folder["spool"],
                "--ops", "127.0.0.1:0", "--sidecar-id", "s",
            ] + more, within: .seconds(20))
    }

    @Test(
        "in policy YAML is named with file, line and column, and nothing starts",
        arguments: [
            ("kind: Policy", "kind: [", "policy.yaml:"),
            ("clockSkew: 0s", "clockSkew: 10 parsecs", "clockSkew"),
            ("audience:", "audiense:", "audience"),
            ("allow: [\"*\"]", "allow: [selekt]", "select"),
            ("on: [db]", "on: [dbx]", "db"),
        ])
    func policyFaults(from: String, to: String, words: String) async throws {
        let folder = try Self.policy(changes: [(from, to)])
        let result = try await Self.sidecar(folder)
        #expect(result.status == 78, "\(result.errors)")
        #expect(result.errors.contains("policy.yaml:") && result.errors.contains(words), "\(result.errors)")
        let check = try await Command.run([Products.path(of: "stile"), "policy", "check", folder["policy"]])
        #expect(check.status != 0)
        let said = check.output + check.errors
        #expect(said.contains("policy.yaml:") && said.contains(words), "\(said)")
    }

    @Test("in a bundle (a flipped bit, a missing end, something else) is refused") func bundles() async throws {
        let folder = try Self.policy()
        let bundle = folder["policy.bundle"]
        let made = try await Command.run([
            Products.path(of: "stile"), "policy", "compile", folder["policy"], "-o", bundle,
        ])
        #expect(made.status == 0, "\(made.errors)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: bundle))
        var flipped = bytes
        flipped[bytes.count / 2] ^= 0x10
        for (name, content) in [
            ("flipped", flipped), ("truncated", bytes.prefix(bytes.count - 7)), ("empty", Data()),
            ("text", Data("hello".utf8)),
        ] {
            let file = folder["\(name).bundle"]
            try content.write(to: URL(fileURLWithPath: file))
            let result = try await Self.sidecar(folder, policy: file)
            #expect(result.status == 78 || result.status == 65, "\(name): \(result.status) \(result.errors)")
            #expect(result.errors.contains("\(name).bundle"), "\(result.errors)")
        }
    }

    @Test("that is a missing policy, or a missing credentials file, is named") func missing() async throws {
        let folder = try Self.policy()
        let none = try await Self.sidecar(folder, policy: folder["nowhere"])
        #expect(none.status == 66 || none.status == 78, "\(none.status)")
        #expect(none.errors.contains("nowhere"))
        try FileManager.default.removeItem(atPath: folder["credentials/password"])
        let credentials = try await Self.sidecar(folder)
        #expect([66, 78].contains(credentials.status), "\(credentials.status) \(credentials.errors)")
        #expect(credentials.errors.contains("credentials/password"), "\(credentials.errors)")
    }

    @Test("that is a setting of the environment is said, not passed over") func environment() async throws {
        let folder = try Self.policy()
        let result = try await Command.run(
            [
                Products.path(of: "stile-sidecar"), "--policy", folder["policy"], "--spool", folder["spool"], "--ops",
                "none",
            ], environment: ["STILE_DRAIN": "20s"], within: .seconds(20))
        #expect(result.status == 78 && result.errors.contains("--drain: '20s'"), "\(result.status) \(result.errors)")
    }

    @Test("that is missing among the settings is named, with one exit code in all programs") func missingSettings()
        async throws
    {
        for (program, arguments, name) in [
            ("stile-sidecar", [], "--policy"), ("stile-sidecar", ["--policy", "x"], "--spool"),
            ("stile-collector", [], "--"), ("stile", ["sessions", "list"], "STILE_TOKEN"),
        ] {
            let result = try await Command.run(
                [Products.path(of: program)] + arguments, environment: ["STILE_TOKEN": ""], within: .seconds(20))
            #expect(result.status == 78, "\(program) \(arguments): \(result.status)")
            #expect(result.errors.contains(name), "\(result.errors)")
        }
    }

    @Test("that is a low limit of open files is raised as far as it may be") func openFiles() async throws {
        let folder = try TemporaryFolder()
        let result = try await Command.run(
            [
                "prlimit", "--nofile=200:300", Products.path(of: "stile-sidecar"), "--policy", folder["none"],
                "--spool", folder["spool"], "--ops", "none",
            ], within: .seconds(20))
        #expect(result.status == 66, "\(result.status)")
        #expect((result.output + result.errors).contains(#""limit":"300""#), "\(result.output) \(result.errors)")
    }

    @Test("that is a port in use is named, with the resource") func portInUse() async throws {
        let server = try await PostgresServer(authentication: .trust)
        let folder = try Self.policy(listen: server.port)
        let result = try await Self.sidecar(folder)
        #expect(result.status == 69, "\(result.status) \(result.errors)")
        #expect(result.errors.contains("\(server.port)") && result.errors.contains("db"), "\(result.errors)")
    }

    @Test("that is an expired certificate is named, by both programs") func expiredCertificate() async throws {
        let folder = try Self.policy()
        let certs = folder["certs"]
        try FileManager.default.createDirectory(atPath: certs, withIntermediateDirectories: true)
        let past = Date(timeIntervalSinceNow: -3 * 86_400)
        let authority = try CertificateAuthority(name: "test", days: 30, now: past)
        let old = try authority.issue(.init(name: "old", isServer: true, addresses: ["127.0.0.1"], days: 1), now: past)
        try folder.write(authority.certificatePEM, to: "certs/ca.pem")
        try folder.write(old.certificatePEM, to: "certs/old.pem")
        try folder.write(old.keyPEM, to: "certs/old-key.pem")
        let pair = ["--certificate", certs + "/old.pem", "--key", certs + "/old-key.pem"]
        let sidecar = try await Self.sidecar(
            folder, ["--collector", "127.0.0.1:1", "--collector-ca", certs + "/ca.pem"] + pair)
        #expect(sidecar.status == 78, "\(sidecar.status) \(sidecar.errors)")
        #expect(sidecar.errors.contains("old.pem") && sidecar.errors.contains("expired"), "\(sidecar.errors)")
        let collector = try await Command.run(
            [
                Products.path(of: "stile-collector"), "--grpc", "127.0.0.1:0", "--http",
                "127.0.0.1:0", "--data", folder["data"], "--ca", certs + "/ca.pem", "--issuer",
                "https://login.stile.test,stile-collector", "--issuer-jwks", folder["jwks.json"], "--role",
                "auditor=auditors",
            ] + pair, within: .seconds(20))
        #expect(collector.status == 78, "\(collector.status) \(collector.errors)")
        #expect(collector.errors.contains("old.pem") && collector.errors.contains("expired"), "\(collector.errors)")
    }

    @Test("that is a usage error exits 64 and shows the way") func usage() async throws {
        for program in ["stile", "stile-sidecar", "stile-collector"] {
            let result = try await Command.run([Products.path(of: program), "--no-such-flag"])
            #expect(result.status == 64, "\(program): \(result.status)")
            #expect(result.errors.contains("--no-such-flag"))
        }
    }

    @Test("in a spool is cut off or passed over, said, and costs no other record") func corruptSpool() async throws {
        let stack = try await StileStack(schema: "CREATE TABLE n (i int)")
        let token = try await stack.token()
        try await stack.collector?.kill9()
        for marker in 1...30 { _ = try await stack.psql("SELECT \(marker) FROM n WHERE i = 1;", token: token) }
        try await stack.sidecar?.kill9()
        let segments = try FileManager.default.contentsOfDirectory(atPath: stack.spoolFolder).sorted()
        #expect(!segments.isEmpty)
        // The end of the newest segment is torn as a crash of the machine tears it.
        let newest = stack.spoolFolder + "/" + (segments.last { $0.hasSuffix(".segment") } ?? "")
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: newest))
        let content = try handle.readToEnd() ?? Data()
        let used = content.lastIndex { $0 != 0 } ?? 0
        try handle.seek(toOffset: UInt64(used))
        try handle.write(contentsOf: Data([0xFF]))
        try handle.close()
        try await stack.startSidecar()
        try await stack.startCollector()
        let auditor = try await stack.auditToken(groups: ["auditors"])
        try await eventually("every record but the torn one arrives", within: .seconds(30)) {
            let page = try await StileStack.get(port: stack.httpPort, path: "/v1/records?limit=500", token: auditor)
            return (1...29).allSatisfy { page?.body.contains("SELECT \($0) FROM n") == true }
        }
        #expect(await stack.sidecar?.errors.contains("spool") == true)
        try await stack.stopAll()
    }

    @Test("that is a malformed frame closes the connection with a clear error and harms nobody else") func frames()
        async throws
    {
        let stack = try await StileStack(schema: "CREATE TABLE n (i int)", withCollector: false)
        let token = try await stack.token()
        let fuzz = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients/malformed_frames.py"
        let result = try await Command.run([Products.python, fuzz, "\(stack.port)", token], within: .seconds(60))
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        let after = try await stack.psql("SELECT 'well';", token: token)
        #expect(after.output == "well\n", "\(after.errors)")
        #expect(await stack.sidecar?.isRunning == true)
        try await stack.stopAll()
    }
}
