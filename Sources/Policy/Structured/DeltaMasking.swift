/// Masks one text that comes a few letters at a time, as a model says it: what cannot change any more is given at once, and what is given
/// in all is what ``TextMasking`` makes of the whole.
///
/// Held back are the last bytes, as many as may decide about what is before them, and what a detector has begun to find.
public struct DeltaMasking: Sendable {
    /// Bytes that are held back, of a text without backslashes: an anchor stands up to 256 behind the beginning of its match, and all that
    /// validators and context look at is nearer.
    static let tail = 256
    /// What is held at the most; a text with more in which nothing can be decided ends.
    static let longest = 1 << 20

    public private(set) var masking: StructuredMasking
    private let selection: DetectorSelection
    /// What was given, as far as detectors look back, and what was not.
    private var bytes: [UInt8] = []
    /// What is not given begins here.
    private var start = 0

    /// - Parameters:
    ///   - masking: what is looked for, and with which masks.
    ///   - selection: of the same tables.
    public init(_ masking: StructuredMasking, selection: DetectorSelection) {
        self.masking = masking
        self.selection = selection
    }

    /// Whether something is held back.
    public var isHolding: Bool { start < bytes.count }

    /// Takes what came of the text.
    ///
    /// - Parameter output: What is decided of it is appended.
    /// - Throws: where more than 1 MiB cannot be decided.
    public mutating func take(_ text: Span<UInt8>, into output: inout [UInt8]) throws(DocumentFault) {
        bytes.append(text, 0..<text.count)
        let count = bytes.count
        let isEscaped = bytes.span.extracting(max(start, 0)..<count).contains(UInt8(ascii: "\\"))
        let around = isEscaped ? MaskingWindow.around : DeltaMasking.tail
        guard count - start > around else { return }
        try step(isFinal: false, around: around, into: &output)
        guard bytes.count - start <= DeltaMasking.longest else {
            throw DocumentFault(.tooLong, "a text with a value that is too long to be masked")
        }
    }

    /// Tells that nothing more comes. Another text may follow.
    public mutating func finish(into output: inout [UInt8]) throws(DocumentFault) {
        if isHolding { try step(isFinal: true, around: 0, into: &output) }
        bytes = []
        start = 0
    }

    /// Forgets what was found so far.
    public mutating func forgetFound() { masking.forgetFound() }

    private mutating func step(isFinal: Bool, around: Int, into output: inout [UInt8]) throws(DocumentFault) {
        let all = bytes
        bytes = []
        let view = masking.look(at: all.span, as: .text, isFinal: isFinal, around: around, selection)
        // Within the letters of one character there is no end.
        var limit = max(start, view.limit)
        while !isFinal, limit > start, limit < all.count, all[limit] & 0xC0 == 0x80 { limit -= 1 }
        var rewriting = Rewriting(from: start)
        masking.splice(all.span, view.found, upTo: limit, &rewriting, into: &output)
        rewriting.keep(upTo: limit, of: all.span, in: &output)
        let kept = max(0, limit - MaskingWindow.around)
        bytes = kept == 0 ? all : Array(all[kept...])
        start = limit - kept
    }
}
