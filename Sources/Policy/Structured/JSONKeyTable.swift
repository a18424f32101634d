/// The keys under which JSON holds what policy classifies, in whatever case, at any depth.
public struct JSONKeyTable: Sendable {
    /// A key, and what is done with the value under it.
    public struct Use: Hashable, Sendable {
        public var key: String
        public var classification: String
        public var mask: Mask

        public init(key: String, classification: String, mask: Mask) {
            self.key = key
            self.classification = classification
            self.mask = mask
        }
    }

    /// Bytes of a key at the most; one is compared only with keys of its length.
    public static let longestKey = 128

    /// Each key once, with the strictest mask of all that name it.
    public let uses: [Use]
    /// Length of a key → the numbers of those that have it.
    private let byLength: [[Int]]
    private let folded: [[UInt8]]
    /// Bits of the lengths of keys and of their first letters: most names are no key by these alone.
    private let lengths: SIMD4<UInt64>
    private let firsts: SIMD4<UInt64>

    public init(_ uses: [Use]) {
        var strictest: [[UInt8]: Use] = [:]
        for use in uses {
            let key = Array(use.key.utf8).map(\.folded)
            if let other = strictest[key], use.mask.strictness <= other.mask.strictness { continue }
            strictest[key] = use
        }
        let sorted = strictest.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        self.uses = sorted.map(\.value)
        folded = sorted.map(\.key)
        var byLength: [[Int]] = Array(repeating: [], count: JSONKeyTable.longestKey + 1)
        var lengths = SIMD4<UInt64>.zero
        var firsts = SIMD4<UInt64>.zero
        for (number, key) in folded.enumerated() where key.count <= JSONKeyTable.longestKey {
            byLength[key.count].append(number)
            lengths[key.count >> 6] |= 1 << UInt64(key.count & 63)
            if let first = key.first { firsts[Int(first >> 6)] |= 1 << UInt64(first & 63) }
        }
        self.byLength = byLength
        self.lengths = lengths
        self.firsts = firsts
    }

    public var isEmpty: Bool { uses.isEmpty }

    /// What is done with the value under a key; `nil` when it is none of them.
    public func use(of key: String) -> Use? {
        let bytes = Array(key.utf8)
        return find(bytes.span).map { uses[$0] }
    }

    /// Whether two keys are one: in any case of ASCII's letters.
    static func areSame(_ a: String, _ b: String) -> Bool {
        a.utf8.lazy.map(\.folded).elementsEqual(b.utf8.lazy.map(\.folded))
    }

    /// The number of the use of a key; `nil` when it is none of them.
    ///
    /// - Parameter key: without its escapes.
    @inline(__always)
    func find(_ key: Span<UInt8>) -> Int? {
        let count = key.count
        guard count <= JSONKeyTable.longestKey, lengths[count >> 6] >> UInt64(count & 63) & 1 != 0 else { return nil }
        if count > 0 {
            let first = key[0].folded
            guard firsts[Int(first >> 6)] >> UInt64(first & 63) & 1 != 0 else { return nil }
        }
        return compare(key)
    }

    @inline(never)
    private func compare(_ key: Span<UInt8>) -> Int? {
        for number in byLength[key.count] where matches(folded[number], key) { return number }
        return nil
    }

    private func matches(_ known: [UInt8], _ key: Span<UInt8>) -> Bool {
        for index in 0..<key.count where key[index].folded != known[index] { return false }
        return true
    }
}

extension UInt8 {
    /// Small for capital letters of ASCII.
    fileprivate var folded: UInt8 { isUppercase ? self | 0x20 : self }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        return isHexadecimal ? (self | 0x20) - UInt8(ascii: "a") + 10 : nil
    }
}

extension Span<UInt8> {
    /// Whether exactly `word` is right there.
    func has(_ word: String, at position: Int) -> Bool {
        guard position >= 0, position + word.utf8.count <= count else { return false }
        var next = position
        for byte in word.utf8 {
            guard self[next] == byte else { return false }
            next += 1
        }
        return true
    }

    /// The first byte that is no white space; `nil` when there is none.
    func firstInk(from start: Int = 0) -> Int? {
        var position = start
        while position < count {
            if !self[position].isWhiteSpace { return position }
            position += 1
        }
        return nil
    }

    func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
        for position in range where self[position] == byte { return true }
        return false
    }
}
