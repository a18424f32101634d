import Enforcement
import Policy
import Synchronization

/// Runs the detectors of one resource over values.
final class DetectorScanner: ValueScanner {
    /// Columns have few names; an agent that makes up thousands gets no more memory than this.
    private static let keptSelections = 1_024

    private let tables: DetectorTables
    private let enabled: DetectorSet
    /// What is done with what a detector finds, by its number: where several classifications name it, the strictest.
    private let uses: [Int: DetectorUse]
    private let selections = Mutex<[[UInt8]: DetectorSelection]>([:])
    /// Memory of scans that are over, for the next ones.
    private let workspaces = Mutex<[DetectorFindings]>([])

    /// - Returns: `nil` when no classification of the resource names a detector.
    /// - Throws: ``SidecarError`` when the bundle does not hold the tables of every detector that it names.
    init?(bundle: PolicyBundle, resource: String) throws(SidecarError) {
        let named = bundle.detectorNames(resource: resource)
        guard !named.isEmpty else { return nil }
        do throws(DetectorTableError) {
            tables = try DetectorTables(validating: bundle.detectorBytes)
        } catch {
            throw SidecarError(
                .config,
                "the policy's detectors cannot be used: \(error). Compile it again with 'stile policy compile'.")
        }
        var uses: [Int: DetectorUse] = [:]
        for use in named {
            guard let number = tables.index(of: use.detector) else {
                throw SidecarError(
                    .config,
                    "the policy names detector '\(use.detector)' and does not hold it. "
                        + "Compile it again with 'stile policy compile'.")
            }
            if let other = uses[number], use.mask.strictness <= other.mask.strictness { continue }
            uses[number] = use
        }
        self.uses = uses
        enabled = DetectorSet(uses.keys)
    }

    func findings(in text: Span<UInt8>, context: [UInt8]) -> [ScanFinding] {
        let selection = selection(for: context)
        var workspace = workspaces.withLock { $0.popLast() } ?? DetectorFindings()
        tables.scan(text, with: selection, into: &workspace)
        let found = workspace.findings.compactMap { finding -> ScanFinding? in
            // The name is that of the likeliest detector, the mask the strictest of all that match.
            guard let named = uses[finding.detector] else { return nil }
            let masks = finding.detectors.indices.compactMap { uses[$0]?.mask }
            return ScanFinding(
                range: finding.range, detector: named.detector, classification: named.classification,
                mask: Mask.strictest(of: masks) ?? named.mask)
        }
        workspaces.withLock { kept in
            if kept.count < 8 { kept.append(workspace) }
        }
        return found
    }

    private func selection(for context: [UInt8]) -> DetectorSelection {
        selections.withLock { selections in
            if let known = selections[context] { return known }
            let name = String(decoding: context, as: UTF8.self)
            let made = tables.selection(of: enabled, columnName: name.isEmpty ? nil : name)
            if selections.count >= Self.keptSelections { selections.removeAll() }
            selections[context] = made
            return made
        }
    }
}
