import FoundationEssentials
import JWTKit

/// A token's payload, as it stands. JWTKit checks the signature; the claims are judged by ``TokenVerifier``, whose rules
/// depend on the issuer.
struct Claims: JWTPayload {
    var json: [String: JSONValue]

    init(from decoder: any Decoder) throws {
        json = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self, .init(codingPath: encoder.codingPath, debugDescription: "claims are only read"))
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// Follows `path` through objects. A claim of that very name comes first: names may have dots in them.
    func value(at path: String) -> JSONValue? {
        if let value = json[path] { return value }
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, var value = json[first] else { return nil }
        for part in parts.dropFirst() {
            guard let next = value[part] else { return nil }
            value = next
        }
        return value
    }

    /// Sixteen exchanges deep: no deployment delegates further, and the chain goes into every record.
    private static let maximumActors = 16

    /// The `act` chain, the current actor first.
    ///
    /// - Throws: when an actor has no `sub`, or the chain is too long: what cannot be attributed is refused.
    func actors() throws(TokenError) -> [String] {
        var actors: [String] = []
        var next = json["act"]
        while let actor = next {
            guard let subject = actor["sub"]?.string, !subject.isEmpty, actors.count < Self.maximumActors else {
                throw TokenError(.malformed, "the token's act claim names an actor without sub, or too many actors")
            }
            actors.append(subject)
            next = actor["act"]
        }
        return actors
    }
}
