import Crypto
import FoundationEssentials

/// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it, without channel binding.
///
/// Purpose: prove to the server that we know the password, and make the server prove that it does too, with neither
/// sending it. Duties: refuse a server that shortens our nonce, asks for an absurd number of iterations, or whose
/// signature is wrong. The key derivation costs milliseconds, so it is not done here: ``receive(serverFirst:)`` says
/// what is to be derived, and whoever owns the threads answers with ``finish(with:)``.
struct SCRAMSHA256: Sendable {
    /// Why this many: PostgreSQL's default is 4,096 and its documentation speaks of tens of thousands; a million keeps
    /// a hostile server from holding a thread for longer than about a second.
    static let maximumIterations = 1_000_000
    /// A server's first message holds a nonce and a salt, some 100 bytes; a kilobyte leaves room for extensions.
    static let maximumMessageLength = 1_024

    private enum State {
        case start
        case sentFirst
        case deriving(derivation: SCRAMDerivation, authMessage: String, finalWithoutProof: String)
        case sentFinal(serverSignature: [UInt8])
        case verified
        case failed
    }

    private let nonce: String
    private let password: String
    private var state = State.start

    /// - Parameter nonce: printable ASCII without a comma, never used before; ``randomNonce()`` makes one.
    init(password: String, nonce: String) {
        self.password = password
        self.nonce = nonce
    }

    /// A nonce of 144 random bits, as libpq's.
    static func randomNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<18).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Data(bytes).base64EncodedString()
    }

    /// Whether the server's signature was checked and is right.
    var isVerified: Bool {
        if case .verified = state { true } else { false }
    }

    // `n,,` says that we do no channel binding. The user name stays empty: PostgreSQL takes the one of the startup
    // message (protocol 55.3.1).
    private var firstBare: String { "n=,r=\(nonce)" }

    mutating func clientFirst() -> [UInt8] {
        state = .sentFirst
        return Array("n,,\(firstBare)".utf8)
    }

    mutating func receive(serverFirst bytes: [UInt8]) throws(UpstreamLoginError) -> SCRAMDerivation {
        guard case .sentFirst = state else { throw fail("a SASL continuation that nothing asked for") }
        state = .failed
        guard bytes.count <= Self.maximumMessageLength, let text = String(validating: bytes, as: UTF8.self) else {
            throw fail("a SASL message that is too long or not UTF-8")
        }
        var combined: String?
        var salt: [UInt8]?
        var iterations: Int?
        for attribute in text.split(separator: ",", omittingEmptySubsequences: false) {
            let value = String(attribute.dropFirst(2))
            switch attribute.prefix(2) {
            case "r=": combined = value
            case "s=": salt = Data(base64Encoded: value).map { [UInt8]($0) }
            case "i=": iterations = Int(value)
            case "m=": throw fail("a mandatory SCRAM extension, which nobody knows")
            default: break
            }
        }
        guard let combined, let salt, let iterations, !salt.isEmpty else {
            throw fail("a SASL message without nonce, salt or iteration count")
        }
        // The server's part follows ours (RFC 5802 §5.1): one that does not is a replay.
        guard combined.hasPrefix(nonce), combined.utf8.count > nonce.utf8.count else {
            throw fail("a SCRAM nonce that does not begin with ours")
        }
        guard iterations >= 1, iterations <= Self.maximumIterations else {
            throw fail("a SCRAM iteration count of \(iterations); at most \(Self.maximumIterations) are done")
        }
        let finalWithoutProof = "c=biws,r=\(combined)"
        let derivation = SCRAMDerivation(password: password, salt: salt, iterations: iterations)
        state = .deriving(
            derivation: derivation, authMessage: "\(firstBare),\(text),\(finalWithoutProof)",
            finalWithoutProof: finalWithoutProof)
        return derivation
    }

    /// - Returns: the client's final message.
    mutating func finish(with keys: SCRAMKeys) throws(UpstreamLoginError) -> [UInt8] {
        guard case .deriving(_, let authMessage, let finalWithoutProof) = state else {
            throw fail("a SCRAM key that nothing asked for")
        }
        let message = Array(authMessage.utf8)
        let storedKey = SHA256.hash(data: keys.clientKey)
        let clientSignature = HMAC<SHA256>.authenticationCode(
            for: message, using: SymmetricKey(data: Array(storedKey)))
        let proof = zip(keys.clientKey, clientSignature).map { $0 ^ $1 }
        let serverSignature = HMAC<SHA256>.authenticationCode(
            for: message, using: SymmetricKey(data: keys.serverKey))
        state = .sentFinal(serverSignature: Array(serverSignature))
        return Array("\(finalWithoutProof),p=\(Data(proof).base64EncodedString())".utf8)
    }

    mutating func receive(serverFinal bytes: [UInt8]) throws(UpstreamLoginError) {
        guard case .sentFinal(let expected) = state else { throw fail("a SASL end that nothing asked for") }
        state = .failed
        guard bytes.count <= Self.maximumMessageLength, let text = String(validating: bytes, as: UTF8.self) else {
            throw fail("a SASL message that is too long or not UTF-8")
        }
        let first = text.split(separator: ",").first ?? ""
        guard first.hasPrefix("v="), let signature = Data(base64Encoded: String(first.dropFirst(2))) else {
            throw fail("a SASL end without the server's signature")
        }
        guard isEqualInConstantTime([UInt8](signature), expected) else {
            throw UpstreamLoginError(
                .serverNotVerified,
                "The server's SCRAM signature is wrong: it does not know the password, so it is not the server.")
        }
        state = .verified
    }

    private func fail(_ what: String) -> UpstreamLoginError {
        UpstreamLoginError(.protocolViolation, "The server sent \(what).")
    }
}

/// What SCRAM derives its keys from. The derivation is thousands of HMACs: do it on a thread that may take
/// milliseconds, and keep the result, which holds for as long as the server keeps its salt.
public struct SCRAMDerivation: Hashable, Sendable {
    let password: String
    let salt: [UInt8]
    let iterations: Int

    /// Derives the keys (RFC 5802 §3), blocking for about a microsecond an iteration.
    ///
    /// The password is taken as its UTF-8 bytes: ``PreparedPassword`` says of which passwords the server does so too.
    public func derive() -> SCRAMKeys {
        let key = SymmetricKey(data: Array(password.utf8))
        var block = Array(HMAC<SHA256>.authenticationCode(for: salt + [0, 0, 0, 1], using: key))
        var salted = block
        for _ in 1..<max(iterations, 1) {
            block = Array(HMAC<SHA256>.authenticationCode(for: block, using: key))
            for index in salted.indices { salted[index] ^= block[index] }
        }
        let saltedKey = SymmetricKey(data: salted)
        return SCRAMKeys(
            clientKey: Array(HMAC<SHA256>.authenticationCode(for: Array("Client Key".utf8), using: saltedKey)),
            serverKey: Array(HMAC<SHA256>.authenticationCode(for: Array("Server Key".utf8), using: saltedKey)))
    }
}

/// The two keys of a SCRAM exchange. As good as the password: they stay in memory and enter no log.
public struct SCRAMKeys: Sendable {
    let clientKey: [UInt8]
    let serverKey: [UInt8]
}

extension SCRAMKeys: CustomStringConvertible {
    public var description: String { "SCRAMKeys(…)" }
}

extension SCRAMDerivation: CustomStringConvertible {
    public var description: String { "SCRAMDerivation(\(iterations) iterations)" }
}

private func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
