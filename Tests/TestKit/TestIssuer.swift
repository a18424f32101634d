import Foundation
public import JWTKit

/// An issuer with a key of its own, for tests that are not about providers.
public final class TestIssuer: Sendable {
    public struct Token: JWTPayload {
        public var claims: [String: Claim]
        public func verify(using algorithm: some JWTAlgorithm) async throws {}
        public init(claims: [String: Claim]) { self.claims = claims }
        public init(from decoder: any Decoder) throws { claims = [:] }
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(claims)
        }
    }

    public indirect enum Claim: Encodable, Sendable {
        case string(String)
        case number(Int64)
        case list([String])
        case object([String: Claim])

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .string(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .list(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            }
        }
    }

    public let url: String
    public let audience: String
    public let keyID: String
    private let key: ES256PrivateKey
    private let now: @Sendable () -> Int64

    /// - Parameter now: seconds since 1970, for `iat` and `exp`; the machine's clock by default.
    public init(
        url: String = "https://login.stile.test", audience: String = "support-assistant", keyID: String = "k1",
        now: (@Sendable () -> Int64)? = nil
    ) {
        self.url = url
        self.audience = audience
        self.keyID = keyID
        self.now = now ?? { Int64(Date().timeIntervalSince1970) }
        key = ES256PrivateKey()
    }

    /// The public key as a JWK set.
    public var jwks: String {
        let raw = key.publicKey.parameters
        let x = raw?.x ?? "", y = raw?.y ?? ""
        return """
            {"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"\(keyID)","x":"\(Self.url(x))","y":"\(Self.url(y))"}]}
            """
    }

    private static func url(_ base64: String) -> String {
        base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// A signed token.
    ///
    /// - Parameters:
    ///   - lifetime: seconds from now to `exp`; may be negative.
    ///   - actors: the `act` chain, the current actor first.
    public func token(
        subject: String, groups: [String] = [], actors: [String] = [], lifetime: Int64 = 3_600,
        audience: String? = nil, extra: [String: Claim] = [:]
    ) async throws -> String {
        let now = self.now()
        var claims: [String: Claim] = [
            "iss": .string(url), "aud": .string(audience ?? self.audience), "sub": .string(subject),
            "groups": .list(groups), "iat": .number(now), "exp": .number(now + lifetime),
            "jti": .string(UUID().uuidString),
        ]
        var act: Claim?
        for actor in actors.reversed() {
            var members: [String: Claim] = ["sub": .string(actor)]
            members["act"] = act
            act = .object(members)
        }
        claims["act"] = act
        claims.merge(extra) { $1 }
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key, kid: JWKIdentifier(string: keyID))
        return try await keys.sign(Token(claims: claims), kid: JWKIdentifier(string: keyID))
    }
}
