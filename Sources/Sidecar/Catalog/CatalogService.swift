import Enforcement
import Logging
import NIOCore
import Policy
import ServiceLifecycle
import Synchronization

/// The schemas of the databases in use, each read over a connection of the sidecar's own and kept as it is on its
/// server.
final class CatalogService: Sendable {
    private struct Key: Hashable {
        var resource: String
        var database: String
    }

    private let catalogs = Mutex<[Key: DatabaseCatalog]>([:])
    private let group: any EventLoopGroup
    private let registry: SessionRegistry
    private let metrics: SidecarMetrics
    private let logger: Logger
    private let pollMilliseconds: Int64
    private let staleMilliseconds: Int64
    /// Those that are being compared with their server's.
    private let underWay = Mutex<Set<Key>>([])

    /// - Parameters:
    ///   - pollMilliseconds: how often catalogs in use are compared with their servers'.
    ///   - staleMilliseconds: for how long statements may be judged by a catalog that could not be compared.
    init(
        group: any EventLoopGroup, registry: SessionRegistry, metrics: SidecarMetrics, logger: Logger,
        pollMilliseconds: Int64, staleMilliseconds: Int64 = 60_000
    ) {
        self.group = group
        self.registry = registry
        self.metrics = metrics
        self.logger = logger
        self.pollMilliseconds = pollMilliseconds
        self.staleMilliseconds = staleMilliseconds
    }

    /// The catalog for a session that begins: read at first use, compared with the server's when it has not been for
    /// a while.
    func catalog(for runtime: ResourceRuntime, database: String) async throws -> PostgresCatalog {
        try await entry(runtime, database).current(runtime, maximumAgeMilliseconds: pollMilliseconds)
    }

    /// The catalog, read after this call began.
    func refresh(_ runtime: ResourceRuntime, database: String) async throws -> PostgresCatalog {
        let entry = entry(runtime, database)
        let before = await entry.version
        let catalog = try await entry.current(runtime, maximumAgeMilliseconds: 0)
        if catalog.version != before { announce(catalog, Key(resource: runtime.resource.name, database: database)) }
        return catalog
    }

    /// Compares every catalog in use with its server's, until the sidecar stops.
    ///
    /// - Parameter runtime: the resource as the policy in force has it.
    func poll(runtime: @escaping @Sendable (String) -> ResourceRuntime?) async {
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .milliseconds(pollMilliseconds)) } catch { return }
                for (key, entry) in catalogs.withLock({ $0 })
                where underWay.withLock({ $0.insert(key).inserted }) {
                    // A server that does not answer keeps nobody else's catalog from being looked at.
                    tasks.addTask {
                        await self.compare(entry, key, runtime(key.resource))
                        self.underWay.withLock { _ = $0.remove(key) }
                    }
                }
            }
        }
    }

    private func compare(_ entry: DatabaseCatalog, _ key: Key, _ runtime: ResourceRuntime?) async {
        let isUsed = !registry.entries { $0.resource == key.resource && $0.database == key.database }.isEmpty
        guard isUsed, let runtime else { return await entry.rest() }
        let before = await entry.version
        // One that answers too slowly is stale as well, and its sessions do not wait for the answer.
        let watch = Task {
            while await !entry.isOlder(thanMilliseconds: staleMilliseconds) {
                try await Task.sleep(for: .milliseconds(max(1, min(pollMilliseconds, staleMilliseconds))))
            }
            endSessions(key)
        }
        defer { watch.cancel() }
        do {
            let catalog = try await entry.current(runtime, maximumAgeMilliseconds: 0)
            if catalog.version != before { announce(catalog, key) }
        } catch {
            logger.warning(
                "a catalog could not be compared with its server's; the last one stays in use for a minute at most",
                metadata: ["resource": "\(key.resource)", "database": "\(key.database)", "reason": "\(error)"])
            if await entry.isOlder(thanMilliseconds: staleMilliseconds) { endSessions(key) }
        }
    }

    /// What tables and views are made of by now is not known: nothing more can be judged.
    private func endSessions(_ key: Key) {
        for entry in registry.entries(where: { $0.resource == key.resource && $0.database == key.database }) {
            entry.handle.deliver(.catalogLost(reason: "the catalog is out of date and could not be read again"))
        }
    }

    func closeAll() async {
        for entry in catalogs.withLock({ $0 }).values { await entry.rest() }
    }

    private func announce(_ catalog: PostgresCatalog, _ key: Key) {
        for entry in registry.entries(where: { $0.resource == key.resource && $0.database == key.database }) {
            entry.handle.deliver(.catalogChanged(catalog))
        }
    }

    private func entry(_ runtime: ResourceRuntime, _ database: String) -> DatabaseCatalog {
        catalogs.withLock { catalogs in
            let key = Key(resource: runtime.resource.name, database: database)
            if let entry = catalogs[key] { return entry }
            let entry = DatabaseCatalog(
                database: database, eventLoop: group.next(), metrics: metrics, logger: logger)
            catalogs[key] = entry
            return entry
        }
    }
}
