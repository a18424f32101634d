import Enforcement
import Identity
import Policy
import Synchronization

/// Verifies tokens against the issuers of the policy in force. The issuers' keys are kept over a change of policy that
/// leaves the issuers alone.
final class IdentityService: Sendable {
    private struct State {
        var issuers: [Issuer] = []
        var verifier: TokenVerifier?
    }

    private let state = Mutex(State())
    private let fetcher: any KeySetFetching
    private let now: @Sendable () -> Int64

    init(fetcher: any KeySetFetching, now: @escaping @Sendable () -> Int64 = { SystemClock.unixSeconds() }) {
        self.fetcher = fetcher
        self.now = now
    }

    func use(_ issuers: [Issuer]) {
        state.withLock { state in
            guard state.verifier == nil || state.issuers != issuers else { return }
            state.issuers = issuers
            state.verifier = TokenVerifier(
                issuers: issuers.map {
                    IssuerConfiguration(
                        url: $0.url, audience: $0.audience, groupsClaim: $0.groupsClaim, jwksFile: $0.jwksFile,
                        caFile: $0.caFile, clockSkewSeconds: Int64($0.clockSkewSeconds))
                }, fetcher: fetcher, now: now)
        }
    }

    func verify(_ token: String) async throws(TokenError) -> VerifiedToken {
        guard let verifier = state.withLock({ $0.verifier }) else {
            throw TokenError(.unknownIssuer, "no policy is in force, so that no issuer is trusted")
        }
        return try await verifier.verify(token)
    }

    /// The identity that a session gets of a token; its end has the issuer's tolerance added.
    func identity(of token: VerifiedToken) -> SessionIdentity {
        let skews = state.withLock { state in
            state.issuers.filter { $0.url == token.issuer }.map { Int64($0.clockSkewSeconds) }
        }
        let skew = min(skews.max() ?? 0, IssuerConfiguration.maximumClockSkew)
        let end = token.expiresAt.addingReportingOverflow(skew)
        return SessionIdentity(
            subject: Policy.Subject(
                id: token.subject, issuer: token.issuer, groups: token.groups, actors: token.actors),
            expiresAtUnixSeconds: end.overflow ? .max : end.partialValue, tokenID: token.tokenID)
    }
}
