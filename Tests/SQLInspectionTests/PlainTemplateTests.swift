import SQLInspection
import Testing

@Suite struct PlainTemplateTests {
    private static let parts = [
        "SELECT", "a1", " ", " = ", "1", "22", "999999999", "1234567890", "'x'", "''", "'it'", ".", "-", "--", "/*",
        "\n", "x",
        "(", ")", "1.5", "$1", "\"q\"", "E'y'", "ü",
    ]

    // Spans do not go through #expect.
    private func template(_ text: [UInt8], fixed: Set<Int> = []) -> PlainTemplate? {
        PlainTemplate(text.span, fixed: fixed)
    }

    private func matches(_ template: PlainTemplate, _ text: [UInt8]) -> Bool { template.matches(text.span) }

    @Test func `a template knows the plain texts of its key, and no others`() {
        var state: UInt64 = 5
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func text() -> [UInt8] {
            (0..<(1 + next(6))).flatMap { _ in
                Array(PlainTemplateTests.parts[next(PlainTemplateTests.parts.count)].utf8)
            }
        }
        var found = 0
        for _ in 0..<200_000 {
            let (one, other) = (text(), text())
            guard let known = template(one) else { continue }
            #expect(matches(known, one))
            var (plain, second) = (PlainText(), PlainText())
            _ = plain.read(one.span)
            let isSame = second.read(other.span) && second.key == plain.key
            #expect(matches(known, other) == isSame, "\(one) \(other)")
            if isSame { found += 1 }
        }
        #expect(found > 100)
    }

    @Test func `a literal that is fixed must be the same`() {
        let text = Array("SELECT a FROM t WHERE b = 'x' LIMIT 10".utf8)
        guard let known = template(text, fixed: [1]) else { Issue.record("the text is plain"); return }
        #expect(matches(known, Array("SELECT a FROM t WHERE b = 'other' LIMIT 10".utf8)))
        #expect(!matches(known, Array("SELECT a FROM t WHERE b = 'x' LIMIT 11".utf8)))
        #expect(!matches(known, Array("SELECT a FROM t WHERE b = 'x' LIMIT 1".utf8)))
        #expect(!matches(known, Array("SELECT a FROM t WHERE b = 'x' LIMIT 100".utf8)))
    }

    @Test func `a text that is not plain makes no template`() {
        #expect(template(Array("SELECT $1".utf8)) == nil)
    }
}
