import Policy

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
        shown += scanner.shown(by: masking)
    }
}
