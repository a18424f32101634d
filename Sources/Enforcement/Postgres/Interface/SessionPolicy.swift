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
    var scanner: (any ValueScanner)? { get }
    func decide(_ operation: Operation, for subject: Subject) -> Verdict
    /// What the column is classified as; `nil` when it is not.
    func classification(of column: BaseColumn) -> ColumnClass?
}

/// Finds sensitive values in text.
public protocol ValueScanner: Sendable {
    /// - Parameters:
    ///   - text: UTF-8, or bytes that are not; both are safe.
    ///   - context: What stands beside it, as the column's name: some detectors want a word near the value.
    /// - Returns: What was found, ascending, without overlaps; empty when nothing was.
    func findings(in text: Span<UInt8>, context: [UInt8]) -> [ScanFinding]
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
