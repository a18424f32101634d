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
    func decide(_ operation: Operation, for subject: Subject) -> Verdict
    /// What the column is classified as; `nil` when it is not.
    func classification(of column: BaseColumn) -> ColumnClassification?
}

/// What policy says of a column that is classified.
public struct ColumnClassification: Hashable, Sendable {
    /// Names of all its classifications, sorted.
    public var names: [String]
    /// The strictest of their masks.
    public var mask: Mask

    public init(names: [String], mask: Mask) {
        self.names = names
        self.mask = mask
    }
}
