/// Masks within array literals (`{a,"b c",{d}}`, PostgreSQL 8.15.6) and hstore's text (`"a"=>"1", "b"=>NULL`).
extension StructuredMasking {
    mutating func rewriteArray(
        _ text: Span<UInt8>, _ element: Syntax.Element, _ found: [Sighting], _ selection: DetectorSelection, level: Int,
        into output: inout [UInt8]
    ) -> Bool {
        var cursor = SightingCursor(found)
        var rewriting = Rewriting()
        var position = 0
        // [0:1]={…}: bounds that do not begin with 1.
        if text.count > 0, text[0] == UInt8(ascii: "[") {
            while position < text.count, text[position].isDigit || "[:]-".utf8.contains(text[position]) {
                position += 1
            }
            if position == text.count || text[position] != UInt8(ascii: "=") { position = 0 }
        }
        while position < text.count {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: " "):
                position += 1
            default:
                let item = LiteralItem(
                    text, at: position, endsAt: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") })
                position = item.range.upperBound
                let inside = cursor.take(in: item.content)
                guard !inside.isEmpty || mayNest(text, item) else { continue }
                let plain = Unescaped(literal: text, item.content)
                let own = plain.parts(of: inside, in: item.content)
                guard let new = rewriteElement(plain.bytes.span, element, own, selection, level: level) else {
                    continue
                }
                rewriting.replace(item.range, of: text, in: &output)
                if let new { appendQuoted(new.span, to: &output) } else { output += "NULL".utf8 }
            }
        }
        return rewriting.finish(text, in: &output)
    }

    /// Whether there may be more in an item than was found in it.
    private func mayNest(_ text: Span<UInt8>, _ item: LiteralItem) -> Bool {
        item.isQuoted && !item.content.isEmpty
            && (text[item.content.lowerBound] == UInt8(ascii: "{") || text[item.content.lowerBound] == UInt8(ascii: "[")
                || text[item.content.lowerBound] == UInt8(ascii: "<") || text[item.content.lowerBound] <= 0x20)
    }

    /// - Returns: `nil` when it stays, and a `nil` within for NULL.
    private mutating func rewriteElement(
        _ value: Span<UInt8>, _ element: Syntax.Element, _ found: [Sighting], _ selection: DetectorSelection, level: Int
    ) -> [UInt8]?? {
        switch element {
        case .text: return rewriteContent(value, found, selection, level: level).map { .some($0) }
        case .number:
            guard !found.isEmpty else { return nil }
            var form: [UInt8] = []
            let mask = strictest(of: found, in: 0..<value.count, of: value)
            // A number's text is a number only where the mask is one.
            guard case .text = mask.apply(to: value, kind: .decimal, key: maskKey, into: &form) else {
                return .some(nil)
            }
            return .some(form)
        }
    }

    mutating func rewriteHstore(
        _ text: Span<UInt8>, _ found: [Sighting], _ selection: DetectorSelection, level: Int, into output: inout [UInt8]
    ) -> Bool {
        var cursor = SightingCursor(found)
        var rewriting = Rewriting()
        var position = 0
        var use: Int?
        while position < text.count {
            guard text[position] == UInt8(ascii: "\"") else {
                // NULL, an arrow, a comma. With NULL the value under a key is there.
                if text[position] == UInt8(ascii: ",") { use = nil }
                position += 1
                continue
            }
            let item = LiteralItem(text, at: position, endsAt: { _ in false })
            position = item.range.upperBound
            let isKey = text.has("=>", at: position)
            let plain = Unescaped(literal: text, item.content)
            var new: [UInt8]??
            if let number = use, !isKey {
                use = nil
                var form: [UInt8] = []
                let result = mask(keyed: number, plain.bytes.span).apply(
                    to: plain.bytes.span, kind: .text, key: maskKey, into: &form)
                new = .some(result == .null ? nil : form)
            } else {
                use = isKey ? keys.find(plain.bytes.span) : nil
                let inside = cursor.take(in: item.content)
                guard !inside.isEmpty || mayNest(text, item) else { continue }
                let own = plain.parts(of: inside, in: item.content)
                new = rewriteContent(plain.bytes.span, own, selection, level: level).map { .some($0) }
            }
            guard let new else { continue }
            rewriting.replace(item.range, of: text, in: &output)
            if let new { appendQuoted(new.span, to: &output) } else { output += "NULL".utf8 }
        }
        return rewriting.finish(text, in: &output)
    }

    /// Whether a text is hstore as the server writes it, which is the only way to tell: the type has another number in every
    /// database.
    static func isHstore(_ text: Span<UInt8>) -> Bool {
        var position = 0
        while true {
            guard position < text.count, text[position] == UInt8(ascii: "\"") else { return false }
            let key = LiteralItem(text, at: position, endsAt: { _ in false })
            guard key.isClosed, text.has("=>", at: key.range.upperBound) else { return false }
            position = key.range.upperBound + 2
            if text.has("NULL", at: position) {
                position += 4
            } else {
                guard position < text.count, text[position] == UInt8(ascii: "\"") else { return false }
                let value = LiteralItem(text, at: position, endsAt: { _ in false })
                guard value.isClosed else { return false }
                position = value.range.upperBound
            }
            if position == text.count { return true }
            guard text.has(", ", at: position) else { return false }
            position += 2
        }
    }

    private func appendQuoted(_ value: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for index in 0..<value.count {
            let byte = value[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
            output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
    }
}

/// An element of an array literal, or a key or value of hstore: in quotes or up to what ends it.
private struct LiteralItem {
    /// With its quotes.
    let range: Range<Int>
    /// Within its quotes.
    let content: Range<Int>
    let isQuoted: Bool
    /// Its second quote is there.
    var isClosed: Bool { isQuoted && range.upperBound == content.upperBound + 1 }

    init(_ text: Span<UInt8>, at start: Int, endsAt: (UInt8) -> Bool) {
        isQuoted = text[start] == UInt8(ascii: "\"")
        var position = isQuoted ? start + 1 : start
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\\") {
                position += 2
                continue
            }
            if isQuoted ? byte == UInt8(ascii: "\"") : endsAt(byte) { break }
            position += 1
        }
        position = min(position, text.count)
        if isQuoted {
            content = start + 1..<max(start + 1, position)
            range = start..<min(position + 1, text.count)
        } else {
            content = start..<max(position, start + 1)
            range = content
        }
    }
}
