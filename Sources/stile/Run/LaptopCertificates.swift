import Collector
import Foundation

/// The uplink's certificates, made anew whenever `stile run` starts: nothing outside this process uses them, but that the
/// collector's store knows the sidecar's key, by which the closes of its sessions are verified.
struct LaptopCertificates {
    static let sidecarName = "laptop"

    let authority: String
    let collector: String
    let collectorKey: String
    let sidecar: String
    let sidecarKey: String

    init(directory: String) throws {
        authority = directory + "/ca.pem"
        collector = directory + "/collector.pem"
        collectorKey = directory + "/collector-key.pem"
        sidecar = directory + "/sidecar.pem"
        sidecarKey = directory + "/sidecar-key.pem"
        try? FileManager.default.removeItem(atPath: directory)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let authority = try CertificateAuthority(name: "Stile on this machine", days: 30)
        try CertificateFiles.write(try authority.certificatePEM, to: self.authority, secret: false)
        let served = try authority.issue(
            .init(name: "collector", isServer: true, dnsNames: ["localhost"], addresses: ["127.0.0.1"], days: 30))
        try CertificateFiles.write(served.certificatePEM, to: collector, secret: false)
        try CertificateFiles.write(served.keyPEM, to: collectorKey, secret: true)
        let client = try authority.issue(
            .init(name: Self.sidecarName, isServer: false, dnsNames: [], addresses: [], days: 30))
        try CertificateFiles.write(client.certificatePEM, to: sidecar, secret: false)
        try CertificateFiles.write(client.keyPEM, to: sidecarKey, secret: true)
    }
}
