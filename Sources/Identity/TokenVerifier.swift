import FoundationEssentials
import JWTKit

/// Verifies bearer tokens against the issuers that policy names.
///
/// It fetches keys through what it is given and reads the clock that it is given, so that a test drives both.
public struct TokenVerifier: Sendable {
    /// 16 KiB: tokens with hundreds of groups stay below 8 KiB, and a header larger than this is refused by most servers.
    public static let maximumTokenBytes = 16_384

    private struct Trusted: Sendable {
        var configuration: IssuerConfiguration
        var keys: IssuerKeys
    }

    private let issuers: [String: [Trusted]]
    private let now: @Sendable () -> Int64

    /// - Parameter now: seconds since 1970.
    public init(
        issuers: [IssuerConfiguration], fetcher: any KeySetFetching, now: @escaping @Sendable () -> Int64
    ) {
        self.issuers = Dictionary(grouping: issuers, by: \.url).mapValues { same in
            // One issuer may serve several audiences; its keys are fetched once.
            let keys = IssuerKeys(issuer: same[0], fetcher: fetcher, now: now)
            return same.map { Trusted(configuration: $0, keys: keys) }
        }
        self.now = now
    }

    /// Checks the form, the algorithm, the issuer, the signature, the audience and the times of a token (RFC 8725).
    ///
    /// - Throws: ``TokenError``; `keysUnavailable` when the token may be good and the issuer could not be asked.
    public func verify(_ token: String) async throws(TokenError) -> VerifiedToken {
        guard token.utf8.count <= Self.maximumTokenBytes else {
            throw TokenError(.malformed, "the token is longer than \(Self.maximumTokenBytes) bytes")
        }
        let bytes = Array(token.utf8)
        let header: JWTHeader
        let unverified: Claims
        do {
            (header, unverified, _) = try DefaultJWTParser().parse(bytes, as: Claims.self)
        } catch {
            throw TokenError(.malformed, "what was presented as a token is no JWT of three base64url parts")
        }
        guard let algorithm = header.alg, KeySet.accepted[algorithm] != nil else {
            throw TokenError(
                .algorithmRefused,
                "the token is signed with \((header.alg ?? "nothing").shownInMessages); accepted are "
                    + KeySet.accepted.keys.sorted().joined(separator: ", "))
        }
        // RFC 7515 §4.1.11: extensions that are not understood must be refused, and none is.
        guard header[dynamicMember: "crit"] == nil else {
            throw TokenError(.malformed, "the token's header has critical extensions, and none is supported")
        }
        guard let issuer = unverified.json["iss"]?.string else {
            throw TokenError(.missingClaim, "the token has no iss claim")
        }
        guard let trusted = issuers[issuer], let first = trusted.first else {
            throw TokenError(.unknownIssuer, "no policy names the token's issuer \(issuer.shownInMessages)")
        }
        let keys = try await first.keys.keys(wanting: header.kid)
        let claims = try await Self.verifySignature(of: bytes, header: header, algorithm: algorithm, with: keys)
        return try judge(claims, issuer: issuer, trusted: trusted.map(\.configuration))
    }

    private static func verifySignature(
        of token: [UInt8], header: JWTHeader, algorithm: String, with keys: KeySet
    ) async throws(TokenError) -> Claims {
        let candidates = keys.candidates(kid: header.kid, algorithm: algorithm)
        guard !candidates.isEmpty else {
            throw TokenError(
                .unknownKey,
                "the issuer has no \(algorithm) key with the token's kid \((header.kid ?? "").shownInMessages)")
        }
        for key in candidates {
            // A collection of one: JWTKit would fall back to its default key for a kid that it does not know.
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: key)) != nil else { continue }
            if let claims = try? await collection.verify(token, as: Claims.self) { return claims }
        }
        throw TokenError(.badSignature, "the token's signature does not verify with the issuer's key")
    }

    private func judge(
        _ claims: Claims, issuer: String, trusted: [IssuerConfiguration]
    ) throws(TokenError) -> VerifiedToken {
        guard let audiences = claims.json["aud"]?.strings else {
            throw TokenError(.missingClaim, "the token has no aud claim")
        }
        guard let configuration = trusted.first(where: { audiences.contains($0.audience) }) else {
            let wanted = trusted.map(\.audience).joined(separator: " or ")
            throw TokenError(.wrongAudience, "the token is for another audience; it must name \(wanted)")
        }
        guard let subject = claims.json["sub"]?.string, !subject.isEmpty else {
            throw TokenError(.missingClaim, "the token has no sub claim")
        }
        guard let expiresAt = claims.json["exp"]?.seconds else {
            throw TokenError(.missingClaim, "the token has no exp claim, and a token that never ends is refused")
        }
        let time = now()
        let skew = configuration.clockSkewSeconds
        guard expiresAt.addingReportingOverflow(skew).overflow || time < expiresAt + skew else {
            throw TokenError(
                .expired, "the token expired \(time.subtractingReportingOverflow(expiresAt).partialValue) s ago")
        }
        for claim in ["nbf", "iat"] {
            guard let value = claims.json[claim] else { continue }
            guard let instant = value.seconds else {
                throw TokenError(.malformed, "the token's \(claim) claim is no number")
            }
            guard instant <= time || instant - time <= skew else {
                throw TokenError(.notYetValid, "the token's \(claim) lies \(instant - time) s ahead: check the clocks")
            }
        }
        return VerifiedToken(
            subject: subject,
            issuer: issuer,
            groups: claims.value(at: configuration.groupsClaim)?.strings ?? [],
            actors: try claims.actors(),
            expiresAt: expiresAt,
            issuedAt: claims.json["iat"]?.seconds ?? 0,
            tokenID: claims.json["jti"]?.string ?? "")
    }
}
