import Collector
import Foundation

/// Whoever owns the laptop: a random token in a file that nobody else reads opens the audit API to them.
struct LaptopOwner {
    let tokenFile: String
    private let token: String

    init(tokenFile: String) throws {
        self.tokenFile = tokenFile
        if let data = FileManager.default.contents(atPath: tokenFile), data.count >= 40 {
            token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            return
        }
        var generator = SystemRandomNumberGenerator()
        let random = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        token = "owner-" + Base64URL.encode(random)
        try OwnerOnlyFile.write(token + "\n", to: tokenFile)
    }

    func authenticator(or policy: LaptopPolicy) -> any Authenticator {
        OwnerOrIssuer(token: token, others: TokenAuthenticator(issuers: policy.issuers, roles: policy.roles))
    }

    private struct OwnerOrIssuer: Authenticator {
        let token: String
        let others: TokenAuthenticator

        func authenticate(_ presented: String) async throws(AuthenticationError) -> Principal {
            guard Self.isEqual(presented, token) else { return try await others.authenticate(presented) }
            // The owner reads and revokes; approving is for those whom the policy names, by tokens of theirs.
            return Principal(
                subject: "owner", issuer: "this machine", groups: [], actors: [], roles: [.auditor, .admin],
                expires: Timestamp(seconds: Timestamp.now().seconds + 3_600))
        }

        /// Takes as long for every token of the right length, so that time tells nothing of it.
        private static func isEqual(_ one: String, _ other: String) -> Bool {
            let one = Array(one.utf8)
            let other = Array(other.utf8)
            guard one.count == other.count else { return false }
            return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}
