/// Tells texts apart that differ in plain literals alone, without parsing them.
///
/// It knows so little of the lexer that it cannot be out of step with it: words of ASCII letters, digits and underscores, some
/// punctuation, white space, integers of at most nine digits that stand alone, and strings of printable ASCII with neither a
/// backslash nor a quote in them and no word before them. Whatever else a text holds (comments, quoted names, parameters,
/// prefixes of strings, fractions, other characters), it is not plain. Two plain texts of one ``key`` have the same tokens but
/// for the values of their ``literals``.
///
/// Keeps its buffers, so that reading costs no allocation.
public struct PlainText: Sendable {
    /// The text with a byte in place of each literal that no plain text holds: 1 for an integer, 2 for a string.
    public private(set) var key: [UInt8] = []
    /// Where the literals stand in the text, ascending; strings with their quotes.
    public private(set) var literals: [Range<Int>] = []

    /// What a program sends again and again with other values is short.
    static let longest = 4 << 10
    /// Nine digits are an integer to every grammar, whatever they are.
    private static let mostDigits = 9
    static let integerMark: UInt8 = 1
    static let stringMark: UInt8 = 2

    static func isPlaceholder(_ byte: UInt8) -> Bool { byte == integerMark || byte == stringMark }

    public init() {}

    /// - Returns: Whether the text is plain.
    public mutating func read(_ text: Span<UInt8>) -> Bool {
        key.removeAll(keepingCapacity: true)
        literals.removeAll(keepingCapacity: true)
        guard text.count <= PlainText.longest else { return false }
        var index = 0
        /// The byte before, whatever it belongs to.
        var previous = UInt8(ascii: " ")
        while index < text.count {
            let byte = text[index]
            switch Kind(byte) {
            case .letter:
                repeat {
                    key.append(text[index])
                    index += 1
                } while index < text.count && Kind(text[index]).isOfWord
            case .digit:
                guard let end = PlainText.integerEnd(text, from: index, after: previous) else { return false }
                literals.append(index..<end)
                key.append(PlainText.integerMark)
                index = end
            case .quote:
                guard let end = PlainText.stringEnd(text, from: index, after: previous) else { return false }
                literals.append(index..<end)
                key.append(PlainText.stringMark)
                index = end
            case .punctuation:
                // Comments.
                if byte == UInt8(ascii: "-"), previous == byte { return false }
                if byte == UInt8(ascii: "*"), previous == UInt8(ascii: "/") { return false }
                key.append(byte)
                index += 1
            case .space:
                key.append(byte)
                index += 1
            case .other: return false
            }
            previous = text[index - 1]
        }
        return true
    }

    /// Where the integer ends that begins at `start`, which is in the text; `nil` when there is none that is plain.
    static func integerEnd(_ text: Span<UInt8>, from start: Int, after previous: UInt8) -> Int? {
        guard Kind(text[start]) == .digit else { return nil }
        // A fraction's digits.
        guard previous != UInt8(ascii: ".") else { return nil }
        var end = start
        while end < text.count, Kind(text[end]) == .digit { end += 1 }
        guard end - start <= mostDigits else { return nil }
        if end < text.count, Kind(text[end]).isOfWord || text[end] == UInt8(ascii: ".") { return nil }
        return end
    }

    /// The same of a string.
    static func stringEnd(_ text: Span<UInt8>, from start: Int, after previous: UInt8) -> Int? {
        guard Kind(text[start]) == .quote else { return nil }
        // A prefix gives the string another meaning.
        guard !Kind(previous).isOfWord else { return nil }
        var end = start + 1
        while end < text.count, text[end] != UInt8(ascii: "'") {
            guard (0x20...0x7E).contains(text[end]), text[end] != UInt8(ascii: "\\") else { return nil }
            end += 1
        }
        guard end < text.count else { return nil }
        end += 1
        // A doubled quote goes on with the string, and so does a string on the next line.
        var next = end
        while next < text.count, Kind(text[next]) == .space { next += 1 }
        if next < text.count, text[next] == UInt8(ascii: "'") { return nil }
        return end
    }

    private enum Kind {
        case letter, digit, quote, punctuation, space, other

        @inline(__always)
        init(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                self = .letter
            case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digit
            case UInt8(ascii: "'"): self = .quote
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): self = .space
            case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "="),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"),
                UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: ":"), UInt8(ascii: "!"), UInt8(ascii: "|"):
                self = .punctuation
            default: self = .other
            }
        }

        var isOfWord: Bool { self == .letter || self == .digit }
    }
}
