/// How a close is signed.
public enum SigningAlgorithm: String, Hashable, Sendable {
    /// ECDSA on P-256 over SHA-256 of the unsigned record; the signature is r and s, 32 bytes each (RFC 7518 §3.4).
    case es256 = "ES256"
    /// Ed25519 (RFC 8032), whose message is the 32 bytes of SHA-256 of the unsigned record.
    case ed25519 = "Ed25519"
}
