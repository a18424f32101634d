@testable import Policy
@testable import PolicyCompiler

/// What a scan must find, place by place and pattern by pattern: no groups, no prefilter, no windows, nothing remembered.
struct ReferenceScan {
    private struct Pattern {
        var dfa: DFA
        var spec: DetectorSpec.Pattern
        var detector: Int
    }

    private var patterns: [Pattern] = []
    private var words: [(dfa: DFA, detector: Int)] = []

    init(_ specs: [DetectorSpec]) throws {
        for (number, spec) in specs.sorted(by: { $0.name < $1.name }).enumerated() {
            for pattern in spec.patterns {
                let dfa = try DFABuilder.build([try RegexParser.parse(pattern.regex)], limit: 8_192)
                patterns.append(Pattern(dfa: dfa, spec: pattern, detector: number))
            }
            if !spec.context.isEmpty {
                words.append(
                    (
                        try DFABuilder.build([try ContextWords.pattern(spec.context, of: spec.name)], limit: 8_192),
                        number
                    ))
            }
        }
    }

    func scan(_ text: [UInt8], columnName: String?) -> [Finding] {
        let named = columnName.map { Set(contextWords(Array($0.utf8)).map(\.detector)) } ?? []
        let near = contextWords(text)
        var findings = DetectorFindings()
        for start in text.indices {
            for pattern in patterns where mayStart(text, start, pattern.spec.notAfter, isWord: false) {
                for end in ends(pattern.dfa, text, start, pattern.spec.notAfter).reversed() {
                    guard let range = pattern.spec.validator.validate(text.span, start..<end) else { continue }
                    if pattern.spec.needsContext, !named.contains(pattern.detector) {
                        let isNear = near.contains {
                            $0.detector == pattern.detector && $0.range.upperBound + 48 >= range.lowerBound
                                && $0.range.lowerBound <= range.upperBound + 24
                        }
                        guard isNear else { continue }
                    }
                    findings.matches.append(
                        DetectorFindings.Match(
                            range: range, detector: pattern.detector, rank: pattern.spec.validator.rank))
                    break
                }
            }
        }
        findings.resolveOverlaps()
        return findings.findings
    }

    private func contextWords(_ text: [UInt8]) -> [(range: Range<Int>, detector: Int)] {
        var found: [(range: Range<Int>, detector: Int)] = []
        for start in text.indices where mayStart(text, start, .letters, isWord: true) {
            // Of all detectors' words that start here the longest counts.
            var longest: (end: Int, detectors: [Int])?
            for word in words {
                for end in ends(word.dfa, text, start, .letters).reversed() {
                    let isHump = end < text.count && text[end].isUppercase && text[end - 1].isLowercase
                    if end < text.count, text[end].isLetter, !isHump { continue }
                    if end > longest?.end ?? 0 { longest = (end, []) }
                    if end == longest?.end { longest?.detectors.append(word.detector) }
                    break
                }
            }
            if let longest { found += longest.detectors.map { (start..<longest.end, $0) } }
        }
        return found
    }

    private func mayStart(_ text: [UInt8], _ start: Int, _ notAfter: ByteSet, isWord: Bool) -> Bool {
        guard start > 0 else { return true }
        let before = text[start - 1]
        if before == UInt8(ascii: "\\"), text[start].isEscapeLetter || text[start] == UInt8(ascii: "u") { return false }
        if !notAfter.contains(before) || text.span.endsEscape(before: start) { return true }
        return isWord && before.isLowercase && text[start].isUppercase
    }

    private func ends(_ dfa: DFA, _ text: [UInt8], _ start: Int, _ notAfter: ByteSet) -> [Int] {
        let followsWord = start > 0 && text[start - 1].isWord && !notAfter.contains(text[start - 1])
        var state = followsWord ? dfa.startAfterWord : dfa.startAfterOther
        var ends: [Int] = []
        for position in start...text.count {
            let isBeforeWord = position < text.count && text[position].isWord
            let matches = isBeforeWord ? dfa.matchesBeforeWord[state] : dfa.matchesBeforeOther[state]
            if !matches.isEmpty { ends.append(position) }
            guard position < text.count else { break }
            state = dfa.transitions[state * dfa.classCount + Int(dfa.byteClasses[Int(text[position])])]
            if state == 0 { break }
        }
        return ends
    }
}
