/// One thing that a ledger keeps: what survives its process is a list of these, in any order and any number of times.
public struct BudgetEntry: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// So many rows, or fewer, were counted in the bucket.
        case rows(UInt64)
        /// The value was counted.
        case value(UInt64)
    }

    public var account: BudgetAccountKey
    public var bucketSeconds: Int64
    public var bucket: Int64
    public var content: Content

    public init(account: BudgetAccountKey, bucketSeconds: Int64, bucket: Int64, content: Content) {
        self.account = account
        self.bucketSeconds = bucketSeconds
        self.bucket = bucket
        self.content = content
    }
}

extension BudgetLedger {
    /// Everything that is kept.
    public var entries: [BudgetEntry] {
        var result: [BudgetEntry] = []
        for (key, account) in accounts {
            let seconds = account.window.bucketSeconds
            for entry in account.rows.entries {
                result.append(
                    BudgetEntry(
                        account: key, bucketSeconds: seconds, bucket: entry.bucket, content: .rows(entry.count)))
            }
            for (value, bucket) in account.values {
                result.append(
                    BudgetEntry(account: key, bucketSeconds: seconds, bucket: bucket, content: .value(value)))
            }
        }
        return result
    }

    /// Takes in what another ledger kept. The larger number counts, and the later time.
    public mutating func restore(_ entry: BudgetEntry) {
        guard entry.bucketSeconds > 0, entry.bucket >= 0 else { return }
        let window = SlidingWindow(bucketSeconds: entry.bucketSeconds)
        switch entry.content {
        case .rows(let count): restore(rows: count, of: entry.account, window, entry.bucket)
        case .value(let value): restore(value: value, of: entry.account, window, entry.bucket)
        }
    }

    /// Rows that were counted last, with their bucket.
    public func latestRows(of key: BudgetAccountKey) -> (bucket: Int64, count: UInt64)? {
        accounts[key]?.rows.entries.last.map { ($0.bucket, $0.count) }
    }
}
