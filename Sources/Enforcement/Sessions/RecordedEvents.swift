import Policy
import Records

extension PBSubject {
    /// Who asks, as records say it.
    init(_ identity: SessionIdentity) {
        self.init()
        id = identity.subject.id
        issuer = identity.subject.issuer
        groups = identity.subject.groups
        actors = identity.subject.actors
        expiresUnixS = identity.expiresAtUnixSeconds
        tokenID = identity.tokenID
    }
}

extension PBApprovalAnswered {
    init(id: String, number: UInt64, _ outcome: ApprovalDecision.Outcome) {
        self.init()
        approvalID = id
        statement = number
        switch outcome {
        case .approved(let approver):
            answer = .approved
            self.approver = approver
        case .denied(let approver, let reason):
            answer = .denied
            self.approver = approver
            self.reason = reason
        case .expired: answer = .expired
        case .unavailable(let reason):
            answer = .abandoned
            self.reason = reason
        }
    }
}
