import GRDB
import Records

/// The store by itself, without the uplink before it and the API behind it: for `ingest-bench`, which measures what a record
/// costs.
@_spi(Benchmarks) public final class EvidenceStore: Sendable {
    private let store: Store

    /// Opens the store of a directory, made if it is not there.
    public init(directory: String) throws(CollectorError) {
        store = try Store(directory: directory)
    }

    /// Stores a batch in a transaction of its own, as a sidecar's would be that is alone.
    ///
    /// - Returns: how many records were new.
    public func take(_ records: [[UInt8]], from sidecarID: String) throws -> Int {
        let batch = RecordIngest.Batch(
            sidecarID: sidecarID, records: records.map { RecordIngest.Record(bytes: $0, hash: RecordHash(of: $0)) })
        let now = store.clock()
        var alike = store.takeAlike()
        let outcome = try store.pool.write { db in try RecordIngest.run(db, [batch], now: now, alike: &alike) }
        store.putBack(alike)
        return outcome.stored
    }

    /// A page of what a search finds, as the API asks for it.
    ///
    /// - Returns: the records' ordinals.
    public func find(_ query: RecordQuery, order: PageOrder, cursor: Int64?, limit: Int) throws -> [Int64] {
        try store.pool.read { db in
            try RecordQuery.fetch(db, query, order: order, cursor: cursor, limit: limit).map(\.ordinal)
        }
    }

    /// The bytes of the database's file, once the log is in it.
    public func byteCount() throws -> Int64 {
        try store.pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        return try store.pool.read { db in
            try Int64.fetchOne(
                db, sql: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()") ?? 0
        }
    }

    public func close() { store.close() }
}
