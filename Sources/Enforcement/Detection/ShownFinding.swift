import Policy

/// A value that was found within another, and that its mask tells apart from others.
public struct ShownFinding: Hashable, Sendable {
    public var classifications: [String]
    /// As it was before it was masked.
    public var value: [UInt8]

    public init(classifications: [String], value: [UInt8]) {
        self.classifications = classifications
        self.value = value
    }
}

extension DetectorScanner {
    /// What was masked last so that something of it shows.
    func shown(by masking: StructuredMasking) -> [ShownFinding] {
        masking.shown.compactMap { found in
            switch found.source {
            case .detectors(let detectors):
                ShownFinding(classifications: classifications(of: detectors), value: found.value)
            case .key(let number) where number < masking.keys.uses.count:
                ShownFinding(classifications: [masking.keys.uses[number].classification], value: found.value)
            case .key: nil
            }
        }
    }
}
