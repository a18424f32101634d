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
    /// The judgements that were made under it.
    var judgements: JudgementScopes { get }
    /// The same for the same operation and subject, whenever it is asked: verdicts are kept.
    func decide(_ operation: Operation, for subject: Subject) -> Verdict
    /// What the column is classified as; `nil` when it is not.
    func classification(of column: BaseColumn) -> ColumnClass?
}
