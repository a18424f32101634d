import Foundation
import TestKit
import Testing

@testable import Sidecar

@Suite("What Java trusts") struct JavaTrustStoreTests {
    private static func pem(_ body: String) -> String {
        "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
    }

    @Test func `certificates are taken each once, and what is between them is not`() {
        let text = "# a comment\n" + Self.pem("AAEC\nAwQ=") + Self.pem("no base64!") + "\n" + Self.pem("AAECAwQ=")
        let bytes = JavaTrustStore.bytes(of: text, at: 0x0102_0304)
        #expect(bytes.starts(with: [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 7]))
        #expect(bytes.count == 12 + 4 + 2 + 7 + 8 + 2 + 5 + 4 + 5 + 20)
        #expect(Array(bytes[25..<33]) == [0, 0, 0, 0, 1, 2, 3, 4])
        #expect(Array(bytes[40..<49]) == [0, 0, 0, 5, 0, 1, 2, 3, 4])
    }

    @Test func `keytool reads it, with its password and without, and finds the certificates that went in`() async throws
    {
        let folder = try TemporaryFolder("stile-java")
        var text = ""
        for name in ["one", "two"] {
            let made = try await Command.run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                folder["key.pem"], "-out", folder["\(name).pem"], "-days", "2", "-subj", "/CN=\(name)",
            ])
            #expect(made.status == 0, "\(made.errors)")
            text += try String(contentsOfFile: folder["\(name).pem"], encoding: .utf8)
        }
        let path = folder["store.jks"]
        try TrustFile.write(JavaTrustStore.bytes(of: text, at: 1_800_000_000_000), to: path, what: "a test's")
        for password in [["-storepass", JavaTrustStore.password], []] {
            let listed = try await Command.run(
                ["keytool", "-list", "-v", "-keystore", path, "-storetype", "JKS", "-J-Duser.language=en"] + password,
                input: "\n")
            #expect(listed.status == 0, "\(listed.output) \(listed.errors)")
            #expect(listed.output.contains("contains 2 entries"), "\(listed.output)")
            for name in ["one", "two"] { #expect(listed.output.contains("Owner: CN=\(name)")) }
            #expect(listed.output.components(separatedBy: "trustedCertEntry").count == 3)
        }
        // A digest by another password's would not have been taken.
        let wrong = try await Command.run([
            "keytool", "-list", "-keystore", path, "-storetype", "JKS", "-storepass", "another",
        ])
        #expect(wrong.status != 0)
    }
}
