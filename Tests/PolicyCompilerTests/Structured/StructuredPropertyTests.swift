import Foundation
import Policy
import TestKit
import Testing

/// Random documents with planted values.
@Suite("Masks within random JSON")
struct StructuredPropertyTests {
    /// A document, and what it must be when it is masked.
    indirect enum Node {
        case literal(String)
        case text(String)
        /// A text with something sensitive between two parts.
        case planted(String, String, String)
        case plantedNumber(String)
        case list([Node])
        case object([(key: String, value: Node)])
        /// The value under a key that policy names.
        case keyed(Node)
        /// A document in a string.
        case nested(Node)
    }

    static let secrets = [
        "219-09-1234", "alice.smith@example.com", "4111 1111 1111 1111", "DE89370400440532013000", "+49 30 901820",
    ]
    static let words = [
        "order", "shipped", "é", "日本", "\"quoted\"", "back\\slash", "tab\there", "line\nbreak", "😀", "a/b", "", "x",
    ]

    static func node(_ random: inout SeededGenerator, depth: Int) -> Node {
        switch random.below(depth > 0 ? 12 : 6) {
        case 0: .literal(["true", "false", "null", "17", "-2.5e3"][random.below(5)])
        case 1, 2: .text(words[random.below(words.count)] + " " + words[random.below(words.count)])
        case 3, 4:
            .planted(
                words[random.below(words.count)] + " ", secrets[random.below(secrets.count)],
                " " + words[random.below(words.count)])
        case 5: .plantedNumber("5500005555555559")
        case 6, 7: .list((0..<random.below(4)).map { _ in node(&random, depth: depth - 1) })
        case 8, 9, 10:
            .object(
                (0..<random.below(5)).map { index in
                    random.below(6) == 0
                        ? ("Secret\(index)", .keyed(node(&random, depth: depth - 1)))
                        : ("k\(index)" + words[random.below(3)], node(&random, depth: depth - 1))
                })
        default: .nested(.object([("in", node(&random, depth: depth - 1))]))
        }
    }

    /// A string with any of its characters escaped.
    static func string(_ text: String, _ random: inout SeededGenerator) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": output += "\\\(scalar)"
            case "\n": output += "\\n"
            case "\t": output += "\\t"
            case _ where random.below(8) == 0:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16, uppercase: random.below(2) == 0)
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            case "/" where random.below(2) == 0: output += "\\/"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }

    static func space(_ random: inout SeededGenerator) -> String { ["", "", " ", "\n  "][random.below(4)] }

    static func text(_ node: Node, _ random: inout SeededGenerator) -> String {
        switch node {
        case .literal(let text), .plantedNumber(let text): return text
        case .text(let text): return string(text, &random)
        case .planted(let before, let secret, let after): return string(before + secret + after, &random)
        case .list(let items):
            var parts: [String] = []
            for item in items { parts.append(space(&random) + text(item, &random)) }
            return "[" + parts.joined(separator: ",") + "]"
        case .object(let members):
            var parts: [String] = []
            for (key, value) in members {
                parts.append(
                    space(&random) + string(key, &random) + space(&random) + ":" + space(&random) + text(value, &random)
                )
            }
            return "{" + parts.joined(separator: ",") + "}"
        case .keyed(let node): return text(node, &random)
        case .nested(let node): return string(text(node, &random), &random)
        }
    }

    static func isNull(_ node: Node) -> Bool {
        if case .literal("null") = node { return true }
        return false
    }

    static func agrees(_ value: Any, _ node: Node) -> Bool {
        switch node {
        case .literal(let text):
            let plain = (try? JSONSerialization.jsonObject(with: Data("[\(text)]".utf8))) as? [Any]
            return plain.flatMap { ($0.first as? NSObject).map { $0.isEqual(value) } } ?? false
        case .text(let text): return value as? String == text
        case .planted(let before, _, let after): return value as? String == before + "[redacted]" + after
        case .plantedNumber: return value as? String == "[redacted]"
        case .list(let items):
            guard let values = value as? [Any], values.count == items.count else { return false }
            return zip(values, items).allSatisfy { agrees($0, $1) }
        case .object(let members):
            guard let values = value as? [String: Any], values.count == members.count else { return false }
            return members.allSatisfy { key, node in values[key].map { agrees($0, node) } ?? false }
        case .keyed(let node): return isNull(node) ? value is NSNull : value as? String == "[redacted]"
        case .nested(let node):
            guard let text = value as? String,
                let inner = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            else { return false }
            return agrees(inner, node)
        }
    }

    static let keys = (0..<5).map { JSONKeyTable.Use(key: "sECRET\($0)", classification: "pii", mask: .redact) }

    @Test("masked JSON is the document but for what was planted", arguments: 0..<8)
    func masked(seed: Int) throws {
        for round in 0..<150 {
            var random = SeededGenerator(seed: UInt64(seed * 1_000 + round))
            let node = Self.node(&random, depth: 5)
            let document = Self.text(.list([node]), &random)
            let result = try Structured(keys: Self.keys).mask(document, as: .json) ?? document
            let parsed = try? JSONSerialization.jsonObject(with: Data(result.utf8))
            #expect(parsed.map { Self.agrees($0, .list([node])) } == true, "\(document)\n→ \(result)")
        }
    }

    @Test("broken documents crash nothing, and hide nothing", arguments: 0..<8)
    func broken(seed: Int) throws {
        let marks = Array("{}[]\",:\\<>&;=- u0123456789abcdef\u{0}\u{7F}".utf8)
        for round in 0..<150 {
            var random = SeededGenerator(seed: UInt64(seed * 7_919 + round))
            var bytes = Array(Self.text(.list([Self.node(&random, depth: 4)]), &random).utf8)
            for _ in 0..<1 + random.below(6) {
                guard !bytes.isEmpty else { break }
                let place = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(marks[random.below(marks.count)], at: place)
                default: bytes[place] = marks[random.below(marks.count)]
                }
            }
            for syntax in [StructuredMasking.Syntax.text, .json, .xml, .array(.text), .array(.number), .hstore] {
                let output = try Structured(keys: Self.keys).masked(bytes, as: syntax) ?? bytes
                for secret in Self.secrets where output.firstRange(of: Array(secret.utf8)) != nil {
                    // Where a digit was put beside it, it is no secret any more.
                    let found = scan(String(decoding: output, as: UTF8.self)).contains { $0.text == secret }
                    #expect(
                        !found,
                        "\(syntax): \(String(decoding: bytes, as: UTF8.self))\n→ \(String(decoding: output, as: UTF8.self))"
                    )
                }
            }
        }
    }
}
