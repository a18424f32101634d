import Policy

/// A set of bytes of which every match has one, not far behind its start.
struct RequiredBytes: Hashable, Sendable {
    var bytes: ByteSet
    /// How far behind the start it is at the most.
    var reach: Int

    /// The rarest such set of a pattern; `nil` when there is none that a prefilter could use.
    static func of(_ node: RegexNode) -> ByteSet? {
        candidates(of: node).filter {
            $0.reach < DetectorTableLayout.window && $0.bytes.ranges.count <= 3 && weight(of: $0.bytes) < 400
        }.min { left, right in
            let weights = (weight(of: left.bytes), weight(of: right.bytes))
            return weights.0 != weights.1 ? weights.0 < weights.1 : left.reach < right.reach
        }?.bytes
    }

    private static func candidates(of node: RegexNode) -> [RequiredBytes] {
        switch node {
        case .wordBoundary: return []
        case .scalar(let set):
            guard let last = set.ranges.last, last.upperBound < 0x80 else { return [] }
            return [
                RequiredBytes(bytes: ByteSet(set.ranges.flatMap { $0.map { UInt8(truncatingIfNeeded: $0) } }), reach: 0)
            ]
        case .sequence(let parts):
            var result: [RequiredBytes] = []
            var offset = 0
            for part in parts {
                for candidate in candidates(of: part) {
                    result.append(RequiredBytes(bytes: candidate.bytes, reach: offset + candidate.reach))
                }
                guard let length = longest(part) else { break }
                offset += length
            }
            return result
        case .alternatives(let branches):
            var union = RequiredBytes(bytes: ByteSet(), reach: 0)
            for branch in branches {
                // The branch's rarest; the union of the branches' is required of the whole.
                guard let best = candidates(of: branch).min(by: { weight(of: $0.bytes) < weight(of: $1.bytes) }) else {
                    return []
                }
                union.bytes.formUnion(best.bytes)
                union.reach = max(union.reach, best.reach)
            }
            return [union]
        case .repetition(let body, let min, _): return min > 0 ? candidates(of: body) : []
        }
    }

    /// The length in bytes of the longest match; `nil` when there is no bound.
    private static func longest(_ node: RegexNode) -> Int? {
        switch node {
        case .wordBoundary: return 0
        case .scalar(let set): return (set.ranges.last?.upperBound ?? 0) < 0x80 ? 1 : 4
        case .sequence(let parts):
            var sum = 0
            for part in parts {
                guard let length = longest(part) else { return nil }
                sum += length
            }
            return sum
        case .alternatives(let branches):
            var result = 0
            for branch in branches {
                guard let length = longest(branch) else { return nil }
                result = max(result, length)
            }
            return result
        case .repetition(let body, _, let max):
            guard let max, let length = longest(body) else { return nil }
            return max * length
        }
    }

    /// How common bytes are in what databases hold, roughly, in thousandths.
    private static func weight(of set: ByteSet) -> Int {
        var sum = 0
        for byte in set.bytes {
            switch byte {
            case UInt8(ascii: " "): sum += 180
            case UInt8(ascii: "a")...UInt8(ascii: "z"): sum += 30
            case UInt8(ascii: "0")...UInt8(ascii: "9"): sum += 12
            case UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "Q"), UInt8(ascii: "X"), UInt8(ascii: "Z"): sum += 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): sum += 4
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: ":"):
                sum += 15
            case UInt8(ascii: "@"), UInt8(ascii: "+"): sum += 1
            default: sum += 3
            }
        }
        return sum
    }
}
