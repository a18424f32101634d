import WireBytes

/// A multipart body (RFC 2046 §5.1; forms: RFC 7578): of each part its head, then its content, as it comes. A multipart within is read
/// likewise, up to ``HTTPLimits/multipartDepth``.
///
/// What recipients read in different ways is refused: anything before the first delimiter and behind the last but an empty line, a
/// delimiter with white space behind it, a line that begins like a delimiter and goes on otherwise, or that ends in a bare LF or CR before one,
/// boundaries of which one begins with the other.
public struct MultipartReader: DocumentReader {
    private enum State {
        /// Before a multipart's first delimiter.
        case opening
        case head
        case content
        /// Behind the last delimiter of a multipart.
        case closing
        case end
    }

    /// The part whose head was given last.
    public private(set) var part: PartHead?
    public private(set) var decoded: [UInt8] = []

    private var input = InputBuffer()
    private var isFinished = false
    private var state = State.opening
    /// The innermost is the last.
    private var boundaries: [Boundary]
    /// Of each multipart, whether its parts are a form's.
    private var forms: [Bool]
    private var section = MultipartReader.newSection
    private var parts = 0
    private var isContentStart = false
    /// Whether the content's last piece was given: a delimiter comes next.
    private var isContentOver = false
    /// The text that was given, which is written when the next is asked for.
    private var given: DocumentText?
    private var replacement: [UInt8]?
    private var guardian = ContentGuard()
    private var failure: HTTPError?

    /// - Parameter mediaType: `multipart/…` with a boundary.
    /// - Throws: for a boundary that is none.
    public init(_ mediaType: MediaType) throws(HTTPError) {
        boundaries = [try Boundary(of: mediaType)]
        forms = [mediaType.subtype == "form-data"]
    }

    /// How many multiparts the part is in.
    public var depth: Int { boundaries.count }

    public mutating func append(_ bytes: Span<UInt8>) {
        input.append(bytes)
    }

    public mutating func finish() {
        isFinished = true
    }

    /// - Throws: also for a body that ends before its last delimiter, and for more parts than ``HTTPLimits/parts``.
    public mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        if let failure { throw failure }
        do throws(HTTPError) {
            try release(into: &output)
            while true {
                let before = (input.count, state)
                if let text = try step(into: &output) { return text }
                if before == (input.count, state) { break }
            }
            guard isFinished else { return nil }
            guard state == .end, input.isEmpty else {
                throw HTTPError(.truncated, "a multipart body that ends before its last delimiter")
            }
            return nil
        } catch {
            failure = error
            throw error
        }
    }

    /// A part's head, its last empty line included, is replaced by one with the same fields in the same order and the same Content-Type; content by anything that no
    /// delimiter is in.
    public mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        guard let given else { return }
        if given.kind == .partHead {
            let head = try MultipartReader.head(replacement, isForm: false)
            guard let part, head.isRead(as: part) else { throw .unspeakable }
        }
        self.replacement = replacement
    }

    private mutating func release(into output: inout [UInt8]) throws(HTTPError) {
        guard let text = given else { return }
        let written = replacement ?? decoded
        if text.kind == .content {
            try guardian.check(written, isReplaced: replacement != nil, boundaries)
        }
        output += written
        input.consume(decoded.count)
        given = nil
        replacement = nil
    }

    /// - Returns: nil where nothing is to be looked at: the state may have changed.
    private mutating func step(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        switch state {
        case .opening: try open(into: &output)
        case .head: return try head(into: &output)
        case .content: return try content(into: &output)
        case .closing: try close(into: &output)
        case .end:
            guard input.isEmpty else { throw MultipartReader.surrounded }
        }
        return nil
    }

    /// An empty line, perhaps, and the first delimiter.
    private mutating func open(into output: inout [UInt8]) throws(HTTPError) {
        guard let innermost = boundaries.last else { return }
        let held = input.bytes
        let bytes = held.span.extracting(input.range)
        let lineEnd = bytes.begins(with: MultipartReader.lineEnd, at: 0)
        if case .maybe = lineEnd { return }
        let start = lineEnd == .yes ? 2 : 0
        switch bytes.begins(with: innermost.delimiter, at: start) {
        case .no: throw MultipartReader.surrounded
        case .maybe: return
        case .yes: try delimiter(endingAt: start + innermost.delimiter.count, into: &output)
        }
    }

    /// A delimiter's end: a line end, or two hyphens.
    ///
    /// - Returns: Whether it is there; it is written then.
    @discardableResult
    private mutating func delimiter(endingAt end: Int, into output: inout [UInt8]) throws(HTTPError) -> Bool {
        let held = input.bytes
        let bytes = held.span.extracting(input.range)
        let line = bytes.begins(with: MultipartReader.lineEnd, at: end)
        let hyphens = bytes.begins(with: MultipartReader.hyphens, at: end)
        switch (line, hyphens) {
        case (.yes, _):
            state = .head
            section.reset()
        case (_, .yes): state = .closing
        case (.no, .no): throw MultipartReader.ambiguous
        default: return false
        }
        write(end + 2, into: &output)
        return true
    }

    private mutating func head(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        let held = input.bytes
        guard let count = try section.parse(held.span, from: input.start) else { return nil }
        parts += 1
        guard parts <= HTTPLimits.parts else {
            throw HTTPError(.oversizedBody, status: 413, "a body of more than \(HTTPLimits.parts) parts")
        }
        let head = try MultipartReader.head(
            Array(held[input.start..<(input.start + count)]), isForm: forms.last ?? false)
        part = head
        if let mediaType = head.mediaType, mediaType.type == "multipart" {
            let boundary = try Boundary(of: mediaType)
            guard boundaries.count < HTTPLimits.multipartDepth else {
                throw HTTPError(
                    .unsupportedCoding, status: 415,
                    "multiparts within each other, more than \(HTTPLimits.multipartDepth)"
                )
            }
            guard !boundaries.contains(where: { $0.isLike(boundary) }) else { throw MultipartReader.ambiguous }
            boundaries.append(boundary)
            forms.append(mediaType.subtype == "form-data")
            state = .opening
        } else {
            state = .content
            isContentStart = true
            isContentOver = false
            guardian = ContentGuard()
        }
        return give(.partHead, count, isLast: true)
    }

    private mutating func content(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        let held = input.bytes
        let bytes = held.span.extracting(input.range)
        guard let innermost = boundaries.last else { return nil }
        if isContentStart {
            // A delimiter right behind the head's empty line has no line end of its own: some take it for one.
            guard let isDelimiter = isDelimiter(bytes, at: 0) else { return nil }
            if isDelimiter { throw MultipartReader.ambiguous }
            isContentStart = false
        }
        let horizon = min(bytes.count, HTTPLimits.contentWindow)
        var index = 0
        while let lineEnd = bytes.firstLineEnd(in: index..<max(index, horizon)) {
            let isPair = bytes.begins(with: MultipartReader.lineEnd, at: lineEnd)
            if case .maybe = isPair { return pass(lineEnd) }
            let start = lineEnd + (isPair == .yes ? 2 : 1)
            guard let isDelimiter = isDelimiter(bytes, at: start) else { return pass(lineEnd) }
            guard isDelimiter else {
                index = start
                continue
            }
            guard isPair == .yes, case .yes = bytes.begins(with: innermost.delimiter, at: start) else {
                throw MultipartReader.ambiguous
            }
            guard isContentOver else {
                // The content's last piece may be empty: that it is over is said in any case.
                isContentOver = true
                return give(.content, lineEnd, isLast: true)
            }
            try delimiter(endingAt: start + innermost.delimiter.count, into: &output)
            return nil
        }
        return pass(horizon)
    }

    /// Gives what is content for certain.
    private mutating func pass(_ count: Int) -> DocumentText? {
        count > 0 ? give(.content, count, isLast: false) : nil
    }

    /// Whether a line that begins here begins as a delimiter; nil where that is not known yet.
    private func isDelimiter(_ bytes: Span<UInt8>, at start: Int) -> Bool? {
        var isKnown = true
        for boundary in boundaries {
            switch bytes.begins(with: boundary.delimiter, at: start) {
            case .yes: return true
            case .maybe: isKnown = false
            case .no: break
            }
        }
        return isKnown ? false : nil
    }

    /// Behind a last delimiter: nothing, or a line end; then, of a multipart within another, the other's delimiter.
    private mutating func close(into output: inout [UInt8]) throws(HTTPError) {
        let held = input.bytes
        let bytes = held.span.extracting(input.range)
        if boundaries.count == 1 {
            switch bytes.begins(with: MultipartReader.lineEnd, at: 0) {
            case .no: throw MultipartReader.surrounded
            case .maybe:
                if isFinished, bytes.isEmpty { state = .end }
            case .yes:
                write(2, into: &output)
                state = .end
            }
            return
        }
        let outer = boundaries[boundaries.count - 2].delimiter
        for lines in 1...2 {
            let start = Array(repeatElement(MultipartReader.lineEnd, count: lines).joined())
            switch bytes.begins(with: start + outer, at: 0) {
            case .no: continue
            case .maybe: return
            case .yes:
                if try delimiter(endingAt: start.count + outer.count, into: &output) {
                    boundaries.removeLast()
                    forms.removeLast()
                }
                return
            }
        }
        throw MultipartReader.surrounded
    }

    private mutating func write(_ count: Int, into output: inout [UInt8]) {
        output += input.bytes[input.range].prefix(count)
        input.consume(count)
    }

    private mutating func give(_ kind: DocumentText.Kind, _ count: Int, isLast: Bool) -> DocumentText {
        decoded.removeAll(keepingCapacity: true)
        decoded += input.bytes[input.range].prefix(count)
        let text = DocumentText(kind, name: part?.name ?? [], 0..<count, isLast: isLast)
        given = text
        return text
    }

    private static func head(_ bytes: [UInt8], isForm: Bool) throws(HTTPError) -> PartHead {
        var section = newSection
        guard let count = try section.parse(bytes.span, from: 0), count == bytes.count else { throw .unspeakable }
        return try PartHead(HTTPFields(store: bytes, entries: section.takeEntries()), isForm: isForm)
    }

    private static let newSection = FieldSectionParser(
        hasStartLine: false,
        tooLong: HTTPError(.oversizedBody, status: 413, "a part's head of more than \(HTTPLimits.head) bytes"))
    private static let lineEnd = [Octet.carriageReturn, Octet.lineFeed]
    private static let hyphens = Array("--".utf8)
    private static let surrounded = HTTPError(
        .ambiguousBody, "a multipart body with something before its first delimiter or behind its last")
    private static let ambiguous = HTTPError(
        .ambiguousBody, "a multipart body with a delimiter that recipients read in different ways")
}

/// Sees to it that what is written for content has no delimiter in it: where replacements meet what they do not replace, too.
private struct ContentGuard: Sendable {
    /// The end of what was written. Content begins as a line does.
    private var tail = [Octet.lineFeed]
    private var isChanged = false

    /// A line end, and the longest delimiter.
    private static let longest = 1 + 2 + 70

    mutating func check(_ written: [UInt8], isReplaced: Bool, _ boundaries: [Boundary]) throws(HTTPError) {
        isChanged = isChanged || isReplaced
        if isChanged {
            let whole = tail + written
            let bytes = whole.span
            var index = 0
            while let lineEnd = bytes.firstLineEnd(in: index..<bytes.count) {
                index = lineEnd + 1
                for boundary in boundaries {
                    if case .yes = bytes.begins(with: boundary.delimiter, at: index) { throw .unspeakable }
                }
            }
        }
        tail = (tail + written.suffix(ContentGuard.longest)).suffix(ContentGuard.longest)
    }
}
