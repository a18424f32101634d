import Policy

/// What matches of a pattern are made of, and how many digits they have at the least.
struct PatternShape: Hashable {
    let run: DetectorRun
    let digits: Int

    /// - Returns: `nil` for a pattern that no digits are asked for by.
    init?(_ node: RegexNode) {
        let (bytes, digits) = PatternShape.content(of: node)
        guard digits > 0 else { return nil }
        run = DetectorRun(of: bytes.bytes)
        self.digits = digits
    }

    private static func content(of node: RegexNode) -> (bytes: ByteSet, digits: Int) {
        switch node {
        case .wordBoundary: return (ByteSet(), 0)
        case .scalar(let set):
            guard let last = set.ranges.last, last.upperBound < 0x80 else {
                return (ByteSet(UInt8.min...UInt8.max), 0)
            }
            let bytes = set.ranges.flatMap { $0.map { UInt8(truncatingIfNeeded: $0) } }
            let isDigit = bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return (ByteSet(bytes), isDigit ? 1 : 0)
        case .sequence(let parts):
            return parts.map(content).reduce((ByteSet(), 0)) { ($0.0.union($1.bytes), $0.1 + $1.digits) }
        case .alternatives(let branches):
            let contents = branches.map(content)
            return (
                contents.reduce(ByteSet()) { $0.union($1.bytes) }, contents.map(\.digits).min() ?? 0
            )
        case .repetition(let body, let min, _):
            let (bytes, digits) = content(of: body)
            return (bytes, min * digits)
        }
    }
}

extension ByteSet {
    fileprivate func union(_ other: ByteSet) -> ByteSet {
        var result = self
        result.formUnion(other)
        return result
    }
}
