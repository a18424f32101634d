import PolicyCompiler
import Testing

/// A pattern beyond the subset is pointed at by the character.
@Suite struct PatternTests {
    private func said(_ pattern: String) -> [String] {
        diagnostics(
            """
            detectors:
              x: { pattern: \(pattern) }
            classifications:
              uses-x: { detectors: x }

            """)
    }

    @Test(arguments: [
        (#"'ab(?=c)'"#, "p.yaml:4:20: error: pattern: "),
        (#"ab(?=c)"#, "p.yaml:4:19: error: pattern: "),
        (#"'(a)\1'"#, "p.yaml:4:21: error: pattern: "),
        (#"'a)'"#, "p.yaml:4:19: error: pattern: "),
        // An escape of YAML's own: the columns of the text are not those of the source.
        (#""a\\d(?=c)""#, "p.yaml:4:17: error: pattern: "),
    ])
    func `a fault is placed at its character`(pattern: String, expected: String) {
        let said = said(pattern)
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix(expected) == true, "\(said)")
        #expect(said.first?.contains("; ") == true, "\(said)")
    }

    @Test(arguments: [#"'LN-[0-9]{8}'"#, #"'\b[A-Z]{2}\d{6}\b'"#, "'(?i)patient-[a-z]+'"])
    func `patterns of the subset are taken`(pattern: String) {
        #expect(said(pattern) == [])
    }

    @Test func `one that keeps the compiler busy is refused, whatever it is made of`() {
        // The stars let a match be at many places of the words at once.
        let tilde = { String(repeating: "~", count: $0) }
        let stars =
            "wwwwwwvww\(tilde(32))*\(tilde(26))*.*.~~~>\(tilde(23))*.*.~~~>\(tilde(19))large\(tilde(19))*.*.~~~>~~~~~*.*.\(tilde(7))"
        let words = String(repeating: "E", count: 39) + "email" + String(repeating: "E", count: 18)
        let said = said(stars + words + String(repeating: ".", count: 70) + words + "largeObjects")
        #expect(said.count == 1)
        #expect(said.first?.contains("too long to compile") == true, "\(said)")
    }
}
