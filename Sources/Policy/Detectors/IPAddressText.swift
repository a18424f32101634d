/// Addresses in their text forms.
enum IPAddressText {
    /// Four decimal numbers of one byte each, without leading zeros.
    static func isIPv4(_ text: Span<UInt8>) -> Bool {
        isIPv4(text, in: 0..<text.count)
    }

    /// RFC 4291 §2.2: eight groups, `::` once for a run of zeros, the last two perhaps as an IPv4 address.
    static func isIPv6(_ text: Span<UInt8>) -> Bool {
        isIPv6(text, in: 0..<text.count)
    }

    static func isIPv4(_ text: Span<UInt8>, in range: Range<Int>) -> Bool {
        var parts = 0
        var digits = 0
        var value = 0
        for position in range {
            let byte = text[position]
            if byte.isDigit {
                guard digits == 0 || value > 0 else { return false }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                digits += 1
                guard value <= 255 else { return false }
            } else if byte == UInt8(ascii: "."), digits > 0, parts < 3 {
                parts += 1
                digits = 0
                value = 0
            } else {
                return false
            }
        }
        return parts == 3 && digits > 0
    }

    static func isIPv6(_ text: Span<UInt8>, in range: Range<Int>) -> Bool {
        var groups = 0
        var digits = 0
        var groupStart = range.lowerBound
        var isCompressed = false
        var position = range.lowerBound
        // A colon at the beginning must be one of two.
        if range.count >= 2, text[position] == UInt8(ascii: ":") {
            guard text[position + 1] == UInt8(ascii: ":") else { return false }
        }
        while position < range.upperBound {
            let byte = text[position]
            if byte.isHexadecimal {
                if digits == 0 { groupStart = position }
                digits += 1
                guard digits <= 4 else { return false }
                position += 1
            } else if byte == UInt8(ascii: ":") {
                if digits > 0 {
                    groups += 1
                    digits = 0
                }
                position += 1
                if position < range.upperBound, text[position] == UInt8(ascii: ":") {
                    guard !isCompressed else { return false }
                    isCompressed = true
                    position += 1
                    guard position == range.upperBound || text[position] != UInt8(ascii: ":") else { return false }
                } else if position == range.upperBound {
                    return false
                }
            } else if byte == UInt8(ascii: "."), digits > 0 {
                guard isIPv4(text, in: groupStart..<range.upperBound) else { return false }
                groups += 2
                digits = 0
                position = range.upperBound
            } else {
                return false
            }
        }
        if digits > 0 { groups += 1 }
        return isCompressed ? groups <= 7 : groups == 8
    }
}
