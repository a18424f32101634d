/// The caller of the audit API, as a verified token says.
public struct Principal: Sendable, Hashable {
    /// `sub`
    public var subject: String
    /// `iss`
    public var issuer: String
    public var groups: Set<String>
    /// The `act` chain, the current actor first; empty for a person's own token.
    public var actors: [String]
    public var roles: Set<Role>
    /// When the token ends.
    public var expires: Timestamp

    public init(
        subject: String, issuer: String, groups: Set<String>, actors: [String], roles: Set<Role>, expires: Timestamp
    ) {
        self.subject = subject
        self.issuer = issuer
        self.groups = groups
        self.actors = actors
        self.roles = roles
        self.expires = expires
    }
}
