import Enforcement
import Identity
import Records
import UplinkProtocol

/// A session's driver, as far as it asks who a client is and whether a person approves: the same for every protocol.
protocol SessionAuthority: SessionRunning {
    var environment: SessionEnvironment { get }
    var runtime: ResourceRuntime { get }
    var loop: any SessionLoop { get }
    var sessionID: RecordID { get }
    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64? { get }
    var token: VerifiedToken? { get set }

    func identified(_ identity: SessionIdentity)
    func identityRefused(reason: String)
    func approvalDecided(_ decision: ApprovalDecision)
}

extension SessionAuthority {
    /// Finds out who this is: by the client's token, or by the pod's.
    func authenticate(_ clientToken: ClientToken?) {
        let (identity, runtime) = (environment.identity, runtime)
        let driver = LoopBound<any SessionAuthority>(self, on: loop)
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
                take(.revoked(reason: reason))
            } else {
                identified(environment.identity.identity(of: token))
            }
        case .failure(let error):
            environment.metrics.tokensRefused.add()
            identityRefused(reason: error.message)
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
        let driver = LoopBound<any SessionAuthority>(self, on: loop)
        let request = PBApprovalRequest(ask, sessionID: sessionID, token: token, agent: environment.agent)
        environment.approvals.ask(request) { outcome in
            if returns { grants.decided(ask.id, binding: ask.binding, outcome: outcome) }
            driver.run { $0.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: outcome)) }
        }
    }
}
