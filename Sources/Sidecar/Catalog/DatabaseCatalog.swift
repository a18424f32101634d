import Enforcement
import Logging
import NIOCore
import Policy
import SQLInspection
import Synchronization

private let versions = Atomic<UInt64>(1)

/// The catalog of one database of one resource.
actor DatabaseCatalog {
    private let database: String
    private let eventLoop: any EventLoop
    private let metrics: SidecarMetrics
    private let logger: Logger
    private var connection: UpstreamQueries?
    private var resource: Resource?
    private var fingerprint: String?
    private var checkedAt: NIODeadline?
    /// When the look began that last told what the server has.
    private var knownAt = NIODeadline.now()
    private(set) var catalog: PostgresCatalog?
    /// The check under way, with the moment that it began.
    private var check: (startedAt: NIODeadline, task: Task<PostgresCatalog, any Error>)?

    init(database: String, eventLoop: any EventLoop, metrics: SidecarMetrics, logger: Logger) {
        self.database = database
        self.eventLoop = eventLoop
        self.metrics = metrics
        self.logger = logger
    }

    var version: UInt64? { catalog?.version }

    /// The catalog as the server had it, at most so long ago. Callers at one time share one look.
    func current(_ runtime: ResourceRuntime, maximumAgeMilliseconds: Int64) async throws -> PostgresCatalog {
        let asked = NIODeadline.now()
        if let catalog, let checkedAt, checkedAt + .milliseconds(maximumAgeMilliseconds) > asked,
            resource == runtime.resource
        {
            return catalog
        }
        if maximumAgeMilliseconds > 0, let check { return try await check.task.value }
        // A look that began before we were asked may have missed what we were asked about: wait, then look again.
        while let check, check.startedAt < asked {
            _ = try? await check.task.value
            if let later = self.check, later.startedAt == check.startedAt { self.check = nil }
        }
        if let check { return try await check.task.value }
        let task = Task { try await self.look(runtime) }
        let startedAt = NIODeadline.now()
        check = (startedAt, task)
        defer { if check?.startedAt == startedAt { check = nil } }
        return try await task.value
    }

    /// Whether what was last told of the server is older than this.
    func isOlder(thanMilliseconds milliseconds: Int64) -> Bool {
        // Before the first was read nothing is judged by it.
        catalog != nil && knownAt + .milliseconds(milliseconds) < .now()
    }

    /// Gives the connection back while nobody uses the database: what is known of it is nobody's concern.
    func rest() {
        disconnect()
        knownAt = .now()
    }

    private func disconnect() {
        connection?.close()
        connection = nil
        checkedAt = nil
    }

    private func look(_ runtime: ResourceRuntime) async throws -> PostgresCatalog {
        // A kept connection may have died long ago: then a new one is tried before anybody is told.
        let wasKept = connection != nil
        do {
            do {
                return try await lookOnce(runtime)
            } catch  where wasKept {
                disconnect()
                return try await lookOnce(runtime)
            }
        } catch {
            disconnect()
            metrics.catalogFailures.add()
            throw error
        }
    }

    private func lookOnce(_ runtime: ResourceRuntime) async throws -> PostgresCatalog {
        if resource != runtime.resource || connection?.isOpen == false {
            disconnect()
            // Another upstream is another schema.
            if resource?.upstream != runtime.resource.upstream { fingerprint = nil }
            resource = runtime.resource
        }
        let startedAt = NIODeadline.now()
        let queries: UpstreamQueries
        if let connection {
            queries = connection
        } else {
            queries = try await UpstreamQueries.open(runtime, database: database, on: eventLoop)
            connection = queries
        }
        if let catalog, let fingerprint, try await CatalogLoader.fingerprint(queries) == fingerprint {
            checkedAt = startedAt
            knownAt = startedAt
            return catalog
        }
        let loaded = try await CatalogLoader.load(queries)
        let fresh = PostgresCatalog(
            snapshot: loaded.snapshot, version: versions.wrappingAdd(1, ordering: .relaxed).newValue)
        catalog = fresh
        fingerprint = loaded.fingerprint
        checkedAt = startedAt
        knownAt = startedAt
        metrics.catalogLoads.add()
        logger.info(
            "a catalog was read",
            metadata: [
                "resource": "\(runtime.resource.name)", "database": "\(database)",
                "relations": "\(loaded.snapshot.relations.count)",
            ])
        return fresh
    }
}
