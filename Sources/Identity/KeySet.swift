import FoundationEssentials
import JWTKit

/// The keys of one issuer that can verify signatures, read from a JWK set (RFC 7517).
struct KeySet: Sendable {
    /// Algorithms that are accepted, with the key type that each needs. `none` and every HMAC are absent on purpose: with
    /// them, whoever can read the public keys could sign.
    static let accepted: [String: (keyType: JWK.KeyType, algorithm: JWK.Algorithm)] = [
        "RS256": (.rsa, .rs256), "RS384": (.rsa, .rs384), "RS512": (.rsa, .rs512), "PS256": (.rsa, .ps256),
        "ES256": (.ecdsa, .es256), "ES384": (.ecdsa, .es384), "EdDSA": (.octetKeyPair, .eddsa),
    ]

    /// 2048 bits are 256 bytes are 342 characters of base64url (NIST SP 800-131A: shorter keys do not protect).
    private static let minimumModulusCharacters = 342

    private var keys: [JWK]

    /// One that is no signing key, or of a kind that is unknown here, is passed over: providers publish both.
    ///
    /// - Throws: ``TokenError`` with `keysUnavailable` when the document is no JWK set or holds no usable key.
    init(json: [UInt8], origin: String) throws(TokenError) {
        struct Element: Decodable {
            var key: JWK?
            init(from decoder: any Decoder) throws {
                let use = try? decoder.container(keyedBy: Member.self).decodeIfPresent(String.self, forKey: .use)
                key = use == nil || use == "sig" ? try? JWK(from: decoder) : nil
            }
            enum Member: String, CodingKey { case use }
        }
        struct Document: Decodable {
            var keys: [Element]
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(json))
        } catch {
            throw TokenError(.keysUnavailable, "\(origin) is no JWK set: it must be a JSON object with an array `keys`")
        }
        keys = document.keys.compactMap(\.key).filter(Self.isStrongEnough)
        guard !keys.isEmpty else {
            throw TokenError(.keysUnavailable, "\(origin) holds no RSA (2048 bits or more), EC or Ed25519 signing key")
        }
    }

    private static func isStrongEnough(_ key: JWK) -> Bool {
        guard key.keyType == .rsa else { return true }
        return (key.modulus?.count ?? 0) >= minimumModulusCharacters
    }

    func contains(kid: String) -> Bool {
        keys.contains { $0.keyIdentifier?.string == kid }
    }

    /// Keys that may have made a signature with this header: by `kid` where it has one, else all of the right type.
    func candidates(kid: String?, algorithm: String) -> [JWK] {
        guard let accepted = Self.accepted[algorithm] else { return [] }
        return keys.compactMap { key in
            if let kid, key.keyIdentifier?.string != kid { return nil }
            guard key.keyType == accepted.keyType else { return nil }
            // A key that says what it is for is used for nothing else (RFC 7517 §4.4).
            if let named = key.algorithm, named != accepted.algorithm { return nil }
            var key = key
            key.algorithm = accepted.algorithm
            key.keyIdentifier = JWKIdentifier(string: kid ?? "only")
            return key
        }
    }
}
