import Policy
import PolicyCompiler

/// Tables of all built-in detectors, compiled once.
enum BuiltIn {
    static let bytes: [UInt8] = (try? DetectorCompiler.compile(enabled: BuiltInDetectors.names, custom: [])) ?? []
    static let tables: DetectorTables? = try? DetectorTables(validating: bytes)
}

/// What is found, as (detector, text).
struct Found: Hashable, CustomStringConvertible {
    var detector: String
    var text: String
    var description: String { "\(detector) ‘\(text)’" }
}

func scan(_ text: String, column: String? = nil, only: [String]? = nil, tables: DetectorTables? = BuiltIn.tables)
    -> [Found]
{
    guard let tables else { return [Found(detector: "no tables", text: "")] }
    let bytes = Array(text.utf8)
    let selection = tables.selection(of: tables.set(of: only ?? tables.names), columnName: column)
    var findings = DetectorFindings()
    tables.scan(bytes.span, with: selection, into: &findings)
    return findings.findings.map {
        Found(detector: tables.names[$0.detector], text: String(decoding: bytes[$0.range], as: UTF8.self))
    }
}
