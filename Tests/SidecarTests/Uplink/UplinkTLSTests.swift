import Foundation
import GRPCNIOTransportHTTP2
import Logging
import Sidecar
import SwiftProtobuf
import Synchronization
import TestKit
import Testing
import UplinkProtocol

/// How often the uplink said that it has no connection.
private final class Warnings: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

private struct WarningCounter: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    let warnings: Warnings

    init(warnings: Warnings) { self.warnings = warnings }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { warnings.add() }
}

@Suite(.timeLimit(.minutes(1))) struct UplinkTLSTests {
    let fixture: UplinkFixture
    private let warnings = Warnings()
    var folder: TemporaryFolder { fixture.spools.folder }

    init() async throws {
        fixture = try UplinkFixture()
        for ca in ["ours", "other"] { try await authority(ca) }
        try await certificate("server", by: "ours", for: "IP:127.0.0.1")
    }

    func openssl(_ arguments: String...) async throws {
        let result = try await Command.run(["openssl"] + arguments)
        try #require(result.status == 0, "\(result.errors)")
    }

    func authority(_ name: String) async throws {
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-keyout", folder["\(name).key"], "-out", folder["\(name).pem"])
    }

    func certificate(_ name: String, by authority: String, for alternative: String) async throws {
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-CA", folder["\(authority).pem"], "-CAkey", folder["\(authority).key"], "-addext",
            "subjectAltName=\(alternative)", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout",
            folder["\(name).key"], "-out", folder["\(name).pem"])
    }

    var serverSecurity: HTTP2ServerTransport.Posix.TransportSecurity {
        .mTLS(
            certificateChain: [.file(path: folder["server.pem"], format: .pem)],
            privateKey: .file(path: folder["server.key"], format: .pem)
        ) { tls in
            tls.trustRoots = .certificates([.file(path: folder["ours.pem"], format: .pem)])
            tls.clientCertificateVerification = .noHostnameVerification
        }
    }

    func uplink(port: Int, trusting authority: String, as name: String) throws -> Uplink {
        var configuration = UplinkConfiguration(hello: .with { $0.sidecarID = "sidecar-1" })
        configuration.shortestPause = .milliseconds(5)
        configuration.longestPause = .milliseconds(50)
        let warnings = warnings
        return try Uplink(
            configuration: configuration, spool: fixture.spool,
            transport: GRPCUplinkTransport(
                .init(
                    host: "127.0.0.1", port: port, caFile: folder["\(authority).pem"],
                    certificateFile: folder["\(name).pem"], keyFile: folder["\(name).key"])),
            condition: TestCondition(), revocations: fixture.revocations, metrics: fixture.metrics,
            logger: Logger(label: "uplink") { _ in WarningCounter(warnings: warnings) })
    }

    @Test func `records arrive over TLS that is authenticated both ways`() async throws {
        try await certificate("sidecar", by: "ours", for: "URI:spiffe://stile/sidecar-1")
        try fixture.record(20)
        try await fixture.collector.serving(security: serverSecurity) { port in
            try await fixture.running(uplink(port: port, trusting: "ours", as: "sidecar")) {
                try await eventually("the spool is empty") { fixture.spool.statistics.records == 0 }
            }
        }
    }

    @Test(arguments: [("other", "ours"), ("ours", "other")])
    func `a collector or a sidecar of another authority gets nothing`(trust: (String, String)) async throws {
        try await certificate("sidecar", by: trust.1, for: "URI:spiffe://stile/sidecar-1")
        try fixture.record(20)
        try await fixture.collector.serving(security: serverSecurity) { port in
            try await fixture.running(uplink(port: port, trusting: trust.0, as: "sidecar")) {
                try await eventually("it failed a few times") { warnings.count > 2 }
            }
        }
        #expect(fixture.collector.state.withLock { $0.received } == 0)
        #expect(fixture.spool.statistics.records == 22)
    }

    @Test func `a key that is not the certificate's is refused at the start, by name`() async throws {
        try await certificate("sidecar", by: "ours", for: "DNS:sidecar")
        try FileManager.default.removeItem(atPath: folder["sidecar.key"])
        try FileManager.default.copyItem(atPath: folder["other.pem"], toPath: folder["sidecar.key"])
        let error = #expect(throws: SidecarError.self) { try uplink(port: 1, trusting: "ours", as: "sidecar") }
        #expect(error?.message.contains(folder["sidecar.key"]) == true)
    }
}
