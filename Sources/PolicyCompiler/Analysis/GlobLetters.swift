/// A glob in parts, its wildcards told apart from letters, for reasoning about what it matches. Policy's `Glob` defines
/// what a glob means; this holds to that.
struct GlobLetters: Hashable, Sendable {
    /// More than any byte.
    static let star: UInt16 = 256

    /// Bytes and wildcards of each part; empty when every path matches.
    var parts: [[UInt16]]
    /// Whether any number of parts may follow.
    var isOpen = false

    /// A path glob: parts between dots, `"…"` for a literal part, `*` alone for every path.
    init(path text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.allSatisfy({ $0 == UInt8(ascii: "*") }) else {
            parts = []
            return
        }
        let quote = UInt8(ascii: "\"")
        var parts: [[UInt16]] = [[]]
        var isQuoted = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            let last = parts.count - 1
            position += 1
            if isQuoted {
                if byte != quote {
                    parts[last].append(UInt16(byte))
                } else if position < bytes.count, bytes[position] == quote {
                    parts[last].append(UInt16(quote))
                    position += 1
                } else {
                    isQuoted = false
                }
            } else if byte == quote, parts[last].isEmpty {
                isQuoted = true
            } else if byte == UInt8(ascii: ".") {
                parts.append([])
            } else {
                parts[last].append(byte == UInt8(ascii: "*") ? Self.star : UInt16(byte))
            }
        }
        self.parts = parts
    }

    /// A text glob: one part, dots and quotes in it like any letter.
    init(text: String) {
        parts = [text.utf8.map { $0 == UInt8(ascii: "*") ? Self.star : UInt16($0) }]
    }

    /// A host glob: case does not count.
    init(host: String) {
        self.init(text: host.lowercased())
    }

    /// A request path glob: an empty part for what stands before the first slash, and a part for each segment.
    init(requestPath: String) {
        var segments = requestPath.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if segments.count == 1, segments[0].isEmpty { segments = [] }
        if segments.last?.elementsEqual("**".utf8) == true {
            segments.removeLast()
            isOpen = true
        }
        parts = [[]] + segments.map { $0.map { $0 == UInt8(ascii: "*") ? Self.star : UInt16($0) } }
    }

    /// How many parts a path glob is written with, quotes heeded; 0 for `*` alone.
    static func partCount(of path: String) -> Int { GlobLetters(path: path).parts.count }
}
