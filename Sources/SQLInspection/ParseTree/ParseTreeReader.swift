/// Reads libpg_query's JSON into a ``ParseTree``: one pass, no recursion (a statement may nest as deep as its text is
/// long), and whatever is not JSON throws.
@safe struct ParseTreeReader {
    private let json: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private let maxDepth: Int
    private var tree = ParseTree()
    private var strings: [Range<Int32>] = []

    /// - Parameter json: libpg_query's; it must outlive the reader.
    static func read(_ json: UnsafeBufferPointer<UInt8>, maxDepth: Int) throws(StatementError) -> ParseTree {
        var reader = unsafe ParseTreeReader(json: json, maxDepth: maxDepth)
        try reader.run()
        try reader.refuseLookAlikes()
        return reader.tree
    }

    /// The server compares names by their bytes, Swift compares strings by canonical equivalence: `K` and the Kelvin sign
    /// are one to Swift and two to the server. A statement that spells one name both ways would be resolved wrongly.
    private func refuseLookAlikes() throws(StatementError) {
        guard tree.strings.contains(where: { $0 >= 0x80 }) else { return }
        var spellings: [String: Range<Int32>] = [:]
        for range in strings {
            let bytes = tree.strings[Int(range.lowerBound)..<Int(range.upperBound)]
            let other = spellings.updateValue(range, forKey: String(decoding: bytes, as: UTF8.self))
            if let other, !bytes.elementsEqual(tree.strings[Int(other.lowerBound)..<Int(other.upperBound)]) {
                throw StatementError(
                    .encoding, "two names or constants look the same and are different characters; spell them one way")
            }
        }
    }

    private init(json: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
        unsafe self.json = unsafe json
        self.maxDepth = maxDepth
        tree.nodes.reserveCapacity(json.count / 12)
    }

    private struct Open {
        var node: Int32
        var lastChild: Int32 = -1
        var isObject: Bool
        /// `{"A_Expr": {…}}` is one node of type A_Expr: the wrapper is read, and the inner object fills it.
        var isWrapped: Bool
    }

    private func fault() -> StatementError {
        StatementError(.syntax, "the parser's output cannot be read")
    }

    private mutating func run() throws(StatementError) {
        var stack: [Open] = []
        var key = ParseTree.Key.none
        repeat {
            skipSpace()
            guard let byte = peek() else { throw fault() }
            if let top = stack.last {
                if byte == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    offset += 1
                    if top.isWrapped {
                        guard peek() == UInt8(ascii: "}") else { throw fault() }
                        offset += 1
                    }
                    stack.removeLast()
                    continue
                }
                if byte == UInt8(ascii: ",") {
                    offset += 1
                    continue
                }
                if top.isObject {
                    key = try readKey()
                } else {
                    key = .none
                }
            }
            try readValue(key: key, stack: &stack)
        } while !stack.isEmpty
    }

    private mutating func readValue(key: ParseTree.Key, stack: inout [Open]) throws(StatementError) {
        guard let byte = peek() else { throw fault() }
        switch byte {
        case UInt8(ascii: "{"):
            offset += 1
            var type = ParseTree.Key.none
            var isWrapped = false
            // A type's name starts with a capital letter, and no field's name does.
            if peek() == UInt8(ascii: "\""), let next = peek(1), (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(next)
            {
                type = try readKey()
                guard peek() == UInt8(ascii: "{") else { throw fault() }
                offset += 1
                isWrapped = true
            }
            let node = append(.init(key: key, type: type, value: .object), to: &stack)
            stack.append(Open(node: node, isObject: true, isWrapped: isWrapped))
            try checkDepth(stack.count)
        case UInt8(ascii: "["):
            offset += 1
            let node = append(.init(key: key, type: .none, value: .list), to: &stack)
            stack.append(Open(node: node, isObject: false, isWrapped: false))
            try checkDepth(stack.count)
        case UInt8(ascii: "\""):
            let range = try readString()
            _ = append(.init(key: key, type: .none, value: .string(range)), to: &stack)
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            let value = byte == UInt8(ascii: "t")
            offset += value ? 4 : 5
            _ = append(.init(key: key, type: .none, value: .boolean(value)), to: &stack)
        case UInt8(ascii: "n"):
            offset += 4
            _ = append(.init(key: key, type: .none, value: .null), to: &stack)
        default:
            _ = append(.init(key: key, type: .none, value: try readNumber()), to: &stack)
        }
    }

    private mutating func checkDepth(_ depth: Int) throws(StatementError) {
        if depth > tree.depth { tree.depth = depth }
        if depth > maxDepth { throw StatementError(.tooDeep, "the statement is nested too deeply") }
    }

    private mutating func append(_ node: ParseTree.Node, to stack: inout [Open]) -> Int32 {
        let index = Int32(truncatingIfNeeded: tree.nodes.count)
        tree.nodes.append(node)
        let last = stack.count - 1
        if last >= 0 {
            if stack[last].lastChild >= 0 {
                tree.nodes[Int(stack[last].lastChild)].nextSibling = index
            } else {
                tree.nodes[Int(stack[last].node)].firstChild = index
            }
            stack[last].lastChild = index
        }
        return index
    }

    // MARK: Tokens

    @inline(__always)
    private func peek(_ ahead: Int = 0) -> UInt8? {
        unsafe offset + ahead < json.count ? unsafe json[offset + ahead] : nil
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D { offset += 1 }
    }

    private mutating func readKey() throws(StatementError) -> ParseTree.Key {
        guard peek() == UInt8(ascii: "\"") else { throw fault() }
        let start = offset + 1
        offset = start
        while let byte = peek(), byte != UInt8(ascii: "\"") { offset += 1 }
        guard unsafe offset + 1 < json.count, unsafe json[offset + 1] == UInt8(ascii: ":") else { throw fault() }
        let key = unsafe ParseTree.Key(UnsafeBufferPointer(rebasing: json[start..<offset]))
        offset += 2
        return key
    }

    private mutating func readString() throws(StatementError) -> Range<Int32> {
        offset += 1
        let start = tree.strings.count
        while let byte = peek() {
            offset += 1
            if byte == UInt8(ascii: "\"") {
                guard let lower = Int32(exactly: start), let upper = Int32(exactly: tree.strings.count) else {
                    throw fault()
                }
                strings.append(lower..<upper)
                return lower..<upper
            }
            guard byte == UInt8(ascii: "\\") else {
                tree.strings.append(byte)
                continue
            }
            guard let escape = peek() else { throw fault() }
            offset += 1
            switch escape {
            case UInt8(ascii: "n"): tree.strings.append(0x0A)
            case UInt8(ascii: "t"): tree.strings.append(0x09)
            case UInt8(ascii: "r"): tree.strings.append(0x0D)
            case UInt8(ascii: "b"): tree.strings.append(0x08)
            case UInt8(ascii: "f"): tree.strings.append(0x0C)
            case UInt8(ascii: "u"): try readUnicodeEscape()
            default: tree.strings.append(escape)
            }
        }
        throw fault()
    }

    /// libpg_query escapes control characters alone this way.
    private mutating func readUnicodeEscape() throws(StatementError) {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault() }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw fault() }
        tree.strings.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    private mutating func readNumber() throws(StatementError) -> ParseTree.Value {
        var isNegative = false
        if peek() == UInt8(ascii: "-") {
            isNegative = true
            offset += 1
        }
        let start = offset
        var value: Int64 = 0
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
            offset += 1
        }
        guard offset > start else { throw fault() }
        return .integer(isNegative ? 0 &- value : value)
    }
}
