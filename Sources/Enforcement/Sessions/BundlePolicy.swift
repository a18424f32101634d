public import Policy
public import SQLInspection
import Synchronization

/// A bundle as the sessions of one resource see it.
public final class BundlePolicy: SessionPolicy {
    public let maskKey: MaskKey?
    public let scanner: DetectorScanner?
    public let outboundScanner: DetectorScanner?
    public let masksOutbound: Bool
    public let hasClassifiedColumns: Bool
    public let toolPins: [String: String]
    public let judgements = JudgementScopes()
    private let bundle: PolicyBundle
    private let resource: String
    /// Which rules are for a subject is found once for all of its sessions.
    private let prepared = Mutex<[Subject: SubjectRows]>([:])
    private static let preparedCapacity = 256

    /// - Parameters:
    ///   - resource: Its name in the bundle.
    ///   - maskKey: The key of `hash` masks; without one they redact.
    ///   - scanner: What runs the resource's detectors.
    public init(bundle: PolicyBundle, resource: String, maskKey: MaskKey?, scanner: DetectorScanner?) {
        self.bundle = bundle
        self.resource = resource
        self.maskKey = maskKey
        self.scanner = scanner
        do throws(DetectorScannerError) {
            outboundScanner = try DetectorScanner(
                bundle: bundle, resource: resource, of: { bundle.outbound(of: [$0]) != .allow })
        } catch {
            outboundScanner = scanner
        }
        masksOutbound = bundle.model.classifications.contains { $0.outbound == .mask }
        toolPins = Dictionary(
            (bundle.resource(named: resource)?.toolPins ?? []).map { ($0.tool, $0.fingerprint) },
            uniquingKeysWith: { first, _ in first })
        hasClassifiedColumns = bundle.hasClassifiedColumns(resource: resource)
    }

    public var name: String { bundle.name }
    public var digest: [UInt8] { bundle.digest }
    public var recording: Recording { bundle.recording }

    public func decide(_ operation: Operation, for subject: Subject) -> Verdict {
        let rows = prepared.withLock { prepared in
            if let found = prepared[subject] { return found }
            if prepared.count >= BundlePolicy.preparedCapacity { prepared.removeAll() }
            let rows = bundle.prepare(subject)
            prepared[subject] = rows
            return rows
        }
        return bundle.decide(operation, by: rows)
    }

    public func outbound(of found: BodyFindings.Kind) -> Outbound {
        let named = outboundScanner?.classifications(ofDetector: found.detector) ?? []
        return bundle.outbound(of: named.isEmpty ? [found.classification] : named)
    }

    public func classification(of column: BaseColumn) -> ColumnClass? {
        bundle.columnClass(resource: resource, column: [column.schema, column.relation, column.column])
    }
}
