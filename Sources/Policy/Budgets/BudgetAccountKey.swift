/// Which budget of whom: a keyed hash of both, so that what a ledger keeps tells nobody's name.
public struct BudgetAccountKey: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - first, second: two hashes with different keys.
    ///
    /// The window is part of it: counts in buckets of another length are another budget's.
    public init(_ budget: Budget, of subject: Subject, _ first: KeyedHash, _ second: KeyedHash) {
        var bytes: [UInt8] = []
        for part in [budget.name, "\(budget.windowSeconds)", subject.issuer, subject.id] {
            let text = Array(part.utf8)
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: text.count >> shift))
            }
            bytes += text
        }
        high = first(bytes.span)
        low = second(bytes.span)
    }
}
