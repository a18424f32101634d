/// Masks one JSON text as it comes, in bounded memory: what is written is what ``StructuredMasking`` makes of the whole text. What is no
/// JSON text in UTF-8, or has a name twice in one object, is refused.
///
/// A string or number that is longer than 1 MiB is not looked into: it is masked whole. A value under a key whose mask needs all of it
/// (a hash) is redacted when it is longer.
public struct JSONDocumentMasking: Sendable {
    public private(set) var masking: StructuredMasking
    private let selection: DetectorSelection
    private var window: MaskingWindow
    private var grammar = JSONGrammar()
    private var names = JSONNames()
    private let usesIndex: Bool
    private var index = JSONIndex()
    private var isBeginning = true
    private var failure: DocumentFault?
    /// The use of the key whose value comes next.
    private var use: Int?
    private var subtree: Subtree?
    private var longString: JSONReader.Content?
    /// Values that were masked whole for their length since this was last set to nought.
    public var longValues = 0

    /// An array or object under a key, of which nothing is written.
    private struct Subtree: Sendable {
        let use: Int
        /// Levels around it.
        let depth: Int
        /// All of it so far, where the mask needs that.
        var value: [UInt8]?
    }

    /// - Parameters:
    ///   - masking: what is looked for, and with which masks.
    ///   - selection: of the same tables.
    public init(_ masking: StructuredMasking, selection: DetectorSelection) {
        self.init(masking, selection: selection, window: MaskingWindow.usual)
    }

    /// - Parameters:
    ///   - window: bytes that are looked at at once, at the least; tests take few.
    ///   - usesIndex: whether tokens are found by an index where the processor can make one.
    package init(
        _ masking: StructuredMasking, selection: DetectorSelection, window: Int, usesIndex: Bool = true
    ) {
        self.masking = masking
        self.selection = selection
        self.window = MaskingWindow(size: window)
        self.usesIndex = usesIndex
    }

    /// Takes what came of the text.
    ///
    /// - Parameter output: What is written of it is appended.
    /// - Throws: for what is no JSON text; the same again ever after.
    public mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(DocumentFault) {
        if let failure { throw failure }
        do throws(DocumentFault) {
            var position = 0
            while position < bytes.count {
                position += window.fill(bytes, from: position)
                while window.isFull { try step(isFinal: false, into: &output) }
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// Tells that nothing more comes. Another text may follow.
    public mutating func finish(into output: inout [UInt8]) throws(DocumentFault) {
        if let failure { throw failure }
        do throws(DocumentFault) {
            while !window.isEmpty { try step(isFinal: true, into: &output) }
            guard grammar.isComplete else { throw .truncated }
        } catch {
            failure = error
            throw error
        }
        reset()
    }

    /// Begins with another text, whatever became of the last.
    public mutating func reset() {
        window.reset()
        grammar.reset()
        names.removeAll()
        index.releaseMemory()
        isBeginning = true
        failure = nil
        use = nil
        subtree = nil
        longString = nil
    }

    /// Forgets what was found so far.
    public mutating func forgetFound() {
        masking.forgetFound()
        longValues = 0
    }

    // MARK: Windows

    /// Deals with a window, or has it wait for more.
    private mutating func step(isFinal: Bool, into output: inout [UInt8]) throws(DocumentFault) {
        let start = window.start
        let end = window.end
        let bytes = window.lend()
        let isLast = isFinal && end == bytes.count
        let reached = try look(at: bytes, upTo: end, isLast: isLast, into: &output)
        window.restore(consume bytes, to: reached)
        guard reached > start || !isLast else { throw .truncated }
    }

    private mutating func look(
        at bytes: [UInt8], upTo end: Int, isLast: Bool, into output: inout [UInt8]
    ) throws(DocumentFault) -> Int {
        let text = bytes.span.extracting(0..<end)
        if longString != nil { return try endLongString(text, into: &output) }
        let view = masking.look(at: text, as: .json, isFinal: isLast, selection)
        var limit = view.limit
        if !isLast, !window.isWorthwhile(limit) {
            if window.widen() { return window.start }
            limit = max(limit, view.hardLimit)
        }
        let end = try walk(text, view, upTo: limit, isFinal: isLast, into: &output)
        // A token that is not over keeps all that is behind it.
        if end == window.start, !isLast, !window.widen() { return try passLongValue(text, into: &output) }
        return end
    }

    /// Goes from token to token up to a limit.
    ///
    /// - Returns: where it stopped.
    private mutating func walk(
        _ text: Span<UInt8>, _ view: StructuredMasking.View, upTo limit: Int, isFinal: Bool, into output: inout [UInt8]
    ) throws(DocumentFault) -> Int {
        var cursor = SightingCursor(view.found)
        var position = window.start
        var rewriting = Rewriting(from: position)
        if isBeginning {
            isBeginning = false
            if text.has("\u{FEFF}", at: position) { position += 3 }
        }
        if usesIndex { index.read(text, from: position) }
        if !usesIndex || index.isOdd {
            while true {
                position = JSONReader.skipWhiteSpace(text, from: position, to: limit)
                guard position < limit, let token = try JSONReader.token(text, at: position, isFinal: isFinal),
                    token.range.upperBound <= limit
                else { break }
                position = token.range.upperBound
                try deal(with: token, of: text, &cursor, &rewriting, into: &output)
            }
        } else {
            position = try walkIndexed(text, &cursor, &rewriting, upTo: limit, isFinal: isFinal, into: &output)
        }
        position = max(position, window.start)
        if subtree == nil {
            rewriting.keep(upTo: position, of: text, in: &output)
        } else {
            keepOfSubtree(text, rewriting.end..<position, into: &output)
        }
        return position
    }

    /// Goes from token to token by the index.
    private mutating func walkIndexed(
        _ text: Span<UInt8>, _ cursor: inout SightingCursor, _ rewriting: inout Rewriting, upTo limit: Int,
        isFinal: Bool,
        into output: inout [UInt8]
    ) throws(DocumentFault) -> Int {
        // Lent, so that what deals with tokens may change all else.
        var index = JSONIndex()
        swap(&index, &self.index)
        defer { swap(&index, &self.index) }
        var places = JSONIndexCursor(index)
        while let start = places.next(in: index) {
            guard start < limit else { return limit }
            switch unsafe text[unchecked: start] {
            case UInt8(ascii: "\""):
                guard let end = places.next(in: index) else {
                    // It is not over. What is there of it may be at fault already.
                    guard try JSONReader.token(text, at: start, isFinal: isFinal) == nil else { throw .malformed }
                    return start
                }
                guard end < limit else { return start }
                var token = JSONReader.Token(kind: .string, range: start..<end + 1)
                let isSpecial = index.isSpecial(start + 1..<end)
                // Most strings are short, and nothing was found in them. A name may be a value as any other string may.
                if !isSpecial, subtree == nil, !cursor.hasAny(before: end), isPlain(text, start + 1..<end) {
                    if grammar.expectsName {
                        try grammar.accept(.string)
                        let name = text.extracting(start + 1..<end)
                        guard name.count <= JSONDocumentMasking.longestName else { throw JSONDocumentMasking.longName }
                        use = masking.keys.find(name)
                        try names.insert(name, use: use)
                        continue
                    }
                    if use == nil {
                        try grammar.accept(.string)
                        continue
                    }
                }
                if isSpecial {
                    guard let read = try JSONReader.token(text, at: start, isFinal: isFinal), read.range == token.range
                    else {
                        throw .malformed
                    }
                    token = read
                }
                try deal(with: token, of: text, &cursor, &rewriting, into: &output)
            case UInt8(ascii: ","): try dealWithMark(.comma, start, of: text, &rewriting, into: &output)
            case UInt8(ascii: ":"): try dealWithMark(.colon, start, of: text, &rewriting, into: &output)
            case UInt8(ascii: "{"): try dealWithMark(.openObject, start, of: text, &rewriting, into: &output)
            case UInt8(ascii: "}"): try dealWithMark(.closeObject, start, of: text, &rewriting, into: &output)
            case UInt8(ascii: "["): try dealWithMark(.openArray, start, of: text, &rewriting, into: &output)
            case UInt8(ascii: "]"): try dealWithMark(.closeArray, start, of: text, &rewriting, into: &output)
            default:
                guard let token = try JSONReader.token(text, at: start, isFinal: isFinal),
                    token.range.upperBound <= limit
                else { return start }
                // The index knows where it begins, and not where it ends.
                if token.range.upperBound < text.count, !JSONReader.mayFollow(text[token.range.upperBound]) {
                    throw .malformed
                }
                try deal(with: token, of: text, &cursor, &rewriting, into: &output)
            }
        }
        return limit
    }

    /// Whether a string without escapes is nothing that holds another text.
    @inline(__always)
    private func isPlain(_ text: Span<UInt8>, _ content: Range<Int>) -> Bool {
        guard content.count < Base64Text.shortest else { return !masking.mayHold(text, content) }
        return (content.count < 2 || text[content.lowerBound] > 0x20)
            && !StructuredMasking.isStructured(text.extracting(content))
    }

    /// Deals with a brace, a bracket, a comma or a colon.
    @inline(__always)
    private mutating func dealWithMark(
        _ kind: JSONTokens.Kind, _ place: Int, of text: Span<UInt8>, _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) throws(DocumentFault) {
        try grammar.accept(kind)
        switch kind {
        case .openObject: names.open()
        case .closeObject: names.close()
        default: break
        }
        if subtree == nil, use == nil || kind == .colon { return }
        try dealUnderKey(JSONReader.Token(kind: kind, range: place..<place + 1), of: text, &rewriting, into: &output)
    }

    /// Deals with a token that is no name and is within a value under a key, or begins it.
    @inline(never)
    private mutating func dealUnderKey(
        _ token: JSONReader.Token, of text: Span<UInt8>, _ rewriting: inout Rewriting, into output: inout [UInt8]
    ) throws(DocumentFault) {
        if let depth = subtree?.depth {
            if grammar.depth == depth { closeSubtree(at: token.range.upperBound, of: text, &rewriting, into: &output) }
            return
        }
        if let number = use, token.kind != .colon {
            use = nil
            maskUnderKey(token, number, of: text, &rewriting, into: &output)
        }
    }

    @inline(__always)
    private mutating func deal(
        with token: JSONReader.Token, of text: Span<UInt8>, _ cursor: inout SightingCursor,
        _ rewriting: inout Rewriting, into output: inout [UInt8]
    ) throws(DocumentFault) {
        let isName = token.kind == .string && grammar.expectsName
        try grammar.accept(token.kind)
        switch token.kind {
        case .openObject: names.open()
        case .closeObject: names.close()
        default: break
        }
        let named = isName ? try take(name: token, of: text) : nil
        if subtree != nil || use != nil && !isName && token.kind != .colon {
            return try dealUnderKey(token, of: text, &rewriting, into: &output)
        }
        if isName { use = named }
        switch token.kind {
        case .string:
            let content = token.range.lowerBound + 1..<token.range.upperBound - 1
            guard !content.isEmpty else { break }
            guard content.count <= MaskingWindow.longestValue else {
                rewriting.replace(token.range, of: text, in: &output)
                output += RedactedForm.json.utf8
                longValues += 1
                break
            }
            let isFound = cursor.hasAny(before: content.upperBound)
            let mayHold =
                token.hasEscape ? masking.mayHoldEscaped(text, content) : masking.mayHold(text, content)
            guard isFound || mayHold else { break }
            let inside = cursor.take(in: content)
            guard !inside.isEmpty || mayHold else { break }
            masking.rewriteString(text, content, inside, selection, 0, &rewriting, into: &output)
        case .number:
            guard cursor.hasAny(before: token.range.upperBound) else { break }
            let inside = cursor.take(in: token.range)
            guard !inside.isEmpty else { break }
            masking.maskNumber(text, token.range, inside, &rewriting, into: &output)
        default: break
        }
    }

    /// - Returns: the use of the key that it is.
    private mutating func take(name token: JSONReader.Token, of text: Span<UInt8>) throws(DocumentFault) -> Int? {
        let content = token.range.lowerBound + 1..<token.range.upperBound - 1
        guard content.count <= JSONDocumentMasking.longestName else { throw JSONDocumentMasking.longName }
        guard !token.hasEscape else {
            let plain = Unescaped(backslashes: text, content)
            let use = masking.keys.find(plain.bytes.span)
            try names.insert(plain.bytes.span, use: use)
            return use
        }
        let name = text.extracting(content)
        let use = masking.keys.isEmpty ? nil : masking.keys.find(name)
        try names.insert(name, use: use)
        return use
    }

    /// Of a member's name; nothing that is in use has a thousand letters.
    private static let longestName = 64 << 10
    private static let longName = DocumentFault(.tooLong, "JSON with a name of more than \(longestName) bytes")

    // MARK: Values under keys

    private mutating func maskUnderKey(
        _ token: JSONReader.Token, _ number: Int, of text: Span<UInt8>, _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) {
        switch token.kind {
        case .openObject, .openArray:
            rewriting.replace(token.range.lowerBound..<token.range.lowerBound, of: text, in: &output)
            let needsAll = masking.keys.uses[number].mask.tellsApart
            subtree = Subtree(use: number, depth: grammar.depth - 1, value: needsAll ? [] : nil)
            if !needsAll { masking.maskKeyed(Span(), isSubtree: true, number, into: &output) }
        case .string:
            rewriting.replace(token.range, of: text, in: &output)
            let content = token.range.lowerBound + 1..<token.range.upperBound - 1
            guard content.count <= MaskingWindow.longestValue else {
                maskUnread(number, into: &output)
                return
            }
            masking.maskKeyed(
                Unescaped(backslashes: text, content).bytes.span, isSubtree: false, number, into: &output)
        case .literal where text[token.range.lowerBound] == UInt8(ascii: "n"): break
        case .number, .literal:
            rewriting.replace(token.range, of: text, in: &output)
            masking.maskKeyed(text.extracting(token.range), isSubtree: false, number, into: &output)
        case .closeObject, .closeArray, .colon, .comma, .invalid: break
        }
    }

    /// Masks a value under a key that is longer than any that is looked at.
    private mutating func maskUnread(_ number: Int, into output: inout [UInt8]) {
        longValues += 1
        masking.maskUnread(number, into: &output)
    }

    private mutating func closeSubtree(
        at end: Int, of text: Span<UInt8>, _ rewriting: inout Rewriting, into output: inout [UInt8]
    ) {
        keepOfSubtree(text, rewriting.end..<end, into: &output)
        if let subtree, let all = subtree.value {
            masking.maskKeyed(all.span, isSubtree: true, subtree.use, into: &output)
        }
        rewriting.leaveOut(upTo: end)
        subtree = nil
    }

    /// Keeps some more of a value whose mask needs all of it, or masks it at once when it is too long for that.
    private mutating func keepOfSubtree(_ text: Span<UInt8>, _ range: Range<Int>, into output: inout [UInt8]) {
        guard let use = subtree?.use, let kept = subtree?.value?.count else { return }
        guard kept + range.count > MaskingWindow.longestValue else {
            subtree?.value?.append(text, range)
            return
        }
        subtree?.value = nil
        maskUnread(use, into: &output)
    }

    // MARK: Long values

    /// Begins with a string that is longer than a window can be.
    private mutating func passLongValue(_ text: Span<UInt8>, into output: inout [UInt8]) throws(DocumentFault) -> Int {
        let start = window.start
        guard text[start] == UInt8(ascii: "\""), !grammar.expectsName else {
            throw grammar.expectsName
                ? JSONDocumentMasking.longName
                : DocumentFault(.tooLong, "JSON with a value that is too long to be looked at")
        }
        try grammar.accept(.string)
        if subtree == nil {
            if let number = use {
                use = nil
                maskUnread(number, into: &output)
            } else {
                output += RedactedForm.json.utf8
                longValues += 1
            }
        }
        var content = JSONReader.Content(position: start + 1)
        _ = try content.advance(in: text)
        longString = content
        let end = content.position
        keepOfSubtree(text, start..<end, into: &output)
        return end
    }

    private mutating func endLongString(
        _ text: Span<UInt8>, into output: inout [UInt8]
    ) throws(DocumentFault) -> Int {
        var content = JSONReader.Content(position: window.start)
        let isOver = try content.advance(in: text)
        let end = isOver ? content.position + 1 : content.position
        if isOver { longString = nil }
        keepOfSubtree(text, window.start..<end, into: &output)
        return end
    }
}
