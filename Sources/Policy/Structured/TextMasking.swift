/// Masks one text as it comes, in bounded memory: what is written is what detectors find in the whole text, masked.
///
/// Nothing is known of how the text is built. Something that is found and is longer than 1 MiB ends it.
public struct TextMasking: Sendable {
    public private(set) var masking: StructuredMasking
    private let selection: DetectorSelection
    private var window: MaskingWindow
    private var failure: DocumentFault?

    /// - Parameters:
    ///   - masking: what is looked for, and with which masks. Keys have no place in a text.
    ///   - selection: of the same tables.
    public init(_ masking: StructuredMasking, selection: DetectorSelection) {
        self.init(masking, selection: selection, window: MaskingWindow.usual)
    }

    /// - Parameter window: bytes that are looked at at once, at the least; tests take few.
    package init(_ masking: StructuredMasking, selection: DetectorSelection, window: Int) {
        self.masking = masking
        self.selection = selection
        self.window = MaskingWindow(size: window)
    }

    /// Takes what came of the text.
    ///
    /// - Parameter output: What is written of it is appended.
    /// - Throws: when something is too long; the same again ever after.
    public mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(DocumentFault) {
        if let failure { throw failure }
        var position = 0
        while position < bytes.count {
            position += window.fill(bytes, from: position)
            while window.isFull { try step(isFinal: false, into: &output) }
        }
    }

    /// Tells that nothing more comes. Another text may follow.
    public mutating func finish(into output: inout [UInt8]) throws(DocumentFault) {
        if let failure { throw failure }
        while !window.isEmpty { try step(isFinal: true, into: &output) }
        window.reset()
    }

    /// Begins with another text, whatever became of the last.
    public mutating func reset() {
        window.reset()
        failure = nil
    }

    /// Forgets what was found so far.
    public mutating func forgetFound() { masking.forgetFound() }

    private mutating func step(isFinal: Bool, into output: inout [UInt8]) throws(DocumentFault) {
        let end = window.end
        let bytes = window.lend()
        let limit = try look(at: bytes, upTo: end, isLast: isFinal && end == bytes.count, into: &output)
        window.restore(consume bytes, to: limit)
    }

    private mutating func look(
        at bytes: [UInt8], upTo end: Int, isLast: Bool, into output: inout [UInt8]
    ) throws(DocumentFault) -> Int {
        let start = window.start
        let text = bytes.span.extracting(0..<end)
        let view = masking.look(at: text, as: .text, isFinal: isLast, selection)
        var limit = max(start, view.limit)
        if !isLast, !window.isWorthwhile(limit) {
            if window.widen() { return start }
            limit = max(limit, view.hardLimit)
            guard limit > start else {
                let fault = DocumentFault(.tooLong, "a text with a value that is too long to be masked")
                failure = fault
                throw fault
            }
        }
        var rewriting = Rewriting(from: start)
        masking.splice(text, view.found, upTo: limit, &rewriting, into: &output)
        rewriting.keep(upTo: limit, of: text, in: &output)
        return limit
    }
}
