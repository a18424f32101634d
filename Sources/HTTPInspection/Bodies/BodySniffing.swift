/// What a body looks like by its first bytes.
struct BodySniffing {
    /// JSON or XML, where it begins as such.
    let form: BodyReading.Form?
    /// Why its bytes are no text in UTF-8.
    let opacity: BodyReading.Opacity?

    init(_ beginning: Span<UInt8>) {
        opacity = BodySniffing.opacity(of: beginning)
        form = opacity == nil ? BodySniffing.form(of: beginning) : nil
    }

    /// - Returns: nil where the body looks like what it says.
    func alternative(to said: BodyReading.Form) -> BodyReading.Form? {
        guard let form else { return nil }
        switch (said, form) {
        // An array or an object may be the first of several; markup is read by the same rules.
        case (.json, .json), (.jsonLines, .json), (.xml, .xml), (.html, .xml): return nil
        default: return form
        }
    }

    private static func opacity(of bytes: Span<UInt8>) -> BodyReading.Opacity? {
        // Marks of UTF-16 and UTF-32, either way round, and of UTF-7, GB 18030 and UTF-EBCDIC.
        for mark: [UInt8] in [
            [0xFE, 0xFF], [0xFF, 0xFE], [0x00, 0x00, 0xFE, 0xFF], [0x84, 0x31, 0x95, 0x33], [0xDD, 0x73, 0x66, 0x73],
            [0x2B, 0x2F, 0x76, 0x38], [0x2B, 0x2F, 0x76, 0x39], [0x2B, 0x2F, 0x76, 0x2B], [0x2B, 0x2F, 0x76, 0x2F],
        ] where bytes.begins(with: mark, at: 0) == .yes {
            return .charset
        }
        // ASCII in UTF-16 or UTF-32 has a zero among its first two bytes (RFC 4627 §3 knows JSON's charset by them).
        if bytes.count >= 2, (bytes[0] == 0) != (bytes[1] == 0), isText(bytes[0] | bytes[1]) { return .charset }
        for (place, magic) in magics where bytes.begins(with: magic, at: place) == .yes { return .binary }
        for index in bytes.indices where isBinary(bytes[index]) { return .binary }
        return nil
    }

    /// WHATWG MIME Sniffing §3's binary data bytes, but for the record separator of JSON text sequences (RFC 7464).
    private static func isBinary(_ byte: UInt8) -> Bool {
        byte <= 0x08 || byte == 0x0B || 0x0E...0x1A ~= byte || 0x1C...0x1D ~= byte || byte == 0x1F
    }

    private static func isText(_ byte: UInt8) -> Bool {
        0x20..<0x7F ~= byte || byte == Octet.tab || byte == Octet.lineFeed || byte == Octet.carriageReturn
    }

    private static func form(of bytes: Span<UInt8>) -> BodyReading.Form? {
        var index = ByteOrderMark.utf8Count(bytes)
        while index < bytes.count,
            Octet.isWhitespace(bytes[index]) || bytes[index] == Octet.lineFeed
                || bytes[index] == Octet.carriageReturn
        {
            index += 1
        }
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return .json
        case UInt8(ascii: "<"): return .xml
        default: return nil
        }
    }

    /// Formats that may begin without such a byte: where a magic number is, and what.
    private static let magics: [(place: Int, bytes: [UInt8])] = [
        (0, [0xFF, 0xD8, 0xFF]),  // JPEG
        (0, Array("GIF87a".utf8)), (0, Array("GIF89a".utf8)), (8, Array("WEBP".utf8)), (4, Array("ftyp".utf8)),
        (0, Array("%PDF-".utf8)), (0, Array("%!PS-Adobe-".utf8)), (0, Array("{\\rtf".utf8)),
        (0, [0x1F, 0x8B]), (0, [0x28, 0xB5, 0x2F, 0xFD]), (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A]),  // gzip, Zstandard, xz
        // bzip2, 7z, LZ4, Java, old Office, Matroska
        (4, Array("1AY&SY".utf8)), (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), (0, [0x04, 0x22, 0x4D, 0x18]),
        (0, [0xCA, 0xFE, 0xBA, 0xBE]), (0, [0xD0, 0xCF, 0x11, 0xE0]), (0, [0x1A, 0x45, 0xDF, 0xA3]),
        (0, Array("!<arch>\n".utf8)),
    ]
}
