/// A set of bytes.
struct ByteSet: Hashable, Sendable {
    private var words = SIMD4<UInt64>.zero

    init() {}

    init(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { insert(byte) }
    }

    /// The members of `\w`.
    static let word = ByteSet((0...255 as ClosedRange<UInt8>).filter(isWord))

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    mutating func insert(_ byte: UInt8) {
        words[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
    }

    func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 != 0
    }

    mutating func formUnion(_ other: ByteSet) {
        words |= other.words
    }

    var isEmpty: Bool { words == .zero }

    /// The members, ascending.
    var bytes: [UInt8] { (0...255 as ClosedRange<UInt8>).filter(contains) }

    /// The members as the fewest ranges, ascending.
    var ranges: [ClosedRange<UInt8>] {
        var result: [ClosedRange<UInt8>] = []
        for byte in bytes {
            if let last = result.last, Int(last.upperBound) + 1 == Int(byte) {
                result[result.count - 1] = last.lowerBound...byte
            } else {
                result.append(byte...byte)
            }
        }
        return result
    }
}
