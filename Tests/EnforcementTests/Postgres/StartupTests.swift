import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct StartupTests {
    @Test func `a client with a token is let in and the first record says so`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        let greeting = harness.connect(parameters: [.init(name: "application_name", value: "psql")])
        #expect(greeting.first == .authentication(.cleartext))
        #expect(greeting.contains(.authentication(.ok)))
        #expect(greeting.contains(.backendKeyData(processID: 77, secret: [0, 0, 4, 0xD2])))
        #expect(greeting.status == .idle)
        guard let first = harness.records.first, case .sessionOpened(let opened) = first else {
            Issue.record("no record of the session")
            return
        }
        #expect(opened.subject.id == "ann")
        #expect(opened.client == "psql")
        #expect(opened.database == "shop")
        #expect(opened.refused.isEmpty)
        #expect(harness.requestedUpstream?.parameters.first == StartupParameter(name: "client_encoding", value: "UTF8"))
    }

    @Test func `a session that is revoked before it is let in begins with its opening`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        let parameters: [StartupPacket.Parameter] = [
            .init(name: "user", value: "app"), .init(name: "database", value: "shop"),
        ]
        harness.sendRaw(StartupPacket.startup(major: 3, minor: 0, parameters: parameters).encoded)
        harness.feed(.revoked(reason: "left the company"))
        guard case .sessionOpened(let opened) = harness.records.first else {
            Issue.record("the first record is \(harness.records)")
            return
        }
        #expect(opened.refused == "revoked: left the company")
        #expect(harness.records.count == 2)
    }

    @Test func `it all goes the same byte by byte`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.drips = true
        #expect(harness.connect().status == .idle)
    }

    @Test func `TLS is declined without a certificate and GSS always`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.sendRaw(StartupPacket.gssEncRequest.encoded)
        harness.sendRaw(StartupPacket.sslRequest.encoded)
        #expect(harness.rawClientBytes == Array("NN".utf8))
        #expect(harness.connect().status == .idle)
    }

    @Test func `a second SSLRequest closes the connection`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.sendRaw(StartupPacket.sslRequest.encoded)
        harness.sendRaw(StartupPacket.sslRequest.encoded)
        #expect(harness.isClientClosed)
    }

    @Test func `TLS is accepted with a certificate, once`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers), offersTLS: true)
        harness.sendRaw(StartupPacket.sslRequest.encoded)
        #expect(harness.rawClientBytes == Array("S".utf8))
        #expect(harness.order.last == "tls")
        harness.feed(.clientTLSEstablished)
        #expect(harness.connect().status == .idle)
    }

    @Test func `what is stuffed behind an SSLRequest closes the connection`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers), offersTLS: true)
        harness.sendRaw(StartupPacket.sslRequest.encoded + [0])
        #expect(harness.isClientClosed)
        #expect(!harness.order.contains("tls"))
    }

    @Test(arguments: [
        ("replication", "database"), ("options", "-c role=postgres"), ("client_encoding", "LATIN1"),
        ("standard_conforming_strings", "off"), ("session_authorization", "postgres"), ("options", "-f x"),
    ])
    func `a start-up parameter that would change who asks or what text means is refused`(
        name: String, value: String
    ) throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        let greeting = harness.connect(parameters: [.init(name: name, value: value)])
        #expect(greeting.error?["V"].map { String(decoding: $0, as: UTF8.self) } == "FATAL")
        #expect(harness.isClientClosed)
        #expect(harness.requestedUpstream == nil)
    }

    @Test func `harmless options are passed on`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.connect(parameters: [.init(name: "options", value: "-c statement_timeout=5s --search-path=a\\ b")])
        #expect(
            harness.requestedUpstream?.parameters.suffix(2) == [
                StartupParameter(name: "statement_timeout", value: "5s"),
                StartupParameter(name: "search_path", value: "a b"),
            ])
    }

    @Test func `a later minor version is negotiated down`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.sendRaw(
            StartupPacket.startup(
                major: 3, minor: 2,
                parameters: [.init(name: "user", value: "ann"), .init(name: "_pq_.shiny", value: "1")]
            ).encoded)
        #expect(harness.take().first == .negotiateProtocolVersion(minor: 3 << 16, unknown: [Array("_pq_.shiny".utf8)]))
    }

    @Test func `a CancelRequest is handed over with its key and nothing is answered`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.sendRaw(StartupPacket.cancel(processID: 9, secret: [0, 0, 0, 8]).encoded)
        #expect(harness.cancels == [CancelKey(processID: 9, secret: 8)])
        #expect(harness.isClientClosed)
        #expect(harness.rawClientBytes.isEmpty)
    }

    @Test func `whoever no rule allows anything is not let in`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers), groups: ["others"])
        #expect(harness.connect().sqlState == "42501")
        guard let first = harness.records.first, case .sessionOpened(let opened) = first else {
            Issue.record("no record of the refusal")
            return
        }
        #expect(!opened.refused.isEmpty)
    }

    @Test func `a database that policy does not name is refused`() throws {
        var resource = SessionHarness.resource
        resource.databases = ["clinic"]
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers), resource: resource)
        #expect(harness.connect().sqlState == "42501")
    }

    @Test func `an expired identity is refused, and one that expires later ends the session then`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.connect()
        #expect(harness.nextDeadline?.unixMicroseconds == 1_800_003_600_000_000)
        harness.pass(seconds: 3_599)
        #expect(!harness.isClientClosed)
        harness.pass(seconds: 1)
        #expect(harness.take().sqlState == "28000")
        #expect(harness.isClientClosed)
        #expect(harness.isUpstreamClosed)
        #expect(harness.order.suffix(4).contains("identity"))
    }

    @Test func `a client that gives no identity in time is closed`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.pass(seconds: 61)
        #expect(harness.isClientClosed)
    }

    @Test func `direct TLS is closed`() throws {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.readers))
        harness.sendRaw([0x16, 3, 1, 0])
        #expect(harness.isClientClosed)
    }
}
