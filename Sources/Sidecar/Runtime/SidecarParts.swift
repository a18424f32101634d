import Enforcement
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Records

/// The parts of a sidecar and how they are put together.
struct SidecarParts: Sendable {
    let reactors: ReactorGroup
    let group: MultiThreadedEventLoopGroup
    let threads: NIOThreadPool
    let fetcher: KeySetFetcher
    let spool: Spool
    let environment: SessionEnvironment
    let listeners: ListenerSet
    let current: CurrentPolicy
    let policy: PolicyController
    let tokens: TokenFileWatch
    let journal: SidecarJournal
    let readiness: Readiness
    let operations: OperationsServer?
    let uplink: CollectorLink?

    static func make(configuration: SidecarConfiguration, logger: Logger) async throws(SidecarError) -> SidecarParts {
        LargeBlocks.giveBackWhenFreed()
        // Half of the cores: the agent and the database beside us want theirs, and a loop that sleeps less often costs
        // less a transaction than two that do.
        let loops = max(1, configuration.eventLoops ?? min(System.coreCount / 2, 4))
        let reactors = try ReactorGroup(count: loops)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let fetcher = KeySetFetcher(group: group)
        do {
            return try await assemble(
                configuration: configuration, logger: logger, reactors: reactors, group: group, threads: threads,
                fetcher: fetcher)
        } catch {
            await fetcher.shutDown()
            await reactors.shutDown()
            try? await threads.shutdownGracefully()
            try? await group.shutdownGracefully()
            throw error as? SidecarError ?? SidecarError(.software, "the sidecar cannot start: \(error)")
        }
    }

    private static func assemble(
        configuration: SidecarConfiguration, logger: Logger, reactors: ReactorGroup,
        group: MultiThreadedEventLoopGroup, threads: NIOThreadPool, fetcher: KeySetFetcher
    ) async throws -> SidecarParts {
        let metrics = SidecarMetrics(buffers: BufferBudget(limit: Int(clamping: configuration.bufferLimit)))
        let readiness = Readiness()
        let registry = SessionRegistry()
        let current = CurrentPolicy(registry: registry)
        let signer = try WorkloadKey.signer(configuration: configuration)
        let spool = try openSpool(configuration, signer: signer, logger: logger)
        let sink = SpoolRecordSink(spool: spool, signer: signer, metrics: metrics)
        let journal = SidecarJournal(sink: sink, logger: logger)
        let revocations = RevocationList()
        let uplink = try configuration.collector.map { collector in
            try CollectorLink(
                collector: collector, configuration: configuration, spool: spool, condition: current,
                revocations: revocations, metrics: metrics, logger: logger)
        }
        let environment = SessionEnvironment(
            configuration: configuration, metrics: metrics, logger: logger, registry: registry, current: current,
            identity: IdentityService(fetcher: fetcher), revocations: revocations,
            catalogs: CatalogService(
                group: group, registry: registry, metrics: metrics, logger: logger,
                pollMilliseconds: configuration.catalogPollMilliseconds,
                staleMilliseconds: configuration.catalogStaleMilliseconds),
            records: sink, approvals: uplink?.uplink ?? AbsentCollector(), grants: GrantStore(),
            budgets: try BudgetStore(
                directory: configuration.spoolDirectory, logger: logger, now: SystemClock.unixSeconds()),
            mcp: MCPServices(pins: try ToolStore(directory: configuration.spoolDirectory, logger: logger)),
            reader: StatementReader(parser: InspectorParser()), threads: threads,
            scramKeys: SCRAMKeyCache(threads: threads), egress: EgressServices(),
            oauth: OAuthTokens(group: group, logger: logger), group: group)
        let acceptor = SessionAcceptor(environment: environment, reactors: reactors)
        let listeners = ListenerSet(
            reactors: reactors, overrides: configuration.listenOverrides, logger: logger,
            accepted: { resource, descriptor in acceptor.accept(descriptor, resource: resource) })
        revocations.whenAdded { revocation in
            for entry in registry.entries() {
                guard let token = entry.token, revocation.applies(to: token, sessionID: entry.sessionID) else {
                    continue
                }
                entry.handle.deliver(.revoked(reason: revocation.shownReason))
            }
        }
        let policy = PolicyController(
            environment: environment, listeners: listeners, journal: journal, readiness: readiness)
        let tokens = TokenFileWatch(environment: environment, readiness: readiness)
        journal.happened("started", "sidecar \(configuration.sidecarID), version \(SidecarVersion.current)")
        do {
            try await policy.start()
            try checkFiles(current)
            await tokens.tick(current.runtimes)
            var operations: OperationsServer?
            if let address = configuration.operationsAddress {
                operations = try await OperationsServer.bind(
                    to: address, group: group, metrics: metrics, readiness: readiness)
            }
            return SidecarParts(
                reactors: reactors, group: group, threads: threads, fetcher: fetcher, spool: spool,
                environment: environment,
                listeners: listeners, current: current, policy: policy, tokens: tokens, journal: journal,
                readiness: readiness, operations: operations, uplink: uplink)
        } catch {
            await listeners.close()
            await environment.oauth.shutDown()
            try? spool.close()
            throw error
        }
    }

    /// What is missing when the sidecar starts is a mistake of whoever starts it; later it only makes it unready.
    private static func checkFiles(_ current: CurrentPolicy) throws(SidecarError) {
        for runtime in current.runtimes { try runtime.checkCredentials() }
    }

    private static func openSpool(
        _ configuration: SidecarConfiguration, signer: SessionSigner, logger: Logger
    ) throws(SidecarError) -> Spool {
        do throws(SpoolError) {
            let now = SystemClock.unixMicroseconds()
            let (spool, found) = try Spool.open(
                SpoolConfiguration(
                    directory: configuration.spoolDirectory, maximumBytes: Int(clamping: configuration.spoolLimit)),
                now: now)
            for damage in found.damages {
                logger.error("the spool is damaged; what is behind the place is kept", metadata: ["place": "\(damage)"])
            }
            for name in found.unreadable {
                logger.error(
                    "a segment of the spool cannot be read; it is kept as .damaged", metadata: ["file": "\(name)"])
            }
            for torn in found.torn {
                logger.notice(
                    "a record that was being written at the last end was cut off", metadata: ["place": "\(torn)"])
            }
            if found.records > 0 {
                logger.info("the spool holds records of before", metadata: ["records": "\(found.records)"])
            }
            try spool.closeSessions(found.openSessions, signer: signer, at: now)
            return spool
        } catch {
            switch error.code {
            case .configuration: throw SidecarError(.config, "--spool-limit: \(error.message)")
            case .locked: throw SidecarError(.unavailable, error.message)
            default: throw SidecarError(.io, error.message)
            }
        }
    }
}
