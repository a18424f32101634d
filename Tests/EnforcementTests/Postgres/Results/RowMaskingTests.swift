import Policy
import PostgresWire
import Testing
import WireBytes

@testable import Enforcement

@Suite("Masking rows")
struct RowMaskingTests {
    private func encoded(_ values: [[UInt8]?]) -> [UInt8] {
        var bytes: [UInt8] = []
        BackendMessage.dataRow(values).encode(into: &bytes)
        return bytes
    }

    @Test("a run of rows comes out as its values do one by one, whatever the columns, masks and formats")
    func reference() throws {
        let scanner = try #require(try RandomRows.scanner())
        for seed in 1...600 {
            var random = RandomRows(seed: UInt64(seed))
            let columns = random.columns()
            var plan = ResultPlan(columns: columns, masker: ValueMasker(scanner: scanner, key: RandomRows.key))
            let before: [UInt8] = [1, 2, 3]
            var input: [UInt8] = before
            var expected: [UInt8] = []
            var counts = ReferenceCounts()
            let rows = (0..<random.generator.next(6) + 1).map { _ in random.values(columns) }
            for row in rows {
                input += encoded(row)
                expected += encoded(
                    ReferenceRows.mask(row, columns: columns, scanner: scanner, key: RandomRows.key, counts: &counts))
            }
            let end = input.count
            // The beginning of another row, and of another message.
            let tail = encoded(rows[0])
            input += seed % 2 == 0 ? Array(tail.prefix(random.generator.next(tail.count))) : [UInt8(ascii: "C"), 0, 0]
            var output = before
            let run = try RowMasking.maskRows(input.span, from: 3, plan: &plan, to: &output)
            #expect(run.end == end && run.rows == UInt64(rows.count))
            #expect(Array(output[3...]) == expected, "seed \(seed)")
            #expect(plan.found == counts.found, "seed \(seed)")
            for index in columns.indices { #expect(plan.masked[index] == counts.masked[index, default: 0]) }
        }
    }

    @Test("a run ends after as many rows as were asked for")
    func limits() throws {
        let columns = [
            ResultPlan.Column(
                name: [], typeOID: 25, kind: .text, format: .text, treatment: .mask(.redact, classification: "c"))
        ]
        let row = encoded([Array("secret".utf8)])
        let input = row + row + row
        var plan = ResultPlan(columns: columns, masker: ValueMasker(scanner: nil, key: nil))
        var output: [UInt8] = []
        #expect(try RowMasking.maskRows(input.span, from: 0, most: 2, plan: &plan, to: &output).rows == 2)
    }

    @Test("a row that is none throws, and leaves the rows before it and nothing of its own")
    func malformed() throws {
        let scanner = try RandomRows.scanner()
        for seed in 1...400 {
            var random = RandomRows(seed: UInt64(seed))
            let columns = random.columns()
            guard !columns.isEmpty else { continue }
            var plan = ResultPlan(columns: columns, masker: ValueMasker(scanner: scanner, key: RandomRows.key))
            var counts = ReferenceCounts()
            let good = random.values(columns)
            var bad = encoded(random.values(columns))
            switch seed % 3 {
            case 0: bad[6] ^= 1
            case 1: bad[8] = 0x7F
            default:
                bad.append(0)
                bad.replaceBigEndian(UInt32(bad.count - 1), at: 1)
            }
            let input = encoded(good) + bad
            var output: [UInt8] = []
            #expect(throws: WireError.self) {
                try RowMasking.maskRows(input.span, from: 0, plan: &plan, to: &output)
            }
            let expected = ReferenceRows.mask(
                good, columns: columns, scanner: scanner, key: RandomRows.key, counts: &counts)
            #expect(output == encoded(expected), "seed \(seed)")
        }
    }
}
