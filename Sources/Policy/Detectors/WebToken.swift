/// JSON web tokens (RFC 7519): the first part must decode to a JOSE header.
enum WebToken {
    /// Bytes of the header that are looked at: enough for `alg`, which stands early.
    private static let headerBytes = 512

    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var header: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for position in range {
            guard let value = sextet(text[position]), header.count < headerBytes else { break }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                header.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        guard header.starts(with: "{\"".utf8) else { return false }
        for start in header.indices where header[start...].starts(with: "\"alg\"".utf8) { return true }
        return false
    }

    /// The six bits of a letter of base64url (RFC 4648 §5).
    private static func sextet(_ byte: UInt8) -> UInt8? {
        if byte.isUppercase { return byte - 65 }
        if byte.isLowercase { return byte - 71 }
        if byte.isDigit { return byte + 4 }
        if byte == UInt8(ascii: "-") { return 62 }
        if byte == UInt8(ascii: "_") { return 63 }
        return nil
    }
}
