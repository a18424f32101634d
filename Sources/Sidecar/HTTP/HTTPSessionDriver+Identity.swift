import Enforcement
import Identity
import Logging
import UplinkProtocol

extension HTTPSessionDriver {
    /// Finds out who this is: by the client's token, or by the pod's.
    func authenticate(_ clientToken: ClientToken?) {
        let (identity, runtime) = (environment.identity, runtime)
        let driver = LoopBound(self, on: loop)
        let usesTokenFile = clientToken == nil
        Task {
            let result: Result<VerifiedToken, TokenError>
            do throws(TokenError) {
                let text: String
                if let clientToken {
                    text = clientToken.value
                } else {
                    text = try readTokenFile(of: runtime.resource)
                }
                result = .success(try await identity.verify(text))
            } catch {
                result = .failure(error)
            }
            driver.run { $0.authenticated(result, usesTokenFile: usesTokenFile) }
        }
    }

    private func authenticated(_ result: Result<VerifiedToken, TokenError>, usesTokenFile: Bool) {
        guard let number else { return }
        switch result {
        case .success(let token):
            self.token = token
            environment.registry.update(number) {
                $0.token = token
                $0.usesTokenFile = usesTokenFile
            }
            // After the entry is addressable: a revocation that comes now finds it there, one that came before is
            // found here.
            if let reason = environment.revocations.reason(for: token, sessionID: sessionID) {
                environment.metrics.tokensRefused.add()
                feed(.revoked(reason: reason))
            } else {
                feed(.identified(environment.identity.identity(of: token)))
            }
        case .failure(let error):
            environment.metrics.tokensRefused.add()
            feed(.identityRefused(reason: error.message))
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
