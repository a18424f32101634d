import Logging
import NIOCore
import ServiceLifecycle
import TestKit
import Testing

@testable import Sidecar

/// How a session's bytes travel, and so what carries them in the sidecar.
enum Transport: CaseIterable, CustomTestStringConvertible {
    /// The reactor.
    case plain
    /// NIO.
    case tls

    var testDescription: String { self == .plain ? "in the clear" : "over TLS" }
}

/// A sidecar in this process, before a real server, with a policy of the test's own. Nothing of it needs a collector.
final class SidecarFixture: Sendable {
    let folder: TemporaryFolder
    let server: PostgresServer
    let issuer = TestIssuer()
    let sidecar: Sidecar
    let address: Endpoint
    private let transport: Transport
    private let group: ServiceGroup
    private let running: Task<Void, any Error>

    static let rules = """
        rules:
          - name: everything
            allow: ["*"]
            on: [db]
            to: { groups: [everyone] }
            vouch:
              functions: ["*", "*.*"]
              features: [unknownObject, unknownLineage, dynamicCode, relabels, otherSessions]
        """

    /// - Parameters:
    ///   - resource: lines of the resource's YAML, indented by four.
    ///   - listen: in place of a free port.
    ///   - transport: with TLS, towards clients alone.
    init(
        transport: Transport = .plain, rules: String = SidecarFixture.rules, resource: String = "", schema: String = "",
        listen: String? = nil,
        authentication: PostgresServer.Authentication = .scram,
        configure: (inout SidecarConfiguration, TemporaryFolder) throws -> Void = { _, _ in }
    ) async throws {
        let folder = try TemporaryFolder("stile-sidecar")
        self.folder = folder
        self.transport = transport
        var resource = resource
        if transport == .tls { resource += try await Self.listenTLS(in: folder) }
        server = try await PostgresServer(authentication: authentication)
        if !schema.isEmpty { try await server.sql(schema) }
        try folder.write(issuer.jwks, to: "jwks.json")
        try folder.write("\(server.superuser)\n", to: "credentials/username")
        try folder.write("\(server.password)\n", to: "credentials/password")
        let text = Self.policy(
            rules: rules, resource: resource, folder: folder, issuer: issuer, upstream: server.port)
        try folder.write(text, to: "policy/policy.yaml")
        var configuration = SidecarConfiguration(
            policyPath: folder["policy"], spoolDirectory: folder["spool"], sidecarID: "test")
        configuration.operationsAddress = "127.0.0.1:0"
        configuration.listenOverrides = [
            "db": listen.map { $0.replacing("{{folder}}", with: folder.path) } ?? "127.0.0.1:0"
        ]
        configuration.watchMilliseconds = 20
        configuration.catalogPollMilliseconds = 100
        configuration.drainSeconds = 5
        configuration.eventLoops = 2
        try configure(&configuration, folder)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        sidecar = try await Sidecar(configuration: configuration, logger: logger)
        address = try #require(await sidecar.addresses["db"].flatMap { Endpoint($0) })
        let group = ServiceGroup(services: [sidecar], gracefulShutdownSignals: [], logger: logger)
        self.group = group
        // The sidecar writes to the folder as long as it runs.
        running = Task { [folder, server] in
            defer { withExtendedLifetime((folder, server)) {} }
            try await group.run()
        }
    }

    /// A test that fails does not come to stop it.
    deinit { running.cancel() }

    /// Lines of a resource's YAML, with a certificate of the test's own.
    static func listenTLS(in folder: TemporaryFolder) async throws -> String {
        let (certificate, key) = (folder["listen.pem"], folder["listen-key.pem"])
        let made = try await Command.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
        ])
        #expect(made.status == 0, "\(made.errors)")
        return "\n    listenTLS: { certificateFile: \"\(certificate)\", keyFile: \"\(key)\" }"
    }

    static func policy(
        rules: String, resource: String, folder: TemporaryFolder, issuer: TestIssuer, upstream: Int
    ) -> String {
        """
        apiVersion: stile.dev/v1
        kind: Policy
        metadata: { name: test }
        identity:
          issuers:
            - { url: "\(issuer.url)", audience: "\(issuer.audience)", jwksFile: "\(folder["jwks.json"])", clockSkew: 0s }
        resources:
          db:
            protocol: postgres
            listen: "127.0.0.1:1"
            upstream: "127.0.0.1:\(upstream)"
            tls: disable
            credentials:
              usernameFile: "\(folder["credentials/username"])"
              passwordFile: "\(folder["credentials/password"])"
        \(resource)
        \(rules)
        """
    }

    func replacePolicy(rules: String, resource: String = "") throws {
        try folder.write(
            Self.policy(rules: rules, resource: resource, folder: folder, issuer: issuer, upstream: server.port),
            to: "policy/policy.yaml")
    }

    func token(groups: [String] = ["everyone"], lifetime: Int64 = 3_600, subject: String = "agent") async throws
        -> String
    {
        try await issuer.token(subject: subject, groups: groups, lifetime: lifetime)
    }

    func environment(token: String, tls: String? = nil) -> [String: String] {
        var host = "127.0.0.1"
        var port = "0"
        switch address {
        case .tcp(let name, let number): (host, port) = (name, "\(number)")
        case .unix(let path):
            let cut = path.lastIndex(of: "/") ?? path.startIndex
            host = String(path[..<cut])
            port = String(path.split(separator: ".").last ?? "")
        }
        return [
            "PGHOST": host, "PGPORT": port, "PGUSER": "agent", "PGDATABASE": "postgres", "PGPASSWORD": token,
            "PGSSLMODE": tls ?? (transport == .tls ? "require" : "disable"), "PGCONNECT_TIMEOUT": "20",
            "LC_ALL": "C.UTF-8",
        ]
    }

    func psql(_ text: String, token: String, tls: String? = nil, options: [String] = ["-A", "-t"]) async throws
        -> CommandResult
    {
        try await Command.run(
            ["psql", "-X", "-q"] + options + ["-f", "-"], environment: environment(token: token, tls: tls), input: text)
    }

    /// psql that reads statements from a fifo, so that a test says when each comes.
    func conversation(token: String) throws -> Conversation {
        try Conversation(environment: environment(token: token), folder: folder)
    }

    /// psql straight to the server, as its superuser.
    func directConversation() throws -> Conversation {
        let environment = [
            "PGHOST": "127.0.0.1", "PGPORT": "\(server.port)", "PGUSER": server.superuser, "PGDATABASE": "postgres",
            "PGPASSWORD": server.password,
        ]
        return try Conversation(environment: environment, folder: folder)
    }

    /// Keeps statements that call ``Gate/pass`` waiting.
    func gate() async throws -> Gate { try await Gate(directConversation()) }

    /// How many of them do.
    func waitingUpstream() async throws -> Int? {
        try await Int(server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
    }

    /// Runs `body` with a lifetime for a token, and with a longer one when the machine was too busy for what has to happen within.
    ///
    /// - Parameter body: Whether everything happened within.
    static func tokenLifetimes(_ body: (Int64) async throws -> Bool) async throws {
        for lifetime: Int64 in [3, 10, 40, 120] where try await body(lifetime) { return }
        Issue.record("nothing came to pass within a token's lifetime of two minutes")
    }

    var metrics: SidecarMetrics { sidecar.parts.environment.metrics }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await running.value
    }
}
