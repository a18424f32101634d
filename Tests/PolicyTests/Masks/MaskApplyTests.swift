import Policy
import Testing

/// What a mask makes of a value; `nil` is NULL.
func masked(_ mask: Mask, _ value: String, _ kind: ValueKind, key: MaskKey? = testKey) -> String? {
    var output: [UInt8] = []
    let bytes = Array(value.utf8)
    switch mask.apply(to: bytes.span, kind: kind, key: key, into: &output) {
    case .null:
        #expect(output.isEmpty)
        return nil
    case .text:
        let text = String(validating: output, as: UTF8.self)
        #expect(text != nil, "a mask's output is UTF-8")
        return text
    }
}

/// Not a secure digest: good enough to tell values apart.
let testKey = MaskKey { value in
    var high: UInt64 = 0xCBF2_9CE4_8422_2325
    var low: UInt64 = 0x9E37_79B9_7F4A_7C15
    for position in 0..<value.count {
        high = (high ^ UInt64(value[position])) &* 0x100_0000_01B3
        low = (low &+ high) &* 0xBF58_476D_1CE4_E5B9
        low ^= low >> 29
    }
    return (high ^ low, low)
}

/// Every kind, with a value that the server might send.
let kindsAndValues: [(ValueKind, String)] = [
    (.text, "4111 1111 1111 1234"), (.integer(bytes: 2), "-123"), (.integer(bytes: 4), "2147483647"),
    (.integer(bytes: 8), "9223372036854775807"), (.decimal, "12.50"), (.float, "1e+10"), (.boolean, "t"),
    (.date, "1984-07-12"), (.time, "12:34:56.789"), (.timestamp, "2024-05-06 07:08:09.1"),
    (.timestampWithZone, "2024-05-06 07:08:09.1+02"), (.interval, "1 day"),
    (.uuid, "550e8400-e29b-41d4-a716-446655440000"), (.json, #"{"a": [1, "x", null]}"#), (.jsonb, #""text""#),
    (.bytes, "\\xdeadbeef"), (.network, "10.0.0.1/8"), (.money, "$12.00"), (.bit, "0101"), (.xml, "<a>b</a>"),
    (.array(of: .text), #"{a,"b c"}"#), (.array(of: .integer(bytes: 4)), "{1,2}"),
    (.array(of: .json), "{1}"), (.array(of: .uuid), "{}"), (.enumeration, "open"), (.other, "[1,5)"),
]

@Suite("Masks applied to whole values")
struct MaskApplyTests {
    static let masks: [Mask] = [
        .redact, .null, .hash, .fixed("hidden"), .fixed("0"), .fixed("2000-01-01"), .keepFirst(2), .keepLast(4),
        .truncateDate(.year), .truncateDate(.month), .truncateDate(.day),
    ]

    @Test("null is NULL for every kind", arguments: kindsAndValues.map(\.0))
    func null(kind: ValueKind) {
        #expect(masked(.null, "secret", kind) == nil)
    }

    @Test("redact leaves nothing of the value and its form is as documented")
    func redact() {
        for (kind, value) in kindsAndValues {
            #expect(masked(.redact, value, kind) == RedactedForm.of(kind))
        }
        #expect(RedactedForm.of(.text) == "[redacted]")
        #expect(RedactedForm.of(.decimal) == nil)
        #expect(isJSON(Array(RedactedForm.json.utf8)))
    }

    @Test("whatever the mask, a value of a kind with rules of its own stays valid or becomes NULL")
    func validity() {
        for mask in Self.masks {
            for (kind, value) in kindsAndValues {
                guard let text = masked(mask, value, kind) else { continue }
                expectValid(text, kind, mask)
            }
        }
    }

    func expectValid(_ text: String, _ kind: ValueKind, _ mask: Mask) {
        let bytes = Array(text.utf8)
        switch kind {
        case .integer(let size):
            let bound = size == 2 ? Int64(Int16.max) : size == 4 ? Int64(Int32.max) : Int64.max
            #expect(Int64(text).map { $0 >= 0 && $0 <= bound } == true, "\(mask) \(text)")
        case .decimal, .float: #expect(Double(text) != nil)
        case .boolean: #expect(["t", "f", "true", "false"].contains(text))
        case .date: #expect(text.count == 10)
        case .timestamp: #expect(text.hasSuffix(" 00:00:00") && text.count == 19)
        case .timestampWithZone: #expect(text.hasSuffix(" 00:00:00+02") && text.count == 22)
        case .uuid: #expect(text.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        case .json, .jsonb: #expect(isJSON(bytes), "\(mask) \(text)")
        case .bytes: #expect(text.hasPrefix("\\x") && bytes.count % 2 == 0)
        case .array: #expect(text.hasPrefix("{") && text.hasSuffix("}"))
        case .bit: #expect(bytes.allSatisfy { $0 == 48 || $0 == 49 })
        case .money: #expect(mask == .fixed("0"))
        case .text, .xml: break
        case .time, .interval, .network, .enumeration, .other:
            Issue.record("\(mask) gives \(text) for \(kind), which should be NULL")
        }
    }

    @Test("hash is equal for equal values, differs for others, and redacts without a key")
    func hash() {
        #expect(masked(.hash, "a", .text) == masked(.hash, "a", .text))
        #expect(masked(.hash, "a", .text) != masked(.hash, "b", .text))
        #expect(masked(.hash, "a", .text)?.count == 34)
        #expect(masked(.hash, "a", .text)?.hasPrefix("h_") == true)
        #expect(masked(.hash, "a", .text, key: nil) == "[redacted]")
        #expect(masked(.hash, "7", .integer(bytes: 8), key: nil) == nil)
        let uuid = masked(.hash, "550e8400-e29b-41d4-a716-446655440000", .uuid) ?? ""
        #expect(Array(uuid)[14] == "8" && "89ab".contains(Array(uuid)[19]))
        for value in 0..<200 {
            let small = masked(.hash, "\(value)", .integer(bytes: 2)).flatMap { Int16($0) }
            #expect(small.map { $0 >= 0 } == true)
        }
    }

    @Test("fixed passes where it is a value of the kind, and is NULL elsewhere")
    func fixed() {
        #expect(masked(.fixed("***"), "x", .text) == "***")
        #expect(masked(.fixed("0"), "5", .integer(bytes: 4)) == "0")
        #expect(masked(.fixed("99999"), "5", .integer(bytes: 2)) == nil)
        #expect(masked(.fixed("1900-01-01"), "1984-07-12", .date) == "1900-01-01")
        #expect(masked(.fixed("1900-02-30"), "1984-07-12", .date) == nil)
        #expect(masked(.fixed("hidden"), "{}", .json) == "\"hidden\"")
        #expect(masked(.fixed("a\"b\\\n"), "{}", .json) == "\"a\\\"b\\\\\\u000a\"")
        #expect(masked(.fixed("{\"a\":1}"), "{}", .jsonb) == "{\"a\":1}")
        #expect(masked(.fixed("10.0.0.1"), "10.2.3.4", .network) == "10.0.0.1")
        #expect(masked(.fixed("::1"), "10.2.3.4", .network) == "::1")
        #expect(masked(.fixed("00:00:00"), "12:00:00", .time) == "00:00:00")
        #expect(masked(.fixed("2000-01-01 00:00:00+00"), "x", .timestampWithZone) == "2000-01-01 00:00:00+00")
        #expect(masked(.fixed("2000-01-01"), "x", .timestamp) == nil)
    }

    @Test(
        "keepFirst and keepLast hide all else and leave spaces and dashes",
        arguments: [
            (Mask.keepLast(4), "4111-1111 1111-1234", "****-**** ****-1234"),
            (.keepFirst(6), "4111-1111 1111-1234", "4111-11** ****-****"),
            (.keepLast(4), "1234", "****"), (.keepLast(4), "12-34", "**-**"), (.keepLast(4), "12345", "*2345"),
            (.keepLast(0), "abc", "***"), (.keepFirst(.max), "abc", "***"), (.keepLast(2), "naïveté", "*****té"),
            (.keepFirst(3), "naïveté", "naï****"), (.keepLast(4), "", ""), (.keepFirst(1), "日本語", "日**"),
        ])
    func kept(mask: Mask, value: String, expected: String) {
        #expect(masked(mask, value, .text) == expected)
    }

    @Test("keepLast of bytes that are no UTF-8 keeps no more bytes than asked for")
    func keptBytes() {
        for _ in 0..<500 {
            let value = (0..<Int.random(in: 0...12)).map { _ in UInt8.random(in: 0x70...0xFF) }
            var output: [UInt8] = []
            _ = Mask.keepLast(2).apply(to: value.span, kind: .text, key: nil, into: &output)
            #expect(output.filter { $0 != UInt8(ascii: "*") }.count <= 8)
            #expect(output.count <= value.count)
        }
    }

    @Test("keepLast never keeps more characters than asked for, nor all of them")
    func keptNeverLeaks() {
        let alphabet = Array("0123456789abcé日 -")
        for _ in 0..<1000 {
            let value = String((0..<Int.random(in: 0...24)).map { _ in alphabet.randomElement() ?? "0" })
            let count = Int.random(in: 0...8)
            for mask in [Mask.keepLast(UInt16(count)), .keepFirst(UInt16(count))] {
                let text = masked(mask, value, .text) ?? ""
                let kept = text.filter { $0 != "*" && $0 != " " && $0 != "-" }.count
                let all = value.filter { $0 != " " && $0 != "-" }.count
                #expect(kept == (all > count ? count : 0))
                #expect(text.count == value.count)
            }
        }
    }

    @Test(
        "truncateDate keeps what is coarser than its precision",
        arguments: [
            (Mask.DatePrecision.year, ValueKind.date, "1984-07-12", "1984-01-01"),
            (.month, .date, "1984-07-12", "1984-07-01"), (.day, .date, "1984-07-12", "1984-07-12"),
            (.year, .text, "1984-07-12", "1984-01-01"), (.year, .text, "1984-07-12T01:02:03Z", "1984-01-01"),
            (.day, .timestamp, "1984-07-12 23:59:59.999", "1984-07-12 00:00:00"),
            (.day, .timestampWithZone, "1984-07-12 23:59:59-03:30", "1984-07-12 00:00:00-03:30"),
            (.month, .date, "0044-03-15 BC", "0044-03-01 BC"), (.year, .date, "12024-03-15", "12024-01-01"),
        ])
    func truncated(precision: Mask.DatePrecision, kind: ValueKind, value: String, expected: String) {
        #expect(masked(.truncateDate(precision), value, kind) == expected)
    }

    @Test(
        "what is no date is redacted and not passed on",
        arguments: ["infinity", "12/07/1984", "1984-13-01", "1984-02-30", "1984-07-123", "secret", "", "1984-07-12x"])
    func noDate(value: String) {
        #expect(masked(.truncateDate(.day), value, .text) == "[redacted]")
        #expect(masked(.truncateDate(.day), value, .date) == nil)
    }

    @Test("any bytes go through any mask of any kind without a trap")
    func anyBytes() {
        for _ in 0..<300 {
            let value = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }
            for (kind, _) in kindsAndValues {
                for mask in Self.masks {
                    var output: [UInt8] = []
                    _ = mask.apply(to: value.span, kind: kind, key: testKey, into: &output)
                }
            }
        }
    }
}
