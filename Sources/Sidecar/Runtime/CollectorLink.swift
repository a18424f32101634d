import Logging
import NIOSSL
import ServiceLifecycle
import UplinkProtocol

/// The sidecar's one connection to its collector, as the rest of the sidecar sees it. It outlives the sessions: what
/// they record at their end is still sent.
final class CollectorLink: Sendable {
    let uplink: Uplink
    private let loop = UplinkLoop()
    private let group: ServiceGroup

    /// - Throws: ``SidecarError`` for certificates and keys that cannot be used, and for kept revocations that cannot
    ///   be read.
    init(
        collector: SidecarConfiguration.Collector, configuration: SidecarConfiguration, spool: Spool,
        condition: CurrentPolicy, revocations: RevocationList, metrics: SidecarMetrics, logger: Logger
    ) throws(SidecarError) {
        var hello = PBHello()
        hello.sidecarID = configuration.sidecarID
        hello.agent.namespace = configuration.agent.namespace
        hello.agent.workload = configuration.agent.workload
        hello.agent.pod = configuration.agent.pod
        hello.agent.sidecarID = configuration.sidecarID
        hello.version = SidecarVersion.current
        let transport = try GRPCUplinkTransport(collector, group: loop.group)
        if let path = collector.certificateFile { try Self.checkExpiry(path) }
        uplink = try Uplink(
            configuration: UplinkConfiguration(
                hello: hello, revocationsFile: "\(configuration.spoolDirectory)/revocations"),
            spool: spool, transport: transport, executor: loop, condition: condition, revocations: revocations,
            metrics: metrics,
            logger: logger)
        group = ServiceGroup(services: [uplink], gracefulShutdownSignals: [], logger: logger)
    }

    // The collector would refuse it with an alert that names no file.
    private static func checkExpiry(_ path: String) throws(SidecarError) {
        let certificates = try readCertificates(path, what: "the sidecar's certificate (--certificate)")
        guard let first = certificates.first, Int64(first.notValidAfter) <= SystemClock.unixSeconds() else { return }
        throw SidecarError(
            .config, "\(path): the sidecar's certificate has expired; issue another with 'stile certs issue'.")
    }

    /// Keeps the connection until ``stop()``. On a task of its own, which does not hear of the sidecar's shutdown.
    func start() -> Task<Void, Never> {
        let group = group
        return Task.detached { try? await group.run() }
    }

    /// Sends what there is to send, for a few seconds, and ends.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Ends the uplink's thread. Nothing of the uplink runs any more.
    func close() async {
        await loop.close()
    }
}
