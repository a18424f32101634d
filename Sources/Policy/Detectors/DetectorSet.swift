/// A set of detectors, by their indices in ``DetectorTables/names``.
public struct DetectorSet: Hashable, Sendable {
    /// Detectors of one bundle at the most: the members of the set.
    public static let capacity = 256

    private var words = SIMD4<UInt64>.zero

    public init() {}

    public init(_ indices: some Sequence<Int>) {
        for index in indices { insert(index) }
    }

    /// Indices out of 0..<``capacity`` are left out.
    public mutating func insert(_ index: Int) {
        guard (0..<DetectorSet.capacity).contains(index) else { return }
        words[index >> 6] |= 1 << UInt64(index & 63)
    }

    public func contains(_ index: Int) -> Bool {
        guard (0..<DetectorSet.capacity).contains(index) else { return false }
        return words[index >> 6] >> UInt64(index & 63) & 1 != 0
    }

    public mutating func formUnion(_ other: DetectorSet) { words |= other.words }

    public func intersection(_ other: DetectorSet) -> DetectorSet {
        var result = self
        result.words &= other.words
        return result
    }

    public var count: Int {
        words[0].nonzeroBitCount + words[1].nonzeroBitCount + words[2].nonzeroBitCount + words[3].nonzeroBitCount
    }

    public var isEmpty: Bool { words == .zero }

    /// The members, ascending.
    public var indices: [Int] { (0..<DetectorSet.capacity).filter(contains) }
}
