import Policy
import PolicyCompiler
import Testing

@Suite("Masks of findings")
struct MaskFindingsTests {
    func masked(_ text: String, _ kind: ValueKind, _ mask: Mask = .redact) throws -> String? {
        let tables = try #require(BuiltIn.tables)
        let bytes = Array(text.utf8)
        var findings = DetectorFindings()
        tables.scan(bytes.span, with: tables.selection(of: DetectorSet(tables.names.indices)), into: &findings)
        var output: [UInt8] = []
        let result = MaskFindings.apply(
            findings.findings, to: bytes.span, kind: kind, key: nil, into: &output, mask: { _ in mask })
        return result == .null ? nil : String(decoding: output, as: UTF8.self)
    }

    @Test("in text only what was found is masked")
    func text() throws {
        #expect(try masked("pay 4111 1111 1111 1111 or ask a@b.io!", .text) == "pay [redacted] or ask [redacted]!")
        #expect(
            try masked("pay 4111 1111 1111 1111 now", .text, .keepLast(4)) == "pay **** **** **** 1111 now")
        #expect(try masked("nothing here", .text) == "nothing here")
        #expect(try masked("pay 4111 1111 1111 1111", .text, .null) == nil)
    }

    @Test("JSON stays JSON")
    func json() throws {
        #expect(
            try masked(#"{"a":"x a@b.io y","n":[4111111111111111,1]}"#, .json)
                == #"{"a":"x [redacted] y","n":["[redacted]",1]}"#)
        #expect(try masked(#"{"a":"x\n4111111111111111\n"}"#, .jsonb) == #"{"a":"x\n[redacted]\n"}"#)
        #expect(try masked(#"{"a":"x\nalice@b.io"}"#, .jsonb) == #"{"a":"x\n[redacted]"}"#)
        #expect(try masked(#"{"a":"a@b.io"}"#, .json, .fixed("\"x\\")) == #"{"a":"\"x\\"}"#)
        #expect(try masked(#"{"a@b.io":1}"#, .json) == #"{"[redacted]":1}"#)
        #expect(try masked("{a@b.io", .json) == "\"[redacted]\"")
        #expect(try masked(#"{"k":"-----BEGIN PRIVATE KEY-----\nMII\"}"#, .json) == "\"[redacted]\"")
    }

    @Test("in other kinds one finding masks the whole value")
    func whole() throws {
        #expect(try masked("4111111111111111", .integer(bytes: 8)) == nil)
        #expect(try masked("{a,4111111111111111}", .array(of: .text)) == "{\"[redacted]\"}")
        #expect(try masked("17", .integer(bytes: 8)) == "17")
    }

    @Test("findings that are not of the value mask it whole")
    func foreign() {
        let value = Array("abcdef".utf8)
        for ranges in [[2..<9], [3..<5, 1..<2], [0..<3, 2..<4]] {
            let findings = ranges.map { Finding(range: $0, detector: 0, detectors: DetectorSet([0])) }
            var output: [UInt8] = []
            _ = MaskFindings.apply(
                findings, to: value.span, kind: .text, key: nil, into: &output, mask: { _ in .redact })
            #expect(String(decoding: output, as: UTF8.self) == "[redacted]")
        }
    }

    @Test("what stands between many findings is moved once, not with each of them")
    func many() {
        let value = Array(String(repeating: "ab, ", count: 500_000).utf8)
        let findings = (0..<500_000).map {
            Finding(range: 4 * $0..<4 * $0 + 2, detector: 0, detectors: DetectorSet([0]))
        }
        var output: [UInt8] = []
        // Minutes where the room for each of them is made anew.
        let time = ContinuousClock().measure {
            _ = MaskFindings.apply(
                findings, to: value.span, kind: .text, key: nil, into: &output, mask: { _ in .fixed("x") })
        }
        #expect(output == Array(String(repeating: "x, ", count: 500_000).utf8))
        #expect(time < .seconds(30))
    }
}
