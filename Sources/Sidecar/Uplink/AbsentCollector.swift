package import Enforcement
package import UplinkProtocol

/// Stands in where no collector is configured: records stay in the spool, up to its bound, and nobody can approve.
package struct AbsentCollector: ApprovalDesk {
    package init() {}

    package func ask(
        _ request: PBApprovalRequest, decided: @escaping @Sendable (ApprovalDecision.Outcome) -> Void
    ) {
        decided(.unavailable(reason: "no collector is configured, so there is nobody to ask"))
    }

    package func withdraw(approvalID: String, reason: String) {}
}
