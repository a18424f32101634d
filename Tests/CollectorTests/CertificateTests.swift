import Collector
import Foundation
import TestKit
import Testing
import X509

@Suite struct CertificateTests {
    private func stile(_ arguments: String...) async throws -> CommandResult {
        try await Command.run([Products.path(of: "stile")] + arguments)
    }

    @Test func `Keys are for their owner alone, and nothing is overwritten`() async throws {
        let folder = try TemporaryFolder("certs")
        #expect(try await stile("certs", "init", folder["ca"]).status == 0)
        #expect(try await stile("certs", "issue", folder["ca"], "--name", "sidecar-1").status == 0)
        for name in ["ca-key.pem", "sidecar-1-key.pem"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder["ca/" + name])[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
        let again = try await stile("certs", "init", folder["ca"])
        #expect(again.status == 78)
        #expect(again.errors.contains("ca-key.pem exists already"))
        #expect(again.errors.split(separator: "\n").count == 1)
    }

    @Test func `A server's certificate without a name, and a name that is a path, are refused`() async throws {
        let folder = try TemporaryFolder("certs")
        #expect(try await stile("certs", "init", folder.path).status == 0)
        let nameless = try await stile("certs", "issue", folder.path, "--name", "collector", "--server")
        #expect(nameless.status == 78 && nameless.errors.contains("--dns or --ip"))
        let path = try await stile("certs", "issue", folder.path, "--name", "../x")
        #expect(path.status == 78)
        let address = try await stile("certs", "issue", folder.path, "--name", "c", "--server", "--ip", "300.1.1.1")
        #expect(address.status == 78 && address.errors.contains("300.1.1.1"))
    }

    @Test func `An expired, a mismatched and a missing certificate are told apart`() throws {
        let folder = try TemporaryFolder("certs")
        let past = Date().addingTimeInterval(-10 * 86_400)
        let authority = try CertificateAuthority(name: "a", days: 30, now: past)
        let old = try authority.issue(.init(name: "old", days: 1), now: past)
        let good = try authority.issue(.init(name: "good", days: 1))
        let files = [
            "old.pem": old.certificatePEM, "old-key.pem": old.keyPEM, "good.pem": good.certificatePEM,
            "good-key.pem": good.keyPEM, "junk.pem": "junk",
        ]
        for (name, text) in files { try folder.write(text, to: name) }
        func fault(_ certificate: String, _ key: String) -> String {
            do throws(CollectorError) {
                try CertificateFiles.check(certificate: folder[certificate], key: folder[key], what: "test")
                return ""
            } catch {
                return error.description
            }
        }
        #expect(fault("good.pem", "good-key.pem").isEmpty)
        #expect(fault("old.pem", "old-key.pem").contains("expired on"))
        #expect(fault("good.pem", "old-key.pem").contains("does not belong"))
        #expect(fault("none.pem", "good-key.pem").contains("no such file"))
        #expect(fault("junk.pem", "good-key.pem").contains("holds no certificate"))
        #expect(fault("good.pem", "junk.pem").contains("not a private key"))
    }

    @Test func `No certificate outlives its authority`() throws {
        let authority = try CertificateAuthority(name: "a", days: 10)
        let issued = try authority.issue(.init(name: "s", days: 3000))
        #expect(issued.certificate.notValidAfter == authority.certificate.notValidAfter)
    }
}
