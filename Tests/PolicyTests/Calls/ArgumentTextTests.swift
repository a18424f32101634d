import Policy
import Testing

/// JSON as a value, and back.
@Suite("Arguments as JSON")
struct ArgumentTextTests {
    private func read(_ text: String) throws -> ArgumentValue { try ArgumentValue(json: Array(text.utf8)) }

    @Test("What is read is written as it means, and has one canonical form") func forms() throws {
        let value = try read(#" { "b" : [ 1.50 , -0 , true , null , "\u0041\ud83d\ude00\n\/" ] , "a" : { } } "#)
        #expect(String(decoding: value.json, as: UTF8.self) == "{\"b\":[1.50,-0,true,null,\"A😀\\u000a/\"],\"a\":{}}")
        #expect(
            String(decoding: value.canonicalJSON, as: UTF8.self)
                == "{\"a\":{},\"b\":[1.50,-0,true,null,\"A😀\\u000a/\"]}")
        #expect(try read(String(decoding: value.json, as: UTF8.self)) == value)
    }

    @Test(
        "What is no JSON, or has two readings, is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "01", "1.", "+1", "nul", "'a'", "\"\\x\"", "\"\\ud800\"",
            "\"\\udc00\\ud800\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "1 2", "{} {}", "[1}", "\"a\nb\"",
            "NaN",
            "[\u{FEFF}]",
        ])
    func refused(_ text: String) {
        #expect(throws: DocumentFault.self) { try read(text) }
    }

    @Test("Bytes that are not UTF-8, too deep a value and too many are refused") func bounds() {
        #expect(throws: DocumentFault.self) { try ArgumentValue(json: [0x22, 0xFF, 0x22]) }
        #expect(throws: DocumentFault.self) { try ArgumentValue(json: [0x22, 0xC0, 0x80, 0x22]) }
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(throws: DocumentFault.self) { try read(deep) }
        let many = "[" + String(repeating: "0,", count: ArgumentValue.Limits.values) + "0]"
        #expect(throws: DocumentFault.self) { try read(many) }
    }

    @Test("Names that are composed differently are different names") func composition() throws {
        #expect(try read("{\"\u{E9}\":1,\"e\u{301}\":2}")["e\u{301}"] == .number("2"))
    }
}
