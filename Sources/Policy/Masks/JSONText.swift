/// JSON text (RFC 8259), as far as masks need it: whether it is well formed, and how to write a string into it.
public enum JSONText {
    /// Arrays and objects within one another at the most: enough for any document, too few to exhaust a stack.
    static let maxDepth = 128

    /// Whether the bytes are one JSON value and nothing else but white space.
    public static func isOneValue(_ text: Span<UInt8>) -> Bool {
        var tokens = JSONTokens()
        // Iterative: what is open is a stack of bits, not of calls.
        var isObject: [Bool] = []
        enum Expectation { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, end }
        var expected = Expectation.value
        while let token = tokens.next(in: text) {
            switch (token.kind, expected) {
            case (.string, .key), (.string, .keyOrEnd): expected = .colon
            case (.colon, .colon): expected = .value
            case (.string, .value), (.string, .valueOrEnd), (.number, .value), (.number, .valueOrEnd),
                (.literal, .value), (.literal, .valueOrEnd):
                expected = isObject.isEmpty ? .end : .commaOrEnd
            case (.openObject, .value), (.openObject, .valueOrEnd):
                guard isObject.count < maxDepth else { return false }
                isObject.append(true)
                expected = .keyOrEnd
            case (.openArray, .value), (.openArray, .valueOrEnd):
                guard isObject.count < maxDepth else { return false }
                isObject.append(false)
                expected = .valueOrEnd
            case (.comma, .commaOrEnd): expected = isObject.last == true ? .key : .value
            case (.closeObject, .commaOrEnd), (.closeObject, .keyOrEnd):
                guard isObject.popLast() == true else { return false }
                expected = isObject.isEmpty ? .end : .commaOrEnd
            case (.closeArray, .commaOrEnd), (.closeArray, .valueOrEnd):
                guard isObject.popLast() == false else { return false }
                expected = isObject.isEmpty ? .end : .commaOrEnd
            default: return false
            }
        }
        return expected == .end
    }

    /// Appends text as the inside of a JSON string.
    static func appendEscaped(_ text: Span<UInt8>, to output: inout [UInt8]) {
        for position in 0..<text.count {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(UInt8(ascii: "0") + byte >> 4)
                let low = byte & 0xF
                output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
            default: output.append(byte)
            }
        }
    }
}
