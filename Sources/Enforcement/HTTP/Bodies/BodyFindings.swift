import Policy

/// What was masked in a body, as records and budgets need it.
public struct BodyFindings: Sendable {
    /// What a masked value was.
    public struct Kind: Hashable, Sendable {
        public var classification: String
        /// `jsonKeys` for what a key named.
        public var detector: String
        /// `redact`, `keepLast`, …
        public var mask: String
    }

    /// How many values were masked, by what they were.
    public private(set) var counts: [Kind: UInt64] = [:]
    /// Values that were masked whole because they are longer than any that is looked into.
    public private(set) var longValues: UInt64 = 0
    /// Values of whose masked form something shows, in the order in which they were found, until they are taken.
    public private(set) var shown: [ShownFinding] = []

    public init() {}

    public var isEmpty: Bool { counts.isEmpty && longValues == 0 }

    /// Takes the values that were found since this was last called.
    public mutating func takeShown() -> [ShownFinding] {
        defer { shown.removeAll() }
        return shown
    }

    /// Adds what was found elsewhere.
    public mutating func add(_ other: BodyFindings) {
        counts.merge(other.counts, uniquingKeysWith: &+)
        longValues += other.longValues
        shown += other.shown
    }

    mutating func add(_ masking: StructuredMasking, _ scanner: DetectorScanner) {
        guard !masking.found.isEmpty || !masking.foundKeys.isEmpty else { return }
        for finding in masking.found {
            guard let found = scanner.resolve(finding) else { continue }
            let kind = Kind(
                classification: found.classification, detector: found.detector, mask: found.mask.name)
            counts[kind, default: 0] += 1
        }
        for number in masking.foundKeys where number < masking.keys.uses.count {
            let use = masking.keys.uses[number]
            let kind = Kind(classification: use.classification, detector: "jsonKeys", mask: use.mask.name)
            counts[kind, default: 0] += 1
        }
        if masking.keepsShown { shown += scanner.shown(by: masking) }
    }

    mutating func addLongValues(_ count: Int) { longValues += UInt64(count) }
}
