/// The last so many seconds, cut into buckets. A count that is as old as the window is forgotten two buckets (a thirtieth of
/// the window) later at the latest, and none is forgotten early.
public struct SlidingWindow: Hashable, Sendable {
    /// Whole buckets in a window at the most; the one that is under way comes on top.
    private static let mostBuckets: Int64 = 60

    public let bucketSeconds: Int64
    private let buckets: Int64

    public init(seconds: UInt32) {
        bucketSeconds = max(1, (Int64(seconds) + Self.mostBuckets - 1) / Self.mostBuckets)
        buckets = (Int64(seconds) + bucketSeconds - 1) / bucketSeconds
    }

    /// A window of which only its buckets are known, which is no shorter than any that has them.
    init(bucketSeconds: Int64) {
        self.bucketSeconds = max(1, bucketSeconds)
        buckets = Self.mostBuckets
    }

    /// The bucket of a moment, counted from 1970.
    public func bucket(at unixSeconds: Int64) -> Int64 {
        max(0, unixSeconds) / bucketSeconds
    }

    /// The oldest bucket that counts when `bucket` is under way.
    func oldest(at bucket: Int64) -> Int64 { bucket - buckets }

    /// When a bucket is forgotten, in seconds since 1970.
    func end(of bucket: Int64) -> Int64 { (bucket + buckets + 1) * bucketSeconds }
}

/// What was counted in each bucket of a window.
struct SlidingCount: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var bucket: Int64
        var count: UInt64
    }

    /// Ascending by bucket; at most one more than a window has.
    private(set) var entries: [Entry] = []

    var total: UInt64 {
        entries.reduce(0) { sum, entry in
            let (next, overflow) = sum.addingReportingOverflow(entry.count)
            return overflow ? .max : next
        }
    }

    mutating func forget(before oldest: Int64) {
        let kept = entries.firstIndex { $0.bucket >= oldest } ?? entries.count
        if kept > 0 { entries.removeFirst(kept) }
    }

    mutating func add(_ count: UInt64, at bucket: Int64) {
        if let last = entries.last, last.bucket >= bucket {
            // A clock that was set back counts where it was: nothing is forgotten the sooner for it.
            entries[entries.count - 1].count =
                last.count.addingReportingOverflow(count).overflow ? .max : last.count + count
            return
        }
        if count > 0 { entries.append(Entry(bucket: bucket, count: count)) }
    }

    /// Takes in a count of before; the larger one stays.
    mutating func restore(_ count: UInt64, at bucket: Int64) {
        let index = entries.firstIndex { $0.bucket >= bucket } ?? entries.count
        if index < entries.count, entries[index].bucket == bucket {
            entries[index].count = max(entries[index].count, count)
        } else {
            entries.insert(Entry(bucket: bucket, count: count), at: index)
        }
    }

    /// Takes back what was counted last.
    mutating func remove(_ count: UInt64) {
        guard let last = entries.last else { return }
        entries[entries.count - 1].count = last.count - min(last.count, count)
    }
}
