/// Masks within XML: texts, values of attributes, CDATA sections, comments. Names of elements stay.
extension StructuredMasking {
    mutating func rewriteXML(
        _ text: Span<UInt8>, _ found: [Sighting], _ selection: DetectorSelection, level: Int, into output: inout [UInt8]
    ) -> Bool {
        var cursor = SightingCursor(found)
        var pieces = XMLPieces()
        var rewriting = Rewriting()
        while let piece = pieces.next(in: text) {
            let inside = cursor.take(in: piece.range)
            guard !inside.isEmpty || mayNest(text, piece) else { continue }
            let isEscaped = piece.kind == .text || piece.kind == .attribute
            let plain = isEscaped ? Unescaped(entities: text, piece.range) : Unescaped(plain: text, piece.range)
            let own = plain.parts(of: inside, in: piece.range)
            if piece.kind != .markup, level < StructuredMasking.maxLevel, mayNest(plain.bytes.span) {
                guard let new = rewriteContent(plain.bytes.span, own, selection, level: level) else { continue }
                rewriting.replace(piece.range, of: text, in: &output)
                append(new, as: piece.kind, to: &output)
                continue
            }
            for (sighting, own) in zip(inside, own) {
                let range = sighting.range.clamped(
                    to: max(piece.range.lowerBound, rewriting.end)..<piece.range.upperBound)
                guard !range.isEmpty else { continue }
                rewriting.replace(range, of: text, in: &output)
                let part = plain.bytes.span.extracting(own.range)
                // First, and for itself: what is passed to a method that changes nothing is copied when this changes it.
                let mask = mask(own, part)
                append(form(of: part, by: mask), as: piece.kind, to: &output)
            }
        }
        return rewriting.finish(text, in: &output)
    }

    /// Whether a piece's content begins like JSON.
    private func mayNest(_ content: Span<UInt8>) -> Bool {
        guard let first = content.firstInk() else { return false }
        return content[first] == UInt8(ascii: "{") || content[first] == UInt8(ascii: "[")
    }

    /// Whether there may be JSON in a piece.
    private func mayNest(_ text: Span<UInt8>, _ piece: XMLPieces.Piece) -> Bool {
        guard let first = text.firstInk(from: piece.range.lowerBound), first < piece.range.upperBound else {
            return false
        }
        // &#123; is a brace, too.
        return piece.kind != .markup
            && (text[first] == UInt8(ascii: "{") || text[first] == UInt8(ascii: "[")
                || text[first] == UInt8(ascii: "&"))
    }

    private func append(_ form: [UInt8], as kind: XMLPieces.Kind, to output: inout [UInt8]) {
        for byte in form {
            switch (byte, kind) {
            case (UInt8(ascii: "<"), .text), (UInt8(ascii: "<"), .attribute): output += "&lt;".utf8
            case (UInt8(ascii: ">"), .text), (UInt8(ascii: ">"), .attribute): output += "&gt;".utf8
            case (UInt8(ascii: "&"), .text), (UInt8(ascii: "&"), .attribute): output += "&amp;".utf8
            case (UInt8(ascii: "\""), .attribute): output += "&quot;".utf8
            case (UInt8(ascii: "'"), .attribute): output += "&apos;".utf8
            // In what has no escapes nothing may end it: ]]>, -->, ?>.
            case (UInt8(ascii: "<"), .markup), (UInt8(ascii: ">"), .cdata), (UInt8(ascii: ">"), .markup),
                (UInt8(ascii: "-"), .markup), (UInt8(ascii: "?"), .markup), (UInt8(ascii: "&"), .markup),
                (UInt8(ascii: "\""), .markup), (UInt8(ascii: "'"), .markup):
                output.append(UInt8(ascii: "*"))
            default: output.append(byte)
            }
        }
    }
}

/// The pieces of an XML text, one behind the other, so that none is left out. A reader of its own, as simple as it is, because
/// nothing here needs more: PostgreSQL has checked what is of type xml, and of other texts nothing is promised.
struct XMLPieces {
    enum Kind {
        case text, attribute, cdata
        /// Tags without the values of their attributes, comments, instructions, the document's type.
        case markup
    }

    struct Piece {
        var kind: Kind
        var range: Range<Int>
    }

    private var position = 0
    private var isInTag = false

    mutating func next(in text: Span<UInt8>) -> Piece? {
        guard position < text.count else { return nil }
        if isInTag { return inTag(text) }
        guard text[position] == UInt8(ascii: "<") else {
            return piece(.text, upTo: find(UInt8(ascii: "<"), text, from: position))
        }
        if text.has(XMLMarks.openCDATA, at: position) {
            // The mark goes to the section: it is never found, and never replaced.
            let start = position + XMLMarks.openCDATA.utf8.count
            let end = find("]]>", text, from: start)
            position = min(end + 3, text.count)
            return Piece(kind: .cdata, range: min(start, text.count)..<end)
        }
        if text.has("<!--", at: position) { return piece(.markup, upTo: find("-->", text, from: position)) }
        if text.has("<?", at: position) { return piece(.markup, upTo: find("?>", text, from: position)) }
        isInTag = true
        return inTag(text)
    }

    private mutating func inTag(_ text: Span<UInt8>) -> Piece {
        let quote = text[position]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let start = position + 1
            let end = find(quote, text, from: start)
            position = min(end + 1, text.count)
            return Piece(kind: .attribute, range: min(start, text.count)..<end)
        }
        var end = position
        while end < text.count {
            let byte = text[end]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), end > position { break }
            end += 1
            if byte == UInt8(ascii: ">") {
                isInTag = false
                break
            }
        }
        return piece(.markup, upTo: end)
    }

    private mutating func piece(_ kind: Kind, upTo end: Int) -> Piece {
        defer { position = max(end, position + 1) }
        return Piece(kind: kind, range: position..<max(end, position))
    }

    private func find(_ byte: UInt8, _ text: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count, text[end] != byte { end += 1 }
        return min(end, text.count)
    }

    private func find(_ mark: String, _ text: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count, !text.has(mark, at: end) { end += 1 }
        return min(end, text.count)
    }
}

extension [UInt8] {
    init(_ span: Span<UInt8>, _ range: Range<Int>) {
        self = []
        append(span, range)
    }
}
