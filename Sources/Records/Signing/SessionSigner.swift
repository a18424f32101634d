public import Crypto
import FoundationEssentials

/// The sidecar's workload key, which signs the close of every session.
public struct SessionSigner: Sendable {
    private enum Key: Sendable {
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let key: Key
    /// What checks the signatures.
    public let verificationKey: SessionVerificationKey

    public var algorithm: SigningAlgorithm { verificationKey.algorithm }
    /// SHA-256 of the public key's SubjectPublicKeyInfo.
    public var keyID: RecordHash { verificationKey.id }

    /// Reads a private key.
    ///
    /// - Parameter pem: A file's text with a P-256 key (PKCS #8 or SEC 1) or an Ed25519 key (PKCS #8, RFC 8410). What
    ///   else is in it, such as certificates, is passed over.
    /// - Throws: ``RecordError/Code/key`` when there is none, or one of another kind, or an encrypted one.
    public init(pem: String) throws(RecordError) {
        let blocks = PEM.blocks(in: pem)
        guard let block = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw RecordError(.key, "no private key: expected a PEM block of a P-256 or an Ed25519 key")
        }
        guard !block.label.contains("ENCRYPTED") else {
            throw RecordError(.key, "the private key is encrypted: expected one without a passphrase")
        }
        if let seed = Ed25519Encoding.seed(ofPKCS8: block.der) {
            do {
                try self.init(ed25519: Curve25519.Signing.PrivateKey(rawRepresentation: seed))
            } catch {
                throw RecordError(.key, "the Ed25519 key cannot be read")
            }
            return
        }
        do {
            // Crypto takes PKCS #8 here; SEC 1 is known to its PEM reader alone.
            try self.init(p256: P256.Signing.PrivateKey(pemRepresentation: block.text))
        } catch {
            throw RecordError(.key, "the private key is neither a P-256 nor an Ed25519 key")
        }
    }

    public init(p256 key: P256.Signing.PrivateKey) {
        self.key = .p256(key)
        verificationKey = SessionVerificationKey(p256: key.publicKey)
    }

    public init(ed25519 key: Curve25519.Signing.PrivateKey) {
        self.key = .ed25519(key)
        verificationKey = SessionVerificationKey(ed25519: key.publicKey)
    }

    /// Signs a record whose signature field is empty.
    ///
    /// - Throws: ``RecordError/Code/key`` when the key cannot sign.
    func sign(_ unsigned: [UInt8]) throws(RecordError) -> [UInt8] {
        let digest = SHA256.hash(data: unsigned)
        do {
            switch key {
            case .p256(let key): return Array(try key.signature(for: digest).rawRepresentation)
            case .ed25519(let key): return Array(try key.signature(for: RecordHash(digest).bytes))
            }
        } catch {
            throw RecordError(.key, "the workload key cannot sign: \(error)")
        }
    }
}
