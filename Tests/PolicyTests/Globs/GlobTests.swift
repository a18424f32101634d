import Policy
import Testing

struct GlobTests {
    @Test(
        "A path glob matches component by component",
        arguments: [
            ("shop.customers", ["shop", "customers"], true),
            ("shop.customers", ["shop", "Customers"], false),
            ("shop.customers", ["shop"], false),
            ("shop.customers", ["shop", "customers", "ssn"], false),
            ("shop.*", ["shop", "customers"], true),
            ("shop.*", ["shop", "a", "b"], false),
            ("*.*.email", ["a", "b", "email"], true),
            ("*.*.email", ["a", "b", "email2"], false),
            ("*", ["a"], true),
            ("*", ["a", "b", "c"], true),
            ("**", ["a", "b"], true),
            ("*", [], false),
            ("lo_*", ["lo_"], true),
            ("lo_*", ["lo"], false),
            ("*_ssn", ["ssn"], false),
            ("a*b", ["ab"], true),
            ("a*b", ["a.b"], true),
            ("a*a", ["a"], false),
            ("a*b*a", ["aba"], true),
            ("a*b*a", ["ab"], false),
            ("*ab*ab*", ["abab"], true),
            ("*ab*ab*", ["aba"], false),
            ("\"a.b\".c", ["a.b", "c"], true),
            ("\"a*\"", ["ab"], false),
            ("\"a*\"", ["a*"], true),
            ("\"a\"\"b\"", ["a\"b"], true),
            ("é", ["e\u{301}"], false),
        ] as [(String, [String], Bool)])
    func paths(glob: String, path: [String], matches: Bool) throws {
        #expect(try Glob(path: glob).matches(path: path) == matches)
    }

    @Test("A text glob has no components")
    func texts() throws {
        #expect(try Glob(text: "*@example.com").matches(text: "ann.b@example.com"))
        #expect(try Glob(text: "system:*").matches(text: "system:a.b:c"))
        #expect(try !Glob(text: "a.b").matches(text: "axb"))
        #expect(try Glob(exact: "a*").matches(text: "a*"))
        #expect(try !Glob(exact: "a*").matches(text: "ab"))
    }

    @Test("A condition finds an extension's function in any schema, and a voucher does not")
    func functions() throws {
        let glob = try Glob(path: "dblink*")
        #expect(glob.matches(anySchemaFunction: "dblink"))
        #expect(glob.matches(anySchemaFunction: "evil.dblink_exec"))
        #expect(glob.matches(vouchedFunction: "dblink"))
        #expect(!glob.matches(vouchedFunction: "evil.dblink_exec"))
        #expect(try Glob(path: "shop.*").matches(vouchedFunction: "shop.fee"))
    }

    @Test(
        "What is no glob is refused with its reason",
        arguments: [
            ("", .empty), ("a..b", .emptyComponent), (".a", .emptyComponent), ("a.", .emptyComponent),
            ("\"a", .unclosedQuote), ("\"a\"b", .textAfterQuote), ("\"\"", .emptyComponent),
            ("a\nb", .controlCharacter),
            ("a.b.c.d.e.f.g.h.i", .tooManyComponents),
            (String(repeating: "a", count: 513), .tooLong),
            (String(repeating: "*a", count: 16), .tooManyWildcards),
        ] as [(String, GlobError.Code)])
    func refused(text: String, code: GlobError.Code) {
        do throws(GlobError) {
            _ = try Glob(path: text)
            Issue.record("'\(text)' was taken")
        } catch {
            #expect(error.code == code)
        }
    }

    @Test("A glob says whether it is exact, and of how many components")
    func shape() throws {
        #expect(try Glob(path: "a.b").isExact)
        #expect(try !Glob(path: "a.*").isExact)
        #expect(try !Glob(path: "*").isExact)
        #expect(try Glob(path: "a.*").componentCount == 2)
        #expect(try Glob(path: "*").componentCount == nil)
    }

    @Test("A glob full of wildcards is matched in the time of its length times the text's")
    func noBlowUp() throws {
        let glob = try Glob(text: String(repeating: "*a", count: 15))
        #expect(glob.matches(text: String(repeating: "a", count: 400)))
        #expect(!glob.matches(text: String(repeating: "a", count: 100_000) + "b"))
    }
}
