/// Parses the subset of regular expressions that detectors are written in (docs/detectors.md).
///
/// Everything else that the usual dialects know is refused by name: a pattern that silently means something else
/// would miss what it is there to find.
struct RegexParser {
    private let pattern: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var foldsCase = false

    static func parse(_ pattern: String) throws(RegexError) -> RegexNode {
        var parser = RegexParser(pattern: Array(pattern.unicodeScalars))
        guard parser.pattern.count <= RegexLimits.patternLength else {
            throw RegexError(
                code: .tooLarge, column: RegexLimits.patternLength + 1,
                message: "the pattern has \(parser.pattern.count) characters",
                mend: "write several detectors of at most \(RegexLimits.patternLength) characters")
        }
        let node = try parser.alternatives()
        if let scalar = parser.peek {
            throw parser.syntax("unmatched '\(scalar)'", mend: "write \\\(scalar) for the character itself")
        }
        return node
    }

    private init(pattern: [Unicode.Scalar]) {
        self.pattern = pattern
    }

    private var peek: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

    private func peek(_ text: String) -> Bool {
        pattern[position...].starts(with: text.unicodeScalars)
    }

    private mutating func take(_ text: String) -> Bool {
        guard peek(text) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    private func syntax(_ message: String, mend: String, at column: Int? = nil) -> RegexError {
        RegexError(code: .syntax, column: column ?? position + 1, message: message, mend: mend)
    }

    private func unsupported(_ message: String, mend: String, at column: Int? = nil) -> RegexError {
        RegexError(code: .unsupported, column: column ?? position + 1, message: message, mend: mend)
    }

    // MARK: Structure

    private mutating func alternatives() throws(RegexError) -> RegexNode {
        let outerFoldsCase = foldsCase
        defer { foldsCase = outerFoldsCase }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            if take("(?i)") {
                foldsCase = true
                continue
            }
            let column = position + 1
            let atom = try atom()
            parts.append(try quantified(atom, column: column))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified(_ atom: RegexNode, column: Int) throws(RegexError) -> RegexNode {
        let start = position
        let bounds: (min: Int, max: Int?)
        if take("?") {
            bounds = (0, 1)
        } else if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if peek == "{" {
            bounds = try counts()
        } else {
            return atom
        }
        if atom == .wordBoundary, pattern[column - 1] == "\\" {
            throw syntax("\\b cannot be repeated", mend: "leave out the repetition", at: start + 1)
        }
        switch peek {
        case "?": throw unsupported("a match is always the longest", mend: "leave out the '?'")
        case "+": throw unsupported("possessive repetition is not supported", mend: "leave out the '+'")
        case "*", "{": throw syntax("a repetition is repeated", mend: "put the repeated part in (?:…)")
        default: return .repetition(atom, min: bounds.min, max: bounds.max)
        }
    }

    /// `{m}`, `{m,}` and `{m,n}`.
    private mutating func counts() throws(RegexError) -> (min: Int, max: Int?) {
        let column = position + 1
        position += 1
        guard let min = number() else {
            throw syntax("'{' without a number", mend: "write {2}, {2,} or {2,4}, or \\{ for the brace", at: column)
        }
        var max: Int? = min
        if take(",") { max = number() }
        guard take("}") else {
            throw syntax("'{' is not closed", mend: "write {2}, {2,} or {2,4}, or \\{ for the brace", at: column)
        }
        guard min <= RegexLimits.repetition, max ?? 0 <= RegexLimits.repetition else {
            throw RegexError(
                code: .tooLarge, column: column, message: "a count is more than \(RegexLimits.repetition)",
                mend: "write {\(Swift.min(min, RegexLimits.repetition)),} for no upper bound")
        }
        if let max, max < min {
            throw syntax("{\(min),\(max)} can never match", mend: "write {\(max),\(min)}", at: column)
        }
        return (min, max)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = peek, ("0"..."9").contains(scalar), digits.count < 9 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    // MARK: Atoms

    private mutating func atom() throws(RegexError) -> RegexNode {
        guard let scalar = peek else { return .empty }
        switch scalar {
        case "(": return try group()
        case "[": return .scalar(try characterClass())
        case ".":
            position += 1
            return .scalar(.notNewline)
        case "\\":
            if take("\\b") { return .wordBoundary }
            return .scalar(try escape(inClass: false))
        case "^", "$":
            throw unsupported(
                "'\(scalar)' is not supported: a detector finds values inside of texts",
                mend: "leave it out, or write \\b for the border of a word")
        case "*", "+", "?":
            throw syntax("nothing to repeat", mend: "write \\\(scalar) for the character itself")
        case "{": throw syntax("nothing to repeat", mend: "write \\{ for the character itself")
        default:
            position += 1
            return .scalar(folded(ScalarSet([scalar.value...scalar.value])))
        }
    }

    private mutating func group() throws(RegexError) -> RegexNode {
        let column = position + 1
        let outerFoldsCase = foldsCase
        defer { foldsCase = outerFoldsCase }
        depth += 1
        defer { depth -= 1 }
        guard depth <= RegexLimits.nesting else {
            throw RegexError(
                code: .tooLarge, column: column, message: "more than \(RegexLimits.nesting) groups within one another",
                mend: "leave out groups that change nothing")
        }
        if take("(?i:") {
            foldsCase = true
        } else if take("(?:") {
            // Nothing is captured anyway.
        } else if peek("(?=") || peek("(?!") || peek("(?<=") || peek("(?<!") {
            throw unsupported(
                "looking around is not supported: it cannot be matched in linear time",
                mend: "write \\b at the border of a word, or name words under 'context'")
        } else if peek("(?P=") || peek("(?R") || peek("(?&") {
            throw unsupported("references to groups are not supported", mend: "write the group out")
        } else if peek("(?P<") || peek("(?<") || peek("(?'") {
            throw unsupported("groups have no names: nothing is captured", mend: "write (?:…)")
        } else if peek("(?>") {
            throw unsupported("atomic groups are not supported", mend: "write (?:…)")
        } else if peek("(?") {
            throw unsupported("only the flag (?i) is supported", mend: "write (?:…) for a group")
        } else {
            position += 1
        }
        let node = try alternatives()
        guard take(")") else {
            throw syntax("'(' is not closed", mend: "write ) at its end, or \\( for the character", at: column)
        }
        return node
    }

    private func folded(_ set: ScalarSet) -> ScalarSet { foldsCase ? set.foldingCase() : set }

    // MARK: Classes

    private mutating func characterClass() throws(RegexError) -> ScalarSet {
        let column = position + 1
        position += 1
        let isNegated = take("^")
        var set = ScalarSet()
        var isFirst = true
        while true {
            guard let scalar = peek else {
                throw syntax("'[' is not closed", mend: "write ] at its end, or \\[ for the character", at: column)
            }
            if scalar == "]" {
                guard !isFirst else {
                    throw syntax("an empty class matches nothing", mend: "write \\] for the character itself")
                }
                position += 1
                break
            }
            isFirst = false
            if scalar == "[" {
                throw unsupported(
                    "classes within classes are not supported", mend: "write \\[ for the character itself")
            }
            set.formUnion(folded(try classMember()))
        }
        let result = isNegated ? set.inverted() : set
        guard !result.ranges.isEmpty else {
            throw RegexError(
                code: .matchesNothing, column: column, message: "the class matches no character", mend: "leave it out")
        }
        return result
    }

    /// One character, escape or range.
    private mutating func classMember() throws(RegexError) -> ScalarSet {
        let column = position + 1
        let first = try classCharacter()
        guard peek == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else { return first }
        position += 1
        let last = try classCharacter()
        guard let lower = first.single, let upper = last.single else {
            throw syntax("a range needs single characters at its ends", mend: "write \\- for the dash", at: column)
        }
        guard lower <= upper else {
            throw syntax(
                "the range ends before it begins", mend: "swap its ends, or write \\- for the dash", at: column)
        }
        return ScalarSet([lower...upper])
    }

    private mutating func classCharacter() throws(RegexError) -> ScalarSet {
        guard let scalar = peek else {
            throw syntax("the class is not closed", mend: "write ] at its end")
        }
        if scalar == "\\" { return try escape(inClass: true) }
        position += 1
        return ScalarSet([scalar.value...scalar.value])
    }

    private mutating func escape(inClass: Bool) throws(RegexError) -> ScalarSet {
        let column = position + 1
        position += 1
        guard let scalar = peek else {
            throw syntax("the pattern ends in '\\'", mend: "write \\\\ for the character itself", at: column)
        }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted()
        case "w": return .words
        case "W": return ScalarSet.words.inverted()
        case "s": return .whiteSpace
        case "S": return ScalarSet.whiteSpace.inverted()
        case "t": return ScalarSet([0x09...0x09])
        case "n": return ScalarSet([0x0A...0x0A])
        case "v": return ScalarSet([0x0B...0x0B])
        case "f": return ScalarSet([0x0C...0x0C])
        case "r": return ScalarSet([0x0D...0x0D])
        case "x", "u": return folded(try codePoint(scalar, column: column))
        case "b":
            throw syntax("\\b has no meaning in a class", mend: "write it outside of the class", at: column)
        case "B": throw unsupported("\\B is not supported", mend: "leave it out", at: column)
        case "A", "z", "Z", "G":
            throw unsupported(
                "'\\\(scalar)' is not supported: a detector finds values inside of texts", mend: "leave it out",
                at: column)
        case "1"..."9", "k":
            throw unsupported(
                "references to groups are not supported: they cannot be matched in linear time",
                mend: "write the group out", at: column)
        case "p", "P":
            throw unsupported(
                "Unicode properties are not supported", mend: "write a class with ranges, such as [À-ÿ]", at: column)
        case "0"..."9", "a"..."z", "A"..."Z":
            throw unsupported(
                "'\\\(scalar)' is no escape", mend: "write \(scalar) for the character itself", at: column)
        default: return ScalarSet([scalar.value...scalar.value])
        }
    }

    /// `\xHH`, `\x{H…}` and `\uHHHH`.
    private mutating func codePoint(_ kind: Unicode.Scalar, column: Int) throws(RegexError) -> ScalarSet {
        var digits = ""
        let isBraced = kind == "x" && take("{")
        let count = isBraced ? 6 : kind == "x" ? 2 : 4
        while digits.count < count, let scalar = peek, scalar.properties.isASCIIHexDigit {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        let isClosed = isBraced ? take("}") : digits.count == count
        guard isClosed, let value = UInt32(digits, radix: 16), Unicode.Scalar(value) != nil else {
            throw syntax(
                "no character has that number", mend: "write \\x2F, \\x{1F600} or \\u002F", at: column)
        }
        return ScalarSet([value...value])
    }
}

extension ScalarSet {
    /// The only member, if there is only one.
    fileprivate var single: UInt32? {
        guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
