import Enforcement
import Identity
import NIOCore

extension SessionDriver {
    /// Finds out who this is: by the client's token, or by the pod's.
    func authenticate(_ clientToken: ClientToken?) {
        guard let context else { return }
        let (identity, runtime) = (environment.identity, runtime)
        let driver = NIOLoopBound(self, eventLoop: context.eventLoop)
        let usesTokenFile = clientToken == nil
        context.eventLoop.makeFutureWithTask { () -> Result<VerifiedToken, TokenError> in
            do throws(TokenError) {
                let text: String
                if let clientToken {
                    text = clientToken.value
                } else {
                    text = try readTokenFile(of: runtime.resource)
                }
                return .success(try await identity.verify(text))
            } catch {
                return .failure(error)
            }
        }.whenSuccess { result in
            driver.value.authenticated(result, usesTokenFile: usesTokenFile)
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
                feed(.identityRefused(reason: "revoked: \(reason)"))
            } else {
                feed(.identified(environment.identity.identity(of: token)))
            }
        case .failure(let error):
            environment.metrics.tokensRefused.add()
            feed(.identityRefused(reason: error.message))
        }
    }
}
