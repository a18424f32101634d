import Enforcement
import UplinkProtocol

/// The desk of a sidecar that has no collector: nobody is there to approve anything.
struct UnattendedApprovalDesk: ApprovalDesk {
    func ask(_ request: PBApprovalRequest, decided: @escaping @Sendable (ApprovalDecision.Outcome) -> Void) {
        decided(.unavailable(reason: "no collector is configured, so that nobody can approve"))
    }

    func withdraw(approvalID: String, reason: String) {}
}
