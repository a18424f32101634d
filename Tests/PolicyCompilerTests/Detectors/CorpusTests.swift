import Foundation
import Policy
import Testing

/// A slice of the corpus that Benchmarks/detectors makes: what docs/detectors.md says in full, held to floors.
@Suite("Detectors on the corpus")
struct CorpusTests {
    struct Record: Sendable {
        var column: String
        var text: [UInt8]
        var spans: [Span]
    }

    struct Span: Sendable {
        var detector: String
        var range: Range<Int>
    }

    struct Score: Sendable {
        var right = 0
        var wrong = 0
        var missed = 0
        var precision: Double { right + wrong == 0 ? 1 : Double(right) / Double(right + wrong) }
        var recall: Double { right + missed == 0 ? 1 : Double(right) / Double(right + missed) }
    }

    /// What is below 0.98 is so because the corpus has what nobody could tell: an order's number that is a card's, a number
    /// beside a licence's.
    static let floors: [String: (precision: Double, recall: Double)] = [
        "credit-card": (0.97, 0.98), "drivers-license": (0.93, 0.98), "medical-record-number": (0.94, 0.98),
        "passport": (0.95, 0.98), "phone": (0.96, 0.97), "date-of-birth": (0.97, 0.98), "us-ssn": (0.98, 0.97),
    ]

    static let records: [Record] = {
        let path = String(#filePath.dropLast("Tests.swift".count)) + ".tsv"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            let fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            let spans = String(decoding: fields[1], as: UTF8.self).split(separator: " ").compactMap { item -> Span? in
                let parts = item.split(separator: ":")
                guard parts.count == 3, let start = Int(parts[1]), let end = Int(parts[2]) else { return nil }
                return Span(detector: String(parts[0]), range: start..<end)
            }
            return Record(
                column: String(decoding: fields[0], as: UTF8.self), text: unescaped(Array(fields[2])), spans: spans)
        }
    }()

    /// COPY's escapes, and `\x2d` for a byte by its number.
    static func unescaped(_ field: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = field[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                output.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "x"):
                output.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: output.append(next)
            }
        }
        return output
    }

    static func scores() throws -> [String: Score] {
        let tables = try #require(BuiltIn.tables)
        var scores: [String: Score] = [:]
        var findings = DetectorFindings()
        for record in records {
            let selection = tables.selection(
                of: tables.set(of: tables.names), columnName: record.column.isEmpty ? nil : record.column)
            tables.scan(record.text.span, with: selection, into: &findings)
            var left = record.spans
            for finding in findings.findings {
                let name = tables.names[finding.detector]
                let match = left.firstIndex { span in
                    let common = span.range.clamped(to: finding.range).count
                    let all =
                        max(span.range.upperBound, finding.range.upperBound)
                        - min(span.range.lowerBound, finding.range.lowerBound)
                    return span.detector == name && 2 * common >= all
                }
                if let match {
                    left.remove(at: match)
                    scores[name, default: Score()].right += 1
                } else {
                    scores[name, default: Score()].wrong += 1
                }
            }
            for span in left { scores[span.detector, default: Score()].missed += 1 }
        }
        return scores
    }

    @Test("precision and recall of every detector stay above their floors")
    func floors() throws {
        #expect(CorpusTests.records.count == 2_000)
        let scores = try CorpusTests.scores()
        #expect(Set(scores.keys) == Set(BuiltIn.tables?.names ?? []))
        for (name, score) in scores.sorted(by: { $0.key < $1.key }) {
            let floor = CorpusTests.floors[name] ?? (0.98, 0.98)
            #expect(score.precision >= floor.0, "\(name): precision \(score.precision) of \(score)")
            #expect(score.recall >= floor.1, "\(name): recall \(score.recall) of \(score)")
        }
    }
}
