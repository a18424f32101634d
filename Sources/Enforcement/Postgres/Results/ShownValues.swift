import Policy

/// A value that was found within a column's, and that its mask tells apart from others.
struct ShownFinding {
    var classifications: [String]
    /// As it was before it was masked.
    var value: [UInt8]
}

/// A row of a COPY, and what was found in it.
struct CopiedRow {
    var values: [[UInt8]?]
    var found: [ShownFinding]
}

extension ResultPlan {
    /// Keeps what ``finds(_:in:column:)`` found in a text.
    mutating func keepShown(in text: Span<UInt8>, _ scanner: DetectorScanner) {
        guard keepsShown else { return }
        for finding in workspace.findings where scanner.resolve(finding)?.mask.tellsApart == true {
            let value = text.extracting(finding.range.clamped(to: 0..<text.count))
            shown.append(
                ShownFinding(
                    classifications: scanner.classifications(of: finding.detectors), value: [UInt8](copying: value)))
        }
    }

    /// Keeps what was found within a value that has parts of its own.
    mutating func keepShown(_ masking: StructuredMasking) {
        guard keepsShown, let scanner = masker.scanner else { return }
        for found in masking.shown {
            switch found.source {
            case .detectors(let detectors):
                shown.append(
                    ShownFinding(classifications: scanner.classifications(of: detectors), value: found.value))
            case .key(let number) where number < masking.keys.uses.count:
                shown.append(
                    ShownFinding(classifications: [masking.keys.uses[number].classification], value: found.value))
            case .key: break
            }
        }
    }
}
