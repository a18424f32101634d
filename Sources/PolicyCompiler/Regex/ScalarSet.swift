/// A set of Unicode scalars, as ascending ranges that do not touch.
struct ScalarSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    init() {}

    init(_ ranges: [ClosedRange<UInt32>]) {
        self.ranges = ranges
        normalize()
    }

    static let digits = ScalarSet([0x30...0x39])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let whiteSpace = ScalarSet([0x09...0x0D, 0x20...0x20])
    /// What `.` is: everything but the end of a line.
    static let notNewline = ScalarSet([0x0A...0x0A]).inverted()

    mutating func formUnion(_ other: ScalarSet) {
        ranges += other.ranges
        normalize()
    }

    /// Every scalar that is not in the set. Surrogates are no scalars, and in neither.
    func inverted() -> ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ScalarSet(ranges + [0xD800...0xDFFF]).ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return ScalarSet(result)
    }

    /// With the other case of every ASCII letter in it.
    func foldingCase() -> ScalarSet {
        var result = ranges
        for range in ranges {
            for letter in UInt32(0x41)...0x5A {
                if range.contains(letter) { result.append(letter + 32...letter + 32) }
                if range.contains(letter + 32) { result.append(letter...letter) }
            }
        }
        return ScalarSet(result)
    }

    private mutating func normalize() {
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var result: [ClosedRange<UInt32>] = []
        for range in ranges {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        ranges = result
    }
}
