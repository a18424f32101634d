import Testing

@testable import PolicyCompiler

@Suite("The subset of regular expressions")
struct RegexParserTests {
    func error(_ pattern: String) -> RegexError? {
        do {
            _ = try RegexParser.parse(pattern)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "what is not in the subset is refused with the column and a mend",
        arguments: [
            (#"a(?=b)"#, 2), (#"(?!b)"#, 1), (#"ab(?<=b)"#, 3), (#"(?<!x)y"#, 1), (#"(a)\1"#, 4), (#"(?<n>a)"#, 1),
            (#"(?P<n>a)"#, 1), (#"(?>a)"#, 1), (#"(?m)a"#, 1), (#"a*?"#, 3), (#"a++"#, 3), (#"^a"#, 1), (#"a$"#, 2),
            (#"\pL"#, 1), (#"\Aa"#, 1), (#"a\B"#, 2), (#"[a[b]]"#, 3), (#"\q"#, 1), (#"\k<n>"#, 1),
        ])
    func unsupported(pattern: String, column: Int) {
        let error = error(pattern)
        #expect(error?.code == .unsupported, "\(pattern)")
        #expect(error?.column == column, "\(pattern)")
        #expect(error?.mend.isEmpty == false)
    }

    @Test(
        "what is not well formed is refused where it goes wrong",
        arguments: [
            ("(a", 1), ("a)", 2), ("[a", 1), ("[]", 2), ("a{", 2), ("a{2", 2), ("a{x}", 2), ("a{3,2}", 2), ("*a", 1),
            ("a**", 3), ("{2}", 1), ("a\\", 2), ("[z-a]", 2), ("[\\d-z]", 2), ("\\x4", 1), ("\\x{110000}", 1),
            ("\\uD800", 1), ("[\\b]", 2), ("é|é(", 4), ("\\b+", 3),
        ])
    func syntax(pattern: String, column: Int) {
        #expect(error(pattern)?.code == .syntax, "\(pattern)")
        #expect(error(pattern)?.column == column, "\(pattern)")
    }

    @Test("patterns beyond the limits are refused, not attempted")
    func limits() {
        #expect(error("a{1001}")?.code == .tooLarge)
        #expect(error(String(repeating: "a", count: 2001))?.code == .tooLarge)
        #expect(error(String(repeating: "(", count: 100_000))?.code == .tooLarge)
        #expect(error(String(repeating: "(", count: 60) + "a" + String(repeating: ")", count: 60))?.code == .tooLarge)
        #expect(throws: RegexError.self) { try DFABuilder.build([RegexParser.parse("((a{1000}){1000}){1000}")]) }
        #expect(throws: RegexError.self) { try DFABuilder.build([RegexParser.parse("(a|b)*a(a|b){20}")]) }
    }

    @Test(
        "everything of the subset parses",
        arguments: [
            #"\d{3}-\d{2}-\d{4}"#, "(?i)mrn[ :#-]{0,3}\\d+", "[^a-z\\]\\d]", "a|b||c", "(?:ab|(?i:cd))e",
            "[]a]".replacing("]a", with: "\\]a"),
            "[a-]", "[-a]", "\\x41\\x{1F600}\\u00e9", "é+", ".", "", "a{0}", "a{2,}", "\\.\\*\\[\\\\", "/#-'\"",
            "[à-ÿ]",
        ])
    func supported(pattern: String) {
        #expect(error(pattern) == nil, "\(pattern)")
    }
}
