import Testing

@testable import HTTPInspection

/// What a reader makes of a document, and what it writes of it. The pieces of a part's content are put together.
struct DocumentReading: Equatable {
    struct Text: Equatable, CustomStringConvertible {
        let kind: DocumentText.Kind
        let name: String
        var text: String
        var isLast = true

        init(_ kind: DocumentText.Kind, _ text: String, name: String = "") {
            self.kind = kind
            self.name = name
            self.text = text
        }

        var description: String { "\(kind) \(name): \(text.debugDescription)" }
    }

    var texts: [Text] = []
    var output = ""
    var error: HTTPError?

    /// - Parameter replacing: What is written for a text; nil leaves it.
    init(
        _ reader: some DocumentReader, _ document: [UInt8], pieces: Int = .max,
        replacing: (Text) -> String? = { _ in nil }
    ) {
        var reader = reader
        var written: [UInt8] = []
        var offset = 0
        do throws(HTTPError) {
            while true {
                let end = offset + min(pieces, document.count - offset)
                if offset < end { reader.append(document[offset..<end].span) } else { reader.finish() }
                while let text = try reader.next(into: &written) {
                    var new = Text(
                        text.kind, String(decoding: reader.bytes(of: text), as: UTF8.self),
                        name: String(decoding: text.name, as: UTF8.self))
                    if let replacement = replacing(new) { try reader.replace(with: Array(replacement.utf8)) }
                    new.isLast = text.isLast
                    if new.kind == .content, let last = texts.last, last.kind == .content, !last.isLast {
                        texts[texts.count - 1].text += new.text
                        texts[texts.count - 1].isLast = new.isLast
                    } else {
                        texts.append(new)
                    }
                }
                if offset == end { break }
                offset = end
            }
        } catch {
            self.error = error
        }
        output = String(decoding: written, as: UTF8.self)
    }
}

extension DocumentReading {
    /// Without what depends on how the document is cut: how much of a content that cannot end well came before that was known, and what was
    /// written until then.
    fileprivate var settled: DocumentReading {
        guard error != nil else { return self }
        var settled = self
        settled.texts.removeAll { $0.kind == .content && !$0.isLast }
        settled.output = ""
        return settled
    }
}

/// What a reader makes of a document; that it makes the same of it in pieces of any size, and that it writes it as it was.
func verified(
    _ reader: some DocumentReader, _ document: String, sourceLocation: SourceLocation = #_sourceLocation
) -> DocumentReading {
    let bytes = Array(document.utf8)
    let whole = DocumentReading(reader, bytes)
    for pieces in 1...max(1, min(40, bytes.count)) {
        let cut = DocumentReading(reader, bytes, pieces: pieces)
        #expect(cut.settled == whole.settled, "in pieces of \(pieces)", sourceLocation: sourceLocation)
        if cut.error == nil {
            #expect(cut.output == document, "in pieces of \(pieces)", sourceLocation: sourceLocation)
        } else {
            #expect(document.utf8.starts(with: cut.output.utf8), sourceLocation: sourceLocation)
        }
    }
    return whole
}

/// What is written of a document some texts of which are replaced; that it does not depend on how the document is cut, and that it is
/// read again as it was meant.
func replaced(
    _ reader: some DocumentReader, _ document: String, sourceLocation: SourceLocation = #_sourceLocation,
    by replacing: (DocumentReading.Text) -> String?
) -> String {
    let bytes = Array(document.utf8)
    let whole = DocumentReading(reader, bytes, replacing: replacing)
    #expect(whole.error == nil, sourceLocation: sourceLocation)
    for pieces in 1...max(1, min(40, bytes.count)) {
        #expect(
            DocumentReading(reader, bytes, pieces: pieces, replacing: replacing) == whole, "in pieces of \(pieces)",
            sourceLocation: sourceLocation)
    }
    return whole.output
}
