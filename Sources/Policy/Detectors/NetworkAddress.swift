/// IP addresses that may belong to somebody.
enum NetworkAddress {
    /// An IPv4 address that is no version number, network mask or address of the host itself.
    static func isIPv4(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let after = text.byte(range.upperBound)
        guard !after.isWord, !text.isWithinNumber(range, dashes: true), IPAddressText.isIPv4(text, in: range) else {
            return false
        }
        let before = text.byteBefore(range.lowerBound)
        // 1.2.3.4-rc1, package-1.2.3.4, Chrome/99.0.48.1
        if after == UInt8(ascii: "-"), text.byte(range.upperBound + 1).isAlphanumeric { return false }
        if before == UInt8(ascii: "-") || before == UInt8(ascii: "/"), text.byte(range.lowerBound - 2).isAlphanumeric {
            return false
        }
        if isVersion(text, before: range.lowerBound) { return false }
        var first = 0
        for position in range {
            guard text[position].isDigit else { break }
            first = first * 10 + Int(text[position] - UInt8(ascii: "0"))
        }
        return first != 0 && first != 127 && first < 240
    }

    /// Whether the word before says that a version follows.
    private static func isVersion(_ text: Span<UInt8>, before start: Int) -> Bool {
        var end = start
        while end > 0, start - end < 3, !text.byte(end - 1).isAlphanumeric { end -= 1 }
        return text.hasWord("version", at: end - 7) || text.hasWord("release", at: end - 7)
            || text.hasWord("build", at: end - 5) || text.hasWord("firmware", at: end - 8)
            || text.hasWord("ver", at: end - 3) && !text.byte(end - 4).isLetter
    }

    /// An IPv6 address that is no time, hardware address or scope operator of a programming language.
    static func isIPv6(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let after = text.byte(range.upperBound)
        let before = text.byteBefore(range.lowerBound)
        let goesOn = after == UInt8(ascii: ":") && !text.byte(range.upperBound + 1).isWhiteSpace
        guard !after.isWord, !goesOn, before != UInt8(ascii: ":"), !before.isWord,
            IPAddressText.isIPv6(text, in: range)
        else { return false }
        var groups = 0
        var digits = 0
        var isInGroup = false
        for position in range {
            let byte = text[position]
            if byte.isDigit { digits += 1 }
            if byte != UInt8(ascii: ":"), !isInGroup { groups += 1 }
            isInGroup = byte != UInt8(ascii: ":")
        }
        // ::1 is everybody's own; a::b is a name in a program.
        return digits > 0 && (groups >= 3 || groups == 2 && range.count >= 8) && range.count >= 8
    }
}
