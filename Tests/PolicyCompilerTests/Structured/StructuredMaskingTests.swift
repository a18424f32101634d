import Policy
import PolicyCompiler
import Testing

/// Masks a structured value with all built-in detectors; what does not change is `nil`.
struct Structured {
    var keys: [JSONKeyTable.Use] = []
    var mask = Mask.redact

    func mask(_ text: String, as syntax: StructuredMasking.Syntax = .text) throws -> String? {
        try masked(Array(text.utf8), as: syntax).map { String(decoding: $0, as: UTF8.self) }
    }

    func masked(_ text: [UInt8], as syntax: StructuredMasking.Syntax = .text) throws -> [UInt8]? {
        let tables = try #require(BuiltIn.tables)
        let mask = mask
        var masking = StructuredMasking(tables: tables, keys: JSONKeyTable(keys), maskKey: nil) { _ in mask }
        let selection = tables.selection(of: tables.set(of: tables.names))
        let outcome = masking.mask(text.span, as: syntax, selection: selection)
        #expect((outcome == .replaced) == !(masking.found.isEmpty && masking.foundKeys.isEmpty))
        return outcome == .replaced ? masking.output : nil
    }
}

@Suite("Masks within structured values")
struct StructuredMaskingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var value: String
        var expected: String?
        var syntax = StructuredMasking.Syntax.text
        var mask = Mask.redact
        var testDescription: String { value }
    }

    static let json: [Case] = [
        Case(
            value: #"{"a" : "x 219-09-1234 y" , "b":[1, 2.50]}"#, expected: #"{"a" : "x [redacted] y" , "b":[1, 2.50]}"#
        ),
        // Escapes of any kind, the others in the string as they were.
        Case(value: #"{"a":"\u0032\u0031\u0039-09-1234"}"#, expected: #"{"a":"[redacted]"}"#),
        Case(value: #"{"a":"\u00e9 219\u002D09-1234\/\n"}"#, expected: #"{"a":"\u00e9 [redacted]\/\n"}"#),
        Case(
            value: #"{"a":"\ud83d\ude00 alice@example.com \uD83D\uDE00"}"#,
            expected: #"{"a":"\ud83d\ude00 [redacted] \uD83D\uDE00"}"#),
        Case(
            value: #"["4111\u00201111\u00201111\u00201111"]"#, expected: #"["**** **** **** 1111"]"#, mask: .keepLast(4)
        ),
        // Numbers become strings: no number says that it is masked.
        Case(value: #"{"n":4111111111111111}"#, expected: #"{"n":"[redacted]"}"#),
        Case(value: #"[4111111111111111,17]"#, expected: #"["************1111",17]"#, mask: .keepLast(4)),
        Case(value: #"[4111111111111111]"#, expected: #"[null]"#, mask: .null),
        Case(value: #"[4111111111111111]"#, expected: #"[0]"#, mask: .fixed("0")),
        // Keys of objects are looked at, too.
        Case(value: #"{"alice@example.com":1}"#, expected: #"{"[redacted]":1}"#),
        // JSON in a string, once, twice, and with escapes of its own.
        Case(
            value: #"{"p":"{\"s\":\"219-09-1234\",\"t\": 1}"}"#, expected: #"{"p":"{\"s\":\"[redacted]\",\"t\": 1}"}"#),
        Case(value: #"{"p":"[4111111111111111]"}"#, expected: #"{"p":"[\"[redacted]\"]"}"#),
        Case(
            value: #"{"p":"{\"s\":\"\\u0032\\u0031\\u0039-09-1234\"}"}"#, expected: #"{"p":"{\"s\":\"[redacted]\"}"}"#),
        Case(
            value: #"{"p":"{\"q\":\"[\\\"\\\\u0032\\\\u0031\\\\u0039-09-1234\\\"]\"}"}"#,
            expected: #"{"p":"{\"q\":\"[\\\"[redacted]\\\"]\"}"}"#),
        Case(value: #"{"x":"<a b=\"219-09-&#49;234\"/>"}"#, expected: #"{"x":"<a b=\"[redacted]\"/>"}"#),
        Case(value: #"{"a":"fixed alice@example.com"}"#, expected: #"{"a":"fixed \"\\"}"#, mask: .fixed(#""\"#)),
        Case(value: #"{"ordinary": ["text", 12, true, null, "\u00e9"]}"#, expected: nil),
        Case(value: #"  {"a":"219-09-1234"}"#, expected: #"  {"a":"[redacted]"}"#),
        // What is no JSON is text.
        Case(value: #"{note} 219-09-1234 "a" alice@example.com"#, expected: #"{note} [redacted] "a" [redacted]"#),
        Case(value: "[4111 1111 1111 1111]", expected: "[**** **** **** 1111]", mask: .keepLast(4)),
        Case(value: #"{"a":"219-09-1234"#, expected: #"{"a":"[redacted]"#),
        Case(value: #"{"a":"\u0032\u0031\u0039-09-1234"#, expected: #"{"a":"[redacted]"#),
        Case(value: "{", expected: nil), Case(value: "[", expected: nil), Case(value: "<", expected: nil),
    ]

    static let literals: [Case] = [
        Case(value: #"{a,219-09-1234,NULL}"#, expected: #"{a,"[redacted]",NULL}"#, syntax: .array(.text)),
        Case(
            value: #"{"b \" c","4111 1111 1111 1111",{x}}"#, expected: #"{"b \" c","**** **** **** 1111",{x}}"#,
            syntax: .array(.text), mask: .keepLast(4)),
        Case(
            value: #"[0:1]={{a},{alice@example.com}}"#, expected: #"[0:1]={{a},{"[redacted]"}}"#, syntax: .array(.text)),
        Case(value: #"{4111111111111111,7}"#, expected: #"{NULL,7}"#, syntax: .array(.number)),
        Case(value: #"{4111111111111111,7}"#, expected: #"{"0",7}"#, syntax: .array(.number), mask: .fixed("0")),
        Case(
            value: #"{"{\"s\": \"219-09-1234\"}","[1]"}"#, expected: #"{"{\"s\": \"[redacted]\"}","[1]"}"#,
            syntax: .array(.text)),
        Case(
            value: #"{"{\"s\": \"\\u0032\\u0031\\u0039-09-1234\"}"}"#, expected: #"{"{\"s\": \"[redacted]\"}"}"#,
            syntax: .array(.text)),
        Case(value: #"{x,"y z",NULL}"#, expected: nil, syntax: .array(.text)),
        Case(value: #"{"unterminated 219-09-1234"#, expected: #"{"unterminated [redacted]""#, syntax: .array(.text)),
        Case(value: #""a"=>"219-09-1234", "b"=>NULL"#, expected: #""a"=>"[redacted]", "b"=>NULL"#, syntax: .hstore),
        Case(
            value: #""a\"b"=>"x alice@example.com", "alice@b.io"=>"1""#,
            expected: #""a\"b"=>"x [redacted]", "[redacted]"=>"1""#, syntax: .hstore),
        Case(
            value: #""doc"=>"{\"s\":\"\\u0032\\u0031\\u0039-09-1234\"}""#,
            expected: #""doc"=>"{\"s\":\"[redacted]\"}""#, syntax: .hstore),
    ]

    static let xml: [Case] = [
        Case(value: "<a>x 219-09-1234 y</a>", expected: "<a>x [redacted] y</a>"),
        Case(value: "<a>219-09-&#49;2&#x33;4 &amp; more</a>", expected: "<a>[redacted] &amp; more</a>"),
        Case(value: "<a b='219&#45;09-1234' c=\"1\"/>", expected: "<a b='[redacted]' c=\"1\"/>"),
        Case(value: "<a><![CDATA[card 4111 1111 1111 1111]]></a>", expected: "<a><![CDATA[card [redacted]]]></a>"),
        Case(
            value: "<a><![CDATA[4111 1111 1111 1111]]></a>",
            expected: "<a><![CDATA[**** **** **** 1111]]></a>", mask: .keepLast(4)),
        Case(
            value: "<a>4111 1111 <![CDATA[1111 1111]]></a>", expected: "<a>[redacted]<![CDATA[[redacted]]]></a>",
            mask: .keepLast(4)),
        Case(value: "<!-- 219-09-1234 --><a/>", expected: "<!-- [redacted] --><a/>"),
        Case(value: "<?x alice@example.com?><a/>", expected: "<?x [redacted]?><a/>"),
        Case(value: "<a>{\"s\":\"219-09-1234\"}</a>", expected: "<a>{\"s\":\"[redacted]\"}</a>"),
        Case(
            value: "<a>{&quot;s&quot;:&quot;\\u0032\\u0031\\u0039-09-1234&quot;}</a>",
            expected: "<a>{\"s\":\"[redacted]\"}</a>"),
        Case(value: "<a>alice@example.com</a>", expected: "<a>&lt;&amp;</a>", mask: .fixed("<&")),
        Case(value: "<a b='x>y'>alice@example.com", expected: "<a b='x>y'>[redacted]"),
        Case(value: "<a href='x' <b alice@example.com", expected: "<a href='x' <b [redacted]"),
        Case(value: "<p>nothing &amp; nobody</p>", expected: nil),
    ]

    @Test("what is found is replaced where it stands, and nothing else changes", arguments: json + literals + xml)
    func values(value: Case) throws {
        #expect(try Structured(mask: value.mask).mask(value.value, as: value.syntax) == value.expected)
    }

    static let keyed: [Case] = [
        Case(
            value: #"{"ssn":"x","SSN" : 12,"n":{"a":[{"Ssn":true}]}}"#,
            expected: #"{"ssn":"[redacted]","SSN" : "[redacted]","n":{"a":[{"Ssn":"[redacted]"}]}}"#),
        Case(value: #"{"ssn":{"a":[1,{"b":2}]},"z":[1]}"#, expected: #"{"ssn":"[redacted]","z":[1]}"#),
        Case(value: #"{"ssn": [1, "]"] }"#, expected: #"{"ssn": "[redacted]" }"#),
        Case(value: #"{"ssn":null,"a":null}"#, expected: nil),
        Case(value: #"{"\u0073s\u006E":"x"}"#, expected: #"{"\u0073s\u006E":"[redacted]"}"#),
        Case(
            value: #"{"card_number":"4000 0000 0000 1234","a":"x"}"#,
            expected: #"{"card_number":"**** **** **** 1234","a":"x"}"#),
        Case(value: #"{"card_number":1234567}"#, expected: #"{"card_number":"***4567"}"#),
        Case(value: #"{"card_number":{"no":"1234567"}}"#, expected: #"{"card_number":"[redacted]"}"#),
        Case(value: #"{"p":"{\"ssn\": \"x\"}"}"#, expected: #"{"p":"{\"ssn\": \"[redacted]\"}"}"#),
        Case(value: #"{"ssn":"a","ssn":"b"}"#, expected: #"{"ssn":"[redacted]","ssn":"[redacted]"}"#),
        Case(value: #"["ssn","x"]"#, expected: nil),
        Case(value: #"{"a":"ssn"}"#, expected: nil),
        Case(value: #"{"ssns":"x"}"#, expected: nil),
        Case(
            value: #"{"a": 1, "ssn": "x", and then nothing"#,
            expected: #"{"a": 1, "ssn": "[redacted]", and then nothing"#),
        Case(value: #"{"ssn": {"a": 1, "b""#, expected: #"{"ssn": "[redacted]""#),
        Case(value: #"{"ssn": x"#, expected: #"{"ssn": "[redacted]""#),
        Case(value: #"{"ssn"=>"x"}"#, expected: nil),
        Case(value: #""ssn"=>"x", "a"=>"1""#, expected: #""ssn"=>"[redacted]", "a"=>"1""#, syntax: .hstore),
        Case(value: #""SSN"=>NULL, "a"=>"1""#, expected: nil, syntax: .hstore),
        Case(value: #"{"{\"ssn\":1}",x}"#, expected: #"{"{\"ssn\":\"[redacted]\"}",x}"#, syntax: .array(.text)),
        Case(value: #"<a>{"ssn":1}</a>"#, expected: #"<a>{"ssn":"[redacted]"}</a>"#),
    ]

    @Test("a key tells, in whatever case and at whatever depth", arguments: keyed)
    func keys(value: Case) throws {
        let keys = [
            JSONKeyTable.Use(key: "ssn", classification: "pii", mask: .redact),
            JSONKeyTable.Use(key: "Card_Number", classification: "cards", mask: .keepLast(4)),
        ]
        #expect(try Structured(keys: keys).mask(value.value, as: value.syntax) == value.expected)
    }

    @Test("the strictest mask of those that name a key counts")
    func strictest() {
        let table = JSONKeyTable([
            .init(key: "a", classification: "x", mask: .keepLast(4)),
            .init(key: "A", classification: "y", mask: .redact),
        ])
        #expect(table.uses.map(\.classification) == ["y"])
    }

    @Test("depth costs no stack, and length no more than its own")
    func depth() throws {
        let keys = [JSONKeyTable.Use(key: "ssn", classification: "pii", mask: .redact)]
        let deep = String(repeating: "{\"a\":[", count: 20_000) + "{\"ssn\":\"x\"}"
        let masked = try #require(try Structured(keys: keys).mask(deep, as: .json))
        #expect(masked.hasSuffix("{\"ssn\":\"[redacted]\"}"))
        let closed = deep + String(repeating: "]}", count: 20_000)
        #expect(try Structured(keys: keys).mask(closed, as: .json)?.contains("\"x\"") == false)
        #expect(try Structured(keys: keys).mask(closed)?.contains("\"x\"") == false)
    }
}
