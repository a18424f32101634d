import Crypto
import FoundationEssentials

/// A file by which Java's programs trust what others trust by PEM: a key store of Java's own first format (JKS), without any key in it.
///
/// The format is `sun.security.provider.JavaKeyStore`'s: a head, the entries, and a digest over both.
public enum JavaTrustStore {
    /// Java asks for one; it guards nothing, and whoever gives none reads the file all the same.
    static let password = "changeit"

    private static let magic: UInt32 = 0xFEED_FEED
    private static let version: UInt32 = 2
    private static let trustedCertificate: UInt32 = 2

    /// Where it is, beside the file for all others.
    public static func path(beside trustFile: String) -> String { trustFile + ".jks" }

    /// - Parameters:
    ///   - pem: Certificates, with whatever else between them; each is taken once.
    ///   - milliseconds: When they were taken in, since 1970.
    static func bytes(of pem: String, at milliseconds: Int64) -> [UInt8] {
        var seen: Set<[UInt8]> = []
        let certificates = certificates(in: pem).filter { seen.insert($0).inserted }
        var bytes: [UInt8] = []
        put(magic, into: &bytes)
        put(version, into: &bytes)
        put(UInt32(truncatingIfNeeded: certificates.count), into: &bytes)
        for (number, certificate) in certificates.enumerated() {
            put(trustedCertificate, into: &bytes)
            put("stile-\(number)", into: &bytes)
            put(milliseconds, into: &bytes)
            put("X.509", into: &bytes)
            put(UInt32(truncatingIfNeeded: certificate.count), into: &bytes)
            bytes += certificate
        }
        var digest = Insecure.SHA1()
        digest.update(data: password.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        digest.update(data: Array("Mighty Aphrodite".utf8))
        digest.update(data: bytes)
        return bytes + digest.finalize()
    }

    /// DER of each certificate; what is no base64 is left out.
    private static func certificates(in pem: String) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var lines: [Substring]?
        for line in pem.split(whereSeparator: \.isNewline) {
            switch line {
            case "-----BEGIN CERTIFICATE-----": lines = []
            case "-----END CERTIFICATE-----":
                if let data = lines.flatMap({ Data(base64Encoded: $0.joined()) }), !data.isEmpty {
                    found.append(Array(data))
                }
                lines = nil
            default: lines?.append(line)
            }
        }
        return found
    }

    private static func put(_ number: some FixedWidthInteger, into bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    /// As `DataOutput.writeUTF` does with ASCII: the length in two bytes, and the text.
    private static func put(_ text: String, into bytes: inout [UInt8]) {
        put(UInt16(truncatingIfNeeded: text.utf8.count), into: &bytes)
        bytes += text.utf8
    }
}
