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
        if let certificate = collector.certificateFile, let key = collector.keyFile {
            try Self.check(certificate: certificate, key: key, authority: collector.caFile)
        }
        let transport = try GRPCUplinkTransport(collector, group: loop.group)
        if collector.certificateFile == nil {
            logger.warning(
                "the collector is asked without TLS, and a stile-collector takes sidecars by TLS alone: give --certificate, --key and --collector-ca (stile certs)",
                metadata: ["collector": "\(transport.target)"])
        }
        uplink = try Uplink(
            configuration: UplinkConfiguration(
                hello: hello, revocationsFile: "\(configuration.spoolDirectory)/revocations"),
            spool: spool, transport: transport, executor: loop, condition: condition, revocations: revocations,
            metrics: metrics,
            logger: logger)
        group = ServiceGroup(services: [uplink], gracefulShutdownSignals: [], logger: logger)
    }

    /// Says which file is at fault and what mends it, which no handshake does.
    static func check(certificate: String, key: String, authority: String?) throws(SidecarError) {
        let chain = try readCertificates(certificate, what: "the sidecar's certificate (--certificate)")
        if let first = chain.first, Int64(first.notValidAfter) <= SystemClock.unixSeconds() {
            throw SidecarError(
                .config,
                "\(certificate): the sidecar's certificate has expired; issue another with 'stile certs issue'.")
        }
        let privateKey = try readPrivateKey(key, what: "the key of the sidecar's certificate (--key)")
        if let authority {
            let authorities = try readCertificates(authority, what: "the collector's authority (--collector-ca)")
            if authorities.allSatisfy({ Int64($0.notValidAfter) <= SystemClock.unixSeconds() }) {
                throw SidecarError(
                    .config,
                    "\(authority): the collector's authority has expired; make another with 'stile certs init'.")
            }
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateChain = chain.map { .certificate($0) }
        tls.privateKey = .privateKey(privateKey)
        do {
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw SidecarError(
                .config, "\(key): is not the key of \(certificate); issue both together with 'stile certs issue'.")
        }
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
