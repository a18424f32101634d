/// An OpenID provider whose tokens are accepted, as the operator configured it.
public struct IssuerConfiguration: Hashable, Sendable {
    /// Compared with the `iss` claim byte for byte (OpenID Connect Core §3.1.3.7).
    public var url: String
    /// Must be among the token's `aud`.
    public var audience: String
    /// The claim that lists groups; dots descend into objects (`realm_access.roles`). A claim whose own name has dots
    /// (`https://example.com/groups`) is found first.
    public var groupsClaim: String
    /// A JWK set in a file, in place of discovery.
    public var jwksFile: String?
    /// PEM bundle for the issuer's TLS certificate; the system's when `nil`.
    public var caFile: String?
    /// Tolerance for `exp`, `nbf` and `iat`, in seconds; what exceeds ``maximumClockSkew`` is cut to it.
    public var clockSkewSeconds: Int64

    /// Five minutes: more would make a short-lived token's lifetime meaningless.
    public static let maximumClockSkew: Int64 = 300

    public init(
        url: String, audience: String, groupsClaim: String = "groups", jwksFile: String? = nil, caFile: String? = nil,
        clockSkewSeconds: Int64 = 30
    ) {
        self.url = url
        self.audience = audience
        self.groupsClaim = groupsClaim
        self.jwksFile = jwksFile
        self.caFile = caFile
        self.clockSkewSeconds = min(max(clockSkewSeconds, 0), Self.maximumClockSkew)
    }
}
