public import Policy
public import SQLInspection

/// A policy as the sessions of one resource see it.
public protocol SessionPolicy: Sendable {
    /// The policy's name.
    var name: String { get }
    /// The bundle's digest.
    var digest: [UInt8] { get }
    var recording: Recording { get }
    /// Whether any column of the resource is classified.
    var hasClassifiedColumns: Bool { get }
    /// The key of `hash` masks.
    var maskKey: MaskKey? { get }
    /// What finds sensitive values where no column says that they are; `nil` when the policy names no detector.
    var scanner: DetectorScanner? { get }
    /// The same for what goes out to the resource: without what may pass as it is.
    var outboundScanner: DetectorScanner? { get }
    /// What becomes of something that ``outboundScanner`` finds.
    func outbound(of found: BodyFindings.Kind) -> Outbound
    /// Whether anything that it may find is masked on its way out.
    var masksOutbound: Bool { get }
    /// Of an MCP server: the fingerprints that policy demands of its tools, by name.
    var toolPins: [String: String] { get }
    /// The judgements that were made under it.
    var judgements: JudgementScopes { get }
    /// The same for the same operation and subject, whenever it is asked: verdicts are kept.
    func decide(_ operation: Operation, for subject: Subject) -> Verdict
    /// What the column is classified as; `nil` when it is not.
    func classification(of column: BaseColumn) -> ColumnClass?
}

extension SessionPolicy {
    public var outboundScanner: DetectorScanner? { scanner }
    public var masksOutbound: Bool { false }
    public var toolPins: [String: String] { [:] }
    public func outbound(of found: BodyFindings.Kind) -> Outbound { .deny }
}
