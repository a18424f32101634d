import Collector
import Foundation
import Records
import SwiftProtobuf
import Testing
import UplinkProtocol

/// A sidecar of a test: its certificate and the key that signs.
struct TestSidecar {
    let id: String
    let issued: CertificateAuthority.Issued
    let signer: SessionSigner

    init(_ authority: CertificateAuthority, id: String = "sidecar-1") throws {
        self.id = id
        issued = try authority.issue(.init(name: id))
        signer = try SessionSigner(pem: issued.keyPEM)
    }

    func connect(_ collector: RunningCollector) throws -> UplinkClient {
        try UplinkClient(collector.addresses, authority: collector.authority, identity: issued, sidecarID: id)
    }
}

@Suite struct IngestTests {
    @Test func `A session that was sent is there, counted and verified`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(sidecar.signer)
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            let token = try await collector.auditor()
            let view = try await collector.get("/v1/sessions/\(session.uuid)", token: token, as: SessionView.self)
            #expect(view.subject == "ann")
            #expect(view.actors == ["assistant"])
            #expect(view.statements == 2 && view.denied == 1 && view.rows == 3 && view.maskedValues == 3)
            #expect(view.signature == .verified)
            #expect(view.intact && view.closed != nil)
            let result = try await collector.get(
                "/v1/sessions/\(session.uuid)/verify", token: token, as: VerificationView.self)
            #expect(result.verified, "\(result.problems)")
            try await client.close()
        }
    }

    @Test func `Records that come twice, over two connections, are stored once`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let session = try SampleSession.complete(sidecar.signer)
            for _ in 0..<2 {
                let client = try sidecar.connect(collector)
                client.send(batch: 1, Array(session.bytes.prefix(3)))
                client.send(batch: 2, session.bytes)
                try await client.stored(2)
                try await client.close()
            }
            let view = try await collector.get(
                "/v1/sessions/\(session.uuid)", token: collector.auditor(), as: SessionView.self)
            #expect(view.records == Int64(session.records.count))
            #expect(view.statements == 2)
            #expect(view.intact)
        }
    }

    @Test func `What was acknowledged survives a restart`() async throws {
        let site = try RunningCollector.Site()
        let sidecar = try TestSidecar(site.authority)
        let session = try SampleSession.complete(sidecar.signer)
        try await RunningCollector.with(site) { collector in
            let client = try sidecar.connect(collector)
            client.send(batch: 1, Array(session.bytes.prefix(4)))
            try await client.stored(1)
        }
        try await RunningCollector.with(site) { collector in
            let client = try sidecar.connect(collector)
            client.send(batch: 1, Array(session.bytes.dropFirst(2)))
            try await client.stored(1)
            let view = try await collector.get(
                "/v1/sessions/\(session.uuid)", token: collector.auditor(), as: SessionView.self)
            #expect(view.records == Int64(session.records.count) && view.signature == .verified)
            let findings = try await collector.get(
                "/v1/findings", token: collector.auditor(), as: Page<FindingView>.self)
            #expect(findings.items.isEmpty && view.intact)
        }
    }

    @Test func `Another record of the same number is a finding, and the first stays`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var one = try SampleSession()
            var other = one
            try one.addStatement(1, "SELECT 1")
            try other.addStatement(1, "SELECT 2")
            client.send(batch: 1, one.bytes)
            client.send(batch: 2, other.bytes)
            client.send(batch: 3, other.bytes)
            try await client.stored(3)
            let token = try await collector.auditor()
            let findings = try await collector.get("/v1/findings", token: token, as: Page<FindingView>.self).items
            #expect(findings.map(\.kind) == [.fork, .fork])
            let records = try await collector.get(
                "/v1/sessions/\(one.uuid)/records?kind=statement", token: token, as: Page<RecordView>.self
            ).items
            #expect(records.map(\.statement?.text) == ["SELECT 1"])
        }
    }

    @Test func `A gap is shown until it is filled, whatever order records come in`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(sidecar.signer)
            let token = try await collector.auditor()
            client.send(batch: 1, [session.bytes[0], session.bytes[3], session.bytes[2]])
            try await client.stored(1)
            let before = try await collector.get("/v1/findings?open=true", token: token, as: Page<FindingView>.self)
                .items
            #expect(before.map(\.kind) == [.gap])
            #expect(before.first?.sequence == 1)
            client.send(batch: 2, [session.bytes[4], session.bytes[1]])
            try await client.stored(2)
            let after = try await collector.get("/v1/findings?open=true", token: token, as: Page<FindingView>.self)
                .items
            #expect(after.isEmpty)
            let view = try await collector.get("/v1/sessions/\(session.uuid)", token: token, as: SessionView.self)
            #expect(view.intact && view.findings == 0 && view.signature == .verified)
        }
    }

    @Test func `An altered record breaks the link of the next, and the break is shown`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(sidecar.signer)
            var altered = session.bytes
            var record = try PBRecord(serializedBytes: altered[1])
            record.statement.text = "SELECT 'nothing to see'"
            altered[1] = try record.serializedBytes()
            client.send(batch: 1, altered)
            try await client.stored(1)
            let token = try await collector.auditor()
            let kinds = try await collector.get("/v1/findings", token: token, as: Page<FindingView>.self).items
            #expect(kinds.map(\.kind) == [.brokenLink])
            let result = try await collector.get(
                "/v1/sessions/\(session.uuid)/verify", token: token, as: VerificationView.self)
            #expect(!result.verified && !result.intact)
        }
    }

    @Test func `A close signed with another key than the sidecar's is a finding`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let stranger = try TestSidecar(collector.authority, id: "sidecar-2")
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(stranger.signer)
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            let findings = try await collector.get(
                "/v1/findings", token: collector.auditor(), as: Page<FindingView>.self
            ).items
            #expect(findings.map(\.kind) == [.unknownKey])
        }
    }

    @Test func `Bytes that are no record are kept as a finding and hold nothing up`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(sidecar.signer)
            client.send(batch: 1, [[0xFF, 0xFF, 0xFF], [], session.bytes[0]])
            try await client.stored(1)
            let findings = try await collector.get(
                "/v1/findings", token: collector.auditor(), as: Page<FindingView>.self
            ).items
            #expect(findings.map(\.kind) == [.malformed, .malformed])
        }
    }

    @Test func `A sidecar cannot add to the session of another`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let stranger = try TestSidecar(collector.authority, id: "sidecar-2")
            let session = try SampleSession.complete(sidecar.signer)
            let client = try sidecar.connect(collector)
            client.send(batch: 1, Array(session.bytes.prefix(2)))
            try await client.stored(1)
            let other = try stranger.connect(collector)
            other.send(batch: 1, Array(session.bytes.dropFirst(2)))
            try await other.stored(1)
            let token = try await collector.auditor()
            let view = try await collector.get("/v1/sessions/\(session.uuid)", token: token, as: SessionView.self)
            #expect(view.records == 2)
            let kinds = try await collector.get("/v1/findings", token: token, as: Page<FindingView>.self).items.map(
                \.kind)
            #expect(Set(kinds) == [.foreign])
        }
    }

    @Test func `A session without a close is a finding once its sidecar has nothing more to say`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var session = try SampleSession()
            try session.addStatement(1, "SELECT 1")
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            client.send(.with { $0.heartbeat.openSessions = 1 })
            client.send(.with { $0.heartbeat.openSessions = 0 })
            let token = try await collector.auditor()
            try await eventuallyFinding(collector, token, [.missingClose])
            try session.close(sidecar.signer)
            client.send(batch: 2, session.bytes)
            try await client.stored(2)
            try await eventuallyFinding(collector, token, [])
        }
    }
}
