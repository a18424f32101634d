import Policy
import PolicyCompiler

// What the built-in detectors find, a record a line: column, spans (which are left out of account) and text, tabs between
// them and escapes within them as COPY writes them. Answers a line each: detector, first byte and end of every finding.
let tables = try DetectorTables(validating: DetectorCompiler.compile(enabled: BuiltInDetectors.names, custom: []))
let all = tables.set(of: tables.names)
var selections: [String: DetectorSelection] = [:]
var findings = DetectorFindings()

func unescaped(_ field: Substring.UTF8View.SubSequence) -> [UInt8] {
    var output: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
            output.append(byte)
            continue
        }
        switch next {
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        default: output.append(next)
        }
    }
    return output
}

while let line = readLine() {
    let fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard fields.count == 3 else { fatalError("a line has \(fields.count) fields: \(line)") }
    let column = String(decoding: fields[0], as: UTF8.self)
    let selection = selections[column] ?? tables.selection(of: all, columnName: column.isEmpty ? nil : column)
    selections[column] = selection
    tables.scan(unescaped(fields[2]).span, with: selection, into: &findings)
    print(
        findings.findings.map { "\(tables.names[$0.detector]):\($0.range.lowerBound):\($0.range.upperBound)" }
            .joined(separator: " "))
}
