import ArgumentParser
import Crypto
import Foundation

struct TokenKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make a signing key (P-256) and the JWK set that verifies its signatures.")

    @Option(help: ArgumentHelp("Where the private key goes, PEM, readable by its owner only.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("Where the JWK set goes; name it as jwksFile of an issuer.", valueName: "file"))
    var jwks: String

    @Option(help: "The key's id in token headers.")
    var kid = "stile-1"

    func run() throws {
        let key = P256.Signing.PrivateKey()
        try OwnerOnlyFile.write(key.pemRepresentation + "\n", to: out)
        let point = key.publicKey.rawRepresentation
        let set = JSONWebKeySet(keys: [
            .init(
                kid: kid, x: Base64URL.encode(point.prefix(32)), y: Base64URL.encode(point.dropFirst(32)))
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(set).write(to: URL(fileURLWithPath: jwks))
        print("key   \(out)\njwks  \(jwks)")
    }
}

/// RFC 7517, as far as one P-256 public key goes.
private struct JSONWebKeySet: Encodable {
    struct Key: Encodable {
        var kty = "EC"
        var crv = "P-256"
        var use = "sig"
        var alg = "ES256"
        var kid: String
        var x: String
        var y: String
    }

    var keys: [Key]
}

enum Base64URL {
    /// RFC 4648 §5, without padding.
    static func encode(_ data: some Collection<UInt8>) -> String {
        Data(data).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

enum OwnerOnlyFile {
    /// Writes a secret so that at no moment anybody else can read it.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        try? FileManager.default.removeItem(atPath: temporary)
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw ValidationError("cannot write \(path): does its folder exist, and may you write there?")
        }
        guard rename(temporary, path) == 0 else {
            throw ValidationError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
