import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    public init() {}

    public func add(_ amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)

    public init() {}

    public func add(_ amount: Int64) {
        current.wrappingAdd(amount, ordering: .relaxed)
    }

    public func set(_ value: Int64) {
        current.store(value, ordering: .relaxed)
    }

    public var value: Int64 { current.load(ordering: .relaxed) }
}

/// How often a duration fell under each of a few bounds.
public final class DurationHistogram: Sendable {
    /// In microseconds. From a point query on the same host to a report that takes minutes.
    static let bounds: [UInt64] = [
        250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        10_000_000, 60_000_000,
    ]

    private let buckets: [Counter]
    private let sum = Counter()

    public init() {
        buckets = (0...Self.bounds.count).map { _ in Counter() }
    }

    public func record(microseconds: UInt64) {
        let index = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
        buckets[index].add()
        sum.add(microseconds)
    }

    /// The buckets as Prometheus wants them, cumulative: bound in seconds → count.
    func snapshot() -> (buckets: [(bound: String, count: UInt64)], count: UInt64, sumMicroseconds: UInt64) {
        var total: UInt64 = 0
        var rows: [(bound: String, count: UInt64)] = []
        for (index, bucket) in buckets.enumerated() {
            total += bucket.value
            let bound = index < Self.bounds.count ? seconds(Self.bounds[index]) : "+Inf"
            rows.append((bound, total))
        }
        return (rows, total, sum.value)
    }
}

/// Microseconds as decimal seconds, without rounding.
func seconds(_ microseconds: UInt64) -> String {
    let fraction = String(microseconds % 1_000_000)
    let padded = String(repeating: "0", count: 6 - fraction.count) + fraction
    var trimmed = Substring(padded)
    while trimmed.hasSuffix("0"), trimmed.count > 1 { trimmed = trimmed.dropLast() }
    return "\(microseconds / 1_000_000).\(trimmed)"
}
