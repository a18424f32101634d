public import Crypto
import FoundationEssentials

/// The public half of a workload key: checks the signature of a session's close.
public struct SessionVerificationKey: Sendable {
    private enum Key: Sendable {
        case p256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    private let key: Key
    /// The DER of the SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    public let subjectPublicKeyInfo: [UInt8]
    /// SHA-256 of ``subjectPublicKeyInfo``: the `key_id` of a close.
    public let id: RecordHash

    public var algorithm: SigningAlgorithm {
        switch key {
        case .p256: .es256
        case .ed25519: .ed25519
        }
    }

    public init(p256 key: P256.Signing.PublicKey) {
        self.key = .p256(key)
        subjectPublicKeyInfo = Array(key.derRepresentation)
        id = RecordHash(of: subjectPublicKeyInfo)
    }

    public init(ed25519 key: Curve25519.Signing.PublicKey) {
        self.key = .ed25519(key)
        subjectPublicKeyInfo = Ed25519Encoding.subjectPublicKeyInfo(of: Array(key.rawRepresentation))
        id = RecordHash(of: subjectPublicKeyInfo)
    }

    /// - Parameter subjectPublicKeyInfo: DER, as a certificate holds it.
    /// - Throws: ``RecordError/Code/key`` when it is no P-256 and no Ed25519 key.
    public init(subjectPublicKeyInfo: [UInt8]) throws(RecordError) {
        do {
            if let raw = Ed25519Encoding.publicKey(ofSubjectPublicKeyInfo: subjectPublicKeyInfo) {
                self.init(ed25519: try Curve25519.Signing.PublicKey(rawRepresentation: raw))
            } else {
                self.init(p256: try P256.Signing.PublicKey(derRepresentation: subjectPublicKeyInfo))
            }
        } catch {
            throw RecordError(.key, "the public key is neither a P-256 nor an Ed25519 key")
        }
    }

    /// - Parameter pem: Text with a `PUBLIC KEY` block.
    /// - Throws: ``RecordError/Code/key`` when there is none, or one of another kind.
    public init(pem: String) throws(RecordError) {
        guard let block = PEM.blocks(in: pem).first(where: { $0.label == "PUBLIC KEY" }) else {
            throw RecordError(.key, "no public key: expected a PEM block PUBLIC KEY")
        }
        try self.init(subjectPublicKeyInfo: block.der)
    }

    /// Whether a signature is this key's, over a record whose signature field is empty.
    func isValid(_ signature: [UInt8], over unsigned: [UInt8]) -> Bool {
        let digest = SHA256.hash(data: unsigned)
        switch key {
        case .p256(let key):
            guard let parsed = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(parsed, for: digest)
        case .ed25519(let key):
            return key.isValidSignature(signature, for: RecordHash(digest).bytes)
        }
    }
}
