/// The key of `hash` masks, as the function that uses it: the key's bytes stay with whoever made this.
///
/// The function must be a keyed pseudo-random function (HMAC-SHA256, say): somebody who can guess values and see hashes must
/// not be able to match them without the key.
public struct MaskKey: Sendable {
    /// The first 128 bits of the keyed digest.
    let digest: @Sendable (Span<UInt8>) -> (UInt64, UInt64)

    public init(digest: @escaping @Sendable (Span<UInt8>) -> (UInt64, UInt64)) {
        self.digest = digest
    }

    /// The first 128 bits of the keyed digest of something that is no value: it must hold a NUL, which no value does, so that
    /// it never equals the hash of one.
    package func seal(_ bytes: Span<UInt8>) -> [UInt8] {
        let (high, low) = digest(bytes)
        return [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
    }
}
