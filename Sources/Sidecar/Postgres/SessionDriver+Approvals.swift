import Enforcement
import FoundationEssentials
import Identity
import Policy
import Records
import UplinkProtocol

extension SessionDriver {
    /// Reads a statement that needs a deep stack or a long time, away from the event loop.
    func judge(_ request: JudgementRequest) {
        let driver = LoopBound(self, on: loop)
        request.read { reading in
            driver.run { $0.feed(.judged(request.ticket, reading)) }
        }
    }

    func askApproval(_ ask: ApprovalAsk) {
        let grants = environment.grants
        let returns = ask.terms.mode == .return
        if returns {
            grants.asked(
                ask.id, binding: ask.binding, expiresAtUnixSeconds: ask.expiresAtUnixSeconds,
                now: SystemClock.unixSeconds())
        }
        let driver = LoopBound(self, on: loop)
        environment.approvals.ask(request(for: ask)) { outcome in
            if returns { grants.decided(ask.id, binding: ask.binding, outcome: outcome) }
            driver.run { $0.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: outcome))) }
        }
    }

    private func request(for ask: ApprovalAsk) -> PBApprovalRequest {
        var request = PBApprovalRequest()
        request.approvalID = ask.id
        request.sessionID = Data(sessionID.bytes)
        request.subject = PBSubject(ask.subject, token: token)
        request.agent = PBAgent(environment.agent)
        request.resource = ask.resource
        request.text = ask.statement
        request.parameters = ask.parameters
        request.rules = ask.rules
        request.message = ask.message ?? ""
        // For a collector that knows one list alone: the groups that satisfy every rule that holds.
        request.groups = ask.terms.groups
        request.approverGroups = ask.approverGroups.map(PBApproverGroups.init)
        request.expiresUnixS = ask.expiresAtUnixSeconds
        request.binding = Data(ask.binding)
        request.mode = ask.terms.mode == .return ? "return" : "wait"
        return request
    }
}

extension PBSubject {
    init(_ subject: Policy.Subject, token: VerifiedToken?) {
        self.init()
        id = subject.id
        issuer = subject.issuer
        groups = subject.groups
        actors = subject.actors
        expiresUnixS = token?.expiresAt ?? 0
        tokenID = token?.tokenID ?? ""
    }
}

extension PBAgent {
    init(_ agent: AgentDescription) {
        self.init()
        namespace = agent.namespace
        workload = agent.workload
        pod = agent.pod
        sidecarID = agent.sidecarID
    }
}
