import ArgumentParser
import Collector
import Foundation
import Identity
import Logging
import ServiceLifecycle
import Sidecar

/// A sidecar and a collector in this process, on free ports, with keys of their own.
struct Laptop {
    /// Where each resource is found, by its name.
    let addresses: [String: String]
    /// Which of them speak HTTP.
    let webServices: Set<String>
    /// Which are forward proxies, with what is to be trusted for them.
    let proxies: [String: String?]
    /// Where the audit API is, `host:port`.
    let api: String
    /// A file that only its owner reads, with the token that opens the audit API.
    let ownerTokenFile: String
    let sidecar: Sidecar

    /// How the evidence is read while it runs.
    var evidence: String {
        "stile: evidence: STILE_COLLECTOR=http://\(api) STILE_TOKEN_FILE=\(ownerTokenFile) stile sessions list"
    }

    private let services: ServiceGroup
    private let running: Task<Void, any Error>

    /// Starts both for a command of this program's, which says nothing but errors.
    ///
    /// - Parameter label: Of the command's log.
    /// - Throws: `CollectorError` or ``Fault``: one line with the place and the mend.
    static func start(policy: String, state: String, api: String, label: String) async throws -> Laptop {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .error
            return handler
        }
        do {
            return try await start(policy: policy, state: state, api: api, logger: Logger(label: label))
        } catch let error as SidecarError {
            throw Fault(ExitCode(error.code.exitCode), "\(error)")
        }
    }

    private static func start(policy: String, state: String, api: String, logger: Logger) async throws -> Laptop {
        let certificates = try LaptopCertificates(directory: state + "/certs")
        let owner = try LaptopOwner(tokenFile: state + "/owner-token")
        guard let apiAddress = ListenAddress(api) else {
            throw Fault(.configuration, "--http \"\(api)\" is not of the form HOST:PORT, such as 127.0.0.1:7480")
        }
        let identity = try LaptopPolicy(path: policy)
        let collector = try CollectorServer(
            configuration: CollectorConfiguration(
                uplink: ListenAddress(host: "127.0.0.1", port: 0),
                uplinkCertificate: .init(certificate: certificates.collector, key: certificates.collectorKey),
                sidecarAuthority: certificates.authority, api: apiAddress, dataDirectory: state + "/collector",
                issuers: identity.issuers, roles: identity.roles),
            logger: logger, authenticator: owner.authenticator(or: identity))
        let first = Self.group([collector], logger: logger)
        let collecting = Task { try await first.run() }
        let bound: CollectorServer.Addresses
        do {
            bound = try await collector.addresses
        } catch {
            _ = await collecting.result
            throw error
        }
        var configuration = SidecarConfiguration(
            policyPath: policy, spoolDirectory: state + "/spool", sidecarID: LaptopCertificates.sidecarName)
        configuration.operationsAddress = nil
        configuration.collector = SidecarConfiguration.Collector(
            host: bound.uplink.host, port: bound.uplink.port, caFile: certificates.authority,
            certificateFile: certificates.sidecar, keyFile: certificates.sidecarKey)
        for resource in identity.resources { configuration.listenOverrides[resource] = "127.0.0.1:0" }
        let sidecar: Sidecar
        do {
            sidecar = try await Sidecar(configuration: configuration, logger: logger)
        } catch {
            await first.triggerGracefulShutdown()
            _ = await collecting.result
            throw error
        }
        let second = Self.group([sidecar], logger: logger)
        let running = Task {
            // The sidecar goes first, so that its last records find the collector.
            defer { collecting.cancel() }
            try await second.run()
            await first.triggerGracefulShutdown()
            try await collecting.value
        }
        return Laptop(
            addresses: await sidecar.addresses, webServices: identity.services,
            proxies: identity.proxies, api: bound.api.description,
            ownerTokenFile: owner.tokenFile, sidecar: sidecar,
            services: second, running: running)
    }

    private static func group(_ services: [any Service], logger: Logger) -> ServiceGroup {
        ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services.map { .init(service: $0) }, logger: logger))
    }

    /// Ends both, the sidecar first, and returns when the evidence is stored.
    func stop() async {
        await services.triggerGracefulShutdown()
        _ = await running.result
    }
}
