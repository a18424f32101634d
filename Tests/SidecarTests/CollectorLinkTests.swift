import TestKit
import Testing

@testable import Sidecar

@Suite("The collector's link")
struct CollectorLinkTests {
    @Test("says which file is at fault, and what mends it") func files() async throws {
        let folder = try TemporaryFolder("stile-link")
        _ = try await SidecarFixture.listenTLS(in: folder)
        let (certificate, key) = (folder["listen.pem"], folder["listen-key.pem"])
        try CollectorLink.check(certificate: certificate, key: key, authority: certificate)

        let other = try TemporaryFolder("stile-link")
        _ = try await SidecarFixture.listenTLS(in: other)
        let text = try folder.write("no PEM at all\n", to: "text.pem")
        func fault(_ certificate: String, _ key: String, _ authority: String?) -> String {
            do throws(SidecarError) {
                try CollectorLink.check(certificate: certificate, key: key, authority: authority)
                return "nothing"
            } catch {
                return error.message
            }
        }
        #expect(
            fault(certificate, other["listen-key.pem"], nil)
                == "\(other["listen-key.pem"]): is not the key of \(certificate); issue both together with 'stile certs issue'."
        )
        #expect(fault(text, key, nil).hasPrefix("\(text): holds no PEM certificate"))
        #expect(fault(certificate, text, nil).hasPrefix("\(text): holds no PEM private key"))
        #expect(fault(certificate, key, text).contains("it should hold the collector's authority (--collector-ca)"))
        #expect(fault(certificate, folder["nowhere"], nil).contains(folder["nowhere"]))
    }
}
