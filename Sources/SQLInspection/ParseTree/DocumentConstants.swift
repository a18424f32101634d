/// Keys in constants of a statement.
extension ParseTree {
    /// The keys that a path's operand names, from the outermost in; none for an index. `nil` where it is no constant.
    ///
    /// - Parameter isPath: a text is an array's.
    func documentPath(_ id: ID, isPath: Bool) -> [String]? {
        switch type(id) {
        case .A_Const:
            if field(id, .ival) != nil { return isPath ? nil : [] }
            guard let value = field(id, .sval) else { return nil }
            let text = string(value, .sval) ?? ""
            return isPath ? TextArray.elements(text) : [text]
        case .TypeCast:
            // A cast to another type, or to a length, may make another text of it.
            guard let arg = field(id, .arg), let type = field(id, .typeName), list(type, .typmods).isEmpty,
                ["text", "varchar", "int4", "int8"].contains(names(type, .names).last)
            else { return nil }
            let isArray = !list(type, .arrayBounds).isEmpty
            guard self.type(arg) == .A_Const || isArray && self.type(arg) == .A_ArrayExpr else { return nil }
            return documentPath(arg, isPath: isArray)
        case .A_ArrayExpr:
            var path: [String] = []
            for element in list(id, .elements) {
                guard let step = documentPath(element, isPath: false) else { return nil }
                path += step
            }
            return path
        default:
            return nil
        }
    }

    /// The keys in a constant that is JSON; `nil` where it is none.
    func documentKeys(_ id: ID) -> [String]? {
        if type(id) == .TypeCast, let arg = field(id, .arg), let name = field(id, .typeName),
            ["json", "jsonb"].contains(names(name, .names).last)
        {
            return documentKeys(arg)
        }
        guard type(id) == .A_Const, let value = field(id, .sval) else { return nil }
        return JSONKeys.keys(of: Array((string(value, .sval) ?? "").utf8))
    }
}

/// An array of texts in the server's text form, of one dimension.
enum TextArray {
    static func elements(_ text: String) -> [String]? {
        var bytes = Array(text.utf8)[...]
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        guard bytes.popFirst() == UInt8(ascii: "{"), bytes.popLast() == UInt8(ascii: "}") else { return nil }
        var result: [String] = []
        var element: [UInt8] = []
        var isQuoted = false
        var inQuotes = false
        var kept = 0
        func finish() {
            if !isQuoted { while element.count > kept, let last = element.last, isSpace(last) { element.removeLast() } }
            result.append(String(decoding: element, as: UTF8.self))
            element = []
            isQuoted = false
            kept = 0
        }
        if bytes.allSatisfy(isSpace) { return [] }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = bytes.popFirst() else { return nil }
                element.append(next)
                kept = element.count
            case UInt8(ascii: "\""):
                inQuotes.toggle()
                isQuoted = true
            case UInt8(ascii: ",") where !inQuotes: finish()
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                guard inQuotes else { return nil }
                element.append(byte)
            default:
                if !inQuotes, isSpace(byte), element.isEmpty || isQuoted { continue }
                element.append(byte)
            }
        }
        guard !inQuotes else { return nil }
        finish()
        return result
    }
}

/// The keys of a JSON text, at any depth. What stands before a colon is one; whether the rest is JSON is the server's affair.
enum JSONKeys {
    static func keys(of text: [UInt8]) -> [String]? {
        var keys: [String] = []
        var last: String?
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                var content: [UInt8] = []
                var isClosed = false
                while index < text.count, !isClosed {
                    let next = text[index]
                    index += 1
                    if next == UInt8(ascii: "\"") {
                        isClosed = true
                    } else if next == UInt8(ascii: "\\") {
                        guard let escaped = escape(text, &index) else { return nil }
                        content += escaped
                    } else {
                        content.append(next)
                    }
                }
                guard isClosed else { return nil }
                last = String(decoding: content, as: UTF8.self)
            case UInt8(ascii: ":"):
                guard let key = last else { return nil }
                keys.append(key)
                last = nil
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: last = nil
            }
        }
        return keys
    }

    /// What follows a backslash. A half of a surrogate pair is no key's letter that anybody would look for.
    private static func escape(_ text: [UInt8], _ index: inout Int) -> [UInt8]? {
        guard index < text.count else { return nil }
        let byte = text[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "u"):
            guard text.count - index >= 4,
                let value = UInt32(String(decoding: text[index..<index + 4], as: UTF8.self), radix: 16)
            else { return nil }
            index += 4
            return Array(String(Character(Unicode.Scalar(value) ?? "\u{FFFD}")).utf8)
        default: return [byte]
        }
    }
}
