/// Random letters and digits: all three kinds of them, and many different ones. Hashes in hexadecimal are none.
enum SecretKey {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let after = text.byte(range.upperBound)
        guard !after.isAlphanumeric, after != UInt8(ascii: "/"), after != UInt8(ascii: "+"), after != UInt8(ascii: "=")
        else { return false }
        var seen = SIMD2<UInt64>.zero
        var upper = 0
        var lower = 0
        var digits = 0
        for position in range {
            let byte = text[position]
            guard byte < 128 else { return false }
            seen[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
            upper += byte.isUppercase ? 1 : 0
            lower += byte.isLowercase ? 1 : 0
            digits += byte.isDigit ? 1 : 0
        }
        return upper > 0 && lower > 0 && digits > 0 && seen[0].nonzeroBitCount + seen[1].nonzeroBitCount >= 16
    }
}

/// Private keys in PEM form (RFC 7468). The pattern finds the first line; the rest is found here.
enum PrivateKeyBlock {
    /// Up to the end of the last line, or as far as the text looks like base64 when that is missing.
    static func extent(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        var end = range.upperBound
        while end < text.count {
            let byte = text[end]
            if byte == UInt8(ascii: "-") {
                guard text.hasWord("-----end ", at: end) else { break }
                var last = end + 9
                while last < text.count, text[last].isAlphanumeric || text[last] == UInt8(ascii: " ") { last += 1 }
                while last < text.count, text[last] == UInt8(ascii: "-") { last += 1 }
                return range.lowerBound..<last
            }
            guard isBody(byte) else { break }
            end += 1
        }
        return range.lowerBound..<end
    }

    /// Base64, the ends of lines (escaped ones too), and the headers of old encrypted keys.
    private static func isBody(_ byte: UInt8) -> Bool {
        if byte.isAlphanumeric || byte.isWhiteSpace { return true }
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "\\"), UInt8(ascii: ":"),
            UInt8(ascii: ","), UInt8(ascii: "."):
            return true
        default: return false
        }
    }
}
