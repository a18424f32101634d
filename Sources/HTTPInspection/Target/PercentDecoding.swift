/// What servers read in different ways, in a path or a query.
public struct HTTPAmbiguities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// `.` or `..`, also as `%2e`: some resolve them, before or after they decode.
    public static let dotSegment = HTTPAmbiguities(rawValue: 1 << 0)
    /// `//`: some merge slashes, some take what follows for a host.
    public static let emptySegment = HTTPAmbiguities(rawValue: 1 << 1)
    /// `%2f`: some decode before they split.
    public static let encodedSlash = HTTPAmbiguities(rawValue: 1 << 2)
    /// A backslash, also as `%5c`: some take it for a slash.
    public static let backslash = HTTPAmbiguities(rawValue: 1 << 3)
    /// `;`, also as `%3b`: some cut a segment there.
    public static let semicolon = HTTPAmbiguities(rawValue: 1 << 4)
    /// `%00`: some end the path there.
    public static let nul = HTTPAmbiguities(rawValue: 1 << 5)
    /// A percent sign and two digits that are left after decoding: some decode twice.
    public static let doubleEncoding = HTTPAmbiguities(rawValue: 1 << 6)
    /// A percent sign without two hexadecimal digits behind it.
    public static let invalidPercent = HTTPAmbiguities(rawValue: 1 << 7)
    /// Bytes above 127 that are not percent-encoded.
    public static let nonASCII = HTTPAmbiguities(rawValue: 1 << 8)
    /// What is decoded is not UTF-8: overlong slashes, other charsets.
    public static let invalidText = HTTPAmbiguities(rawValue: 1 << 9)
    /// A line's end or another control character, encoded.
    public static let control = HTTPAmbiguities(rawValue: 1 << 10)
}

/// Decodes `%41` once, and says what is ambiguous about it.
enum PercentDecoding {
    /// - Parameter plusIsSpace: As in a query or a form.
    static func decode(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, _ ambiguities: inout HTTPAmbiguities
    ) -> String {
        guard bytes.contains(where: { isSpecial($0, plusIsSpace: plusIsSpace) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        decode(bytes, plusIsSpace: plusIsSpace, into: &decoded, &ambiguities)
        guard let text = String(validating: decoded, as: UTF8.self) else {
            ambiguities.insert(.invalidText)
            return String(decoding: decoded, as: UTF8.self)
        }
        return text
    }

    /// Appends what is decoded, which need not be text.
    static func decode(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, into decoded: inout [UInt8], _ ambiguities: inout HTTPAmbiguities
    ) {
        let start = decoded.count
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard bytes.endIndex - index >= 2, let high = Octet.hexadecimal(bytes[index]),
                    let low = Octet.hexadecimal(bytes[index + 1])
                else {
                    ambiguities.insert(.invalidPercent)
                    decoded.append(byte)
                    continue
                }
                index += 2
                let value = high << 4 | low
                if value == 0 { ambiguities.insert(.nul) }
                if value < 0x20 || value == 0x7F { ambiguities.insert(.control) }
                decoded.append(value)
            } else if byte == UInt8(ascii: "+"), plusIsSpace {
                decoded.append(Octet.space)
            } else {
                if byte >= 0x80 { ambiguities.insert(.nonASCII) }
                decoded.append(byte)
            }
        }
        if wouldDecodeAgain(decoded[start...]) { ambiguities.insert(.doubleEncoding) }
    }

    private static func isSpecial(_ byte: UInt8, plusIsSpace: Bool) -> Bool {
        byte == UInt8(ascii: "%") || byte >= 0x80 || plusIsSpace && byte == UInt8(ascii: "+")
    }

    private static func wouldDecodeAgain(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 3 else { return false }
        for index in bytes.startIndex..<(bytes.endIndex - 2)
        where bytes[index] == UInt8(ascii: "%") && Octet.hexadecimal(bytes[index + 1]) != nil
            && Octet.hexadecimal(bytes[index + 2]) != nil
        {
            return true
        }
        return false
    }
}
