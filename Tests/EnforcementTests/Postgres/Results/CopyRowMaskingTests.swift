import Policy
import PostgresWire
import SQLInspection
import Testing
import WireBytes

@testable import Enforcement

@Suite("Masking the rows of a COPY")
struct CopyRowMaskingTests {
    private static let formats: [CopyFormat] = [
        .text(delimiter: UInt8(ascii: "\t"), null: "\\N", header: false),
        .text(delimiter: UInt8(ascii: "|"), null: "", header: false),
        .csv(
            delimiter: UInt8(ascii: ","), null: "", header: false, quote: UInt8(ascii: "\""), escape: UInt8(ascii: "\"")
        ),
        .csv(
            delimiter: UInt8(ascii: ";"), null: "NULL", header: false, quote: UInt8(ascii: "'"),
            escape: UInt8(ascii: "\\")),
    ]

    private func frame(_ row: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        BackendMessage.copyData(row).encode(into: &bytes)
        return bytes
    }

    private func line(_ values: [[UInt8]?], _ style: CopyStyle) -> [UInt8] {
        var line: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { line.append(style.delimiter) }
            style.append(value, to: &line)
        }
        return line + [0x0A]
    }

    @Test("a run of rows comes out as its values do one by one, in every text format", arguments: formats)
    func reference(format: CopyFormat) throws {
        let scanner = try #require(try RandomRows.scanner())
        let style = try #require(CopyStyle(format))
        for seed in 1...400 {
            var random = RandomRows(seed: UInt64(seed))
            let columns = random.columns(copy: true)
            guard !columns.isEmpty else { continue }
            var plan = ResultPlan(columns: columns, masker: ValueMasker(scanner: scanner, key: RandomRows.key))
            var counts = ReferenceCounts()
            var input: [UInt8] = [9]
            var expected: [UInt8] = [7]
            let rows = (0..<random.generator.next(5) + 1).map { _ in
                // What cannot be told from NULL, or is the end's mark, is none of a text format's values.
                random.values(columns).map { $0 == style.null || $0 == Array("\\.".utf8) ? nil : $0 }
            }
            for row in rows {
                input += frame(line(row, style))
                let masked = ReferenceRows.mask(
                    row, columns: columns, scanner: scanner, key: RandomRows.key, counts: &counts)
                expected += frame(line(masked, style))
            }
            let end = input.count
            input += seed % 2 == 0 ? frame(line(rows[0], style)).dropLast() : frame(Array("\\.\n".utf8))
            var output: [UInt8] = [7]
            let run = CopyRowMasking.maskRows(input.span, from: 1, style: style, plan: &plan, to: &output)
            #expect(run.end == end && run.rows == UInt64(rows.count), "seed \(seed)")
            #expect(
                output == expected,
                "seed \(seed): \(String(decoding: output, as: UTF8.self)) for \(String(decoding: expected, as: UTF8.self))"
            )
            #expect(plan.found == counts.found, "seed \(seed)")
        }
    }

    @Test("what is no whole row of the columns is left alone, and counts for nothing")
    func foreign() throws {
        let style = try #require(CopyStyle(Self.formats[0]))
        let columns = (0..<2).map { _ in
            ResultPlan.Column(
                name: [], typeOID: 25, kind: .text, format: .text, treatment: .mask(.redact, classification: "c"))
        }
        for row in ["a\n", "a\tb\tc\n", "a\tb", "\\.\n", "a\nb\tc\n", "a\tb\\", "\n", ""] {
            var plan = ResultPlan(columns: columns, masker: ValueMasker(scanner: nil, key: nil))
            var output: [UInt8] = []
            let good = frame(Array("x\ty\n".utf8))
            let input = good + frame(Array(row.utf8))
            let run = CopyRowMasking.maskRows(input.span, from: 0, style: style, plan: &plan, to: &output)
            #expect(run.end == good.count && run.rows == 1, "\(row)")
            #expect(output == frame(Array("[redacted]\t[redacted]\n".utf8)))
            #expect(plan.masked == [1, 1])
        }
    }
}
