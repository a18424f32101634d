import ArgumentParser
import Crypto
import Foundation

struct TokenSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sign", abstract: "Sign a token with such a key.")

    @Option(help: ArgumentHelp("The private key, PEM.", valueName: "file"))
    var key: String

    @Option(help: "The key's id, as in the JWK set.")
    var kid = "stile-1"

    @Option(help: ArgumentHelp("The iss claim.", valueName: "url"))
    var issuer: String

    @Option(help: "The aud claim.")
    var audience: String

    @Option(name: .customLong("sub"), help: "The sub claim: who it is.")
    var subject: String

    @Option(help: ArgumentHelp("The groups claim, separated by commas.", valueName: "a,b"))
    var groups = ""

    @Option(help: ArgumentHelp("An actor of the act claim, the current one first; may be repeated.", valueName: "sub"))
    var actor: [String] = []

    @Option(help: ArgumentHelp("Seconds until it expires.", valueName: "seconds"))
    var lifetime: Int64 = 3_600

    func run() throws {
        guard let pem = try? String(contentsOfFile: key, encoding: .utf8),
            let signer = try? P256.Signing.PrivateKey(pemRepresentation: pem)
        else {
            throw ValidationError("\(key) is no P-256 private key in PEM: make one with `stile token key`")
        }
        let now = Int64(Date().timeIntervalSince1970)
        let (expiry, overflow) = now.addingReportingOverflow(lifetime)
        guard !overflow else { throw ValidationError("--lifetime \(lifetime) is too long") }
        let claims = Claims(
            iss: issuer, aud: audience, sub: subject,
            groups: groups.split(separator: ",").map(String.init),
            iat: now, exp: expiry, jti: UUID().uuidString.lowercased(), act: Actor(chain: actor[...]))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = Base64URL.encode(try encoder.encode(Header(kid: kid)))
        let signed = header + "." + Base64URL.encode(try encoder.encode(claims))
        let signature = try signer.signature(for: Data(signed.utf8)).rawRepresentation
        print(signed + "." + Base64URL.encode(signature))
    }

    private struct Header: Encodable {
        var alg = "ES256"
        var kid: String
        var typ = "JWT"
    }

    private struct Claims: Encodable {
        var iss: String
        var aud: String
        var sub: String
        var groups: [String]
        var iat: Int64
        var exp: Int64
        var jti: String
        var act: Actor?
    }

    /// RFC 8693 §4.1: the current actor, and within it the one before.
    private final class Actor: Encodable {
        let sub: String
        let act: Actor?

        init?(chain: ArraySlice<String>) {
            guard let first = chain.first else { return nil }
            sub = first
            act = Actor(chain: chain.dropFirst())
        }
    }
}
