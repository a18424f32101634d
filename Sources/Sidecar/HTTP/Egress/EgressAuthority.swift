import Crypto
import FoundationEssentials
import HTTPInspection
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The authority that opened TLS is signed with. Its key is in this process's memory, and nowhere else: it ends with the process, and the
/// next makes another.
final class EgressAuthority: Sendable {
    /// PEM of its certificate, for those who are to trust it.
    let certificatePEM: String

    private let certificate: Certificate
    private let key: P256.Signing.PrivateKey
    /// Of all leaves: it is as good as one of each.
    private let leafKey: P256.Signing.PrivateKey
    private let privateKey: NIOSSLPrivateKey
    private let leaves = Mutex<[HTTPHost: Leaf]>([:])

    private struct Leaf {
        var context: NIOSSLContext
        var renewsAt: Date
    }

    /// Agents talk to a few dozen hosts; more make the oldest go.
    private static let maximumLeaves = 256
    private static let day: Double = 86_400
    /// As long as a sidecar may well run: whoever read the file once is not to be left alone with it.
    private static let days: Double = 730
    /// Clients refuse what is good for longer than a year or so.
    private static let leafDays: Double = 30
    /// Clocks differ; a certificate is good a little before it is made.
    private static let backdating: Double = 300

    init() throws(SidecarError) {
        key = P256.Signing.PrivateKey()
        leafKey = P256.Signing.PrivateKey()
        do {
            privateKey = try NIOSSLPrivateKey(bytes: Array(leafKey.pemRepresentation.utf8), format: .pem)
            certificate = try EgressAuthority.certificate(of: key, now: Date())
            certificatePEM = try certificate.serializeAsPEM().pemString
        } catch {
            throw SidecarError(.software, "an authority for egress cannot be made: \(error)")
        }
    }

    /// What a client is shown who connects to a host.
    ///
    /// - Throws: What swift-certificates or NIOSSL throws.
    func context(for host: HTTPHost) throws -> NIOSSLContext {
        let now = Date()
        if let leaf = leaves.withLock({ $0[host] }), leaf.renewsAt > now { return leaf.context }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try leaf(for: host, now: now))], privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        // Requests are read in this and nothing else.
        configuration.applicationProtocols = ["http/1.1"]
        let made = Leaf(
            context: try NIOSSLContext(configuration: configuration),
            renewsAt: now.addingTimeInterval(EgressAuthority.leafDays * EgressAuthority.day / 2))
        leaves.withLock { leaves in
            if leaves.count >= EgressAuthority.maximumLeaves, leaves[host] == nil,
                let oldest = leaves.min(by: { $0.value.renewsAt < $1.value.renewsAt })?.key
            {
                leaves[oldest] = nil
            }
            leaves[host] = made
        }
        return made.context
    }

    private static func certificate(of key: P256.Signing.PrivateKey, now: Date) throws -> Certificate {
        let publicKey = Certificate.PublicKey(key.publicKey)
        // Programs find an issuer by its name: one of each process keeps the files of two from being taken for one another.
        let tag = publicKey.subjectPublicKeyInfoBytes.suffix(4).map { String($0, radix: 16) }.joined()
        let subject = try DistinguishedName { CommonName("Stile egress \(tag)") }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-backdating), notValidAfter: now.addingTimeInterval(days * day),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            }, issuerPrivateKey: Certificate.PrivateKey(key))
    }

    private func leaf(for host: HTTPHost, now: Date) throws -> NIOSSLCertificate {
        let publicKey = Certificate.PublicKey(leafKey.publicKey)
        let name: GeneralName
        switch host {
        case .name(let text): name = .dnsName(text)
        case .ipv4(let address): name = .ipAddress(ASN1OctetString(contentBytes: bytes(address.bits)[...]))
        case .ipv6(let address):
            name = .ipAddress(ASN1OctetString(contentBytes: (bytes(address.high) + bytes(address.low))[...]))
        }
        // A common name has 64 bytes at the most (RFC 5280, ub-common-name); nobody reads it where there are others.
        let common = host.description.utf8.count <= 64 ? host.description : "a host"
        let leaf = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-EgressAuthority.backdating),
            notValidAfter: min(
                now.addingTimeInterval(EgressAuthority.leafDays * EgressAuthority.day), certificate.notValidAfter),
            issuer: certificate.subject, subject: try DistinguishedName { CommonName(common) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([name])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
            }, issuerPrivateKey: Certificate.PrivateKey(key))
        return try NIOSSLCertificate(bytes: try leaf.serializeAsPEM().derBytes, format: .der)
    }
}

private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
}
