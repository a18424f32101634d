/// Text in base64 (RFC 4648 §4 and §5): what is in it is looked at, too, and written in the same way again.
enum Base64Text {
    /// Letters at the least: twelve bytes, in which few values that are worth a mask have room.
    static let shortest = 16

    /// Whether a string may be base64, by its first letters alone. Most strings end here: words are shorter, sentences have spaces.
    @inline(__always)
    static func mayBegin(_ text: Span<UInt8>, _ content: Range<Int>) -> Bool {
        guard content.count >= shortest else { return false }
        for offset in 0..<shortest where value(of: text[content.lowerBound + offset]) > 63 { return false }
        return true
    }

    /// How a text was written.
    struct Style: Equatable {
        var isURLSafe: Bool
        var isPadded: Bool
    }

    /// The text that is written in base64; `nil` for what is none, and for bytes that are no text.
    static func decode(_ text: Span<UInt8>) -> (text: [UInt8], style: Style)? {
        guard mayBegin(text, 0..<text.count) else { return nil }
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        let padding = text.count - end
        guard padding == 0 || text.count % 4 == 0, end % 4 != 1 else { return nil }
        var style = Style(isURLSafe: false, isPadded: padding > 0)
        var isStandard = false
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for position in 0..<end {
            let letter = text[position]
            let value = value(of: letter)
            guard value < 64 else { return nil }
            switch letter {
            case UInt8(ascii: "-"), UInt8(ascii: "_"): style.isURLSafe = true
            case UInt8(ascii: "+"), UInt8(ascii: "/"): isStandard = true
            default: break
            }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                let byte = UInt8(truncatingIfNeeded: bits >> UInt32(held))
                // Most of what is no text shows it soon.
                if byte < 0x20, !byte.isWhiteSpace { return nil }
                if decoded.isEmpty { decoded.reserveCapacity(end / 4 * 3 + 3) }
                decoded.append(byte)
            }
        }
        // Both alphabets at once are nobody's. Bits that are left over are left alone: some decoders take them.
        guard !(style.isURLSafe && isStandard), decoded.span.isText else { return nil }
        return (decoded, style)
    }

    static func encode(_ text: [UInt8], _ style: Style) -> [UInt8] {
        let alphabet = style.isURLSafe ? urlSafe : standard
        var result: [UInt8] = []
        result.reserveCapacity((text.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for byte in text {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                result.append(alphabet[Int(bits >> held & 63)])
            }
        }
        if held > 0 { result.append(alphabet[Int(bits << (6 - held) & 63)]) }
        // What has no remainder tells nothing of whether its writer pads; who pads not in URLs is the rule.
        if style.isPadded || !style.isURLSafe {
            while result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
        }
        return result
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standard = letters + Array("+/".utf8)
    private static let urlSafe = letters + Array("-_".utf8)

    /// The value of a letter of either alphabet; more than 63 for any other.
    @inline(__always)
    private static func value(of letter: UInt8) -> UInt8 {
        if letter.isUppercase { return letter - UInt8(ascii: "A") }
        if letter.isLowercase { return letter - UInt8(ascii: "a") + 26 }
        if letter.isDigit { return letter - UInt8(ascii: "0") + 52 }
        if letter == UInt8(ascii: "+") || letter == UInt8(ascii: "-") { return 62 }
        return letter == UInt8(ascii: "/") || letter == UInt8(ascii: "_") ? 63 : 64
    }
}

extension StructuredMasking {
    /// What becomes of a text in base64 when what is in it is masked.
    ///
    /// - Returns: `nil` when it is none, or nothing was found in it.
    mutating func rewriteBase64(_ text: Span<UInt8>, _ selection: DetectorSelection, level: Int) -> [UInt8]? {
        guard level < StructuredMasking.maxLevel, let (decoded, style) = Base64Text.decode(text) else { return nil }
        var output: [UInt8] = []
        guard rewrite(decoded.span, as: .text, selection, among: [], level: level + 1, into: &output) else {
            return nil
        }
        return Base64Text.encode(output, style)
    }
}
