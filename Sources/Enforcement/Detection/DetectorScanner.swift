public import Policy
import Synchronization

/// Runs the detectors of one resource over values, and knows what is done with what they find.
public final class DetectorScanner: Sendable {
    /// Columns have few names; an agent that makes up thousands gets no more memory than this.
    private static let keptSelections = 1_024
    private static let keptWorkspaces = 8

    let tables: DetectorTables
    /// What is done with what a detector finds, by its number: where several classifications name it, the strictest. `nil`
    /// for detectors that are off.
    let uses: [DetectorUse?]
    /// All classifications that name a detector, by its number.
    private let classifications: [[String]]
    /// What takes the place of a finding in a text, by the detector's number, where that does not depend on what was found.
    let replacements: [[UInt8]?]
    /// What is found in JSON by key.
    let keys: JSONKeyTable
    private let enabled: DetectorSet
    private let selections = Mutex<[[UInt8]: DetectorSelection]>([:])
    /// Memory of scans that are over, for the next ones.
    private let workspaces = Mutex<[DetectorFindings]>([])

    /// - Parameters:
    ///   - isIncluded: Which classifications count.
    ///   - isNeeded: whether there is one though it finds nothing.
    /// - Returns: `nil` when it is not needed and no classification of the resource names a detector or a key of JSON.
    /// - Throws: When the bundle does not hold the tables of every detector that it names.
    public init?(
        bundle: PolicyBundle, resource: String, of isIncluded: (String) -> Bool = { _ in true }, isNeeded: Bool = false
    ) throws(DetectorScannerError) {
        let named = bundle.detectorNames(resource: resource).filter { isIncluded($0.classification) }
        keys = bundle.jsonKeys(resource: resource, of: isIncluded)
        guard isNeeded || !named.isEmpty || !keys.isEmpty else { return nil }
        do throws(DetectorTableError) {
            tables = try DetectorTables(validating: bundle.detectorBytes)
        } catch {
            throw DetectorScannerError(
                reason: "the policy's detectors cannot be used: \(error). Compile it again with 'stile policy compile'."
            )
        }
        var uses = [DetectorUse?](repeating: nil, count: tables.names.count)
        var classifications = [[String]](repeating: [], count: tables.names.count)
        for use in named {
            guard let number = tables.index(of: use.detector) else {
                throw DetectorScannerError(
                    reason: "the policy names detector '\(use.detector)' and does not hold it. "
                        + "Compile it again with 'stile policy compile'.")
            }
            classifications[number].append(use.classification)
            if let other = uses[number], use.mask.strictness <= other.mask.strictness { continue }
            uses[number] = use
        }
        self.uses = uses
        self.classifications = classifications
        replacements = uses.map { $0.flatMap { DetectorScanner.replacement(by: $0.mask) } }
        enabled = DetectorSet(uses.indices.filter { uses[$0] != nil })
    }

    /// Finds what is sensitive in a text that is no column's value.
    ///
    /// - Parameters:
    ///   - text: UTF-8, or bytes that are not; both are safe.
    ///   - context: What stands beside it, as a column's name: some detectors want a word near the value.
    /// - Returns: What was found, ascending, without overlaps; empty when nothing was.
    public func findings(in text: Span<UInt8>, context: [UInt8]) -> [ScanFinding] {
        var workspace = workspaces.withLock { $0.popLast() } ?? DetectorFindings()
        tables.scan(text, with: selection(for: context), into: &workspace)
        let found = workspace.findings.compactMap(resolve)
        workspaces.withLock { kept in
            if kept.count < DetectorScanner.keptWorkspaces { kept.append(workspace) }
        }
        return found
    }

    /// What to look for in values of a column of that name.
    func selection(for context: [UInt8]) -> DetectorSelection {
        selections.withLock { selections in
            if let known = selections[context] { return known }
            let name = String(decoding: context, as: UTF8.self)
            let made = tables.selection(of: enabled, columnName: name.isEmpty ? nil : name)
            if selections.count >= DetectorScanner.keptSelections { selections.removeAll() }
            selections[context] = made
            return made
        }
    }

    /// The name is that of the likeliest detector, the mask the strictest of all that match.
    func resolve(_ finding: Finding) -> ScanFinding? {
        guard let named = uses[finding.detector] else { return nil }
        let masks = finding.detectors.indices.compactMap { $0 < uses.count ? uses[$0]?.mask : nil }
        return ScanFinding(
            range: finding.range, detector: named.detector, classification: named.classification,
            mask: Mask.strictest(of: masks) ?? named.mask)
    }

    /// The classifications that name a detector.
    func classifications(ofDetector name: String) -> [String] {
        tables.index(of: name).map { classifications[$0] } ?? []
    }

    /// The classifications that name any of the detectors.
    func classifications(of detectors: DetectorSet) -> [String] {
        detectors.indices.flatMap { $0 < classifications.count ? classifications[$0] : [] }
    }

    /// Whether something may be found of the classifications whose mask tells it apart from others.
    func tellsApart(anyOf names: [String]) -> Bool {
        zip(uses, classifications).contains { use, all in
            use?.mask.tellsApart == true && all.contains(where: names.contains)
        } || keys.uses.contains { $0.mask.tellsApart && names.contains($0.classification) }
    }

    private static func replacement(by mask: Mask) -> [UInt8]? {
        switch mask {
        // A part of a text cannot be NULL.
        case .redact, .null: Array(RedactedForm.text.utf8)
        case .fixed(let text): Array(text.utf8)
        case .hash, .keepFirst, .keepLast, .truncateDate: nil
        }
    }
}

/// Why a bundle's detectors cannot be run.
public struct DetectorScannerError: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: String

    public var description: String { reason }
}

/// A sensitive value in a text.
public struct ScanFinding: Hashable, Sendable {
    /// In bytes of the text.
    public var range: Range<Int>
    public var detector: String
    public var classification: String
    public var mask: Mask

    public init(range: Range<Int>, detector: String, classification: String, mask: Mask) {
        self.range = range
        self.detector = detector
        self.classification = classification
        self.mask = mask
    }
}
