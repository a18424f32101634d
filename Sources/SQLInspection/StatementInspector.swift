internal import CPgQuery

/// Judges SQL text with PostgreSQL's own parser. Stateless, and safe to use from any thread.
public struct StatementInspector: Sendable {
    public struct Limits: Hashable, Sendable {
        /// The longest text, in bytes: what a person or a program has reason to send as one message.
        public var maxBytes: Int
        /// Texts of at most so many tokens are parsed on the caller's stack. Parsing takes at most 400 bytes of stack a
        /// token; parsing and analysis of the worst 1,000 tokens fit 384 KB in a release build, and 2 MB in a debug one.
        public var inlineTokens: Int
        /// Texts of more tokens are refused. ``LargeStackParser`` sizes its stack by it.
        public var maxTokens: Int
        /// How deep the nodes of the parse tree may nest, views included. The analysis recurses on the caller's stack,
        /// wherever the text was parsed: 1,000 take up to 1 MB in a release build, and 4 MB in a debug one.
        public var maxDepth: Int
        /// A LIMIT above it bounds nothing, nor does a longer list of values after IN.
        public var boundedRows: Int
        /// So many values may be given with `=` before a statement is taken for a search among values.
        public var lookups: Int

        public init(
            maxBytes: Int = 1 << 20, inlineTokens: Int = 1_000, maxTokens: Int = 1 << 18, maxDepth: Int = 1_000,
            boundedRows: Int = 1_000, lookups: Int = 10
        ) {
            self.maxBytes = maxBytes
            self.inlineTokens = inlineTokens
            self.maxTokens = maxTokens
            self.maxDepth = maxDepth
            self.boundedRows = boundedRows
            self.lookups = lookups
        }
    }

    /// Which stack a parse needs.
    public enum StackNeed: Hashable, Sendable {
        /// The caller's will do, from 512 KB in a release build.
        case inline
        /// ``LargeStackParser``'s.
        case large
    }

    public let limits: Limits

    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Tells cheaply on which stack a text can be parsed.
    ///
    /// - Throws: ``StatementError`` when no stack will do, or the lexer refuses it.
    public func stackNeed(of text: some Sequence<UInt8>) throws(StatementError) -> StackNeed {
        let bytes = Array(text)
        try checkBytes(bytes)
        // A token is a byte at least.
        if bytes.count <= limits.inlineTokens { return .inline }
        let scan = try scan(bytes)
        return scan.count <= limits.inlineTokens ? .inline : .large
    }

    /// Parses a text, once for all that is asked of it later.
    ///
    /// - Parameters:
    ///   - text: UTF-8 with no NUL.
    ///   - stack: The stack that it runs on. A text that needs more is refused, not tried.
    public func parse(_ text: [UInt8], on stack: StackNeed = .inline) throws(StatementError) -> ParsedText {
        try checkBytes(text)
        let scan = try scan(text)
        if stack == .inline && scan.count > limits.inlineTokens {
            throw StatementError(.tooLong, "the statement is too long for the thread that would parse it")
        }
        let (tree, fingerprints) = try parseTree(text)
        return ParsedText(text: text, tree: tree, literals: scan.literals, fingerprints: fingerprints, limits: limits)
    }

    private func checkBytes(_ text: [UInt8]) throws(StatementError) {
        guard text.count <= limits.maxBytes else {
            throw StatementError(.tooLong, "the statement is longer than \(limits.maxBytes) bytes")
        }
        guard Self.operatorWork(text) <= Self.maxOperatorWork else {
            throw StatementError(.tooLong, "the statement holds too long a run of operator characters")
        }
        if let position = text.firstIndex(of: 0) {
            throw StatementError(.encoding, "the statement holds a NUL byte", position: position)
        }
        guard Self.isUTF8(text) else {
            throw StatementError(.encoding, "the statement is not valid UTF-8")
        }
    }

    /// A run of some 5,000 takes the lexer tens of milliseconds; literals and comments hold no longer ones by chance.
    private static let maxOperatorWork = 25_000_000

    /// The lexer matches the whole rest of a run of operator characters for each operator or comment's start that it takes
    /// from it, so that a long run takes it time by its square.
    private static func operatorWork(_ text: [UInt8]) -> Int {
        var work = 0
        var run = 0
        for byte in text {
            if isOperator(byte) {
                run += 1
                work += run
            } else {
                run = 0
            }
        }
        return work * 2
    }

    private static func isOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "^"),
            UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "`"), UInt8(ascii: "?"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "="):
            true
        default:
            false
        }
    }

    private static func isUTF8(_ text: [UInt8]) -> Bool {
        if text.allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: text, as: UTF8.self) != nil
    }

    private func scan(_ text: [UInt8]) throws(StatementError) -> TokenScan {
        let scan = try unsafe Self.withCString(text) { pointer throws(StatementError) in
            try unsafe TokenScan.scan(pointer)
        }
        guard scan.count <= limits.maxTokens else {
            throw StatementError(.tooLong, "the statement has more than \(limits.maxTokens) tokens")
        }
        // The parser's output grows with it; eight times the longest plain text is ample for real assignments.
        guard scan.weight <= limits.maxTokens * 8 else {
            throw StatementError(.tooLong, "the statement assigns too many columns at once")
        }
        return scan
    }

    private func parseTree(_ text: [UInt8]) throws(StatementError) -> (ParseTree, [UInt64]) {
        let maxDepth = limits.maxDepth
        return try unsafe Self.withCString(text) { pointer throws(StatementError) in
            let result = unsafe pg_query_parse(pointer)
            defer { unsafe pg_query_free_parse_result(result) }
            if let error = unsafe result.error { throw unsafe StatementError(parserError: error) }
            guard let json = unsafe result.parse_tree else {
                throw StatementError(.syntax, "the parser gave no answer")
            }
            var length = 0
            while unsafe json[length] != 0 { length += 1 }
            let tree = try unsafe json.withMemoryRebound(to: UInt8.self, capacity: length) {
                pointer throws(StatementError) in
                try unsafe ParseTreeReader.read(UnsafeBufferPointer(start: pointer, count: length), maxDepth: maxDepth)
            }
            let ranges = ParsedText.ranges(of: tree, in: text)
            if ranges.count <= 1 { return (tree, [unsafe fingerprint(pointer)]) }
            return (
                tree, ranges.map { range in unsafe Self.withCString(Array(text[range])) { unsafe fingerprint($0) } }
            )
        }
    }

    /// - Returns: 0 where there is none.
    private func fingerprint(_ text: UnsafePointer<CChar>) -> UInt64 {
        let result = unsafe pg_query_fingerprint(text)
        defer { unsafe pg_query_free_fingerprint_result(result) }
        return unsafe result.error == nil ? unsafe result.fingerprint : 0
    }

    private static func withCString<Result, Failure: Error>(
        _ text: [UInt8], _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let terminated = text.map { CChar(bitPattern: $0) } + [0]
        return try unsafe terminated.withUnsafeBufferPointer { buffer throws(Failure) in
            guard let base = buffer.baseAddress else { return try unsafe withUnsafePointer(to: 0, body) }
            return try unsafe body(base)
        }
    }
}
