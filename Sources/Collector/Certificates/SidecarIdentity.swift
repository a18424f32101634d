import Crypto
import Foundation
import SwiftASN1
public import X509

/// Who a sidecar is, by the certificate of its connection.
public struct SidecarIdentity: Sendable, Hashable {
    /// Names that the certificate gives: its common name, and DNS and URI names. A URI `stile:sidecar:ID` gives `ID`.
    public let names: Set<String>
    /// The SubjectPublicKeyInfo, DER.
    public let publicKey: [UInt8]
    /// The certificate, DER.
    public let certificate: [UInt8]

    /// SHA-256 of the SubjectPublicKeyInfo, by which a signed close names its key.
    public var keyID: [UInt8] { Array(SHA256.hash(data: publicKey)) }

    public init(_ certificate: Certificate) throws {
        var names: Set<String> = []
        for relative in certificate.subject {
            for attribute in relative where attribute.type == .RDNAttributeType.commonName {
                if let name = String(attribute.value) { names.insert(name) }
            }
        }
        if let alternatives = try certificate.extensions.subjectAlternativeNames {
            for alternative in alternatives {
                switch alternative {
                case .dnsName(let name): names.insert(name)
                case .uniformResourceIdentifier(let uri):
                    names.insert(uri)
                    if uri.hasPrefix("stile:sidecar:") {
                        names.insert(String(uri.dropFirst("stile:sidecar:".count)))
                    }
                default: break
                }
            }
        }
        self.names = names
        guard let publicKey = certificate.publicKey.encodedInfo else {
            throw CollectorError(.certificate, "the certificate's key is of a kind that cannot be read")
        }
        self.publicKey = publicKey
        self.certificate = Array(try certificate.serializeAsPEM().derBytes)
    }
}
