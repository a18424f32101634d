import Enforcement
import UplinkProtocol

/// What people were asked and have not answered.
struct PendingApprovals {
    private var requests: [String: PBApprovalRequest] = [:]
    /// In the order that they were asked.
    private var order: [String] = []

    var isEmpty: Bool { requests.isEmpty }

    /// All of them, to be asked again after a break.
    var all: [PBApprovalRequest] { order.compactMap { requests[$0] } }

    mutating func add(_ request: PBApprovalRequest) {
        if requests.updateValue(request, forKey: request.approvalID) == nil { order.append(request.approvalID) }
    }

    /// - Returns: Whether it was waited for.
    @discardableResult
    mutating func remove(_ id: String) -> Bool {
        guard requests.removeValue(forKey: id) != nil else { return false }
        order.removeAll { $0 == id }
        return true
    }

    /// Takes an answer.
    ///
    /// - Parameter now: Seconds since 1970.
    /// - Returns: What it comes to; `nil` when nobody waits for it, or when it is for something else than was asked:
    ///   that is no answer, and the right one can still come.
    mutating func answer(_ decision: PBApprovalDecision, now: Int64) -> ApprovalDecision.Outcome? {
        guard let request = requests[decision.approvalID], !request.binding.isEmpty,
            request.binding == decision.binding
        else { return nil }
        remove(decision.approvalID)
        guard decision.approved else { return .denied(approver: decision.approver, reason: decision.reason) }
        // An approval with nobody behind it is none.
        guard !decision.approver.isEmpty else { return .denied(approver: "", reason: "the approval names no approver") }
        return request.isExpired(at: now) ? .expired : .approved(approver: decision.approver)
    }

    /// Gives up what was asked too long ago.
    ///
    /// - Parameter now: Seconds since 1970.
    /// - Returns: The ids of those.
    mutating func expire(now: Int64) -> [String] {
        let expired = order.filter { requests[$0]?.isExpired(at: now) ?? true }
        for id in expired { remove(id) }
        return expired
    }
}

extension PBApprovalRequest {
    fileprivate func isExpired(at now: Int64) -> Bool { expiresUnixS <= now }
}
