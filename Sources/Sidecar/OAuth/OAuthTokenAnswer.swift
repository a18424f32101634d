import FoundationEssentials

/// What a token endpoint answered, once it was found to be a token that can be sent. It describes itself without the token.
struct OAuthTokenAnswer: Sendable, CustomStringConvertible {
    /// Of an answer: many times what one with a large token has.
    static let maximumBytes = 64 << 10
    /// Of a token: what servers take of one field (nginx 8 KiB, others more), twice.
    static let maximumTokenBytes = 16 << 10

    let token: String
    /// In seconds; `nil` where the server does not say.
    let lifetime: UInt64?

    var description: String { "<token>" }

    /// - Throws: ``OAuthFault``, which holds nothing of the body but the code of an error.
    init(status: Int, body: [UInt8]) throws(OAuthFault) {
        guard status == 200 else {
            // The codes of RFC 6749 §5.2; what else the server says may be anything.
            let code = (try? JSONDecoder().decode(Refusal.self, from: Data(body)))?.error
            let isKnown = code.map(Self.codes.contains) ?? false
            let detail = isKnown ? " (\(code ?? ""))" : ""
            let hint =
                (300..<400).contains(status) ? "; redirects are not followed, name the last place in 'tokenURL'" : ""
            throw OAuthFault("answered \(status)\(detail)\(hint)")
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw OAuthFault("answered with something that is no token (RFC 6749 §5.1)")
        }
        guard answer.token_type.lowercased() == "bearer" else {
            throw OAuthFault("gave a token of another type than Bearer")
        }
        // RFC 6750 §2.1 has fewer letters; what is more than these ends a field or its value.
        guard !answer.access_token.isEmpty, answer.access_token.utf8.count <= Self.maximumTokenBytes,
            answer.access_token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw OAuthFault("gave a token that no header field can hold") }
        if let lifetime = answer.expires_in {
            guard let seconds = lifetime.seconds, seconds > 0 else {
                throw OAuthFault("gave a token that has expired, or expires at no time that can be read")
            }
            self.lifetime = seconds
        } else {
            lifetime = nil
        }
        token = answer.access_token
    }

    private static let codes = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ]

    private struct Refusal: Decodable {
        var error: String
    }

    private struct Answer: Decodable {
        var access_token: String
        var token_type: String
        var expires_in: Lifetime?
    }

    /// A number of seconds; some servers write it in quotes, or with a fraction.
    private struct Lifetime: Decodable {
        /// `nil` for what is no time to come.
        var seconds: UInt64?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                seconds = number >= 1 ? UInt64(min(number, 1e9)) : nil
            } else {
                seconds = UInt64(try container.decode(String.self))
            }
        }
    }
}

/// Why there is no token: for logs and records, and so without anything of a secret.
struct OAuthFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
