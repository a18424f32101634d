/// A query, or a form in a body of `application/x-www-form-urlencoded`: pairs that are decoded when they are asked for.
public struct HTTPQuery: Sendable {
    public struct Pair: Hashable, Sendable {
        public let name: String
        /// Empty where there is no equals sign.
        public let value: String
        /// Where the name is among the bytes that the query was made of, encoded as it is.
        public let nameRange: Range<Int>
        /// Where the value is; empty where there is no equals sign.
        public let valueRange: Range<Int>
    }

    private let bytes: [UInt8]
    private let range: Range<Int>

    /// - Parameter range: Clamped to the bytes.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        self.range = range.clamped(to: 0..<bytes.count)
    }

    /// The pairs in order, decoded once, a plus as a space, and what is ambiguous about them. Pairs are separated by `&`; a `;` separates
    /// none, but some think so, and it is named. An empty pair (`&&`) is left out.
    ///
    /// - Throws: with 414 for more pairs than ``HTTPLimits/queryPairs``.
    public func pairs() throws(HTTPError) -> (pairs: [Pair], ambiguities: HTTPAmbiguities) {
        var pairs: [Pair] = []
        var ambiguities: HTTPAmbiguities = []
        var start = range.lowerBound
        while start < range.upperBound {
            let stop = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: "&")) ?? range.upperBound
            defer { start = stop + 1 }
            if stop == start { continue }
            guard pairs.count < HTTPLimits.queryPairs else {
                throw HTTPError(
                    .oversizedTarget, status: 414, "a query of more than \(HTTPLimits.queryPairs) pairs")
            }
            let whole = bytes[start..<stop]
            if whole.contains(UInt8(ascii: ";")) { ambiguities.insert(.semicolon) }
            let equals = whole.firstIndex(of: UInt8(ascii: "=")) ?? stop
            let value = min(equals + 1, stop)..<stop
            pairs.append(
                Pair(
                    name: PercentDecoding.decode(bytes[start..<equals], plusIsSpace: true, &ambiguities),
                    value: PercentDecoding.decode(bytes[value], plusIsSpace: true, &ambiguities),
                    nameRange: start..<equals, valueRange: value))
        }
        return (pairs, ambiguities)
    }
}
