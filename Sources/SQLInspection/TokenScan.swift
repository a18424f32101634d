internal import CPgQuery

/// What the lexer alone can tell of a text: how many tokens, where its literals stand, and whether a parse of it would
/// blow up.
struct TokenScan: Sendable {
    struct LiteralToken: Sendable {
        var range: Range<Int32>
        var isString: Bool
    }

    private(set) var count = 0
    private(set) var literals: [LiteralToken] = []
    /// An upper bound for the number of tokens that the parser's output holds: `SET (a, b) = (…)` puts the right side
    /// there once a column, and such assignments nest.
    private(set) var weight = 0

    /// - Parameter text: UTF-8, ended with a NUL, no other NUL in it.
    static func scan(_ text: UnsafePointer<CChar>) throws(StatementError) -> TokenScan {
        let result = unsafe pg_query_scan(text)
        defer { unsafe pg_query_free_scan_result(result) }
        if let error = unsafe result.error {
            throw unsafe StatementError(parserError: error)
        }
        var scan = TokenScan()
        if let data = unsafe result.pbuf.data {
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: result.pbuf.len)
            unsafe scan.read(bytes)
        }
        return scan
    }

    // MARK: pg_query.ScanResult (pg_query.proto): repeated ScanToken tokens = 2 { start = 1, end = 2, token = 4 }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        var nesting = AssignmentNesting()
        while offset < bytes.count {
            guard let tag = unsafe Self.varint(bytes, &offset) else { return }
            switch tag & 7 {
            case 0:
                _ = unsafe Self.varint(bytes, &offset)
            case 2:
                guard let length = unsafe Self.varint(bytes, &offset), length <= bytes.count - offset else { return }
                if tag >> 3 == 2 {
                    unsafe readToken(bytes, offset, offset + length, &nesting)
                }
                offset += length
            default:
                return
            }
        }
    }

    private mutating func readToken(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ nesting: inout AssignmentNesting
    ) {
        var offset = start
        var from = 0
        var upTo = 0
        var token = 0
        while offset < end {
            guard let tag = unsafe Self.varint(bytes, &offset), let value = unsafe Self.varint(bytes, &offset) else {
                return
            }
            switch tag >> 3 {
            case 1: from = value
            case 2: upTo = value
            case 4: token = value
            default: break
            }
        }
        count += 1
        let multiplier = nesting.next(token)
        weight = weight.addingReportingOverflow(multiplier).overflow ? Int.max : weight + multiplier
        // FCONST, SCONST, USCONST, BCONST, XCONST, ICONST
        guard (260...264).contains(token) || token == 266, from < upTo,
            let lower = Int32(exactly: from), let upper = Int32(exactly: upTo)
        else { return }
        literals.append(.init(range: lower..<upper, isString: token != 260 && token != 266))
    }

    private static func varint(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Int? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count, shift < 64 {
            let byte = unsafe bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int(truncatingIfNeeded: value & 0x7FFF_FFFF_FFFF_FFFF) }
            shift += 7
        }
        return nil
    }
}

/// Follows parentheses to find `SET (a, b) = …` and `, (a, b) = …`, and how often the tokens that follow are repeated
/// in the parser's output.
private struct AssignmentNesting {
    private struct Group {
        var columns = 1
        /// Opened where a clause of SET may start.
        var startsClause: Bool
        /// What the tokens in it are repeated by.
        var multiplier: Int
        /// The same after an assignment in it.
        var assigned: Int?
    }

    private static let set = 632

    private var groups: [Group] = [Group(startsClause: false, multiplier: 1)]
    private var previous = 0
    private var closed: Group?

    mutating func next(_ token: Int) -> Int {
        let top = groups.count - 1
        let multiplier = groups[top].assigned ?? groups[top].multiplier
        switch token {
        case 40, 91:
            let startsClause = token == 40 && (previous == Self.set || previous == 44)
            groups.append(Group(startsClause: startsClause, multiplier: multiplier))
        case 41, 93:
            if top > 0 { closed = groups.removeLast() }
        case 44:
            groups[top].columns += 1
            groups[top].assigned = nil
        case 59:
            groups = [Group(startsClause: false, multiplier: 1)]
        case 61:
            if previous == 41, let group = closed, group.startsClause {
                let (product, overflow) = multiplier.multipliedReportingOverflow(by: group.columns)
                groups[top].assigned = overflow ? Int.max / 2 : min(product, Int.max / 2)
            }
        default:
            break
        }
        // Comments stand between any two tokens.
        if token != 275 && token != 276 { previous = token }
        return multiplier
    }
}

extension StatementError {
    /// The parser's messages quote the text near the fault, which may be a value: only what kind of fault it is, and
    /// where, is kept.
    init(parserError error: UnsafePointer<PgQueryError>) {
        var message = "syntax error"
        var code = Code.syntax
        if let text = unsafe error.pointee.message.map({ unsafe String(cString: $0) }) {
            if text.hasPrefix("memory exhausted") || text.hasPrefix("stack depth limit") {
                code = .tooDeep
                message = "the statement is nested too deeply"
            } else if text.hasPrefix("unterminated") {
                message = "syntax error: unterminated literal, identifier or comment"
            }
        }
        let position = Int(unsafe error.pointee.cursorpos)
        self.init(code, message, position: position > 0 ? position - 1 : nil)
    }
}
