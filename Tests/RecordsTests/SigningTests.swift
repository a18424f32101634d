import Crypto
import FoundationEssentials
import Records
import Testing

@Suite struct SigningTests {
    // Test keys, made by openssl genpkey; they open nothing.
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIAI1HREohr754ArPf7h9+ZmHn+NC0QnhedaH0o8jstJE
        -----END PRIVATE KEY-----
        """
    static let ed25519Public = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAumlbiat4dLE+axiqRJJJYm7KYGkakGxyPDtWZLQ1J1g=
        -----END PUBLIC KEY-----
        """
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYswjESWXXfQy1zmk
        /cgXGiUV5iAWpN78h5dWBmM5D/OhRANCAATC8DLgYtTkWJVkac001r3rk/+NVtR7
        9msCNxuazd7HpSa59h6LZOwlHwnVXgHisCgnT+mUZJEF8wK/R1931Yjt
        -----END PRIVATE KEY-----
        """
    static let p256SEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIGLMIxEll130Mtc5pP3IFxolFeYgFqTe/IeXVgZjOQ/zoAoGCCqGSM49
        AwEHoUQDQgAEwvAy4GLU5FiVZGnNNNa965P/jVbUe/ZrAjcbms3ex6UmufYei2Ts
        JR8J1V4B4rAoJ0/plGSRBfMCv0dfd9WI7Q==
        -----END EC PRIVATE KEY-----
        """
    static let p256Public = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwvAy4GLU5FiVZGnNNNa965P/jVbU
        e/ZrAjcbms3ex6UmufYei2TsJR8J1V4B4rAoJ0/plGSRBfMCv0dfd9WI7Q==
        -----END PUBLIC KEY-----
        """
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VxBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        -----END PRIVATE KEY-----
        """

    @Test(arguments: [(ed25519, ed25519Public), (p256, p256Public), (p256SEC1, p256Public)])
    func `a key from PEM signs, and its public half from PEM verifies`(pair: (String, String)) throws {
        let key = try SessionVerificationKey(pem: pair.1)
        var session = RandomSession(seed: 1, signer: try SessionSigner(pem: pair.0))
        #expect(session.signer.keyID == key.id)
        let records = try session.records(2)
        var verifier = ChainVerifier { $0 == key.id ? key : nil }
        for record in records { #expect(verifier.check(record.bytes) == []) }
        #expect(verifier.isSigned)
    }

    @Test func `a key among certificates is found`() throws {
        let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\n\(Self.ed25519)\n"
        #expect(try SessionSigner(pem: text).algorithm == .ed25519)
    }

    @Test(arguments: ["", "no key", rsa, "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"])
    func `what is no key of ours is refused with a message`(text: String) {
        let error = #expect(throws: RecordError.self) { try SessionSigner(pem: text) }
        #expect(error?.code == .key)
    }

    @Test func `a key's id is the hash of its SubjectPublicKeyInfo`() throws {
        let key = try SessionVerificationKey(pem: Self.p256Public)
        #expect(key.id == RecordHash(of: key.subjectPublicKeyInfo))
        #expect(try SessionVerificationKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).id == key.id)
    }
}
