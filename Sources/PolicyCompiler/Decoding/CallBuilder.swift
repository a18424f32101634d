import Policy

/// Makes what rules and resources say of calls.
enum CallBuilder {
    static func arguments(_ source: CheckedObject) -> [ArgumentCondition] {
        source.entries("arguments").compactMap { entry in
            guard let value = entry.value else { return nil }
            let pattern = value.string("pattern")?.value
            let word = value.string("type")?.value
            return ArgumentCondition(
                pointer: entry.name.value, kind: CallShapes.kinds.first { $0.name == word }?.kind,
                equals: value.values("equals"), minimum: value.integer("min").map(String.init),
                maximum: value.integer("max").map(String.init), pattern: pattern,
                automaton: pattern.flatMap { try? ArgumentPattern.compile($0) })
        }
    }

    /// The pins of a resource, which stand as a mapping from names to fingerprints.
    ///
    /// - Parameter report: takes what is wrong with one.
    static func pins(
        _ source: CheckedObject, _ report: (TextKind.Fault, SourceLocation) -> Void = { _, _ in }
    ) -> [ToolPin] {
        guard case .node(let node)? = source.fields["toolPins"]?.value.content else { return [] }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
            report(
                TextKind.Fault(
                    "expected a mapping from each tool's name to its fingerprint, found \(node.kindName)",
                    "as in 'create_ticket: sha256:…'"), node.location)
            return []
        }
        return entries.compactMap { entry in
            guard case .scalar(let scalar) = entry.value.content else {
                report(TextKind.Fault("expected a fingerprint, found \(entry.value.kindName)"), entry.value.location)
                return nil
            }
            if let fault = TextKind.exact.fault(in: entry.key.value) { report(fault, entry.key.location) }
            if let fault = CallFaults.fingerprint(scalar.text) { report(fault, entry.value.location) }
            return ToolPin(tool: entry.key.value, fingerprint: scalar.text)
        }
    }
}

/// Compiles the pattern of an argument.
enum ArgumentPattern {
    /// - Throws: what is wrong with it.
    static func compile(_ text: String) throws(RegexError) -> TextAutomaton {
        var inner = text[...]
        let foldsCase = inner.hasPrefix("(?i)")
        if foldsCase { inner = inner.dropFirst(4) }
        let isFromStart = inner.hasPrefix("^")
        if isFromStart { inner = inner.dropFirst() }
        var reachesEnd = false
        if inner.hasSuffix("$") {
            // Behind an odd number of backslashes it is the character.
            let slashes = inner.dropLast().reversed().prefix { $0 == "\\" }.count
            reachesEnd = slashes.isMultiple(of: 2)
            if reachesEnd { inner = inner.dropLast() }
        }
        var node = try RegexParser.parse((foldsCase ? "(?i)" : "") + inner)
        if isFromStart || reachesEnd, hasAlternatives(inner) {
            throw RegexError(
                code: .unsupported, column: 1, message: "'^' and '$' would belong to one of the alternatives",
                mend: "put the alternatives in parentheses: ^(a|b)$")
        }
        if !isFromStart {
            let any = RegexNode.scalar(ScalarSet([0...0x10FFFF]))
            node = .sequence([.repetition(any, min: 0, max: nil), node])
        }
        let dfa = try DFABuilder.build([node], limit: TextAutomaton.maximumStates)
        let accepts = (0..<dfa.stateCount).map {
            (beforeWord: !dfa.matchesBeforeWord[$0].isEmpty, beforeOther: !dfa.matchesBeforeOther[$0].isEmpty)
        }
        guard accepts.contains(where: { $0.beforeWord || $0.beforeOther }),
            let automaton = TextAutomaton(
                reachesEnd: reachesEnd, start: dfa.startAfterOther, byteClasses: dfa.byteClasses,
                classCount: dfa.classCount, accepts: accepts, transitions: dfa.transitions)
        else {
            throw RegexError(
                code: .matchesNothing, column: 1, message: "the pattern can never match", mend: "look for a stray \\b")
        }
        return automaton
    }

    /// Whether a pattern is of alternatives that stand in no group: an anchor would be of the first or the last of them.
    private static func hasAlternatives(_ pattern: Substring) -> Bool {
        var (depth, isEscaped, isInClass) = (0, false, false)
        for letter in pattern.unicodeScalars {
            switch letter {
            case _ where isEscaped: isEscaped = false
            case "\\": isEscaped = true
            case "]": isInClass = false
            case _ where isInClass: break
            case "[": isInClass = true
            case "(": depth += 1
            case ")": depth -= 1
            case "|" where depth == 0: return true
            default: break
            }
        }
        return false
    }
}
