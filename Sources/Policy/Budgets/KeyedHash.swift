/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed pseudo-random function, short enough to be read. Who does not have the
/// key cannot tell from a hash what was hashed, nor make two values meet.
public struct KeyedHash: Sendable {
    private let k0: UInt64
    private let k1: UInt64

    public init(_ k0: UInt64, _ k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    public func callAsFunction(_ bytes: Span<UInt8>) -> UInt64 {
        var state = State(k0, k1)
        let whole = bytes.count & ~7
        var index = 0
        while index < whole {
            state.compress(Self.word(bytes, index, 8))
            index += 8
        }
        let last = Self.word(bytes, whole, bytes.count - whole) | UInt64(truncatingIfNeeded: bytes.count) << 56
        state.compress(last)
        return state.finish()
    }

    private static func word(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        for offset in 0..<count { word |= UInt64(bytes[start + offset]) << UInt64(8 * offset) }
        return word
    }

    private struct State {
        var v0, v1, v2, v3: UInt64

        init(_ k0: UInt64, _ k1: UInt64) {
            v0 = k0 ^ 0x736f_6d65_7073_6575
            v1 = k1 ^ 0x646f_7261_6e64_6f6d
            v2 = k0 ^ 0x6c79_6765_6e65_7261
            v3 = k1 ^ 0x7465_6462_7974_6573
        }

        mutating func compress(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xFF
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 &+= v1
            v1 = v1 << 13 | v1 >> 51
            v1 ^= v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = v3 << 16 | v3 >> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 << 21 | v3 >> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 << 17 | v1 >> 47
            v1 ^= v2
            v2 = v2 << 32 | v2 >> 32
        }
    }
}
