import Foundation
import GRDB
import Synchronization

/// Where evidence, approvals and revocations are kept: one SQLite database in WAL mode.
///
/// What `write` has returned from is durable: the database syncs its log before it says so (`synchronous = FULL`), and
/// nothing is acknowledged to a sidecar before.
final class Store: Sendable {
    let pool: DatabasePool
    /// The time as the store sees it; a test turns it.
    let clock: @Sendable () -> Timestamp
    /// What committed transactions have indexed.
    private let alike = Mutex(AlikeRecords())

    /// Opens the database in a directory, makes both if they are not there, and brings the schema up to date.
    ///
    /// - Throws: ``CollectorError`` that names the directory.
    init(directory: String, clock: @escaping @Sendable () -> Timestamp = Timestamp.now) throws(CollectorError) {
        self.clock = clock
        let path = directory + "/collector.sqlite"
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let reason = cause.map { String(cString: strerror(Int32(clamping: $0.code))) } ?? error.localizedDescription
            throw CollectorError(
                .permission,
                "data directory \(directory) cannot be made: \(reason); check that its parent is there, and its owner and mode"
            )
        }
        do {
            // Evidence is for the collector's own user, whatever the process's umask is: SQLite gives its other files
            // the mode of the first.
            let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Foundation.close(descriptor) }
            var configuration = Configuration()
            configuration.label = "collector"
            configuration.busyMode = .timeout(10)
            configuration.maximumReaderCount = 4
            // An older row of evidence is never edited, so foreign keys need no cascades; checking them is cheap.
            configuration.foreignKeysEnabled = true
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // The pool sets NORMAL for WAL, which may lose the last commits in a power cut: an acknowledged record
                // has left the sidecar's spool, so it must not be lost.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // 16 MiB of log: the pages that every transaction changes are copied into the database less often.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            try Schema.migrator.migrate(pool)
            self.pool = pool
        } catch let error as DatabaseError {
            throw CollectorError(
                .store, "the store \(path) cannot be opened: \(error.message ?? "SQLite error \(error.resultCode)")")
        } catch {
            throw CollectorError(.store, "the store \(path) cannot be opened", cause: error)
        }
    }

    /// Reads a consistent snapshot.
    func read<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        try await pool.read(body)
    }

    /// Changes the store in one transaction; what it returns is durable.
    func write<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        try await pool.write(body)
    }

    /// Stores batches in one transaction; what it returns is durable.
    func ingest(_ batches: [RecordIngest.Batch], now: Timestamp) async throws -> RecordIngest.Outcome {
        let (outcome, grown) = try await pool.write { [self] db in
            var alike = takeAlike()
            return (try RecordIngest.run(db, batches, now: now, alike: &alike), alike)
        }
        putBack(grown)
        return outcome
    }

    /// What the next transaction goes on from. Until that is committed there is nothing: what is rolled back stands for nobody.
    func takeAlike() -> AlikeRecords {
        alike.withLock { known in
            defer { known = AlikeRecords() }
            return known
        }
    }

    /// What a transaction that was committed has made of it.
    func putBack(_ grown: AlikeRecords) {
        alike.withLock { $0 = grown }
    }

    /// Whether the store answers, for readiness.
    func ping() async throws {
        try await pool.read { db in _ = try Int.fetchOne(db, sql: "SELECT 1") }
    }

    /// Moves what the log holds into the database file, and closes it.
    func close() {
        _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        try? pool.close()
    }
}

extension Store {
    /// A name for this store that stays the same, made with it.
    func identity() throws(CollectorError) -> String {
        do {
            return try pool.write { [clock] db in
                if let known = try String.fetchOne(db, sql: "SELECT value FROM properties WHERE name = 'collector'") {
                    return known
                }
                let id = Identifiers.uuid(Identifiers.uuidv7(at: clock()))
                try db.execute(sql: "INSERT INTO properties (name, value) VALUES ('collector', ?)", arguments: [id])
                return id
            }
        } catch {
            throw CollectorError(.store, "the store cannot be written", cause: error)
        }
    }
}
