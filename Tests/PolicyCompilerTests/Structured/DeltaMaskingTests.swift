import Policy
import TestKit
import Testing

@Suite("A text in deltas")
struct DeltaMaskingTests {
    /// - Parameter cuts: where the text is cut.
    static func masked(_ text: [UInt8], cut cuts: [Int], mask: Mask = .redact) throws -> (text: [UInt8], longest: Int) {
        let (masking, selection) = try Streamed(mask: mask).masking()
        var delta = DeltaMasking(masking, selection: selection)
        var (output, longest, taken): ([UInt8], Int, Int) = ([], 0, 0)
        for range in Streamed.ranges(text.count, cuts) {
            try delta.take(text.span.extracting(range), into: &output)
            taken += range.count
            longest = max(longest, taken - output.count)
        }
        try delta.finish(into: &output)
        #expect(!delta.isHolding)
        return (output, longest)
    }

    @Test("is masked as the whole is, whatever the deltas", arguments: 0..<8)
    func same(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) + 900)
        for round in 0..<4 {
            var text = Array("t ".utf8)
            for _ in 0..<120 {
                text += Array(
                    JSONDocumentPropertyTests.words[random.below(JSONDocumentPropertyTests.words.count)].utf8)
                text += Array([" ", " ", ", ", "", "\n", ": "][random.below(6)].utf8)
            }
            if round % 2 == 0 { text.removeAll { $0 == UInt8(ascii: "\\") } }
            let mask = [Mask.redact, .keepLast(2), .hash, .fixed("x")][seed % 4]
            let whole = try Streamed(mask: mask).whole(text, as: .text)
            var cuts: [Int] = []
            var place = 0
            while place < text.count {
                place += 1 + random.below(round == 0 ? 3 : 30)
                cuts.append(min(place, text.count))
            }
            #expect(try Self.masked(text, cut: cuts, mask: mask).text == whole)
        }
    }

    @Test("goes on soon: of a plain text some hundred letters wait")
    func soon() throws {
        let text = Array(String(repeating: "The quick brown fox is well. ", count: 200).utf8)
        let (masked, longest) = try Self.masked(text, cut: Array(stride(from: 5, to: text.count, by: 5)))
        #expect(masked == text && longest <= 300, "\(longest)")
    }
}
