/// A piece of a YAML document, with its place.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    /// A key with its value. Keys of one mapping are distinct.
    struct Entry: Sendable {
        var key: Located<String>
        var value: YAMLNode
    }

    var content: Content
    var location: SourceLocation

    /// What it is, as an error message calls it.
    var kindName: String {
        switch content {
        case .scalar(let scalar): scalar.kindName
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A scalar as it was written. A plain one is what the core schema (YAML 1.2.2 §10.3) makes of it; a quoted or block
/// one is always text.
struct YAMLScalar: Hashable, Sendable {
    var text: String
    var isPlain: Bool
    /// Written between quotes on one line, so that the text starts one column after the scalar does.
    var isQuoted: Bool

    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    var boolean: Bool? {
        guard isPlain else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    /// A decimal integer. Octal and hexadecimal are numbers too (``isNumber``), and nothing in a policy wants them.
    var integer: Int? { isPlain ? Int(text) : nil }

    var isNumber: Bool {
        guard isPlain else { return false }
        if integer != nil { return true }
        let bytes = Array(text.utf8)
        if bytes.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) {
            return bytes.count > 2 && bytes.dropFirst(2).allSatisfy(\.isHexDigit)
        }
        if bytes.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "o")]) {
            return bytes.count > 2 && bytes.dropFirst(2).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")) ~= $0 }
        }
        // "1.", ".5" and "1e3" are floats; a bare "." or a version such as "1.2.3" is text.
        guard bytes.contains(where: \.isDigit), bytes.first.map({ $0.isDigit || "+-.".utf8.contains($0) }) == true
        else { return false }
        return Double(text) != nil
    }

    /// Text, when that is what the core schema makes of it.
    var string: String? { isNull || boolean != nil || isNumber ? nil : text }

    var kindName: String {
        if isNull { return "nothing" }
        if boolean != nil { return "a boolean" }
        if isNumber { return "a number" }
        return "text"
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= self }

    var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")) ~= self || (UInt8(ascii: "A")...UInt8(ascii: "F")) ~= self
    }

    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= self || (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= self
    }
}
