import Foundation
import Observability
import TestKit
import Testing
import UplinkProtocol

@testable import Sidecar

@Suite("A session of the pod's own token")
struct TokenFileTests {
    private static let rules = """
        rules:
          - { name: reads, allow: [select], on: [db], to: { groups: [everyone] }, vouch: { functions: ["*", "*.*"] } }
        """

    /// The file must be there before the policy names it, and the policy names it by the fixture's folder.
    private static func fixture(_ token: (TestIssuer) async throws -> String) async throws -> SidecarFixture {
        let fixture = try await SidecarFixture(rules: rules, schema: "CREATE TABLE t AS SELECT 'val' || 'ue' AS s")
        try await fixture.folder.write(token(fixture.issuer) + "\n", to: "token")
        try fixture.replacePolicy(rules: rules, resource: "    tokenFile: \(fixture.folder["token"])")
        try await eventually("the policy is loaded") { fixture.metrics.policyReloads.value == 2 }
        return fixture
    }

    @Test("needs no password, and loses what its groups lose at the next statement") func groups() async throws {
        let fixture = try await Self.fixture { try await $0.token(subject: "pod", groups: ["everyone"]) }
        let talk = try fixture.conversation(token: "")
        talk.say("SELECT s FROM t;")
        try await talk.heard("value")
        try await fixture.folder.write(
            fixture.issuer.token(subject: "pod", groups: ["nobody"]) + "\n", to: "token")
        // The next statement after the renewal is denied; how soon the file is seen is the watch's interval.
        try await eventually("a statement is denied") {
            talk.say("SELECT s FROM t;")
            return fixture.metrics.statementsDenied.value > 0
        }
        #expect(talk.isOpen)
        try await fixture.folder.write(
            fixture.issuer.token(subject: "pod", groups: ["everyone"]) + "\n", to: "token")
        let allowed = fixture.metrics.statementsAllowed.value
        try await eventually("a statement is allowed") {
            talk.say("SELECT s FROM t;")
            return fixture.metrics.statementsAllowed.value > allowed
        }
        try await fixture.stop()
    }

    @Test("outlives its first token when the file is renewed") func renewal() async throws {
        try await SidecarFixture.tokenLifetimes { lifetime in
            let end = SystemClock.unixSeconds() + lifetime + 1
            let fixture = try await Self.fixture {
                try await $0.token(subject: "pod", groups: ["everyone"], lifetime: lifetime)
            }
            let talk = try fixture.conversation(token: "")
            talk.say("SELECT 'be' || 'fore';")
            guard try await talk.hears("before") else { return false }
            try await fixture.folder.write(
                fixture.issuer.token(subject: "pod", groups: ["everyone"], lifetime: 600) + "\n", to: "token")
            talk.say("SELECT pg_sleep(extract(epoch FROM to_timestamp(\(end)) - now())), 'af' || 'ter';")
            guard try await talk.hears("after", within: .seconds(lifetime + 60)) else { return false }
            talk.say("SELECT 'st' || 'ill';")
            try await talk.heard("still")
            try await fixture.stop()
            return true
        }
    }

    @Test("is not taken over by somebody else's token") func takeover() async throws {
        let fixture = try await Self.fixture { try await $0.token(subject: "pod", groups: ["everyone"]) }
        let talk = try fixture.conversation(token: "")
        talk.say("SELECT 'be' || 'fore';")
        try await talk.heard("before")
        try await fixture.folder.write(
            fixture.issuer.token(subject: "other", groups: ["everyone"]) + "\n", to: "token")
        try await eventually("the session is ended") { fixture.metrics.sessionsOpen.value == 0 }
        try await fixture.stop()
    }

    @Test("ends at once when it is revoked, and is not let in until that is lifted") func revocation() async throws {
        let fixture = try await Self.fixture { try await $0.token(subject: "pod", groups: ["everyone"]) }
        let talk = try fixture.conversation(token: "")
        talk.say("SELECT 'be' || 'fore';")
        try await talk.heard("before")
        var revocation = PBRevocation()
        revocation.id = "r1"
        revocation.subject = "pod"
        revocation.reason = "contract ended"
        let revocations = fixture.sidecar.parts.environment.revocations
        revocations.revocationChanged(revocation)
        try await eventually("the session is ended") { fixture.metrics.sessionsOpen.value == 0 }
        #expect(try await fixture.psql("SELECT 'in'", token: "").status == 2)
        revocation.lifted = true
        revocations.revocationChanged(revocation)
        #expect(try await fixture.psql("SELECT 'in'", token: "").output == "in\n")
        try await fixture.stop()
    }
}
