extension DetectorTables {
    /// How far a context word may end before a match begins, in bytes.
    static let contextBefore = 48
    /// How far a context word may begin behind a match.
    static let contextAfter = 24
    /// The longest value that is looked for in front of a context word.
    static let contextualValue = 64
    /// Texts up to this size are looked at as a whole.
    private static let wholeText = 2 * DetectorTableLayout.window

    /// Finds what is sensitive in a text.
    ///
    /// The time is linear in the text's length, whatever its bytes. Any bytes are safe, UTF-8 or not.
    /// - Parameters:
    ///   - text: The text.
    ///   - selection: What to look for; of these tables.
    ///   - findings: Where the findings go, in place of what it held.
    public func scan(
        _ text: Span<UInt8>, with selection: DetectorSelection, into findings: inout DetectorFindings
    ) {
        findings.reset(groups: program.groups.count)
        guard text.count > 0, selection.all != 0 else { return }
        let candidates = program.prefilter.groups(selection.all, in: text, 0..<text.count)
        guard candidates != 0 else { return }
        let contextual = candidates & selection.contextual
        let wanted = candidates & selection.immediate | (contextual != 0 ? selection.words : 0)
        if text.count <= DetectorTables.wholeText {
            program.search(text, 0..<text.count, selection, groups: wanted, into: &findings)
        } else {
            var start = 0
            while start < text.count {
                let end = min(start + DetectorTableLayout.window, text.count)
                let near = start..<min(end + DetectorTableLayout.window, text.count)
                let groups = program.prefilter.groups(wanted, in: text, near)
                if groups != 0 { program.search(text, start..<end, selection, groups: groups, into: &findings) }
                start = end
            }
        }
        if contextual != 0 {
            program.searchNearWords(text, selection, groups: contextual, into: &findings)
        }
        findings.resolveOverlaps()
    }

    /// Finds the context words alone.
    func findContextWords(in text: Span<UInt8>, into findings: inout DetectorFindings) {
        findings.reset(groups: program.groups.count)
        var words: UInt64 = 0
        for number in 0..<program.groups.count where program.groups[number].kind == .contextWords {
            words |= 1 << UInt64(number)
        }
        let all = DetectorSelection(
            enabled: DetectorSet(names.indices), namedByColumn: DetectorSet(), immediate: 0, contextual: 0,
            contextualByColumn: 0, words: words)
        program.search(text, 0..<text.count, all, groups: words, into: &findings)
    }
}
