import Policy

/// Characters that a person does not see and a model reads.
enum MCPText {
    /// Whether a character has no look of its own, or turns the text around it: format and control characters, tags, private use,
    /// selectors of variants that carry bits.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: return false
        case 0xFE0F: return false
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xFE00...0xFE0E, 0x180B...0x180F,
            0xE000...0xF8FF, 0xE0000...0xE0FFF, 0xF0000...0x10FFFF:
            return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .unassigned, .surrogate, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    static func hasInvisible(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return false }
        // In a name a tab and a line's end have no place either.
        return text.unicodeScalars.contains { isInvisible($0) || $0.value < 0x20 }
    }

    /// The beginning of a text, cut between characters.
    static func beginning(of text: [UInt8], bytes: Int) -> String {
        guard text.count > bytes else { return String(decoding: text, as: UTF8.self) }
        var end = bytes
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: text[..<end], as: UTF8.self)
    }

    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isInvisible) else { return text }
        var visible = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !isInvisible(scalar) { visible.append(scalar) }
        return String(visible)
    }

    /// A description with all that is in it, without what nobody sees.
    ///
    /// - Returns: `nil` where a name holds such characters: without them it would be another name.
    static func visible(_ value: ArgumentValue) -> ArgumentValue? {
        switch value {
        case .string(let text): return .string(visible(text))
        case .array(let elements):
            var visible: [ArgumentValue] = []
            for element in elements {
                guard let element = self.visible(element) else { return nil }
                visible.append(element)
            }
            return .array(visible)
        case .object(let members):
            var visible: [ArgumentValue.Member] = []
            for member in members {
                guard !hasInvisible(member.name), let value = self.visible(member.value) else { return nil }
                visible.append(.init(name: member.name, value: value))
            }
            return .object(visible)
        case .null, .boolean, .number: return value
        }
    }
}
