extension Span<UInt8> {
    /// Whether this is text in UTF-8 (RFC 3629): no overlong forms, no surrogates.
    var isText: Bool {
        var position = 0
        while position < count {
            guard let next = endOfCharacter(at: position) else { return false }
            position = next
        }
        return true
    }

    /// The end of the character in UTF-8 that begins at a place.
    ///
    /// - Returns: `nil` for what is none, and for one that the end cuts.
    @inline(__always)
    func endOfCharacter(at position: Int) -> Int? {
        let lead = self[position]
        if lead < 0x80 { return position + 1 }
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard position + length <= count, second.contains(self[position + 1]) else { return nil }
        for offset in 2..<Swift.max(length, 2) where self[position + offset] & 0xC0 != 0x80 { return nil }
        return position + length
    }

    /// The first backslash in a range; its end when there is none.
    @inline(__always)
    func firstBackslash(in range: Range<Int>) -> Int {
        extracting(0..<Swift.max(Swift.min(range.upperBound, count), 0)).first(
            UInt8(ascii: "\\"), from: range.lowerBound)
    }
}
