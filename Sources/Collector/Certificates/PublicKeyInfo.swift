import SwiftASN1
public import X509

extension Certificate.PublicKey {
    /// The DER of the whole SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), algorithm included: what a key's id is the
    /// digest of. Nil only for a key that cannot be written down.
    public var encodedInfo: [UInt8]? {
        var serializer = DER.Serializer()
        guard (try? serializer.serialize(self)) != nil else { return nil }
        return serializer.serializedBytes
    }
}
