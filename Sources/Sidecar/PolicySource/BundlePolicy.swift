import Enforcement
import Policy
import SQLInspection

/// A bundle as the sessions of one resource see it.
struct BundlePolicy: SessionPolicy {
    let bundle: PolicyBundle
    let resource: String
    let maskKey: MaskKey?
    let scanner: (any ValueScanner)?

    var name: String { bundle.name }
    var digest: [UInt8] { bundle.digest }
    var recording: Recording { bundle.recording }
    var hasClassifiedColumns: Bool { bundle.hasClassifiedColumns(resource: resource) }

    func decide(_ operation: Operation, for subject: Subject) -> Verdict {
        bundle.decide(operation, by: subject)
    }

    func classification(of column: BaseColumn) -> ColumnClass? {
        bundle.columnClass(resource: resource, column: [column.schema, column.relation, column.column])
    }
}

/// What is in force for the open sessions of a resource that the policy no longer names: everything is denied.
struct NoPolicy: SessionPolicy {
    let name: String
    let digest: [UInt8]
    let recording: Recording
    var hasClassifiedColumns: Bool { true }
    var maskKey: MaskKey? { nil }
    var scanner: (any ValueScanner)? { nil }

    func decide(_ operation: Operation, for subject: Subject) -> Verdict {
        Verdict(outcome: .deny, defaultReason: .noPolicy)
    }

    func classification(of column: BaseColumn) -> ColumnClass? {
        ColumnClass(classifications: [], mask: .redact, maskedBy: "")
    }
}
