/// Takes a path glob apart.
struct GlobParser {
    /// The literals of a component with a wildcard between each two; a component without wildcards has one.
    struct Component {
        var segments: [[UInt8]] = [[]]
        var isEmpty: Bool { segments == [[]] }

        /// Adds a byte in which `*` is a wildcard; a run of them is one.
        mutating func append(_ byte: UInt8) {
            if byte != UInt8(ascii: "*") {
                appendLiteral(byte)
            } else if segments.count == 1 || segments.last?.isEmpty == false {
                segments.append([])
            }
        }

        mutating func appendLiteral(_ byte: UInt8) {
            segments[segments.count - 1].append(byte)
        }
    }

    private let text: String
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func components() throws(GlobError) -> [[[UInt8]]] {
        var components: [[[UInt8]]] = []
        while true {
            components.append(try component())
            if components.count > Glob.maximumComponents { throw GlobError(.tooManyComponents, in: text) }
            guard position < bytes.count else { return components }
            position += 1  // the dot
        }
    }

    private mutating func component() throws(GlobError) -> [[UInt8]] {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return [try quoted()] }
        var component = Component()
        while position < bytes.count, bytes[position] != UInt8(ascii: ".") {
            component.append(bytes[position])
            position += 1
        }
        if component.isEmpty { throw GlobError(.emptyComponent, in: text) }
        if component.segments.count > Glob.maximumWildcards + 1 { throw GlobError(.tooManyWildcards, in: text) }
        return component.segments
    }

    private mutating func quoted() throws(GlobError) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        var literal: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != quote {
                literal.append(byte)
            } else if position < bytes.count, bytes[position] == quote {
                literal.append(quote)
                position += 1
            } else {
                if literal.isEmpty { throw GlobError(.emptyComponent, in: text) }
                guard position == bytes.count || bytes[position] == UInt8(ascii: ".") else {
                    throw GlobError(.textAfterQuote, in: text)
                }
                return literal
            }
        }
        throw GlobError(.unclosedQuote, in: text)
    }
}
