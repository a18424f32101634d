import Foundation
import Policy
import TestKit
import Testing

@Suite("Masking as it comes and masking the whole are one")
struct JSONDocumentPropertyTests {
    static let keys =
        StructuredPropertyTests.keys.dropLast()
        + [JSONKeyTable.Use(key: "Secret4", classification: "pii", mask: .hash)]

    static func document(_ random: inout SeededGenerator, nodes: Int) -> [UInt8] {
        let node = StructuredPropertyTests.Node.list(
            (0..<nodes).map { _ in StructuredPropertyTests.node(&random, depth: 4) })
        return Array(StructuredPropertyTests.text(node, &random).utf8)
    }

    @Test("JSON, cut at one place", arguments: 0..<4)
    func cutOnce(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let streamed = Streamed(keys: Array(Self.keys))
        for _ in 0..<6 {
            let text = Self.document(&random, nodes: 2)
            let whole = try streamed.whole(text, as: .json)
            for cut in stride(from: 0, to: text.count, by: 1 + text.count / 200) {
                #expect(try streamed.json(text, cut: [cut]) == whole)
            }
        }
    }

    @Test("JSON of many windows, in pieces of any size", arguments: 0..<8)
    func windows(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 100)
        let text = Self.document(&random, nodes: 100)
        let mask = [Mask.redact, .keepLast(2), .hash, .null][seed % 4]
        for window in [2_100, 64 << 10] {
            let streamed = Streamed(keys: Array(Self.keys), mask: mask, window: window)
            let whole = try streamed.whole(text, as: .json)
            #expect(try streamed.json(text) == whole, "window \(window)")
            let cuts = (0..<random.below(60)).map { _ in random.below(text.count) }
            #expect(try streamed.json(text, cut: cuts) == whole)
            #expect(try streamed.json(text, cut: Array(0..<text.count)) == whole)
        }
    }

    @Test("JSON of many windows is JSON when it is masked", arguments: 0..<4)
    func valid(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 200)
        let text = Self.document(&random, nodes: 100)
        for mask in [Mask.redact, .keepFirst(3), .hash, .null, .fixed("\"\\")] {
            let masked = try Streamed(keys: Array(Self.keys), mask: mask, window: 2_100).json(text)
            #expect((try? JSONSerialization.jsonObject(with: Data(masked))) != nil)
        }
    }

    static let words =
        StructuredPropertyTests.secrets + [
            "the", "ssn", "is", "of", "passport no", "X1234567", "dob", "01/02/1980", "lorem", "eyJhbGciOiJIUzI1NiJ9",
            "\n", "\\n", "{", "\"a\": ", "12", "4111", "1111", "é", "日本", "\\u0032\\u0031\\u0039-09-1234", "and",
            "AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "😀", "x@y",
        ]

    @Test("text, in pieces of any size", arguments: 0..<8)
    func text(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 300)
        var text: [UInt8] = []
        for _ in 0..<3_000 {
            text += Array(Self.words[random.below(Self.words.count)].utf8)
            text += Array([" ", " ", ", ", "", "\n", ": "][random.below(6)].utf8)
        }
        let mask = [Mask.redact, .keepLast(2), .hash, .fixed("x")][seed % 4]
        for window in [2_100, 64 << 10] {
            let streamed = Streamed(mask: mask, window: window)
            let whole = try streamed.whole(Array("t ".utf8) + text, as: .text)
            #expect(try streamed.text(Array("t ".utf8) + text) == whole, "window \(window)")
            let cuts = (0..<random.below(60)).map { _ in random.below(text.count) }
            #expect(try streamed.text(Array("t ".utf8) + text, cut: cuts) == whole)
        }
    }

    @Test("a key in PEM that is longer than a window is found whole")
    func longKey() throws {
        let key =
            "-----BEGIN PRIVATE KEY-----\n" + String(repeating: "MIIEabcdefgh0123456789\n", count: 400)
            + "-----END PRIVATE KEY-----"
        let text = String(repeating: "word ", count: 1_000) + key + String(repeating: " word", count: 1_000)
        let expected =
            String(repeating: "word ", count: 1_000) + "[redacted]" + String(repeating: " word", count: 1_000)
        #expect(try Streamed(window: 1_200).text(Array(text.utf8)) == Array(expected.utf8))
    }
}
