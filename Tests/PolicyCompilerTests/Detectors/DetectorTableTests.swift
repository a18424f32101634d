import Policy
import PolicyCompiler
import Testing

@Suite("Detector tables")
struct DetectorTableTests {
    @Test("neither order nor repetition of names changes a byte")
    func deterministic() throws {
        let names = ["email", "us-ssn", "phone"]
        let custom = [
            CustomDetector(name: "employee", pattern: "EMP-\\d{6}"),
            CustomDetector(name: "badge", pattern: "[A-F]{3}\\d{4}", context: ["badge", "access card"]),
        ]
        let one = try DetectorCompiler.compile(enabled: names + ["employee", "badge"], custom: custom)
        let other = try DetectorCompiler.compile(
            enabled: ["badge", "employee", "badge"] + names.reversed(), custom: custom.reversed())
        #expect(one == other)
    }

    @Test("custom detectors find what they describe, with context where they ask for it")
    func custom() throws {
        let custom = [
            CustomDetector(name: "employee", pattern: "(?i)EMP-\\d{6}\\b"),
            CustomDetector(name: "badge", pattern: "[A-F]{3}\\d{4}", context: ["badge", "access card"]),
            CustomDetector(name: "straße", pattern: "Straße [0-9]+"),
        ]
        let tables = try DetectorTables(
            validating: DetectorCompiler.compile(enabled: custom.map(\.name) + ["email"], custom: custom))
        #expect(scan("see emp-123456 now", tables: tables) == [Found(detector: "employee", text: "emp-123456")])
        #expect(scan("xemp-123456 emp-1234567", tables: tables) == [])
        #expect(scan("ABC1234", tables: tables) == [])
        #expect(scan("access_card ABC1234", tables: tables) == [Found(detector: "badge", text: "ABC1234")])
        #expect(scan("ABC1234", column: "AccessCard", tables: tables) == [Found(detector: "badge", text: "ABC1234")])
        #expect(scan("Lange Straße 12", tables: tables) == [Found(detector: "straße", text: "Straße 12")])
    }

    @Test("faults of detectors name the detector, the column and the mend")
    func faults() {
        func fault(_ names: [String], _ custom: [CustomDetector] = []) -> DetectorCompileError? {
            do {
                _ = try DetectorCompiler.compile(enabled: names, custom: custom)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(["emial"])?.mend == "did you mean 'email'?")
        #expect(fault(["emial"])?.code == .unknownDetector)
        #expect(fault([], [CustomDetector(name: "x", pattern: "ab(?=c)")])?.column == 3)
        #expect(fault([], [CustomDetector(name: "email", pattern: "ab")])?.code == .duplicateName)
        #expect(fault([], [CustomDetector(name: "x", pattern: "a*")])?.code == .pattern)
        #expect(fault([], [CustomDetector(name: "x", pattern: "a\\bb")])?.code == .pattern)
        #expect(fault([], [CustomDetector(name: "x", pattern: "a", context: [""])])?.code == .context)
        #expect(fault([], [CustomDetector(name: "x", pattern: "(a|b)*a(a|b){20}")])?.code == .pattern)
    }

    @Test("every truncation is refused")
    func truncated() throws {
        let bytes = try DetectorCompiler.compile(enabled: ["us-ssn", "email"], custom: [])
        _ = try DetectorTables(validating: bytes)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: DetectorTableError.self) { try DetectorTables(validating: Array(bytes[..<count])) }
        }
        #expect(throws: DetectorTableError.self) { try DetectorTables(validating: bytes + [0]) }
    }

    @Test("corrupt tables are refused, or scan without a trap")
    func corrupt() throws {
        let bytes = try DetectorCompiler.compile(enabled: ["us-ssn", "ipv4", "date-of-birth"], custom: [])
        let text = Array("born 1984-07-12, 219-09-1234 at 10.20.30.40, dob 12/07/1984 and on, and on".utf8)
        var survivors = 0
        for round in 0..<400 {
            var mutant = bytes
            for _ in 0..<Int.random(in: 1...4) {
                // The first bytes hold what everything else is counted by.
                let index =
                    round % 2 == 0 ? Int.random(in: 0..<min(700, mutant.count)) : Int.random(in: 0..<mutant.count)
                mutant[index] = UInt8.random(in: 0...255)
            }
            guard let tables = try? DetectorTables(validating: mutant) else { continue }
            survivors += 1
            let selection = tables.selection(of: DetectorSet(0..<256), columnName: "dob")
            var findings = DetectorFindings()
            for length in [0, 1, 20, text.count] {
                let part = Array(text[..<length])
                tables.scan(part.span, with: selection, into: &findings)
                #expect(findings.findings.allSatisfy { $0.range.upperBound <= length })
            }
        }
        #expect(survivors > 0)
    }
}
