import Testing

@testable import Policy
@testable import PolicyCompiler

@Suite("Scans beside a plain reference")
struct ReferenceScanTests {
    private static let columns = [nil, "note", "ssn", "patientMrn", "date_of_birth", "phone", "aws secret key"]

    /// Pieces of what detectors find, of what they must not find, and of what stands between.
    fileprivate static func text(_ generator: inout SeededGenerator, _ pieces: [[UInt8]]) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                text += (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            case 1:
                let digits = Array("0123456789 -.()/+:0123456789".utf8)
                text += (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                    digits.randomElement(using: &generator) ?? 0
                }
            case 2:
                let joints = [
                    " ", "\\n", "\\u00e9", "-", ".", ": ", "@", "\"", "_", "\\", "a", "Z", "0", " ssn ", "Mrn", "dob:",
                ]
                text += Array((joints.randomElement(using: &generator) ?? "").utf8)
            case 3:
                let piece = pieces.randomElement(using: &generator) ?? []
                let start = Int.random(in: 0...piece.count, using: &generator)
                text += piece[start..<Int.random(in: start...piece.count, using: &generator)]
            default: text += pieces.randomElement(using: &generator) ?? []
            }
        }
        return text
    }

    @Test("a long text, which is searched by marks, is no other")
    func long() throws {
        let tables = try #require(BuiltIn.tables)
        let reference = try ReferenceScan(BuiltInDetectors.all)
        let pieces =
            (BuiltInDetectorTests.positives.map { Array($0.text.utf8) }
            + BuiltInDetectorTests.negatives.map { Array($0.utf8) }).filter { $0.count <= 60 }
        var generator = SeededGenerator(seed: 11)
        var findings = DetectorFindings()
        for round in 0..<120 {
            var text: [UInt8] = []
            while text.count < 520 + round { text += Self.text(&generator, pieces) }
            // Every second is without escapes: what stands before a match is then heeded by the marks.
            if round % 2 == 0 { text.removeAll { $0 == UInt8(ascii: "\\") } }
            let column = round % 5 == 0 ? Self.columns.randomElement(using: &generator) ?? nil : nil
            let selection = tables.selection(of: DetectorSet(tables.names.indices), columnName: column)
            tables.scan(text.span, with: selection, into: &findings)
            let expected = reference.scan(text, columnName: column)
            if expected.contains(where: { $0.range.count > 60 }) { continue }
            #expect(
                findings.findings == expected,
                "\(String(decoding: text, as: UTF8.self).debugDescription) in \(column ?? "-")")
        }
    }

    @Test("a scan finds what every pattern finds at every place, whatever text, column and selection")
    func reference() throws {
        let tables = try #require(BuiltIn.tables)
        let reference = try ReferenceScan(BuiltInDetectors.all)
        let pieces =
            BuiltInDetectorTests.positives.map { Array($0.text.utf8) }
            + BuiltInDetectorTests.negatives.map { Array($0.utf8) }
        var generator = SeededGenerator(seed: 7)
        var findings = DetectorFindings()
        for _ in 0..<2_000 {
            // Behind a match of more than 64 bytes a scan goes on, which the reference does not.
            let text = Array(Self.text(&generator, pieces.filter { $0.count <= 60 }).prefix(200))
            let column = Self.columns.randomElement(using: &generator) ?? nil
            let selection = tables.selection(of: DetectorSet(tables.names.indices), columnName: column)
            tables.scan(text.span, with: selection, into: &findings)
            let expected = reference.scan(text, columnName: column)
            if expected.contains(where: { $0.range.count > 60 }) { continue }
            #expect(
                findings.findings == expected,
                "\(String(decoding: text, as: UTF8.self).debugDescription) in \(column ?? "-")")
        }
    }
}

/// SplitMix64: the same cases on every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
