extension ArgumentValue {
    /// Bounds of what is read of one text.
    public enum Limits {
        /// Arrays and objects within one another: schemas of tools nest some twenty deep, and each is a call on a stack.
        public static let depth = 64
        /// Values: 4 MiB of `[[],[],…` would be a hundred of memory.
        public static let values = 262_144
    }

    /// Reads a JSON text whole (RFC 8259): UTF-8, no name twice in one object once its escapes are resolved, no half of a surrogate pair,
    /// and nothing behind it. What is written by ``json`` is what was read, whoever reads it.
    ///
    /// - Throws: for what is none, or more than is taken. It quotes nothing of the text.
    public init(json text: [UInt8]) throws(DocumentFault) {
        var reader = ValueReader(text: text)
        self = try reader.whole()
    }

    /// As JSON, without white space; names in the order in which they came.
    public var json: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, isCanonical: false)
        return output
    }

    /// The one form of all texts that mean the same, numbers as they were written: names sorted by their bytes.
    public var canonicalJSON: [UInt8] {
        var output: [UInt8] = []
        write(to: &output, isCanonical: true)
        return output
    }

    public func write(to output: inout [UInt8]) { write(to: &output, isCanonical: false) }

    private func write(to output: inout [UInt8], isCanonical: Bool) {
        switch self {
        case .null: output += "null".utf8
        case .boolean(let flag): output += (flag ? "true" : "false").utf8
        case .number(let text): output += text.utf8
        case .string(let text): ArgumentValue.write(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output, isCanonical: isCanonical)
            }
            output.append(UInt8(ascii: "]"))
        case .object(var members):
            if isCanonical { members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                ArgumentValue.write(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output, isCanonical: isCanonical)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = Array(text.utf8)
        JSONText.appendEscaped(bytes.span, to: &output)
        output.append(UInt8(ascii: "\""))
    }
}

extension ArgumentValue {
    /// The member of an object with a name.
    public subscript(name: String) -> ArgumentValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    public var elements: [ArgumentValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}

/// Reads one text, token by token, in the order of the grammar.
private struct ValueReader {
    private let text: [UInt8]
    private var position = 0
    private var values = 0

    init(text: [UInt8]) { self.text = text }

    mutating func whole() throws(DocumentFault) -> ArgumentValue {
        let value = try value(depth: 0)
        position = JSONReader.skipWhiteSpace(text.span, from: position, to: text.count)
        guard position == text.count else { throw .malformed }
        return value
    }

    private mutating func next() throws(DocumentFault) -> JSONReader.Token {
        position = JSONReader.skipWhiteSpace(text.span, from: position, to: text.count)
        guard position < text.count, let token = try JSONReader.token(text.span, at: position, isFinal: true) else {
            throw .truncated
        }
        position = token.range.upperBound
        return token
    }

    private mutating func value(depth: Int) throws(DocumentFault) -> ArgumentValue {
        try value(next(), depth: depth)
    }

    private mutating func value(_ token: JSONReader.Token, depth: Int) throws(DocumentFault) -> ArgumentValue {
        values += 1
        guard values <= ArgumentValue.Limits.values else {
            throw DocumentFault(.tooLong, "JSON with more than \(ArgumentValue.Limits.values) values")
        }
        switch token.kind {
        case .string: return .string(try string(token))
        case .number: return .number(plain(token.range))
        case .literal:
            switch text[token.range.lowerBound] {
            case UInt8(ascii: "t"): return .boolean(true)
            case UInt8(ascii: "f"): return .boolean(false)
            default: return .null
            }
        case .openArray: return .array(try elements(depth: depth + 1))
        case .openObject: return .object(try members(depth: depth + 1))
        case .colon, .comma, .closeArray, .closeObject, .invalid: throw .malformed
        }
    }

    private func check(depth: Int) throws(DocumentFault) {
        guard depth <= ArgumentValue.Limits.depth else {
            throw DocumentFault(
                .tooDeep, "JSON with more than \(ArgumentValue.Limits.depth) arrays and objects within one another")
        }
    }

    private mutating func elements(depth: Int) throws(DocumentFault) -> [ArgumentValue] {
        try check(depth: depth)
        var elements: [ArgumentValue] = []
        var token = try next()
        if token.kind == .closeArray { return elements }
        while true {
            elements.append(try value(token, depth: depth))
            token = try next()
            if token.kind == .closeArray { return elements }
            guard token.kind == .comma else { throw .malformed }
            token = try next()
        }
    }

    private mutating func members(depth: Int) throws(DocumentFault) -> [ArgumentValue.Member] {
        try check(depth: depth)
        var members: [ArgumentValue.Member] = []
        var names: Set<[UInt8]> = []
        var token = try next()
        if token.kind == .closeObject { return members }
        while true {
            guard token.kind == .string else { throw .malformed }
            let name = try string(token)
            // By bytes: letters that are composed differently are different names to those who compare bytes, and one to others, but
            // no parser of JSON is among these.
            guard names.insert(Array(name.utf8)).inserted else {
                throw DocumentFault(.duplicateName, "JSON with a name twice in one object")
            }
            guard try next().kind == .colon else { throw .malformed }
            members.append(.init(name: name, value: try value(depth: depth)))
            token = try next()
            if token.kind == .closeObject { return members }
            guard token.kind == .comma else { throw .malformed }
            token = try next()
        }
    }

    private func plain(_ range: Range<Int>) -> String {
        String(decoding: text[range], as: UTF8.self)
    }

    private func string(_ token: JSONReader.Token) throws(DocumentFault) -> String {
        let range = token.range.lowerBound + 1..<token.range.upperBound - 1
        guard token.hasEscape else { return plain(range) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = text[position]
            guard byte == UInt8(ascii: "\\"), position + 1 < range.upperBound else {
                bytes.append(byte)
                position += 1
                continue
            }
            let letter = text[position + 1]
            position += 2
            switch letter {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"): bytes += try scalar(&position, range.upperBound)
            default: bytes.append(letter)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The character that `\u` and what comes behind it stands for.
    private func scalar(_ position: inout Int, _ end: Int) throws(DocumentFault) -> String.UTF8View {
        guard var code = unit(position, end) else { throw .malformed }
        position += 4
        if 0xD800...0xDBFF ~= code {
            guard position + 6 <= end, text[position] == UInt8(ascii: "\\"), text[position + 1] == UInt8(ascii: "u"),
                let low = unit(position + 2, end), 0xDC00...0xDFFF ~= low
            else { throw DocumentFault(.malformed, "JSON with half of a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            position += 6
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw DocumentFault(.malformed, "JSON with half of a surrogate pair")
        }
        return String(Character(scalar)).utf8
    }

    private func unit(_ position: Int, _ end: Int) -> UInt32? {
        guard position + 4 <= end else { return nil }
        var unit: UInt32 = 0
        for offset in 0..<4 {
            let byte = text[position + offset]
            switch byte {
            case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: unit = unit << 4 | UInt32((byte | 0x20) - 0x61 + 10)
            default: return nil
            }
        }
        return unit
    }
}
