import Enforcement
import Logging
import NIOCore
import NIOPosix
import Observability
import Policy
import TestKit
import Testing

@testable import Sidecar

/// What every upstream test needs; ended with the value.
struct UpstreamFixture: ~Copyable {
    let folder: TemporaryFolder
    let metrics = SidecarMetrics()

    init() throws {
        folder = try TemporaryFolder("stile-upstream")
    }

    func runtime(
        _ server: PostgresServer, user: String? = nil, password: String? = nil, tls: Resource.UpstreamTLS = .disable,
        caFile: String? = nil, host: String = "127.0.0.1"
    ) throws -> ResourceRuntime {
        let resource = Resource(
            name: "db", listen: "127.0.0.1:0", upstream: "\(host):\(server.port)", tls: tls, caFile: caFile,
            usernameFile: try folder.write("\(user ?? server.superuser)\n", to: "username"),
            passwordFile: try folder.write("\(password ?? server.password)\n", to: "password"))
        return try ResourceRuntime(
            resource: resource, policy: NoPolicy(name: "", digest: [], recording: Recording()),
            configuration: SidecarConfiguration(policyPath: "", spoolDirectory: "", sidecarID: "test"),
            scramKeys: SCRAMKeyCache(threads: .singleton), metrics: metrics)
    }
}

@Suite("An upstream connection")
struct UpstreamTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test(
        "logs in however the server asks",
        arguments: [
            PostgresServer.Authentication.trust, .password, .md5, .scram,
        ])
    func logsIn(_ authentication: PostgresServer.Authentication) async throws {
        let server = try await PostgresServer(authentication: authentication)
        let fixture = try UpstreamFixture()
        let queries = try await UpstreamQueries.open(
            try fixture.runtime(server), database: "postgres", on: loop)
        #expect(try await queries.run("SELECT current_user, NULL, 'ä'") == [["postgres", nil, "ä"]])
        #expect(queries.link.identity.parameters["client_encoding"] == "UTF8")
        #expect(queries.link.identity.processID != nil)
        // The second login finds the key derived.
        let again = try await UpstreamQueries.open(try fixture.runtime(server), database: "postgres", on: loop)
        #expect(try await again.run("SELECT 1") == [["1"]])
        #expect(fixture.metrics.upstreamConnects.value == 2)
        queries.close()
        again.close()
    }

    @Test("that the server refuses says so with the server's SQLSTATE") func refused() async throws {
        let server = try await PostgresServer()
        let fixture = try UpstreamFixture()
        let wrong = try fixture.runtime(server, password: "wrong")
        let refusal = await #expect(throws: UpstreamLoginError.self) {
            _ = try await UpstreamQueries.open(wrong, database: "postgres", on: loop)
        }
        #expect(refusal?.sqlstate == "28P01")
        let right = try fixture.runtime(server)
        let missing = await #expect(throws: UpstreamLoginError.self) {
            _ = try await UpstreamQueries.open(right, database: "no_such_database", on: loop)
        }
        #expect(missing?.sqlstate == "3D000")
        #expect(fixture.metrics.upstreamFailures.value == 2)
    }

    @Test("takes a password that changed in its file") func reloadsCredentials() async throws {
        let server = try await PostgresServer()
        let fixture = try UpstreamFixture()
        let runtime = try fixture.runtime(server)
        try await UpstreamQueries.open(runtime, database: "postgres", on: loop).close()
        try await server.sql("CREATE USER other SUPERUSER PASSWORD 'another-one'")
        try fixture.folder.write("other\n", to: "username")
        try fixture.folder.write("another-one\n", to: "password")
        let queries = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
        #expect(try await queries.run("SELECT current_user") == [["other"]])
        queries.close()
    }

    @Test("takes a password with letters beyond ASCII, and refuses one that is prepared in a way of its own")
    func preparedPasswords() async throws {
        let server = try await PostgresServer(authentication: .scram)
        try await server.sql("CREATE USER other PASSWORD 'Zwölf Äpfel für Großmutter, Ωμέγα'")
        let fixture = try UpstreamFixture()
        let runtime = try fixture.runtime(server, user: "other", password: "Zwölf Äpfel für Großmutter, Ωμέγα")
        try await UpstreamQueries.open(runtime, database: "postgres", on: loop).close()
        try fixture.folder.write("de\u{301}compose\u{301}\n", to: "password")
        let error = await #expect(throws: SidecarError.self) {
            _ = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
        }
        #expect(error?.code == .config)
        #expect(error?.message.contains("SASLprep") == true, "\(error?.message ?? "")")
    }

    @Test("names the place and the mend when nothing listens there") func nobodyThere() async throws {
        let server = try await PostgresServer()
        try await server.stop()
        let fixture = try UpstreamFixture()
        let runtime = try fixture.runtime(server)
        let error = await #expect(throws: SidecarError.self) {
            _ = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("127.0.0.1:\(server.port)") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("nothing listens") == true, "\(error?.message ?? "")")
    }

    @Test("that needs TLS is refused by a server that has none") func noTLS() async throws {
        let server = try await PostgresServer()
        let fixture = try UpstreamFixture()
        let runtime = try fixture.runtime(server, tls: .require)
        let error = await #expect(throws: SidecarError.self) {
            _ = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
        }
        #expect(error?.message.contains("offers no TLS") == true, "\(error?.message ?? "")")
    }

    @Test("checks the server's certificate as far as the policy asks") func verifies() async throws {
        let certificates = try TemporaryFolder("stile-certs")
        for arguments in [
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                certificates["key.pem"], "-out", certificates["cert.pem"], "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost",
            ],
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                certificates["other-key.pem"], "-out", certificates["other.pem"], "-days", "2", "-subj", "/CN=other",
            ],
        ] {
            let made = try await Command.run(["openssl"] + arguments)
            #expect(made.status == 0, "\(made.errors)")
        }
        let (certificate, other) = (certificates["cert.pem"], certificates["other.pem"])
        let server = try await PostgresServer(
            authentication: .password, tls: (certificate, certificates["key.pem"]))
        let fixture = try UpstreamFixture()
        let good: [(Resource.UpstreamTLS, String?, String)] = [
            (.require, nil, "127.0.0.1"), (.verifyCA, certificate, "127.0.0.1"),
            (.verifyFull, certificate, "localhost"),
        ]
        for (mode, ca, host) in good {
            let runtime = try fixture.runtime(server, tls: mode, caFile: ca, host: host)
            let queries = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
            #expect(
                try await queries.run("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [["t"]], "\(mode)")
            queries.close()
        }
        let bad: [(Resource.UpstreamTLS, String?, String)] = [
            (.verifyCA, other, "localhost"), (.verifyFull, other, "localhost"),
            (.verifyFull, certificate, "127.0.0.1"), (.verifyFull, nil, "localhost"),
        ]
        for (mode, ca, host) in bad {
            let runtime = try fixture.runtime(server, tls: mode, caFile: ca, host: host)
            let error = await #expect(throws: SidecarError.self, "\(mode) \(host)") {
                _ = try await UpstreamQueries.open(runtime, database: "postgres", on: loop)
            }
            #expect(error?.message.contains("TLS failed") == true, "\(error?.message ?? "")")
        }
    }
}
