import Policy
import TestKit
import Testing

/// Masks documents as they come, with all built-in detectors.
struct Streamed {
    var keys: [JSONKeyTable.Use] = []
    var mask = Mask.redact
    var window = 64 << 10
    var usesIndex = true

    func masking() throws -> (StructuredMasking, DetectorSelection) {
        let tables = try #require(BuiltIn.tables)
        let mask = mask
        let masking = StructuredMasking(
            tables: tables, keys: JSONKeyTable(keys), maskKey: Streamed.key
        ) { _ in mask }
        return (masking, tables.selection(of: tables.set(of: tables.names)))
    }

    /// Tells values apart, which is all that is asked of it here.
    static let key = MaskKey { value in
        var state: UInt64 = 17
        for index in 0..<value.count { state = (state ^ UInt64(value[index])) &* 0x100_0000_01B3 }
        return (state, ~state)
    }

    /// - Parameter pieces: where the text is cut.
    func json(_ text: [UInt8], cut pieces: [Int] = []) throws -> [UInt8] {
        let (masking, selection) = try masking()
        var document = JSONDocumentMasking(
            masking, selection: selection, window: window, usesIndex: usesIndex)
        var output: [UInt8] = []
        for range in Streamed.ranges(text.count, pieces) {
            try document.take(text.span.extracting(range), into: &output)
        }
        try document.finish(into: &output)
        return output
    }

    func json(_ text: String) throws -> String { String(decoding: try json(Array(text.utf8)), as: UTF8.self) }

    func text(_ text: [UInt8], cut pieces: [Int] = []) throws -> [UInt8] {
        let (masking, selection) = try masking()
        var document = TextMasking(masking, selection: selection, window: window)
        var output: [UInt8] = []
        for range in Streamed.ranges(text.count, pieces) {
            try document.take(text.span.extracting(range), into: &output)
        }
        try document.finish(into: &output)
        return output
    }

    func whole(_ text: [UInt8], as syntax: StructuredMasking.Syntax) throws -> [UInt8] {
        var (masking, selection) = try masking()
        return masking.mask(text.span, as: syntax, selection: selection) == .replaced ? masking.output : text
    }

    static func ranges(_ count: Int, _ pieces: [Int]) -> [Range<Int>] {
        let cuts = [0] + pieces.filter { $0 > 0 && $0 < count }.sorted() + [count]
        return zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    }
}

@Suite("JSON that is masked as it comes")
struct JSONDocumentTests {
    static let keys =
        StructuredPropertyTests.keys + [
            JSONKeyTable.Use(key: "hashed", classification: "pii", mask: .hash),
            JSONKeyTable.Use(key: "nulled", classification: "pii", mask: .null),
            JSONKeyTable.Use(key: "kept", classification: "pii", mask: .keepLast(4)),
        ]

    @Test(
        "values are masked in their places",
        arguments: [
            (#"{"a" : "x 219-09-1234 y" , "b":[1, 2.50]}"#, #"{"a" : "x [redacted] y" , "b":[1, 2.50]}"#),
            (#"{"n":4111111111111111}"#, #"{"n":"[redacted]"}"#),
            (" 4111111111111111 ", " \"[redacted]\" "), (#""alice@example.com""#, #""[redacted]""#),
            (#"{"Nulled":{"a":[1,{"b":2}]},"c":1}"#, #"{"Nulled":null,"c":1}"#),
            (#"{"secret1" : [ 1 , 2 ] , "c":1}"#, #"{"secret1" : "[redacted]" , "c":1}"#),
            (#"{"s\u0065cret1":true}"#, #"{"s\u0065cret1":"[redacted]"}"#),
            (#"{"kept":[12345678]}"#, #"{"kept":"[redacted]"}"#), (#"{"kept":12345678}"#, #"{"kept":"****5678"}"#),
            ("\u{FEFF}[true]", "\u{FEFF}[true]"), (#"{"secret1":null,"x":17}"#, #"{"secret1":null,"x":17}"#),
            (#"{"p":"{\"Secret1\":\"x\"}"}"#, #"{"p":"{\"Secret1\":\"[redacted]\"}"}"#),
            (#"{"x":"<a b='219-09-&#49;234'/>"}"#, #"{"x":"<a b='[redacted]'/>"}"#),
        ])
    func masked(text: String, expected: String) throws {
        #expect(try Streamed(keys: Self.keys).json(text) == expected)
        #expect(try Streamed(keys: Self.keys).whole(Array(text.utf8), as: .json) == Array(expected.utf8))
    }

    @Test("a hash of an array is that of the whole array")
    func hashed() throws {
        let text = Array(#"{"hashed": [1, {"a": "é"}], "b": 1}"#.utf8)
        let whole = try Streamed(keys: Self.keys).whole(text, as: .json)
        #expect(try Streamed(keys: Self.keys).json(text) == whole)
        #expect(String(decoding: whole, as: UTF8.self).contains("h_"))
    }

    @Test(
        "what is no JSON text is refused",
        arguments: [
            "", " ", "{", "[1", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "[1 2]", "[01]", "[1.]", "[-]", "[+1]", "nul",
            "nulls",
            "[\"a]", "[\"\\x\"]", "[\"\\u12G4\"]", "[\"a\tb\"]", "1 2", "{}{}", "]", "[}", "{\"a\":1,}", "'a'", "[1]x",
            "NaN",
            "[\"\\u00\"]", "// no\n1", "[tru]", "\u{A0}1",
        ])
    func malformed(text: String) throws {
        #expect(throws: DocumentFault.self) { try Streamed().json(text) }
        for cut in 0..<text.utf8.count {
            #expect(throws: DocumentFault.self) { try Streamed().json(Array(text.utf8), cut: [cut]) }
        }
    }

    @Test(
        "strings that are not UTF-8 are refused",
        arguments: [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) throws {
        let text = Array("[\"".utf8) + bytes + Array("\"]".utf8)
        #expect(throws: DocumentFault.self) { try Streamed().json(text) }
    }

    @Test(
        "a name twice in one object is refused, whatever its escapes",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"a":1,"b":{"x":[]},"\u0061":2}"#, #"[{"secret1":1,"SECRET1":2}]"#,
            #"{"p":{"é":1,"\u00e9":1}}"#,
        ])
    func duplicates(text: String) throws {
        let fault = #expect(throws: DocumentFault.self) { try Streamed(keys: Self.keys).json(text) }
        #expect(fault?.code == .duplicateName)
    }

    @Test("a name that is a value is masked as any other text, by the index and without it", arguments: [true, false])
    func valuesAsNames(usesIndex: Bool) throws {
        var streamed = Streamed()
        streamed.usesIndex = usesIndex
        let text =
            #"{"283-68-4467":1,"ok":{"to june.chavez1@example.com":[2],"{\"ssn\":\"283-68-4467\"}":3},"x":"283-68-4467"}"#
        let masked = try streamed.json(text)
        #expect(!masked.contains("283-68") && !masked.contains("june.chavez1"), "\(masked)")
        #expect(masked.contains(#""ok":{"#) && masked.hasSuffix(#""x":"[redacted]"}"#), "\(masked)")
    }

    @Test("a long name over many values is no document that is read by paths")
    func longPaths() {
        let name = String(repeating: "a", count: 1 << 20)
        let zeros = Array(repeating: "0", count: 1_000).joined(separator: ",")
        #expect(JSONPaths(Array(#"{"\#(name)":[\#(zeros)]}"#.utf8).span) == nil)
        #expect(JSONPaths(Array(#"{"a":[\#(zeros)]}"#.utf8).span)?.values.count == 1_000)
        let nested =
            String(repeating: #"{"\#(name.prefix(200_000))":"#, count: 100) + "0" + String(repeating: "}", count: 100)
        #expect(JSONPaths(Array(nested.utf8).span) == nil)
    }

    @Test("a name in two objects is no duplicate, nor one in another case")
    func noDuplicates() throws {
        let text = #"{"a":{"a":1},"b":[{"a":1},{"a":1}],"A":1,"":2}"#
        #expect(try Streamed(keys: Self.keys).json(text) == text)
    }

    @Test("many names are known for duplicates, and too many refused")
    func manyNames() throws {
        let names = (0..<5_000).map { "\"n\($0)\":1" }
        let text = "{" + names.joined(separator: ",") + "}"
        #expect(try Streamed().json(text) == text)
        #expect(throws: DocumentFault.self) {
            try Streamed().json("{" + names.joined(separator: ",") + ",\"n4999\":1}")
        }
        let more = (0..<70_000).map { "\"n\($0)\":1" }
        let fault = #expect(throws: DocumentFault.self) { try Streamed().json("{" + more.joined(separator: ",") + "}") }
        #expect(fault?.code == .tooLong)
    }

    @Test("512 levels pass, and no more")
    func depth() throws {
        let text = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(try Streamed().json(text(512)) == text(512))
        let fault = #expect(throws: DocumentFault.self) { try Streamed().json(text(513)) }
        #expect(fault?.code == .tooDeep)
    }

    @Test("a string of more than a mebibyte is masked whole, and what follows as usual")
    func longString() throws {
        let long = String(repeating: "lorem \\u00e9é ", count: 200_000)
        let text = Array(#"{"a":"\#(long)","b":"219-09-1234","nulled":"\#(long)","c":["\#(long)"],"d":1}"#.utf8)
        let expected = #"{"a":"[redacted]","b":"[redacted]","nulled":null,"c":["[redacted]"],"d":1}"#
        #expect(try Streamed(keys: Self.keys).json(text) == Array(expected.utf8))
        #expect(
            try Streamed(keys: Self.keys).json(text, cut: Array(stride(from: 0, to: text.count, by: 4_099)))
                == Array(expected.utf8))
    }

    @Test("memory is bounded whatever is within a value under a key")
    func longSubtree() throws {
        let items = String(repeating: #"{"a":"text","b":[1,2,3]},"#, count: 100_000) + "0"
        for (key, expected) in [("nulled", "null"), ("hashed", "\"[redacted]\""), ("kept", "\"[redacted]\"")] {
            let result = try Streamed(keys: Self.keys).json(#"{"\#(key)":[\#(items)],"d":"219-09-1234"}"#)
            #expect(result == #"{"\#(key)":\#(expected),"d":"[redacted]"}"#)
        }
    }
}
