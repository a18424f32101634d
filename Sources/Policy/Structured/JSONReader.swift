/// Reads the tokens of a JSON text of which only the beginning may be known yet.
enum JSONReader {
    struct Token {
        var kind: JSONTokens.Kind
        var range: Range<Int>
        /// Of a string.
        var hasEscape = false
    }

    /// The first byte at or behind a place that is no white space.
    @inline(__always)
    static func skipWhiteSpace(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position < end, isWhiteSpace(unsafe text[unchecked: position]) { position += 1 }
        return position
    }

    /// The token that begins at a place, which is no white space.
    ///
    /// - Parameter isFinal: nothing comes behind this text.
    /// - Returns: `nil` while its end is not there.
    /// - Throws: for what is no token.
    @inline(__always)
    static func token(_ text: Span<UInt8>, at start: Int, isFinal: Bool) throws(DocumentFault) -> Token? {
        let kind: JSONTokens.Kind
        switch text[start] {
        case UInt8(ascii: "\""): return try string(text, at: start, isFinal: isFinal)
        case UInt8(ascii: ","): kind = .comma
        case UInt8(ascii: ":"): kind = .colon
        case UInt8(ascii: "{"): kind = .openObject
        case UInt8(ascii: "}"): kind = .closeObject
        case UInt8(ascii: "["): kind = .openArray
        case UInt8(ascii: "]"): kind = .closeArray
        case UInt8(ascii: "t"): return try literal("true", text, at: start, isFinal: isFinal)
        case UInt8(ascii: "f"): return try literal("false", text, at: start, isFinal: isFinal)
        case UInt8(ascii: "n"): return try literal("null", text, at: start, isFinal: isFinal)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number(text, at: start, isFinal: isFinal)
        default: throw .malformed
        }
        return Token(kind: kind, range: start..<start + 1)
    }

    /// Whether a number or a word may end before a byte.
    @inline(__always)
    static func mayFollow(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "\""),
            UInt8(ascii: "{"), UInt8(ascii: "["):
            true
        default: isWhiteSpace(byte)
        }
    }

    private static func literal(
        _ word: StaticString, _ text: Span<UInt8>, at start: Int, isFinal: Bool
    ) throws(DocumentFault) -> Token? {
        for offset in 0..<word.utf8CodeUnitCount {
            guard start + offset < text.count else {
                if isFinal { throw .truncated }
                return nil
            }
            guard unsafe text[start + offset] == word.utf8Start[offset] else { throw .malformed }
        }
        return Token(kind: .literal, range: start..<start + word.utf8CodeUnitCount)
    }

    private static func number(_ text: Span<UInt8>, at start: Int, isFinal: Bool) throws(DocumentFault) -> Token? {
        var position = start
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let first = position
        skipDigits(text, &position)
        var isWhole = position > first
        // No zeros before others (RFC 8259 §6).
        if position - first > 1, text[first] == UInt8(ascii: "0") { throw .malformed }
        if isWhole, position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            let fraction = position
            skipDigits(text, &position)
            isWhole = position > fraction
        }
        if isWhole, position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            let exponent = position
            skipDigits(text, &position)
            isWhole = position > exponent
        }
        if position == text.count, !isFinal { return nil }
        guard isWhole else { throw position == text.count ? .truncated : .malformed }
        return Token(kind: .number, range: start..<position)
    }

    private static func skipDigits(_ text: Span<UInt8>, _ position: inout Int) {
        while position < text.count, text[position].isDigit { position += 1 }
    }

    private static func string(_ text: Span<UInt8>, at start: Int, isFinal: Bool) throws(DocumentFault) -> Token? {
        var content = Content(position: start + 1)
        guard try content.advance(in: text) else {
            if isFinal { throw .truncated }
            return nil
        }
        return Token(kind: .string, range: start..<content.position + 1, hasEscape: content.hasEscape)
    }

    /// How far a string's content was read.
    struct Content: Sendable {
        /// All before it is content, and whole.
        var position: Int
        var hasEscape = false

        /// Goes on to the closing quotation mark, or to the last whole character.
        ///
        /// - Returns: whether the mark is there, at ``position``.
        mutating func advance(in text: Span<UInt8>) throws(DocumentFault) -> Bool {
            while true {
                position = text.endOfPlain(from: position)
                guard position < text.count else { return false }
                let byte = text[position]
                if byte == UInt8(ascii: "\"") { return true }
                if byte == UInt8(ascii: "\\") {
                    hasEscape = true
                    guard position + 1 < text.count else { return false }
                    switch text[position + 1] {
                    case UInt8(ascii: "u"):
                        for offset in 2..<6 {
                            guard position + offset < text.count else { return false }
                            guard text[position + offset].isHexadecimal else { throw .malformed }
                        }
                        position += 6
                    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                        UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                        position += 2
                    default: throw .malformed
                    }
                    continue
                }
                guard byte >= 0x80 else { throw .malformed }
                guard let next = text.endOfCharacter(at: position) else {
                    // Three bytes may wait for a fourth.
                    guard text.count - position < 4 else { throw .notUTF8 }
                    return false
                }
                position = next
            }
        }
    }

    @inline(__always)
    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}

extension Span<UInt8> {
    /// The first byte from a place on that is no plain ASCII of a JSON string: a quotation mark, a backslash, a control character, or a
    /// byte of a longer character.
    @inline(__always)
    func endOfPlain(from start: Int) -> Int {
        var position = start
        let raw = unsafe bytes
        // Eight at a time. What is borrowed from the byte behind one that is found may find that, too, which is never the first.
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        while position &+ 8 <= count {
            let word = UInt64(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            var found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            found = (found | (word &- ones &* 0x20) & ~word | word) & tops
            if found != 0 { return position &+ found.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < count {
            let byte = self[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte &- 0x20 >= 0x60 { break }
            position += 1
        }
        return position
    }
}
