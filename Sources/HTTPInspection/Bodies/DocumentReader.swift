/// Reads a body as it comes and writes it as it goes, a text at a time: each text is whole, so that a value in it is never cut, and
/// without what the document's format makes of it (escapes, quotes, line ends). What nobody replaces is written byte for byte as it
/// came; what is replaced is written so that it is read as the replacement and as nothing else.
///
/// A text is released when the next is asked for:
///
/// ```swift
/// reader.append(bytes)
/// while let text = try reader.next(into: &output) {
///     if let masked = mask(reader.bytes(of: text)) { try reader.replace(with: masked) }
/// }
/// ```
///
/// After `finish()`, ask until there are no more texts: with the last the rest of the document is written.
public protocol DocumentReader: Sendable {
    /// Where the ranges of texts are. They hold until the next is asked for.
    var decoded: [UInt8] { get }

    /// Takes what came of the body. Ask for its texts before the next piece comes, or more of it is held than need be.
    mutating func append(_ bytes: Span<UInt8>)

    /// Tells that nothing more comes.
    mutating func finish()

    /// The next text, when what it is in has come as a whole.
    ///
    /// - Parameter output: What is written of the document is appended.
    /// - Returns: nil where more must come, or nothing will.
    /// - Throws: for what is not of the format, what has two readings and what is longer than is taken; the same again ever after.
    mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText?

    /// Writes something else for the text that `next` gave last.
    ///
    /// - Throws: where the format cannot say that; the text would be written as it came.
    mutating func replace(with replacement: [UInt8]) throws(HTTPError)
}

extension DocumentReader {
    public func bytes(of text: DocumentText) -> ArraySlice<UInt8> {
        decoded[text.range.clamped(to: decoded.startIndex..<decoded.endIndex)]
    }
}

/// A text in a document.
public struct DocumentText: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A line, without its end.
        case line
        /// An event's data, its lines joined.
        case data
        /// A field of an event that is not data, or a comment.
        case note
        /// A name in a form.
        case name
        /// A value in a form, or a cell of a table.
        case value
        /// A part's head, as it came.
        case partHead
        /// Some of a part's content, not looked into.
        case content
    }

    public let kind: Kind
    /// What the text is called where it is: a form's name, a column's header, an event's type, a part's name. Empty where it has none.
    public let name: [UInt8]
    /// Where its bytes are in ``DocumentReader/decoded``.
    public let range: Range<Int>
    /// Whether the value ends with this text. Only a part's content comes in several.
    public let isLast: Bool

    init(_ kind: Kind, name: [UInt8] = [], _ range: Range<Int>, isLast: Bool = true) {
        self.kind = kind
        self.name = name
        self.range = range
        self.isLast = isLast
    }
}
