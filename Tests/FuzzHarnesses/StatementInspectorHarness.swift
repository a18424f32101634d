import SQLInspection

/// SQL of any bytes is refused, or analysed; and what stands around it in comments changes nothing of the analysis.
enum StatementInspectorHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        guard let found = try analyses(input) else { return }
        try Violation.unless(!found.isEmpty, "a text without an analysis")
        for analysis in found {
            try Violation.unless(
                analysis.textRange.upperBound <= input.count, "a statement reaches beyond its text")
            for literal in analysis.literals {
                try Violation.unless(literal.range.upperBound <= input.count, "a literal reaches beyond its text")
                try Violation.unless(!literal.range.isEmpty, "a literal of no bytes")
            }
        }
        guard let commented = try analyses(prefix + input) else { return }
        try Violation.unless(commented.map(plain) == found.map(plain), "a comment in front changes what a text means")
    }

    private static let prefix = Array("/* /* -- */ */ ".utf8)

    /// What does not depend on where things stand.
    private static func plain(_ analysis: StatementAnalysis) -> StatementAnalysis {
        var plain = analysis
        plain.textRange = 0..<0
        plain.unknownName?.location = 0
        plain.literals = []
        return plain
    }

    private static func analyses(_ text: [UInt8]) throws(Violation) -> [StatementAnalysis]? {
        guard let need = try? inspector.stackNeed(of: text) else { return nil }
        let parsed: ParsedText?
        switch need {
        case .inline: parsed = try? inspector.parse(text)
        case .large: parsed = onLargeStack(text)
        }
        return parsed?.analyze(catalog: Shop.snapshot, scope: ResolutionScope(searchPath: ["public"]))
    }

    private static func onLargeStack(_ text: [UInt8]) -> ParsedText? {
        let answer = Awaited<ParsedText>()
        parser.parse(text) { answer.put(try? $0.get()) }
        return answer.take()
    }

    private static let inspector = StatementInspector()
    private static let parser = LargeStackParser(inspector: inspector)
}
