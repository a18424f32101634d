import Crypto
public import Foundation
import SwiftASN1
public import X509

/// A small certificate authority of its own, for demonstrations, laptops and tests: P-256 throughout.
///
/// It is not a substitute for the one that a platform runs; what it issues follows the same rules, so that swapping it
/// for cert-manager or SPIFFE changes files and nothing else.
public struct CertificateAuthority: Sendable {
    /// The authority's own certificate.
    public let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    /// A certificate and its key, as they go into files.
    public struct Issued: Sendable {
        public let certificate: Certificate
        /// PEM of the certificate.
        public let certificatePEM: String
        /// PEM of the private key (PKCS #8). A secret.
        public let keyPEM: String
    }

    /// What a certificate is for.
    public struct Request: Sendable {
        /// The common name; for a sidecar it is the sidecar's id.
        public var name: String
        /// Whether it is a server's (serverAuth) or a sidecar's (clientAuth).
        public var isServer: Bool
        /// Host names, for a server.
        public var dnsNames: [String]
        /// IPv4 or IPv6 addresses, for a server.
        public var addresses: [String]
        /// How many days it is good for, from now.
        public var days: Int

        public init(
            name: String, isServer: Bool = false, dnsNames: [String] = [], addresses: [String] = [], days: Int = 90
        ) {
            self.name = name
            self.isServer = isServer
            self.dnsNames = dnsNames
            self.addresses = addresses
            self.days = days
        }
    }

    /// Makes a new authority with a key of its own.
    public init(name: String, days: Int, now: Date = Date()) throws {
        key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName { CommonName(name) }
        certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-Self.backdating),
            notValidAfter: now.addingTimeInterval(Double(days) * 86_400),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
    }

    /// Takes up an authority that was made before.
    ///
    /// - Throws: ``CollectorError`` when the two do not belong together, or are not what they should be.
    public init(certificatePEM: String, keyPEM: String) throws {
        do {
            certificate = try Certificate(pemEncoded: certificatePEM)
        } catch {
            throw CollectorError(.certificate, "the authority's certificate is not a PEM certificate", cause: error)
        }
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        } catch {
            throw CollectorError(.certificate, "the authority's key is not a P-256 private key in PEM", cause: error)
        }
        guard certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
            throw CollectorError(.certificate, "the authority's key does not belong to its certificate")
        }
    }

    /// Clocks differ; a certificate is good a little before it is made.
    private static let backdating: Double = 300

    public var certificatePEM: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    /// The authority's private key. A secret.
    public var keyPEM: String { key.pemRepresentation }

    /// Issues a certificate with a key of its own.
    ///
    /// - Throws: ``CollectorError`` for a request that makes no sense.
    public func issue(_ request: Request, now: Date = Date()) throws -> Issued {
        guard !request.name.isEmpty, request.name.utf8.count <= 64 else {
            throw CollectorError(.configuration, "a certificate's name has 1 to 64 bytes (RFC 5280, ub-common-name)")
        }
        guard (1...3650).contains(request.days) else {
            throw CollectorError(.configuration, "--days \(request.days) is not between 1 and 3650")
        }
        var names: [GeneralName] = request.dnsNames.map { .dnsName($0) }
        for address in request.addresses {
            guard let bytes = IPAddress.bytes(address) else {
                throw CollectorError(.configuration, "\"\(address)\" is not an IPv4 or IPv6 address")
            }
            names.append(.ipAddress(ASN1OctetString(contentBytes: bytes[...])))
        }
        if request.isServer, names.isEmpty {
            throw CollectorError(
                .configuration, "a server's certificate needs a name that clients check: --dns or --ip")
        }
        if !request.isServer, names.isEmpty {
            // The sidecar's id again, where modern verifiers look for names.
            names.append(.uniformResourceIdentifier("stile:sidecar:\(request.name)"))
        }
        let leafKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(leafKey.publicKey)
        // The issued certificate is never good for longer than its issuer: a chain that outlives its root is refused
        // with a message that names the wrong certificate.
        let wanted = now.addingTimeInterval(Double(request.days) * 86_400)
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: now.addingTimeInterval(-Self.backdating),
            notValidAfter: min(wanted, certificate.notValidAfter),
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName(request.name) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage(request.isServer ? [.serverAuth] : [.clientAuth])
                SubjectAlternativeNames(names)
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
        return Issued(
            certificate: leaf,
            certificatePEM: try leaf.serializeAsPEM().pemString,
            keyPEM: leafKey.pemRepresentation)
    }
}
