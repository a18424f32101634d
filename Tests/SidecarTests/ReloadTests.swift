import Foundation
import Observability
import TestKit
import Testing

@testable import Sidecar

@Suite("A policy that changes")
struct ReloadTests {
    private static let denying = """
        rules:
          - { name: reads, allow: [select], on: [db], to: { groups: [everyone] }, vouch: { functions: ["*", "*.*"] } }
          - { name: closed, deny: [select], on: [db], where: { tables: ["*.secrets"] }, message: "The books are closed." }
        """
    private static let schema =
        "CREATE TABLE secrets AS SELECT 'vis' || 'ible' AS s; CREATE TABLE open AS SELECT 'op' || 'en' AS s"

    @Test("is in force for the next statement of sessions that are open") func takesOver() async throws {
        let fixture = try await SidecarFixture(schema: Self.schema)
        let talk = try fixture.conversation(token: try await fixture.token())
        talk.say("SELECT s FROM secrets;")
        try await talk.heard("visible")
        try fixture.replacePolicy(rules: Self.denying)
        try await eventually("the policy is loaded") { fixture.metrics.policyReloads.value == 2 }
        talk.say("SELECT s FROM secrets;")
        try await talk.heard("The books are closed.")
        talk.say("SELECT s FROM open;")
        try await talk.heard("open")
        #expect(talk.isOpen)
        try await fixture.stop()
    }

    @Test("may give a resource a certificate, which the next session is offered while others go on without")
    func offersTLS() async throws {
        let fixture = try await SidecarFixture(schema: Self.schema)
        let token = try await fixture.token()
        let talk = try fixture.conversation(token: token)
        talk.say("SELECT s FROM open;")
        try await talk.heard("open")
        #expect(try await fixture.psql("SELECT 1", token: token, tls: "require").status == 2)
        try fixture.replacePolicy(
            rules: SidecarFixture.rules, resource: try await SidecarFixture.listenTLS(in: fixture.folder))
        try await eventually("the policy is loaded") { fixture.metrics.policyReloads.value == 2 }
        #expect(try await fixture.psql("SELECT s FROM open", token: token, tls: "require").output == "open\n")
        #expect(try await fixture.psql("SELECT s FROM open", token: token, tls: "disable").output == "open\n")
        talk.say("SELECT s FROM secrets;")
        try await talk.heard("visible")
        try await fixture.stop()
    }

    @Test("for the worse changes nothing, and is said") func staysGood() async throws {
        let fixture = try await SidecarFixture(rules: Self.denying, schema: Self.schema)
        let token = try await fixture.token()
        try fixture.folder.write("kind: [", to: "policy/policy.yaml")
        try await eventually("the policy is rejected") { fixture.metrics.policyRejections.value == 1 }
        #expect(fixture.sidecar.isReady, "\(fixture.sidecar.readinessDetail)")
        #expect(fixture.sidecar.readinessDetail.contains("policy.yaml"), "\(fixture.sidecar.readinessDetail)")
        #expect(try await fixture.psql("SELECT s FROM secrets", token: token).errors.contains("The books are closed."))
        try fixture.replacePolicy(rules: SidecarFixture.rules)
        try await eventually("the policy is loaded") { fixture.metrics.policyReloads.value == 2 }
        #expect(try await fixture.psql("SELECT s FROM secrets", token: token).output == "visible\n")
        try await fixture.stop()
    }

    @Test("comes by the swap of a ConfigMap's symlink") func configMap() async throws {
        let fixture = try await SidecarFixture(
            schema: Self.schema,
            configure: { configuration, folder in
                let text = try String(contentsOfFile: folder["policy/policy.yaml"], encoding: .utf8)
                try folder.write(text, to: "volume/..1/policy.yaml")
                let files = FileManager.default
                try files.createSymbolicLink(atPath: folder["volume/..data"], withDestinationPath: "..1")
                try files.createSymbolicLink(
                    atPath: folder["volume/policy.yaml"], withDestinationPath: "..data/policy.yaml")
                configuration.policyPath = folder["volume"]
            })
        let folder = fixture.folder
        try folder.write(
            SidecarFixture.policy(
                rules: Self.denying, resource: "", folder: folder, issuer: fixture.issuer, upstream: fixture.server.port
            ),
            to: "volume/..2/policy.yaml")
        try FileManager.default.createSymbolicLink(atPath: folder["volume/..tmp"], withDestinationPath: "..2")
        #expect(rename(folder["volume/..tmp"], folder["volume/..data"]) == 0)
        try await eventually("the policy is loaded") { fixture.metrics.policyReloads.value == 2 }
        let result = try await fixture.psql("SELECT s FROM secrets", token: fixture.token())
        #expect(result.errors.contains("The books are closed."), "\(result.errors)")
        try await fixture.stop()
    }

    @Test("adds and removes listeners, and leaves the others with their sessions") func listeners() async throws {
        let fixture = try await SidecarFixture(schema: Self.schema)
        let talk = try fixture.conversation(token: try await fixture.token())
        talk.say("SELECT 'be' || 'fore';")
        try await talk.heard("before")
        let port = try LoopbackPort()
        try fixture.replacePolicy(
            rules: SidecarFixture.rules,
            resource: """
                  second:
                    protocol: postgres
                    listen: "127.0.0.1:\(port)"
                    upstream: "127.0.0.1:\(fixture.server.port)"
                    tls: disable
                    credentials: { usernameFile: "\(fixture.folder["credentials/username"])" }
                """)
        try await eventually("the second listens") { await fixture.sidecar.addresses["second"] != nil }
        #expect(port.isListening)
        try fixture.replacePolicy(rules: SidecarFixture.rules)
        try await eventually("the second is closed") { !port.isListening }
        talk.say("SELECT 'af' || 'ter';")
        try await talk.heard("after")
        try await fixture.stop()
    }

    @Test("is waited for when the sidecar is told to, and everything is refused until then") func waits() async throws {
        let fixture = try await SidecarFixture()
        try await fixture.stop()
        let folder = fixture.folder
        var configuration = SidecarConfiguration(
            policyPath: folder["later"], spoolDirectory: folder["another-spool"], sidecarID: "test")
        configuration.operationsAddress = nil
        configuration.waitsForPolicy = true
        let sidecar = try await Sidecar(configuration: configuration, logger: fixture.sidecar.parts.environment.logger)
        #expect(!sidecar.isReady)
        #expect(await sidecar.addresses.isEmpty)
        await sidecar.close()
    }
}
