import Glibc
import Policy
import PolicyCompiler
import Testing

@Suite("Scans")
struct ScanTests {
    @Test("tables of no detectors find nothing, and have nothing to look up")
    func none() throws {
        let tables = try DetectorTables(validating: DetectorCompiler.compile(enabled: [], custom: []))
        #expect(scan("4111 1111 1111 1111", column: "ssn", tables: tables) == [])
    }

    @Test("any bytes are scanned without a trap, and findings are within the text, ascending and apart")
    func anyBytes() throws {
        let tables = try #require(BuiltIn.tables)
        let pieces =
            BuiltInDetectorTests.positives.map { Array($0.text.utf8) }
            + BuiltInDetectorTests.negatives.map { Array($0.utf8) }
        var findings = DetectorFindings()
        for round in 0..<300 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12) {
                switch Int.random(in: 0..<3) {
                case 0: text += (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }
                case 1: text += pieces.randomElement() ?? []
                default: text += Array(" \\n-.:@\"_0".utf8).shuffled().prefix(2)
                }
            }
            let selection = tables.selection(
                of: DetectorSet(tables.names.indices), columnName: round % 3 == 0 ? "ssn" : nil)
            tables.scan(text.span, with: selection, into: &findings)
            var last = 0
            for finding in findings.findings {
                #expect(
                    finding.range.lowerBound >= last && !finding.range.isEmpty && finding.range.upperBound <= text.count
                )
                #expect(finding.detectors.contains(finding.detector))
                last = finding.range.upperBound
            }
        }
    }

    @Test("overlapping matches become one finding that covers them and knows every detector")
    func overlaps() throws {
        let custom = [
            CustomDetector(name: "left", pattern: "aaa-bbb"), CustomDetector(name: "right", pattern: "bbb-ccc-ddd"),
            CustomDetector(name: "inner", pattern: "ccc"),
        ]
        let tables = try DetectorTables(
            validating: DetectorCompiler.compile(enabled: custom.map(\.name), custom: custom))
        let text = Array("x aaa-bbb-ccc-ddd y".utf8)
        var findings = DetectorFindings()
        tables.scan(text.span, with: tables.selection(of: DetectorSet(0..<3)), into: &findings)
        let finding = try #require(findings.findings.first)
        #expect(findings.findings.count == 1)
        #expect(finding.range == 2..<17)
        #expect(tables.names[finding.detector] == "right")
        #expect(finding.detectors.indices.map { tables.names[$0] } == ["left", "right"])
    }

    @Test("values at both ends of windows of a long text are found")
    func longTexts() {
        for offset in stride(from: 230, to: 290, by: 1) {
            let padding = String(repeating: "x ", count: offset / 2) + (offset % 2 == 1 ? "," : "")
            let text = padding + "alice@example.com " + String(repeating: "y ", count: 400) + "4111111111111111"
            #expect(
                scan(text) == [
                    Found(detector: "email", text: "alice@example.com"),
                    Found(detector: "credit-card", text: "4111111111111111"),
                ])
        }
    }

    @Test("twice the text takes twice the time, not four times, for texts made to be read again and again")
    func linear() throws {
        let custom = [
            CustomDetector(name: "tail", pattern: "[\\w-]+!"), CustomDetector(name: "all", pattern: "(?:\\w+ )+\\w+;"),
            CustomDetector(name: "words", pattern: "(?:\\w+ )+\\w+\\?"),
        ]
        let tables = try DetectorTables(
            validating: DetectorCompiler.compile(
                enabled: custom.map(\.name) + BuiltInDetectors.names, custom: custom))
        let selection = tables.selection(of: DetectorSet(tables.names.indices))
        for unit in ["a-", "eyJ-", "a.", "1-", "1:", "ab ", "-----BEGIN PRIVATE KEY-----", "1 ", "a@b."] {
            let text = Array(String(repeating: unit, count: 40_000 / unit.utf8.count).utf8)
            var findings = DetectorFindings()
            // A quadratic scan of this would take minutes in a debug build.
            let seconds = processorSeconds { tables.scan(text.span, with: selection, into: &findings) }
            #expect(seconds < 10, "\(unit)")
        }
    }

    @Test("a run of numbers that goes on to the end of a text is measured once, not by each piece of the text")
    func longRun() throws {
        let tables = try DetectorTables(validating: DetectorCompiler.compile(enabled: ["credit-card"], custom: []))
        let text = Array(String(repeating: "1 ", count: 500_000).utf8)
        var findings = DetectorFindings()
        // A minute and a half where each of its 256 bytes looked at the whole rest.
        let seconds = processorSeconds {
            tables.scan(text.span, with: tables.selection(of: DetectorSet([0])), into: &findings)
        }
        #expect(findings.findings.isEmpty)
        #expect(seconds < 20)
    }

    /// What a thread computes for, whatever else the machine does.
    private func processorSeconds(_ work: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        work()
        return now() - start
    }
}
