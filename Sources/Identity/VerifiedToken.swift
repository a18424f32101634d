/// What a token says, after its signature, issuer, audience and times were found good.
public struct VerifiedToken: Hashable, Sendable {
    public var subject: String
    public var issuer: String
    public var groups: [String]
    /// The `act` chain (RFC 8693 §4.1), the current actor first.
    public var actors: [String]
    /// Seconds since 1970 after which the token is no longer good, clock skew not included.
    public var expiresAt: Int64
    /// Seconds since 1970; 0 when the token does not say.
    public var issuedAt: Int64
    /// `jti`; empty when the token has none.
    public var tokenID: String

    public init(
        subject: String, issuer: String, groups: [String], actors: [String], expiresAt: Int64, issuedAt: Int64,
        tokenID: String
    ) {
        self.subject = subject
        self.issuer = issuer
        self.groups = groups
        self.actors = actors
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.tokenID = tokenID
    }
}
