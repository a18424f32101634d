public import Identity

/// Makes a caller of a bearer token.
public protocol Authenticator: Sendable {
    func authenticate(_ token: String) async throws(AuthenticationError) -> Principal
}

/// Why a token makes no caller. The message quotes nothing of the token.
public struct AuthenticationError: Error, Sendable {
    /// The token may be good, and nobody could be asked.
    public var isTemporary: Bool
    public var message: String

    public init(isTemporary: Bool, message: String) {
        self.isTemporary = isTemporary
        self.message = message
    }
}

/// The tokens of the issuers that sidecars trust too.
public struct TokenAuthenticator: Authenticator {
    let verifier: TokenVerifier
    let roles: RoleMap

    public init(
        issuers: [IssuerConfiguration], roles: RoleMap, clock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        verifier = TokenVerifier(issuers: issuers, fetcher: KeySetFetcher(), now: { clock().seconds })
        self.roles = roles
    }

    public func authenticate(_ token: String) async throws(AuthenticationError) -> Principal {
        let verified: VerifiedToken
        do {
            verified = try await verifier.verify(token)
        } catch {
            throw AuthenticationError(isTemporary: error.code == .keysUnavailable, message: error.message)
        }
        return Principal(
            subject: verified.subject, issuer: verified.issuer, groups: Set(verified.groups), actors: verified.actors,
            roles: roles.roles(ofGroups: verified.groups), expires: Timestamp(seconds: verified.expiresAt))
    }
}
