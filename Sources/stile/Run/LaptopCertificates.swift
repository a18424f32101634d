import Collector
import Foundation

/// The uplink's certificates, made anew whenever `stile run` starts: nothing outside this process uses them, but that the
/// collector's store knows the sidecar's key, by which the closes of its sessions are verified. So the authorities of all runs are
/// kept: by theirs the evidence of earlier ones is verified.
struct LaptopCertificates {
    static let sidecarName = "laptop"

    let authority: String
    let collector: String
    let collectorKey: String
    let sidecar: String
    let sidecarKey: String

    init(directory: String) throws {
        let all = directory + "/ca.pem"
        authority = directory + "/uplink-ca.pem"
        collector = directory + "/collector.pem"
        collectorKey = directory + "/collector-key.pem"
        sidecar = directory + "/sidecar.pem"
        sidecarKey = directory + "/sidecar-key.pem"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for path in [self.authority, collector, collectorKey, sidecar, sidecarKey] {
            try? FileManager.default.removeItem(atPath: path)
        }
        let authority = try CertificateAuthority(name: "Stile on this machine", days: 30)
        try CertificateFiles.write(try authority.certificatePEM, to: self.authority, secret: false)
        try Self.keep(try authority.certificatePEM, in: all)
        let served = try authority.issue(
            .init(name: "collector", isServer: true, dnsNames: ["localhost"], addresses: ["127.0.0.1"], days: 30))
        try CertificateFiles.write(served.certificatePEM, to: collector, secret: false)
        try CertificateFiles.write(served.keyPEM, to: collectorKey, secret: true)
        let client = try authority.issue(
            .init(name: Self.sidecarName, isServer: false, dnsNames: [], addresses: [], days: 30))
        try CertificateFiles.write(client.certificatePEM, to: sidecar, secret: false)
        try CertificateFiles.write(client.keyPEM, to: sidecarKey, secret: true)
    }

    /// Bytes of the authorities that are kept, the newest: a thousand or so.
    private static let keptBytes = 512 << 10

    private static func keep(_ authority: String, in path: String) throws {
        let earlier = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var kept = authority
        for certificate in earlier.split(separator: "-----BEGIN", omittingEmptySubsequences: true) {
            let text = "-----BEGIN" + certificate
            guard kept.utf8.count + text.utf8.count <= keptBytes else { break }
            kept += text
        }
        try Data(kept.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
