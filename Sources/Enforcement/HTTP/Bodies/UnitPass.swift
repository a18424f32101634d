import HTTPInspection
import Policy

/// A body whose texts are looked at one by one: events, lines, forms, tables.
struct UnitPass<Reader: DocumentReader>: BodyPass {
    private var reader: Reader
    private var texts: TextMasker

    init(_ reader: Reader, _ texts: TextMasker) {
        self.reader = reader
        self.texts = texts
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        reader.append(bytes)
        try drain(into: &output, &found)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        reader.finish()
        try drain(into: &output, &found)
    }

    private mutating func drain(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        while true {
            do throws(HTTPError) {
                guard let text = try reader.next(into: &output) else { return }
                guard let masked = try mask(text, &found) else { continue }
                try reader.replace(with: masked)
            } catch {
                throw BodyRefusal(error)
            }
        }
    }

    private mutating func mask(_ text: DocumentText, _ found: inout BodyFindings) throws(HTTPError) -> [UInt8]? {
        let decoded = reader.decoded
        let range = text.range.clamped(to: 0..<decoded.count)
        return try texts.mask(decoded.span.extracting(range), text, &found)
    }
}

/// Masks texts of a document that are whole.
struct TextMasker: Sendable {
    /// What the texts of a document are.
    enum Style {
        /// What they begin like; where they have a name, that is a key.
        case plain
        /// JSON documents, and nothing else.
        case json
        /// JSON documents, or other text.
        case jsonOrText
    }

    private let scanner: DetectorScanner
    private let style: Style
    private var masking: StructuredMasking
    private var document: JSONDocumentMasking

    init(_ masking: StructuredMasking, _ scanner: DetectorScanner, _ style: Style) {
        self.masking = masking
        self.scanner = scanner
        self.style = style
        document = JSONDocumentMasking(masking, selection: scanner.selection(for: []))
    }

    /// - Returns: nil when the text stays.
    mutating func mask(
        _ value: Span<UInt8>, _ text: DocumentText, _ found: inout BodyFindings
    ) throws(HTTPError) -> [UInt8]? {
        switch style {
        case .json: return try maskDocument(value, &found)
        case .jsonOrText where text.kind == .data && TextMasker.beginsLikeJSON(value):
            do throws(HTTPError) {
                return try maskDocument(value, &found)
            } catch  where error.code == .malformedBody {
                return maskPlain(value, name: [], &found)
            }
        // An event's type, and a field's name, are no keys.
        case .jsonOrText: return maskPlain(value, name: [], &found)
        case .plain: return maskPlain(value, name: text.name, &found)
        }
    }

    /// Masks a text that has no name; nil when it stays.
    mutating func maskUnnamed(_ value: Span<UInt8>, _ found: inout BodyFindings) -> [UInt8]? {
        maskPlain(value, name: [], &found)
    }

    private mutating func maskPlain(_ value: Span<UInt8>, name: [UInt8], _ found: inout BodyFindings) -> [UInt8]? {
        let selection = scanner.selection(for: name)
        guard masking.mask(value, named: name.span, selection: selection) == .replaced else { return nil }
        found.add(masking, scanner)
        return masking.output
    }

    private mutating func maskDocument(
        _ value: Span<UInt8>, _ found: inout BodyFindings
    ) throws(HTTPError) -> [UInt8]? {
        // RFC 7464: a record separator before each text.
        let start = value.count > 0 && value[0] == 0x1E ? 1 : 0
        guard TextMasker.hasInk(value, from: start) else { return nil }
        var output: [UInt8] = []
        output.append(value, 0..<start)
        do throws(DocumentFault) {
            document.reset()
            try document.take(value.extracting(start..<value.count), into: &output)
            try document.finish(into: &output)
        } catch {
            document.forgetFound()
            switch error.code {
            case .tooLong, .tooDeep: throw HTTPError(.oversizedBody, status: 413, error.reason)
            case .duplicateName: throw HTTPError(.ambiguousBody, error.reason)
            default: throw HTTPError(.malformedBody, error.reason)
            }
        }
        let isChanged =
            !document.masking.found.isEmpty || !document.masking.foundKeys.isEmpty || document.longValues > 0
        found.add(document.masking, scanner)
        found.addLongValues(document.longValues)
        document.forgetFound()
        return isChanged ? output : nil
    }

    private static func hasInk(_ text: Span<UInt8>, from start: Int) -> Bool {
        for index in start..<text.count where text[index] > 0x20 { return true }
        return false
    }

    static func beginsLikeJSON(_ text: Span<UInt8>) -> Bool {
        for index in 0..<text.count where text[index] > 0x20 {
            return text[index] == UInt8(ascii: "{") || text[index] == UInt8(ascii: "[")
        }
        return false
    }
}
