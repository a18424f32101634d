import Enforcement
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
        let request = PBApprovalRequest(ask, sessionID: sessionID, token: token, agent: environment.agent)
        environment.approvals.ask(request) { outcome in
            if returns { grants.decided(ask.id, binding: ask.binding, outcome: outcome) }
            driver.run { $0.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: outcome))) }
        }
    }
}
