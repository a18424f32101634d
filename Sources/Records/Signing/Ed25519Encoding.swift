/// The DER around Ed25519 keys (RFC 8410), which Crypto does not read. Keys have one length, so the wrapping is a
/// constant before them.
enum Ed25519Encoding {
    // SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING …
    private static let pkcs8: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    // SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING { 0 unused bits …
    private static let spki: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    static func seed(ofPKCS8 der: [UInt8]) -> [UInt8]? {
        guard der.count == pkcs8.count + 32, der.starts(with: pkcs8) else { return nil }
        return Array(der[pkcs8.count...])
    }

    static func publicKey(ofSubjectPublicKeyInfo der: [UInt8]) -> [UInt8]? {
        guard der.count == spki.count + 32, der.starts(with: spki) else { return nil }
        return Array(der[spki.count...])
    }

    static func subjectPublicKeyInfo(of key: [UInt8]) -> [UInt8] { spki + key }
}
