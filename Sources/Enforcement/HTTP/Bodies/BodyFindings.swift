import Policy

/// What was masked in a body, as records and budgets need it.
public struct BodyFindings: Sendable {
    /// What a masked value was.
    public struct Kind: Hashable, Sendable {
        public var classification: String
        /// `jsonKeys` for what a key named.
        public var detector: String
        /// As policy spells it: `redact`, `keepLast 4`.
        public var mask: String
    }

    /// How many values were masked.
    public private(set) var values: UInt64 = 0
    /// Values that were masked whole because they are longer than any that is looked into. Those under keys are among ``values``, too.
    public private(set) var longValues: UInt64 = 0
    /// Values of whose masked form something shows, in the order in which they were found, until they are taken.
    public private(set) var shown: [ShownFinding] = []

    /// Whose numbers the counts are by: a body may hold thousands of values, and names are looked up once.
    private var scanner: DetectorScanner?
    private var byDetector: [UInt64] = []
    private var byKey: [UInt64] = []
    private var others: [Kind: UInt64] = [:]

    public init() {}

    public var isEmpty: Bool { values == 0 && longValues == 0 }

    /// How many values were masked, by what they were.
    public var counts: [Kind: UInt64] {
        var counts = others
        guard let scanner else { return counts }
        for (number, count) in byDetector.enumerated() where count > 0 {
            guard let use = scanner.uses[number] else { continue }
            let kind = Kind(classification: use.classification, detector: use.detector, mask: use.mask.name)
            counts[kind, default: 0] += count
        }
        for (number, count) in byKey.enumerated() where count > 0 {
            let use = scanner.keys.uses[number]
            counts[Kind(classification: use.classification, detector: "jsonKeys", mask: use.mask.name), default: 0] +=
                count
        }
        return counts
    }

    /// Takes the values that were found since this was last called.
    public mutating func takeShown() -> [ShownFinding] {
        defer { shown.removeAll() }
        return shown
    }

    /// Adds what was found elsewhere.
    public mutating func add(_ other: BodyFindings) {
        others.merge(other.counts, uniquingKeysWith: &+)
        values += other.values
        longValues += other.longValues
        shown += other.shown
    }

    mutating func add(_ masking: StructuredMasking, _ scanner: DetectorScanner) {
        guard !masking.found.isEmpty || !masking.foundKeys.isEmpty else { return }
        if self.scanner == nil {
            self.scanner = scanner
            byDetector = Array(repeating: 0, count: scanner.uses.count)
            byKey = Array(repeating: 0, count: scanner.keys.uses.count)
        }
        values += UInt64(masking.found.count + masking.foundKeys.count)
        for finding in masking.found {
            if finding.detectors.count == 1, finding.detector < byDetector.count {
                byDetector[finding.detector] += 1
            } else if let found = scanner.resolve(finding) {
                let kind = Kind(
                    classification: found.classification, detector: found.detector, mask: found.mask.name)
                others[kind, default: 0] += 1
            }
        }
        for number in masking.foundKeys where number < byKey.count { byKey[number] += 1 }
        if masking.keepsShown { shown += scanner.shown(by: masking) }
    }

    mutating func addLongValues(_ count: Int) { longValues += UInt64(count) }
}
