import Crypto
import Foundation
import Records
import SwiftASN1
import SwiftProtobuf
import X509

/// The signature of a session's close: over SHA-256 of the record's bytes with the signature field empty.
enum CloseSignature {
    /// Whether a close was signed by the key with this SubjectPublicKeyInfo (DER).
    static func isValid(_ record: PBRecord, publicKey: [UInt8]) -> Bool {
        guard case .sessionClosed(let close) = record.event else { return false }
        var unsigned = record
        unsigned.sessionClosed.signature = Data()
        guard let bytes: [UInt8] = try? unsigned.serializedBytes() else { return false }
        return isValid(
            signature: close.signature, algorithm: close.algorithm, digest: SHA256.hash(data: bytes),
            publicKey: publicKey)
    }

    private static func isValid(
        signature: Data, algorithm: String, digest: SHA256.Digest, publicKey: [UInt8]
    ) -> Bool {
        switch algorithm {
        case "ES256":
            guard let key = try? P256.Signing.PublicKey(derRepresentation: publicKey) else { return false }
            // Sixty-four bytes are r and s as JWS has them; anything else is tried as DER.
            let parsed =
                signature.count == 64
                ? try? P256.Signing.ECDSASignature(rawRepresentation: signature)
                : try? P256.Signing.ECDSASignature(derRepresentation: signature)
            guard let parsed else { return false }
            return key.isValidSignature(parsed, for: digest)
        case "Ed25519":
            guard let key = try? Certificate.PublicKey(derEncoded: publicKey).ed25519 else { return false }
            return key.isValidSignature(signature, for: Data(digest))
        default:
            return false
        }
    }
}

extension Certificate.PublicKey {
    /// The key, if it is of this kind.
    fileprivate var ed25519: Curve25519.Signing.PublicKey? {
        Curve25519.Signing.PublicKey(self)
    }
}
