/// The strings and numbers of a JSON text and where they stand, for readers of documents of which something is known.
public struct JSONPaths: Sendable {
    /// A value that is neither an object nor an array.
    public struct Value: Hashable, Sendable {
        /// From the outermost on, names and numbers with a slash between: `choices/0/delta/content`.
        public let path: String
        public let isString: Bool
        /// What it is written with; of a string, within the quotation marks.
        public let range: Range<Int>
    }

    /// In the order in which they stand.
    public let values: [Value]

    /// More of them are not kept: a document of which something is known has few.
    public static let most = 65_536
    /// Bytes of all paths: each value has the whole of its own, and a long name would be there once a value.
    public static let mostPathBytes = 8 << 20

    /// - Parameter text: a JSON text.
    /// - Returns: `nil` for what is none, and for one with more values than ``most``, longer paths than ``mostPathBytes``, or with objects within one another 128 deep.
    public init?(_ text: Span<UInt8>) {
        guard JSONText.isOneValue(text) else { return nil }
        var values: [Value] = []
        var tokens = JSONTokens()
        /// What is open: the path up to it, and of an array the number of its next element.
        var open: [(prefix: String, next: Int?)] = []
        var name: String?
        var lastString: Range<Int>?
        var pathBytes = 0
        func path() -> String {
            guard let last = open.last else { return "" }
            return last.prefix + (name ?? last.next.map(String.init) ?? "")
        }
        while let token = tokens.next(in: text) {
            let isElement = open.last?.next != nil
            switch token.kind {
            case .openObject, .openArray:
                let prefix = open.isEmpty ? "" : path() + "/"
                pathBytes += prefix.utf8.count
                guard pathBytes <= JSONPaths.mostPathBytes else { return nil }
                open.append((prefix, token.kind == .openArray ? 0 : nil))
                name = nil
                lastString = nil
                continue
            case .closeObject, .closeArray: open.removeLast()
            case .colon:
                if let lastString {
                    name = String(decoding: JSONPaths.unescaped(text, lastString), as: UTF8.self)
                }
                lastString = nil
                continue
            case .comma:
                name = nil
                if let next = open.last?.next { open[open.count - 1].next = next + 1 }
                continue
            case .string:
                let content = token.range.lowerBound + 1..<token.range.upperBound - 1
                if !isElement, !open.isEmpty, name == nil {
                    lastString = content
                    continue
                }
                values.append(Value(path: path(), isString: true, range: content))
                pathBytes += values[values.count - 1].path.utf8.count
            case .number:
                values.append(Value(path: path(), isString: false, range: token.range))
                pathBytes += values[values.count - 1].path.utf8.count
            case .literal, .invalid: break
            }
            name = nil
            guard values.count <= JSONPaths.most, pathBytes <= JSONPaths.mostPathBytes else { return nil }
        }
        self.values = values
    }

    /// A string's content without its escapes.
    public static func unescaped(_ text: Span<UInt8>, _ content: Range<Int>) -> [UInt8] {
        guard content.lowerBound >= 0, content.upperBound <= text.count else { return [] }
        return Unescaped(backslashes: text, content).bytes
    }

    /// Appends text as the inside of a JSON string.
    public static func appendEscaped(_ text: Span<UInt8>, to output: inout [UInt8]) {
        JSONText.appendEscaped(text, to: &output)
    }
}
