/// The tokens of a JSON text, one after the other. What is no token comes out as `.invalid`, once, and ends it.
struct JSONTokens {
    enum Kind {
        case openObject, closeObject, openArray, closeArray, colon, comma
        /// With its quotation marks.
        case string
        case number
        /// `true`, `false`, `null`.
        case literal
        case invalid
    }

    struct Token {
        var kind: Kind
        var range: Range<Int>
    }

    private var position = 0

    /// - Parameter text: The text, the same in every call.
    /// - Returns: `nil` at the end of the text.
    mutating func next(in text: Span<UInt8>) -> Token? {
        while position < text.count, isWhiteSpace(text[position]) { position += 1 }
        guard position < text.count else { return nil }
        let start = position
        position += 1
        let kind: Kind
        switch text[start] {
        case UInt8(ascii: "{"): kind = .openObject
        case UInt8(ascii: "}"): kind = .closeObject
        case UInt8(ascii: "["): kind = .openArray
        case UInt8(ascii: "]"): kind = .closeArray
        case UInt8(ascii: ":"): kind = .colon
        case UInt8(ascii: ","): kind = .comma
        case UInt8(ascii: "\""): kind = string(in: text) ? .string : .invalid
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            kind = number(from: start, in: text) ? .number : .invalid
        case UInt8(ascii: "t"): kind = literal("rue", in: text) ? .literal : .invalid
        case UInt8(ascii: "f"): kind = literal("alse", in: text) ? .literal : .invalid
        case UInt8(ascii: "n"): kind = literal("ull", in: text) ? .literal : .invalid
        default: kind = .invalid
        }
        if kind == .invalid { position = text.count }
        return Token(kind: kind, range: start..<position)
    }

    private mutating func string(in text: Span<UInt8>) -> Bool {
        while true {
            position = text.endOfPlain(from: position)
            guard position < text.count else { return false }
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case 0..<0x20: return false
            case UInt8(ascii: "\\"):
                guard position < text.count else { return false }
                let escape = text[position]
                position += 1
                if escape == UInt8(ascii: "u") {
                    guard position + 4 <= text.count else { return false }
                    for offset in 0..<4 where !text[position + offset].isHexadecimal { return false }
                    position += 4
                } else if !"\"\\/bfnrt".utf8.contains(escape) {
                    return false
                }
            default: break
            }
        }
    }

    private mutating func number(from start: Int, in text: Span<UInt8>) -> Bool {
        position = text[start] == UInt8(ascii: "-") ? start + 1 : start
        guard position < text.count, text[position].isDigit else { return false }
        if text[position] == UInt8(ascii: "0") { position += 1 } else { skipDigits(in: text) }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits(in: text) > 0 else { return false }
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits(in: text) > 0 else { return false }
        }
        return true
    }

    @discardableResult
    private mutating func skipDigits(in text: Span<UInt8>) -> Int {
        let start = position
        while position < text.count, text[position].isDigit { position += 1 }
        return position - start
    }

    private mutating func literal(_ rest: String, in text: Span<UInt8>) -> Bool {
        for letter in rest.utf8 {
            guard position < text.count, text[position] == letter else { return false }
            position += 1
        }
        return true
    }

    private func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
