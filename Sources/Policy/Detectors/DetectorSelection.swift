/// Which detectors to scan with, and what the name of the column says of its values. Made once for a column.
public struct DetectorSelection: Sendable {
    /// The detectors that are on.
    public let enabled: DetectorSet
    /// The detectors whose context is given by the column's name.
    public let namedByColumn: DetectorSet
    let immediate: UInt64
    let contextual: UInt64
    /// The contextual groups that the column's name wakes everywhere.
    let contextualByColumn: UInt64
    let words: UInt64

    var all: UInt64 { immediate | contextual }
}

extension DetectorTables {
    /// - Parameters:
    ///   - enabled: The detectors to scan with.
    ///   - columnName: The column's name (`mrn`, `date_of_birth`, `dateOfBirth`), which counts as a context word.
    public func selection(of enabled: DetectorSet, columnName: String? = nil) -> DetectorSelection {
        var named = DetectorSet()
        if let columnName {
            var findings = DetectorFindings()
            let name = Array(columnName.utf8.prefix(256))
            findContextWords(in: name.span, into: &findings)
            for word in findings.words { named.formUnion(word.detectors) }
        }
        named = named.intersection(enabled)
        var masks: [DetectorTableLayout.GroupKind: UInt64] = [:]
        var byColumn: UInt64 = 0
        for number in 0..<program.groups.count {
            let group = program.groups[number]
            guard !detectorsOfGroup[number].intersection(enabled).isEmpty else { continue }
            masks[group.kind, default: 0] |= 1 << UInt64(number)
            if group.kind == .contextual, !detectorsOfGroup[number].intersection(named).isEmpty {
                byColumn |= 1 << UInt64(number)
            }
        }
        return DetectorSelection(
            enabled: enabled, namedByColumn: named, immediate: masks[.immediate] ?? 0,
            contextual: masks[.contextual] ?? 0, contextualByColumn: byColumn, words: masks[.contextWords] ?? 0)
    }
}
