import AsyncHTTPClient
import Collector
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestKit

/// A real collector on free ports, in a folder of its own.
final class RunningCollector: Sendable {
    let addresses: CollectorServer.Addresses
    let authority: CertificateAuthority
    let issuer: TestIssuer
    // Its folder goes when the last who knows it does.
    private let site: Site
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    /// What outlives a collector: its folder, its authority, its issuer.
    struct Site: Sendable {
        let folder: TemporaryFolder
        let authority: CertificateAuthority
        let issuer: TestIssuer

        init() throws {
            folder = try TemporaryFolder("collector")
            authority = try CertificateAuthority(name: "test authority", days: 30)
            issuer = TestIssuer(audience: "stile-collector")
            let server = try authority.issue(
                .init(name: "collector", isServer: true, dnsNames: ["localhost"], addresses: ["127.0.0.1"]))
            try folder.write(try authority.certificatePEM, to: "ca.pem")
            try folder.write(server.certificatePEM, to: "collector.pem")
            try folder.write(server.keyPEM, to: "collector-key.pem")
            try folder.write(issuer.jwks, to: "jwks.json")
        }

        func configuration() throws -> CollectorConfiguration {
            var roles = RoleMap()
            for role in ["auditor=auditors", "approver=approvers", "admin=platform"] { try roles.grant(parsing: role) }
            return CollectorConfiguration(
                uplink: ListenAddress(host: "127.0.0.1", port: 0),
                uplinkCertificate: .init(certificate: folder["collector.pem"], key: folder["collector-key.pem"]),
                sidecarAuthority: folder["ca.pem"], api: ListenAddress(host: "127.0.0.1", port: 0),
                dataDirectory: folder["data"],
                issuers: try CollectorConfiguration.issuers(
                    parsing: ["\(issuer.url),\(issuer.audience)"], jwksFiles: [folder["jwks.json"]]),
                roles: roles, drainSeconds: 5)
        }
    }

    private init(
        _ site: Site, _ addresses: CollectorServer.Addresses, _ group: ServiceGroup, _ task: Task<Void, any Error>
    ) {
        self.addresses = addresses
        self.authority = site.authority
        self.issuer = site.issuer
        self.site = site
        self.group = group
        self.task = task
    }

    static func start(
        _ site: Site, clock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) async throws -> RunningCollector {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let server = try CollectorServer(configuration: site.configuration(), logger: logger, clock: clock)
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        let task = Task { try await group.run() }
        return RunningCollector(site, try await server.addresses, group, task)
    }

    /// Runs a body against a collector, which is stopped afterwards whatever happened.
    static func with<Value>(
        _ site: Site? = nil, clock: @escaping @Sendable () -> Timestamp = Timestamp.now,
        _ body: (RunningCollector) async throws -> Value
    ) async throws -> Value {
        let collector = try await start(try site ?? Site(), clock: clock)
        do {
            let value = try await body(collector)
            try await collector.stop()
            return value
        } catch {
            try? await collector.stop()
            throw error
        }
    }

    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    // MARK: The API

    struct Answer {
        var status: UInt
        var body: Data

        func json<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: body) }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    func token(_ subject: String, _ groups: [String], actors: [String] = [], lifetime: Int64 = 3600) async throws
        -> String
    {
        try await issuer.token(subject: subject, groups: groups, actors: actors, lifetime: lifetime)
    }

    func auditor() async throws -> String { try await token("ada", ["auditors"]) }

    func call(
        _ method: HTTPMethod = .GET, _ path: String, token: String?, body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://\(addresses.api)\(path)")
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let data = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: response.status.code, body: Data(data.readableBytesView))
    }

    func get<Value: Decodable>(_ path: String, token: String, as type: Value.Type) async throws -> Value {
        let answer = try await call(.GET, path, token: token)
        guard answer.status == 200 else { throw UnexpectedAnswer(status: answer.status, text: answer.text) }
        return try answer.json(type)
    }
}

struct UnexpectedAnswer: Error {
    var status: UInt
    var text: String
}
