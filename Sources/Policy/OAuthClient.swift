/// How a token is fetched by the client credentials grant of OAuth 2.0 (RFC 6749 §4.4).
public struct OAuthClient: Hashable, Sendable {
    /// The token endpoint: `https://…`, or `http://…` on loopback, with a path and perhaps a query.
    public var tokenURL: String
    /// A file with the client's identifier, on one line.
    public var clientIDFile: String
    /// A file with the client's secret, on one line.
    public var clientSecretFile: String
    /// What is asked for; their order says nothing. Empty: what the server gives by default.
    public var scopes: [String]
    /// Whom the token is for, where the server wants to be told (`audience`, which the RFC leaves to servers).
    public var audience: String?
    /// PEM bundle that the token endpoint's certificate must chain to; the system's when `nil`.
    public var caFile: String?

    public init(
        tokenURL: String, clientIDFile: String, clientSecretFile: String, scopes: [String] = [],
        audience: String? = nil, caFile: String? = nil
    ) {
        self.tokenURL = tokenURL
        self.clientIDFile = clientIDFile
        self.clientSecretFile = clientSecretFile
        self.scopes = scopes
        self.audience = audience
        self.caFile = caFile
    }
}
