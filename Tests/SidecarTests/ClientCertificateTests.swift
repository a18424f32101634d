import Foundation
import NIOSSL
import Policy
import TestKit
import Testing

@testable import Sidecar

@Suite("The certificate that an upstream is shown") struct ClientCertificateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("stile-client-certificate") }

    /// Makes a certificate and its key.
    private func make(_ certificate: String, _ key: String) async throws {
        let made = try await Command.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            folder[key], "-out", folder[certificate], "-days", "2", "-subj", "/CN=\(certificate)",
        ])
        #expect(made.status == 0, "\(made.errors)")
    }

    private func certificate() throws -> ClientCertificate {
        try #require(
            ClientCertificate(
                Resource(
                    name: "crm", protocolName: .http, listen: "127.0.0.1:1", upstream: "crm:443",
                    clientCertificateFile: folder["c.pem"], clientKeyFile: folder["k.pem"]),
                .makeClientConfiguration()))
    }

    private func fault(_ certificate: ClientCertificate) -> SidecarError? {
        do throws(SidecarError) {
            _ = try certificate.context()
            return nil
        } catch {
            return error
        }
    }

    @Test func `is kept until its files change`() async throws {
        try await make("c.pem", "k.pem")
        let certificate = try certificate()
        let first = try certificate.context()
        #expect(try certificate.context() === first)
        try await make("c.pem", "k.pem")
        let second = try certificate.context()
        #expect(second !== first)
    }

    @Test func `is not shown where a file is missing, holds something else, or belongs to another`() async throws {
        let certificate = try certificate()
        #expect(fault(certificate)?.code == .noInput)
        #expect(fault(certificate)?.message.contains("(certificateFile)") == true)
        try await make("c.pem", "k.pem")
        #expect(fault(certificate) == nil)
        let key = try String(contentsOfFile: folder["k.pem"], encoding: .utf8)
        for (text, code) in [("nothing\n", SidecarError.Code.config), ("", .config)] {
            try folder.write(text, to: "k.pem")
            let found = try #require(fault(certificate))
            #expect(found.code == code && found.message.contains(folder["k.pem"]), "\(found)")
            #expect(found.message.contains("(keyFile)") && found.message.contains("'crm'"), "\(found)")
        }
        try await make("other.pem", "k.pem")
        let found = try #require(fault(certificate))
        #expect(found.message.contains("not that of the first certificate"), "\(found)")
        try folder.write(key, to: "k.pem")
        #expect(fault(certificate) == nil)
    }
}
