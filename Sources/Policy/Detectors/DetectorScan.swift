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
        if DetectorTables.isLong(text) { return scanLong(text, with: selection, into: &findings) }
        let woken = program.prefilter.groups(selection.all | selection.words, in: text, 0..<text.count)
        guard woken & selection.all != 0 else { return }
        let escapes = woken & DetectorPrefilter.escapes != 0
        var anchored = woken & program.anchored
        let walked = woken & selection.immediate & ~anchored
        // What needs context is only searched for, and its words are, where something looks like it.
        let words = woken & selection.words
        let probed = woken & (words != 0 ? selection.contextual : selection.contextualByColumn)
        var contextual: UInt64 = 0
        if walked | probed != 0 {
            contextual = searchPieces(text, selection, walked: walked, probed: probed, escapes, into: &findings)
        }
        while anchored != 0 {
            program.searchAnchored(
                anchored.trailingZeroBitCount, text, selection, escapes: escapes, into: &findings)
            anchored &= anchored &- 1
        }
        if contextual != 0 {
            if words != 0 {
                program.searchWords(
                    text, 0..<text.count, selection, groups: words, escapes: escapes, into: &findings)
            }
            program.searchNearWords(text, selection, groups: contextual, escapes: escapes, into: &findings)
        }
        findings.resolveOverlaps()
    }

    /// What a long text wakes is as good as everything. What needs context is looked for near words for which there is a pattern, and
    /// words are looked for first: they are found faster than what looks like a value.
    private func scanLong(
        _ text: Span<UInt8>, with selection: DetectorSelection, into findings: inout DetectorFindings
    ) {
        let escapes = text.first(UInt8(ascii: "\\"), from: 0) < text.count
        program.searchMarked(
            text, selection, groups: selection.immediate & ~program.anchored, escapes: escapes, into: &findings)
        var anchored = selection.immediate & program.anchored
        while anchored != 0 {
            program.searchAnchored(
                anchored.trailingZeroBitCount, text, selection, escapes: escapes, into: &findings)
            anchored &= anchored &- 1
        }
        var contextual = selection.contextualByColumn
        if selection.words != 0, selection.contextual != 0 {
            program.searchWords(
                text, 0..<text.count, selection, groups: selection.words, escapes: escapes, into: &findings)
            var named = DetectorSet()
            for word in findings.words { named.formUnion(word.detectors) }
            var rest = selection.contextual & ~contextual
            while rest != 0 {
                let number = rest.trailingZeroBitCount
                rest &= rest &- 1
                if !detectorsOfGroup[number].intersection(named).isEmpty { contextual |= 1 << UInt64(number) }
            }
        }
        if contextual != 0 {
            program.searchNearWords(text, selection, groups: contextual, escapes: escapes, into: &findings)
        }
        findings.resolveOverlaps()
    }

    /// Whether a text is searched by marks.
    @inline(__always)
    static func isLong(_ text: Span<UInt8>) -> Bool { text.count > wholeText && DetectorMarks.isThere }

    /// Searches a long text piece by piece, each for what its own bytes wake.
    private func searchPieces(
        _ text: Span<UInt8>, _ selection: DetectorSelection, walked: UInt64, probed: UInt64, _ escapes: Bool,
        into findings: inout DetectorFindings
    ) -> UInt64 {
        var runs = DetectorPrefilter.Runs()
        if text.count <= DetectorTables.wholeText {
            return program.search(
                text, 0..<text.count, selection, walked: walked, probed: probed, escapes: escapes, runs: &runs,
                into: &findings)
        }
        var answer: UInt64 = 0
        var start = 0
        while start < text.count {
            let end = min(start + DetectorTableLayout.window, text.count)
            let near = start..<min(end + DetectorTableLayout.window, text.count)
            let groups = program.prefilter.groups(walked | probed & ~answer, in: text, near)
            if groups & ~DetectorPrefilter.escapes != 0 {
                answer |= program.search(
                    text, start..<end, selection, walked: groups & walked, probed: groups & probed, escapes: escapes,
                    runs: &runs, into: &findings)
            }
            start = end
        }
        return answer
    }

    /// Finds the context words alone.
    func findContextWords(in text: Span<UInt8>, into findings: inout DetectorFindings) {
        findings.reset(groups: program.groups.count)
        let words = program.words
        let all = DetectorSelection(
            enabled: DetectorSet(names.indices), namedByColumn: DetectorSet(), immediate: 0, contextual: 0,
            contextualByColumn: 0, words: words)
        program.searchWords(text, 0..<text.count, all, groups: words, escapes: true, into: &findings)
    }
}
