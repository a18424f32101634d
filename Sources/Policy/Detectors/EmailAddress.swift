/// Mail addresses, with the lengths of RFC 5321 §4.5.3.1.
enum EmailAddress {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count <= 320, !text.byte(range.upperBound).isAlphanumeric else { return false }
        // The pattern allows one at sign. A dot at its end is no part of the local part, nor are two in a row.
        for position in range {
            let next = text.byte(position + 1)
            if text[position] == UInt8(ascii: "."), next == UInt8(ascii: "@") || next == UInt8(ascii: ".") {
                return false
            }
        }
        // user:password@host in a URL is a match too, and better masked than not.
        return true
    }
}
