/// What subjects were shown, as budgets count it. A value: no clock, no file; whoever keeps it says what time it is.
///
/// Bounded: ``maximumAccounts`` accounts of at most 61 buckets each (about 1 KB), and ``maximumValues`` values in all (about
/// 32 bytes each). When it is full, what no window counts any more is dropped; when that does not help, there is no room,
/// and what cannot be counted is not shown.
public struct BudgetLedger: Sendable {
    public static let maximumAccounts = 16_384
    public static let maximumValues = 200_000

    struct Account: Sendable {
        var window: SlidingWindow
        var rows = SlidingCount()
        /// Each value's hash, with the bucket in which it was seen last.
        var values: [UInt64: Int64] = [:]
        /// The least bucket of any value, or less.
        var oldestValue = Int64.max
    }

    private(set) var accounts: [BudgetAccountKey: Account] = [:]
    private var valueCount = 0

    public init() {}

    /// How an account stands.
    public struct Standing: Hashable, Sendable {
        public var rows: UInt64
        public var values: UInt64
        /// When the first of what is counted will be forgotten, in seconds since 1970; `nil` when nothing is.
        public var refillsAt: Int64?
    }

    public mutating func standing(
        of key: BudgetAccountKey, window: SlidingWindow, at unixSeconds: Int64
    ) -> Standing {
        guard accounts[key] != nil, open(key, window, 0) else { return Standing(rows: 0, values: 0) }
        forget(key, at: window.bucket(at: unixSeconds))
        guard let account = accounts[key] else { return Standing(rows: 0, values: 0) }
        let oldest = [account.rows.entries.first?.bucket, account.values.values.min()].compactMap(\.self).min()
        return Standing(
            rows: account.rows.total, values: UInt64(account.values.count), refillsAt: oldest.map(window.end))
    }

    /// Counts as many rows as there is room for below `limit`.
    ///
    /// - Returns: how many were counted.
    public mutating func take(
        rows: UInt64, of key: BudgetAccountKey, limit: UInt64, window: SlidingWindow, at unixSeconds: Int64
    ) -> UInt64 {
        let bucket = window.bucket(at: unixSeconds)
        guard open(key, window, bucket) else { return 0 }
        forget(key, at: bucket)
        guard let total = accounts[key]?.rows.total else { return 0 }
        let taken = min(rows, limit - min(limit, total))
        if taken > 0 { accounts[key]?.rows.add(taken, at: bucket) }
        return taken
    }

    /// Takes back rows that were counted and not shown.
    public mutating func giveBack(rows: UInt64, of key: BudgetAccountKey) {
        accounts[key]?.rows.remove(rows)
    }

    /// What became of a value.
    public enum Admission: Hashable, Sendable {
        case refused
        /// It was shown in this bucket before: nothing has changed.
        case known
        /// It was counted, in this bucket now.
        case counted(bucket: Int64)
    }

    /// Counts a value, if it is known or there is room for it below `limit`.
    public mutating func admit(
        value: UInt64, of key: BudgetAccountKey, limit: UInt64, window: SlidingWindow, at unixSeconds: Int64
    ) -> Admission {
        let bucket = window.bucket(at: unixSeconds)
        guard open(key, window, bucket) else { return .refused }
        forget(key, at: bucket)
        guard let account = accounts[key] else { return .refused }
        if let known = account.values[value] {
            if known >= bucket { return .known }
            accounts[key]?.values[value] = bucket
            return .counted(bucket: bucket)
        }
        guard UInt64(account.values.count) < limit else { return .refused }
        if valueCount >= Self.maximumValues { dropForgotten(at: unixSeconds) }
        guard valueCount < Self.maximumValues else { return .refused }
        insert(value, of: key, bucket)
        return .counted(bucket: bucket)
    }

    /// Whether there is room below `limit` for all of these at once: what is to be shown together is counted together, or not at all.
    public mutating func hasRoom(
        for values: [UInt64], of key: BudgetAccountKey, limit: UInt64, window: SlidingWindow, at unixSeconds: Int64
    ) -> Bool {
        let bucket = window.bucket(at: unixSeconds)
        guard open(key, window, bucket) else { return false }
        forget(key, at: bucket)
        guard let account = accounts[key] else { return false }
        let new = UInt64(Set(values).count { account.values[$0] == nil })
        return new == 0 || new <= limit - min(limit, UInt64(account.values.count))
    }

    private mutating func insert(_ value: UInt64, of key: BudgetAccountKey, _ bucket: Int64) {
        guard let account = accounts[key] else { return }
        if account.values[value] == nil { valueCount += 1 }
        accounts[key]?.values[value] = max(bucket, account.values[value] ?? bucket)
        accounts[key]?.oldestValue = min(account.oldestValue, bucket)
    }

    // MARK: What is kept

    mutating func restore(rows: UInt64, of key: BudgetAccountKey, _ window: SlidingWindow, _ bucket: Int64) {
        guard open(key, window, bucket) else { return }
        accounts[key]?.rows.restore(rows, at: bucket)
    }

    mutating func restore(value: UInt64, of key: BudgetAccountKey, _ window: SlidingWindow, _ bucket: Int64) {
        guard open(key, window, bucket), valueCount < Self.maximumValues else { return }
        insert(value, of: key, bucket)
    }

    /// - Returns: whether there is an account.
    private mutating func open(_ key: BudgetAccountKey, _ window: SlidingWindow, _ bucket: Int64) -> Bool {
        if let account = accounts[key] {
            // One that was restored knows its buckets alone.
            if account.window != window, account.window.bucketSeconds == window.bucketSeconds {
                accounts[key]?.window = window
            }
            return true
        }
        if accounts.count >= Self.maximumAccounts { dropForgotten(at: bucket * window.bucketSeconds) }
        guard accounts.count < Self.maximumAccounts else { return false }
        accounts[key] = Account(window: window)
        return true
    }

    private mutating func forget(_ key: BudgetAccountKey, at bucket: Int64) {
        guard let account = accounts[key] else { return }
        let oldest = account.window.oldest(at: bucket)
        if let first = account.rows.entries.first, first.bucket < oldest {
            accounts[key]?.rows.forget(before: oldest)
        }
        if account.oldestValue < oldest {
            let kept = account.values.filter { $0.value >= oldest }
            valueCount -= account.values.count - kept.count
            accounts[key]?.values = kept
            accounts[key]?.oldestValue = kept.values.min() ?? .max
        }
    }

    /// Drops what no window counts any more, of all accounts.
    public mutating func dropForgotten(at unixSeconds: Int64) {
        for (key, account) in accounts {
            forget(key, at: account.window.bucket(at: unixSeconds))
            if let rest = accounts[key], rest.rows.entries.isEmpty, rest.values.isEmpty { accounts[key] = nil }
        }
    }
}
