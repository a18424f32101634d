public import SQLInspection

/// A catalog snapshot that can be told from every other of its process.
public final class PostgresCatalog: Sendable {
    public let snapshot: CatalogSnapshot
    /// Unequal for snapshots of different content or database.
    public let version: UInt64

    public init(snapshot: CatalogSnapshot, version: UInt64) {
        self.snapshot = snapshot
        self.version = version
    }
}
