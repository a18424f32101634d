import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Identity
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle

/// The collector: takes in evidence over the uplink, keeps it, and serves the audit API.
///
/// It runs as a program of its own or inside another (`stile run`); a port of 0 is any free one, and ``addresses`` says
/// which it became.
public final class CollectorServer: Service {
    /// Where it listens.
    public struct Addresses: Sendable, Hashable {
        public var uplink: ListenAddress
        public var api: ListenAddress

        public init(uplink: ListenAddress, api: ListenAddress) {
            self.uplink = uplink
            self.api = api
        }
    }

    private let configuration: CollectorConfiguration
    private let logger: Logger
    private let store: Store
    private let metrics = Metrics()
    private let changes = ChangeSignal()
    private let sidecars = SidecarRegistry()
    private let queue: IngestQueue
    private let approvals: Approvals
    private let authenticator: any Authenticator
    private let collectorID: String
    private let bound = OneShot<Addresses>()

    /// Checks what it is given and opens the store; nothing listens yet.
    ///
    /// - Parameters:
    ///   - authenticator: in place of the issuers' tokens; for tests and for embedding.
    ///   - clock: in place of the machine's.
    /// - Throws: ``CollectorError``, one line that names the place and the mend.
    public init(
        configuration: CollectorConfiguration, logger: Logger, authenticator: (any Authenticator)? = nil,
        clock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) throws(CollectorError) {
        try configuration.check()
        self.configuration = configuration
        self.logger = logger
        let store = try Store(directory: configuration.dataDirectory, clock: clock)
        self.store = store
        collectorID = try store.identity()
        queue = IngestQueue(store: store, metrics: metrics, changes: changes, logger: logger)
        approvals = Approvals(store: store, sidecars: sidecars, changes: changes, logger: logger)
        self.authenticator =
            authenticator
            ?? TokenAuthenticator(issuers: configuration.issuers, roles: configuration.roles, clock: clock)
    }

    /// Where it listens; waits until it does.
    ///
    /// - Throws: what stopped it from listening.
    public var addresses: Addresses {
        get async throws { try await bound.value }
    }

    /// Runs until it is told to stop, gracefully or by cancellation.
    ///
    /// - Throws: ``CollectorError`` when an address cannot be listened on, or a server fails.
    public func run() async throws {
        do {
            try await serve()
        } catch {
            bound.fulfil(.failure(error))
            store.close()
            throw error
        }
        bound.fulfil(.failure(CollectorError(.unavailable, "the collector has stopped")))
        store.close()
    }

    private func serve() async throws {
        let uplink = try makeUplink()
        let (apiBound, apiBinding) = AsyncStream.makeStream(of: ListenAddress.self)
        let api = try makeAPI { address in
            apiBinding.yield(address)
            apiBinding.finish()
        }
        let apiGroup = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: api, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        let ingest = Task { await queue.run() }
        let announce = Task {
            do {
                let uplinkAddress = try await uplink.transport.listeningAddress
                for await address in apiBound { listening(on: uplinkAddress, address) }
            } catch {
                // Whoever serves the uplink learns of it, and says so.
            }
        }
        let result: Result<Void, any Error>
        do {
            try await runServers(uplink, apiGroup)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        announce.cancel()
        // What was taken from sidecars is committed, however the servers ended.
        queue.stop()
        await ingest.value
        try result.get()
    }

    private enum Ending: Sendable { case uplink, api, drained }

    /// Serves until both servers have ended, or one has failed, or the drain has taken too long.
    private func runServers(
        _ uplink: GRPCServer<HTTP2ServerTransport.Posix>, _ api: ServiceGroup
    ) async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                do {
                    try await uplink.serve()
                } catch {
                    throw Self.listenError(error, self.configuration.uplink, "the uplink")
                }
                return .uplink
            }
            group.addTask {
                do {
                    try await api.run()
                } catch {
                    throw Self.listenError(error, self.configuration.api, "the API")
                }
                return .api
            }
            group.addTask {
                try await gracefulShutdown()
                await self.drain(uplink, api)
                return .drained
            }
            let housekeeping = Task { await keepHouse() }
            defer {
                housekeeping.cancel()
                group.cancelAll()
            }
            var serving: Set<Ending> = [.uplink, .api]
            while !serving.isEmpty, let ending = try await group.next(), ending != .drained {
                serving.remove(ending)
            }
        }
    }

    private func listening(on uplink: GRPCNIOTransportCore.SocketAddress, _ api: ListenAddress) {
        let addresses = Addresses(uplink: ListenAddress(uplink) ?? configuration.uplink, api: api)
        bound.fulfil(.success(addresses))
        logger.info(
            "listening",
            metadata: [
                "uplink": "\(addresses.uplink)", "api": "\(addresses.api)",
                "apiTLS": "\(configuration.apiCertificate != nil)", "data": "\(configuration.dataDirectory)",
            ])
    }

    // MARK: Servers

    private func makeUplink() throws(CollectorError) -> GRPCServer<HTTP2ServerTransport.Posix> {
        var config = HTTP2ServerTransport.Posix.Config.defaults
        // A batch has a few records of at most 4 MiB.
        config.rpc.maxRequestPayloadSize = 32 << 20
        config.http2.maxConcurrentStreams = 8
        config.http2.targetWindowSize = 4 << 20
        // A sidecar that vanished without a word is noticed within a minute.
        config.connection.keepalive.time = .seconds(30)
        config.connection.keepalive.timeout = .seconds(20)
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(5)
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        let certificate = configuration.uplinkCertificate
        let security = HTTP2ServerTransport.Posix.TransportSecurity.mTLS(
            certificateChain: [.file(path: certificate.certificate, format: .pem)],
            privateKey: .file(path: certificate.key, format: .pem)
        ) { tls in
            tls.trustRoots = .certificates([.file(path: self.configuration.sidecarAuthority, format: .pem)])
            // The chain is checked; a client has no host name to check, its id is compared with its certificate.
            tls.clientCertificateVerification = .noHostnameVerification
            tls.requireALPN = true
        }
        let transport = HTTP2ServerTransport.Posix(
            address: try configuration.uplink.resolved(), transportSecurity: security, config: config)
        let service = UplinkService(
            collectorID: collectorID, store: store, queue: queue, approvals: approvals, sidecars: sidecars,
            metrics: metrics, changes: changes, logger: logger)
        return GRPCServer(transport: transport, services: [service])
    }

    private func makeAPI(onBound: @escaping @Sendable (ListenAddress) -> Void) throws(CollectorError) -> some Service {
        let audit = AuditAPI(
            collectorID: collectorID, store: store, approvals: approvals, sidecars: sidecars, changes: changes,
            metrics: metrics, authenticator: authenticator, logger: logger)
        var http = HTTP1Channel.Configuration(idleTimeout: .seconds(60))
        http.httpDecoder = .init(maxHeaderFieldSize: 32 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 64)
        var server = HTTPServerBuilder.http1(configuration: http)
        if let certificate = configuration.apiCertificate {
            do {
                var tls = TLSConfiguration.makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificate).map {
                        .certificate($0)
                    },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
                tls.minimumTLSVersion = .tlsv12
                tls.applicationProtocols = ["http/1.1"]
                server = try .tls(server, tlsConfiguration: tls)
            } catch {
                throw CollectorError(
                    .certificate, "the API's certificate \(certificate.certificate) cannot be used", cause: error)
            }
        }
        let address = configuration.api
        return Application(
            router: audit.router(),
            server: server,
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: "stile-collector",
                availableConnectionsDelegate: MaximumAvailableConnections(4096)),
            onServerRunning: { channel in
                onBound(ListenAddress(host: address.host, port: channel.localAddress?.port ?? address.port))
            },
            logger: logger.quieter)
    }

    /// A fault of listening in a person's words.
    private static func listenError(_ error: any Error, _ address: ListenAddress, _ what: String) -> any Error {
        var cause: any Error = error
        while let runtime = cause as? RuntimeError, let inner = runtime.cause { cause = inner }
        guard let io = cause as? IOError else {
            if cause is CollectorError || cause is CancellationError { return cause }
            return CollectorError(.unavailable, "\(what) on \(address) failed", cause: cause)
        }
        switch io.errnoCode {
        case EADDRINUSE:
            return CollectorError(
                .address, "\(what) cannot listen on \(address): the port is in use; end what uses it or name another")
        case EACCES:
            return CollectorError(
                .permission, "\(what) cannot listen on \(address): ports below 1024 need a privilege; name another")
        case EADDRNOTAVAIL:
            return CollectorError(
                .address, "\(what) cannot listen on \(address): this machine has no such address")
        default:
            return CollectorError(.address, "\(what) cannot listen on \(address)", cause: io)
        }
    }

    // MARK: Housekeeping and the end

    /// Closes approvals whose time is over.
    private func keepHouse() async {
        await warnOfUnreachableIssuers()
        while !Task.isCancelled {
            do {
                try await approvals.expire()
                try await Task.sleep(for: .milliseconds(500))
            } catch is CancellationError {
                return
            } catch {
                logger.error("approvals could not be closed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    /// An issuer that is away is no reason not to start: evidence comes in without it. Whoever reads the log should know
    /// why tokens are refused.
    private func warnOfUnreachableIssuers() async {
        for issuer in configuration.issuers where issuer.jwksFile == nil {
            let url = issuer.url + (issuer.url.hasSuffix("/") ? "" : "/") + ".well-known/openid-configuration"
            do {
                _ = try await KeySetFetcher().fetch(.url(url, caFile: issuer.caFile))
            } catch  where !Task.isCancelled {
                logger.warning(
                    "issuer cannot be reached; its tokens are refused until it can",
                    metadata: ["issuer": "\(issuer.url)", "error": "\(error)"])
            } catch {
                return
            }
        }
    }

    /// Streams are ended by us, since they would go on for ever; the rest may end by itself for a while.
    private func drain(_ uplink: GRPCServer<HTTP2ServerTransport.Posix>, _ api: ServiceGroup) async {
        logger.info("draining")
        changes.finish()
        sidecars.finishAll()
        uplink.beginGracefulShutdown()
        await api.triggerGracefulShutdown()
        try? await Task.sleep(for: .seconds(configuration.drainSeconds))
    }
}

extension Logger {
    /// Warnings and worse: what the HTTP library says of itself is ours to say.
    fileprivate var quieter: Logger {
        var logger = self
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
