/// The byte sequences that encode a set of scalars, as products of byte ranges.
///
/// A range of scalars is cut where the number of bytes changes, and then until each byte's range is independent of the
/// others: U+0800–U+FFFF is E0 A0–BF 80–BF, E1–EF 80–BF 80–BF.
enum UTF8Sequences {
    static func of(_ set: ScalarSet) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        let lengths: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
        ]
        for range in set.ranges {
            for length in lengths where range.overlaps(length) {
                append(range.clamped(to: length), to: &result)
            }
        }
        return result
    }

    private static func append(_ range: ClosedRange<UInt32>, to result: inout [[ClosedRange<UInt8>]]) {
        let count = encode(range.lowerBound).count
        // Cut off what does not fill whole blocks of continuation bytes, the smallest blocks first.
        for continuation in 1..<max(count, 2) where count > 1 {
            let block: UInt32 = 1 << UInt32(6 * continuation) - 1
            guard range.lowerBound & ~block != range.upperBound & ~block else { continue }
            if range.lowerBound & block != 0 {
                append(range.lowerBound...(range.lowerBound | block), to: &result)
                append((range.lowerBound | block) + 1...range.upperBound, to: &result)
                return
            }
            if range.upperBound & block != block {
                append(range.lowerBound...(range.upperBound & ~block) - 1, to: &result)
                append(range.upperBound & ~block...range.upperBound, to: &result)
                return
            }
        }
        result.append(zip(encode(range.lowerBound), encode(range.upperBound)).map { $0...$1 })
    }

    private static func encode(_ value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String($0).utf8) } ?? []
    }
}
