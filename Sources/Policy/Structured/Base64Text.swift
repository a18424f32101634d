/// Text in base64 (RFC 4648 §4 and §5): what is in it is looked at, too, and written in the same way again.
enum Base64Text {
    /// Letters at the least: those of nine bytes, as a national id without its dashes has.
    static let shortest = 12

    /// Whether a string may be base64, by its first letters alone. Most strings end here: words are shorter, sentences have spaces.
    @inline(__always)
    static func mayBegin(_ text: Span<UInt8>, _ content: Range<Int>) -> Bool {
        guard content.count >= shortest, content.lowerBound >= 0, content.upperBound <= text.count else { return false }
        var position = content.lowerBound
        let end = content.lowerBound + min(content.count, 16)
        while position < end {
            guard isLetter(unsafe text[unchecked: position]) else { return false }
            position &+= 1
        }
        return true
    }

    /// Whether a byte may be in base64, in either alphabet: letters, digits, `+`, `/`, `-`, `_` and `=`.
    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool {
        (byte < 64 ? signs : letterBits) >> UInt64(byte & 63) & 1 != 0 && byte < 128
    }

    /// The bits of `+`, `-`, `/`, the digits and `=`, and those of the letters and `_`.
    private static let signs: UInt64 = 0x23FF_A800_0000_0000
    private static let letterBits: UInt64 = 0x07FF_FFFE_87FF_FFFE

    /// How a text was written.
    struct Style: Equatable {
        var isURLSafe: Bool
        var isPadded: Bool
    }

    /// The text that is written in base64; `nil` for what is none, and for bytes that are no text.
    static func decode(_ text: Span<UInt8>) -> (text: [UInt8], style: Style)? {
        guard mayBegin(text, 0..<text.count) else { return nil }
        var end = text.count
        var padding = 0
        while end > 0, padding < 2, text[end - 1] == UInt8(ascii: "=") {
            end -= 1
            padding += 1
        }
        var style = Style(isURLSafe: false, isPadded: padding > 0)
        var isStandard = false
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        var letters = 0
        for position in 0..<end {
            let letter = text[position]
            // PostgreSQL and mail break lines at 76 letters.
            if letter == 0x0A || letter == 0x0D { continue }
            letters += 1
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
        // Bits that are left over are left alone, and both alphabets are taken at once: some decoders take them.
        guard letters % 4 != 1, padding == 0 || (letters + padding) % 4 == 0, decoded.span.isText else { return nil }
        style.isURLSafe = style.isURLSafe && !isStandard
        // What has no remainder tells nothing of whether its writer pads: in URLs they do not.
        if letters % 4 == 0 { style.isPadded = !style.isURLSafe }
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
        if style.isPadded {
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
