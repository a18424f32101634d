import Policy
import TestKit
import Testing

@Suite("JSON by an index of its tokens")
struct JSONIndexTests {
    /// What is written of a text, or the code of the fault: both ways to read it must come to the same.
    static func outcome(_ streamed: Streamed, _ text: [UInt8]) throws -> Result<[UInt8], DocumentFault> {
        do {
            return .success(try streamed.json(text))
        } catch let fault as DocumentFault {
            return .failure(fault)
        }
    }

    @Test("is what it is from token to token, and so are its faults", arguments: 0..<8)
    func same(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 500)
        let odd = Array("\"\\{}[]:,\u{1}\n 0-e.tfnu\u{e9}".utf8)
        for round in 0..<40 {
            var text = JSONDocumentPropertyTests.document(&random, nodes: 1 + round % 4)
            // A byte or two are others, or gone.
            for _ in 0..<random.below(3) where !text.isEmpty {
                let place = random.below(text.count)
                if random.below(3) == 0 { text.remove(at: place) } else { text[place] = odd[random.below(odd.count)] }
            }
            let streamed = Streamed(
                keys: Array(JSONDocumentPropertyTests.keys), window: [2_100, 64 << 10][round % 2])
            var plain = streamed
            plain.usesIndex = false
            let (indexed, walked) = (try Self.outcome(streamed, text), try Self.outcome(plain, text))
            #expect(indexed == walked, "\(String(decoding: text, as: UTF8.self).debugDescription)")
        }
    }

    @Test(
        "a quotation mark behind any number of backslashes, at any place of a word",
        arguments: [0, 1, 2, 3, 4, 5, 61, 62, 63, 64, 65])
    func backslashes(count: Int) throws {
        for before in 55..<70 {
            let text =
                "{\"a\":\"" + String(repeating: "x", count: before) + String(repeating: "\\", count: count)
                + "\",\"ssn 219-09-1234\":\"}"
            let streamed = Streamed()
            var plain = streamed
            plain.usesIndex = false
            let outcome = try Self.outcome(streamed, Array(text.utf8))
            #expect(outcome == (try Self.outcome(plain, Array(text.utf8))))
        }
    }

    @Test("objects and arrays of 512 levels are told apart on their way out")
    func deep() throws {
        let kinds = (0..<512).map { $0 % 3 == 0 || $0 % 7 == 0 }
        let open = kinds.map { $0 ? "{\"a\":" : "[" }.joined()
        let close = kinds.reversed().map { $0 ? "}" : "]" }.joined()
        #expect(try Streamed().json(open + "1" + close) == open + "1" + close)
        for place in stride(from: 0, to: 512, by: 37) {
            var wrong = Array(close)
            wrong[place] = wrong[place] == "}" ? "]" : "}"
            #expect(throws: DocumentFault.self) { try Streamed().json(open + "1" + String(wrong)) }
        }
        #expect(throws: DocumentFault.self) { try Streamed().json("[" + open + "1" + close + "]") }
    }
}
