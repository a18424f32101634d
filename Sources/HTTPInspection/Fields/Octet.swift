/// What RFC 9110 §5.5 and §5.6 say about single bytes.
enum Octet {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20

    /// `tchar`: what names of methods, fields and parameters are made of.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        byte < 64 ? tokenLow & (1 << UInt64(byte)) != 0 : byte < 128 && tokenHigh & (1 << UInt64(byte - 64)) != 0
    }

    /// `field-vchar`, space and tab: everything but control characters.
    @inline(__always)
    static func isFieldContent(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == tab
    }

    @inline(__always)
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == space || byte == tab
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// A hexadecimal digit's value.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    // Literals, so that looking one up is no call of an initialiser.
    /// `! # $ % & ' * + - .` and digits: a bit for each byte below 64.
    private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    /// Letters and `^ _ ` | ~`: a bit for each byte from 64 on.
    private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
}

/// `OWS` (RFC 9110 §5.6.3).
enum OptionalWhitespace {
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, Octet.isWhitespace(first) { bytes.removeFirst() }
        while let last = bytes.last, Octet.isWhitespace(last) { bytes.removeLast() }
        return bytes
    }
}
