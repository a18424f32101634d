import Policy
import Testing

/// A span cannot stand in `#expect`.
func isJSON(_ bytes: [UInt8]) -> Bool { JSONText.isOneValue(bytes.span) }

@Suite("JSON text")
struct JSONTextTests {
    @Test(
        "JSON values are told from what is none",
        arguments: [
            ("{}", true), ("[]", true), (" [1, -2.5e+3, \"a\\u00e9\\n\", true, false, null] ", true),
            ("{\"a\": {\"b\": [{}]}}", true), ("\"x\"", true), ("0", true), ("", false), ("{", false),
            ("{\"a\"}", false), ("{\"a\":1,}", false), ("[1,]", false), ("[1 2]", false), ("01", false),
            ("\"a\nb\"", false), ("\"\\x\"", false), ("tru", false), ("{}{}", false), ("]", false), ("{]", false),
            ("{1:2}", false), ("1.", false), ("1e", false), ("-", false), (",", false), ("\"open", false),
        ])
    func values(text: String, isValue: Bool) {
        #expect(isJSON(Array(text.utf8)) == isValue)
    }

    @Test("nesting is bounded and deep nesting does not exhaust the stack")
    func depth() {
        let nested = { (depth: Int) in
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(isJSON(nested(128)))
        #expect(!isJSON(nested(129)))
        #expect(!isJSON(nested(1_000_000)))
    }
}
