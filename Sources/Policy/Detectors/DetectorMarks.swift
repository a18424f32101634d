import CByteScan

/// Finds, sixteen bytes at a time, the places where something may start: groups are put into eight sets, and of each set is known by halves
/// of bytes what may stand before a place, on the four from there on, and further on where all of a match is of one kind. What is marked is looked at again, by the exact tables.
struct DetectorMarks: Sendable {
    /// Whether this processor can.
    static let isThere = level != 0
    private static let level = bytescan_level()

    /// Words of marks that are made at once: 64 places each.
    static let batch = 64

    /// As `bytescan_find_starts` takes it.
    private let sets: FrozenTable<UInt8>
    /// Words start at a hump, too: patientMrn.
    private let humps: Bool

    private static let places = 7
    /// The places further on.
    private static let far = [Int(bytescan_far), Int(bytescan_farther)]
    private static let setCount = 8

    /// What may stand at a place, as halves of bytes.
    private struct Halves {
        var low: UInt16 = 0
        var high: UInt16 = 0

        init(_ bytes: some Sequence<Int>) {
            for byte in bytes {
                low |= 1 << UInt16(byte & 15)
                high |= 1 << UInt16(byte >> 4)
            }
        }

        func union(_ other: Halves) -> Halves {
            var result = self
            result.low |= other.low
            result.high |= other.high
            return result
        }

        /// How much of a usual text passes, more or less: letters and digits are more of it than all else.
        var share: Double {
            var sum = 0.0
            for half in 0..<16 where high >> UInt16(half) & 1 != 0 { sum += Halves.weights[half] }
            return sum * Double(low.nonzeroBitCount) / 16
        }

        private static let weights = [
            0.01, 0.01, 0.18, 0.17, 0.03, 0.04, 0.26, 0.25, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01,
        ]
    }

    /// - Parameters:
    ///   - starts: as in ``DetectorPrefilter/starts``: for each of the first four places, byte → members that may have it there.
    ///   - before: byte → members that may start behind it.
    ///   - members: bits of the two.
    ///   - isPossible: whether a member's match may have a byte at a place further on.
    init(
        starts: [UInt64], before: [UInt64], members: UInt64, humps: Bool,
        isPossible: (_ member: Int, _ place: Int, _ byte: UInt8) -> Bool = { _, _, _ in true }
    ) {
        self.humps = humps
        var sets = Array(
            repeating: Array(repeating: Halves([]), count: DetectorMarks.places), count: DetectorMarks.setCount)
        var shares = Array(repeating: 0.0, count: DetectorMarks.setCount)
        var all: [[Halves]] = []
        for member in 0..<64 where members >> UInt64(member) & 1 != 0 {
            var halves = [Halves((0..<256).filter { before[$0] >> UInt64(member) & 1 != 0 })]
            for place in 0..<DetectorProfile.nearWindow {
                halves.append(Halves((0..<256).filter { starts[place * 257 + $0] >> UInt64(member) & 1 != 0 }))
            }
            for place in DetectorMarks.far {
                halves.append(Halves((0..<256).filter { isPossible(member, place, UInt8($0)) }))
            }
            all.append(halves)
        }
        // What lets most pass comes first; each goes to the set that then lets the least more pass.
        for member in all.sorted(by: { DetectorMarks.share($0) > DetectorMarks.share($1) }) {
            var best = (set: 0, more: Double.infinity)
            for set in sets.indices {
                let more = DetectorMarks.share(zip(sets[set], member).map { $0.union($1) }) - shares[set]
                if more < best.more { best = (set, more) }
            }
            sets[best.set] = zip(sets[best.set], member).map { $0.union($1) }
            shares[best.set] += best.more
        }
        var table: [UInt8] = []
        for place in 0..<DetectorMarks.places {
            for half in [\Halves.low, \Halves.high] {
                for value in 0..<16 {
                    var bits: UInt8 = 0
                    for set in sets.indices where sets[set][place][keyPath: half] >> UInt16(value) & 1 != 0 {
                        bits |= 1 << UInt8(set)
                    }
                    table.append(bits)
                }
            }
        }
        self.sets = FrozenTable(table)
    }

    private static func share(_ places: [Halves]) -> Double { places.reduce(1) { $0 * $1.share } }

    func free() { sets.free() }

    /// Calls `body` with every place in ascending order where something may start.
    ///
    /// - Parameter escapes: whether the text has a backslash.
    @inline(__always)
    func forEach(in text: Span<UInt8>, escapes: Bool, _ body: (Int) -> Void) {
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: DetectorMarks.batch) { words in
            guard let start = words.baseAddress else { return }
            var from = 0
            while from < text.count {
                let count = min(DetectorMarks.batch, (text.count - from + 63) / 64)
                unsafe text.withUnsafeBufferPointer { bytes in
                    unsafe bytescan_find_starts(
                        bytes.baseAddress, bytes.count, from, sets.pointer, DetectorMarks.level, humps ? 1 : 0,
                        escapes ? 1 : 0, start, count
                    )
                }
                for word in 0..<count {
                    var bits = unsafe start[word]
                    while bits != 0 {
                        body(from &+ 64 &* word &+ bits.trailingZeroBitCount)
                        bits &= bits &- 1
                    }
                }
                from += 64 * count
            }
        }
    }
}

extension Span<UInt8> {
    /// The first place from `start` on where a byte is; the end when there is none.
    @inline(__always)
    func first(_ byte: UInt8, from start: Int) -> Int {
        unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, start >= 0 else { return bytes.count }
            return unsafe bytescan_first(base, start, bytes.count, byte)
        }
    }
}
