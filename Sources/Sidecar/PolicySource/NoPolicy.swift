import Enforcement
import Policy
import SQLInspection

/// What is in force for the open sessions of a resource that the policy no longer names: everything is denied.
struct NoPolicy: SessionPolicy {
    let name: String
    let digest: [UInt8]
    let recording: Recording
    let judgements = JudgementScopes()
    var hasClassifiedColumns: Bool { true }
    var maskKey: MaskKey? { nil }
    var scanner: DetectorScanner? { nil }

    func decide(_ operation: Operation, for subject: Subject) -> Verdict {
        Verdict(outcome: .deny, defaultReason: .noPolicy)
    }

    func classification(of column: BaseColumn) -> ColumnClass? {
        ColumnClass(classifications: [], mask: .redact, maskedBy: "")
    }
}
