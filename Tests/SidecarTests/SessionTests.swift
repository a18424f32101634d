import Foundation
import Observability
import TestKit
import Testing

@testable import Sidecar

@Suite("A session through the sidecar")
struct SessionTests {
    @Test("answers psql as the server does, and counts what it did", arguments: Transport.allCases) func answers(
        _ transport: Transport
    ) async throws {
        let fixture = try await SidecarFixture(
            transport: transport, schema: "CREATE TABLE t AS SELECT g AS i FROM generate_series(1, 10) g")
        let token = try await fixture.token()
        let result = try await fixture.psql(
            "SELECT sum(i) FROM t;\n\\d t\nSELECT 1/0;\nBEGIN; SELECT 'in'; ROLLBACK;\nSELECT 'after';", token: token)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("55"))
        #expect(result.output.contains("in\nafter"))
        #expect(result.errors.contains("division by zero"))
        try await eventually("the session is closed") { fixture.metrics.sessionsOpen.value == 0 }
        #expect(fixture.metrics.sessionsTotal.value == 1)
        #expect(fixture.metrics.statementsAllowed.value >= 7)
        #expect(fixture.metrics.recordsAppended.value > 14)
        try await fixture.stop()
    }

    @Test("carries large results and COPY both ways byte for byte", arguments: Transport.allCases) func large(
        _ transport: Transport
    ) async throws {
        let fixture = try await SidecarFixture(
            transport: transport,
            schema: "CREATE TABLE big AS SELECT g AS i, repeat(md5(g::text), 10) AS s FROM generate_series(1, 60000) g")
        let token = try await fixture.token()
        let result = try await fixture.psql(
            """
            \\copy (SELECT * FROM big) TO '\(fixture.folder["out"])'
            CREATE TABLE back (i int, s text);
            \\copy back FROM '\(fixture.folder["out"])'
            SELECT count(*), md5(string_agg(s, '' ORDER BY i)) FROM back;
            SELECT i, s FROM big ORDER BY i;
            """, token: token)
        #expect(result.status == 0, "\(result.errors)")
        let expected = try await fixture.server.sql("SELECT count(*), md5(string_agg(s, '' ORDER BY i)) FROM big")
        #expect(result.output.hasPrefix(expected), "\(result.output.prefix(200)) \(result.errors)")
        #expect(result.output.utf8.count > 19_000_000)
        try await fixture.stop()
    }

    @Test("is reached over a Unix socket, which a dead sidecar's does not block") func unixSocket() async throws {
        let fixture = try await SidecarFixture(listen: "unix:{{folder}}/.s.PGSQL.5432")
        #expect(try await fixture.psql("SELECT 'here'", token: fixture.token()).output == "here\n")
        try await fixture.stop()
        #expect(!FileManager.default.fileExists(atPath: fixture.folder[".s.PGSQL.5432"]))
    }

    @Test("refuses a token that is none, is for somebody else or has expired", arguments: Transport.allCases)
    func tokens(_ transport: Transport) async throws {
        let fixture = try await SidecarFixture(transport: transport)
        let foreign = try await fixture.issuer.token(subject: "agent", groups: ["everyone"], audience: "another")
        let stranger = try await TestIssuer(url: "https://elsewhere.test").token(subject: "a", groups: ["everyone"])
        for token in ["", "secret", foreign, stranger, try await fixture.token(lifetime: -10)] {
            let result = try await fixture.psql("SELECT 1", token: token)
            #expect(result.status == 2, "\(result.output)")
            #expect(!result.output.contains("1"))
        }
        #expect(fixture.metrics.tokensRefused.value >= 4)
        #expect(fixture.metrics.upstreamConnects.value == 0)
        try await fixture.stop()
    }

    @Test("ends when its token does", arguments: Transport.allCases) func expiry(_ transport: Transport) async throws {
        let fixture = try await SidecarFixture(transport: transport)
        try await SidecarFixture.tokenLifetimes { lifetime in
            let end = SystemClock.unixSeconds() + lifetime
            let talk = try fixture.conversation(token: try await fixture.token(lifetime: lifetime))
            talk.say("SELECT 'be' || 'fore';")
            guard try await talk.hears("before") else { return false }
            // psql does not look at its connection before the next statement.
            try await eventually("the session is closed", within: .seconds(lifetime + 20)) {
                fixture.metrics.sessionsOpen.value == 0
            }
            #expect(SystemClock.unixSeconds() >= end)
            talk.say("SELECT 'af' || 'ter';")
            try await talk.ended()
            #expect(!talk.output.contains("after"))
            return true
        }
        try await fixture.stop()
    }

    @Test("cancels its own statement, and no other", arguments: Transport.allCases) func cancel(_ transport: Transport)
        async throws
    {
        let fixture = try await SidecarFixture(transport: transport)
        let token = try await fixture.token()
        let gate = try await fixture.gate()
        let (one, other) = (try fixture.conversation(token: token), try fixture.conversation(token: token))
        one.say("SELECT \(Gate.pass);")
        other.say("SELECT \(Gate.pass), 'un' || 'harmed';")
        try await eventually("both run upstream") { try await fixture.waitingUpstream() == 2 }
        one.interrupt()
        try await one.heard("canceling statement due to user request")
        gate.open()
        try await other.heard("unharmed")
        try await fixture.stop()
    }

    @Test("does not grow when its client stops reading", arguments: Transport.allCases) func backPressure(
        _ transport: Transport
    ) async throws {
        let fixture = try await SidecarFixture(
            transport: transport,
            schema: "CREATE TABLE wide AS SELECT repeat('x', 10000) AS s FROM generate_series(1, 20000)")
        let token = try await fixture.token()
        // A pager that reads nothing: psql fills its pipe and stops.
        let client = try Command(
            ["bash", "-c", "psql -X -q -A -t -v FETCH_COUNT=0 -c 'COPY wide TO STDOUT' | sleep 600"],
            environment: fixture.environment(token: token))
        try await eventually("bytes flow") { fixture.metrics.bytesToClients.value > 100_000 }
        var last: UInt64 = 0
        var quiet = 0
        try await eventually("the flow stops") {
            let now = fixture.metrics.bytesToClients.value
            quiet = now == last ? quiet + 1 : 0
            last = now
            return quiet > 50
        }
        // What is under way is in buffers of sockets and pipes; the 200 MB of the table are not.
        #expect(fixture.metrics.bytesToClients.value < 40_000_000)
        client.signal(SIGKILL)
        try await fixture.stop()
    }

    @Test(
        "ends at its next rest when the sidecar drains, and a statement under way is let finish",
        arguments: Transport.allCases) func drain(_ transport: Transport)
        async throws
    {
        let fixture = try await SidecarFixture(transport: transport)
        let token = try await fixture.token()
        let gate = try await fixture.gate()
        let (idle, busy) = (try fixture.conversation(token: token), try fixture.conversation(token: token))
        idle.say("SELECT 'id' || 'le';")
        try await idle.heard("idle")
        busy.say("SELECT \(Gate.pass), 'fin' || 'ished';")
        try await eventually("it runs upstream") { try await fixture.waitingUpstream() == 1 }
        async let stopped: Void = fixture.stop()
        try await eventually("the drain has begun") { !fixture.sidecar.isReady }
        gate.open()
        try await stopped
        try await busy.heard("finished")
        #expect(fixture.metrics.sessionsOpen.value == 0)
    }

    @Test("tells that the database is not there, and goes on when it is back", arguments: Transport.allCases)
    func upstreamAway(_ transport: Transport) async throws {
        let fixture = try await SidecarFixture(transport: transport)
        let token = try await fixture.token()
        let talk = try fixture.conversation(token: token)
        talk.say("SELECT 'be' || 'fore';")
        try await talk.heard("before")
        try await fixture.server.stop()
        let away = try await fixture.psql("SELECT 1", token: token)
        #expect(away.status == 2)
        #expect(away.errors.contains("cannot be reached"), "\(away.errors)")
        #expect(!away.errors.contains("\(fixture.server.port)"), "\(away.errors)")
        try await fixture.server.start()
        #expect(try await fixture.psql("SELECT 'back'", token: token).output == "back\n")
        try await fixture.stop()
    }

    @Test(
        "ends sessions whose catalog could not be compared for too long, and says whose password is wrong",
        arguments: Transport.allCases)
    func staleCatalog(_ transport: Transport) async throws {
        let fixture = try await SidecarFixture(transport: transport) { configuration, _ in
            configuration.catalogStaleMilliseconds = 5_000
        }
        let token = try await fixture.token()
        let talk = try fixture.conversation(token: token)
        talk.say("SELECT 'be' || 'fore';")
        try await talk.heard("before")
        try fixture.folder.write("wrong\n", to: "credentials/password")
        try await fixture.server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stile-catalog'")
        try await eventually("the session has ended", within: .seconds(60)) {
            fixture.metrics.sessionsOpen.value == 0
        }
        talk.say("SELECT 1;")
        try await talk.heard("could not be read again")
        let refused = try await fixture.psql("SELECT 1", token: token)
        #expect(refused.errors.contains("refuses the sidecar's own password"), "\(refused.errors)")
        #expect(!refused.errors.contains("wrong"), "\(refused.errors)")
        try fixture.folder.write("\(fixture.server.password)\n", to: "credentials/password")
        #expect(try await fixture.psql("SELECT 'back'", token: token).output == "back\n")
        try await fixture.stop()
    }
}
