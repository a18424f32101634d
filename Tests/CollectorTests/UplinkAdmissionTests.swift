import Collector
import GRPCCore
import TestKit
import Testing

/// Waits until exactly these findings are open.
func eventuallyFinding(_ collector: RunningCollector, _ token: String, _ kinds: [FindingKind]) async throws {
    try await eventually("the open findings are \(kinds)") {
        try await collector.get("/v1/findings?open=true", token: token, as: Page<FindingView>.self).items.map(\.kind)
            == kinds
    }
}

@Suite struct UplinkAdmissionTests {
    @Test func `Without a client certificate nobody gets in`() async throws {
        try await RunningCollector.with { collector in
            let client = try UplinkClient(
                collector.addresses, authority: collector.authority, identity: nil, sidecarID: "sidecar-1")
            _ = try await client.failure()
            #expect(client.messages.isEmpty)
        }
    }

    @Test func `A certificate of another authority does not get in`() async throws {
        try await RunningCollector.with { collector in
            let other = try CertificateAuthority(name: "test authority", days: 1)
            let client = try UplinkClient(
                collector.addresses, authority: collector.authority, identity: other.issue(.init(name: "sidecar-1")),
                sidecarID: "sidecar-1")
            _ = try await client.failure()
            #expect(client.messages.isEmpty)
        }
    }

    @Test func `A server's certificate is not a sidecar's`() async throws {
        try await RunningCollector.with { collector in
            let issued = try collector.authority.issue(
                .init(name: "sidecar-1", isServer: true, dnsNames: ["sidecar-1"]))
            let client = try UplinkClient(
                collector.addresses, authority: collector.authority, identity: issued, sidecarID: "sidecar-1")
            _ = try await client.failure()
            #expect(client.messages.isEmpty)
        }
    }

    @Test func `A sidecar cannot say that it is another`() async throws {
        try await RunningCollector.with { collector in
            let client = try UplinkClient(
                collector.addresses, authority: collector.authority,
                identity: collector.authority.issue(.init(name: "sidecar-1")), sidecarID: "sidecar-2")
            let failure = try await client.failure() as? RPCError
            #expect(failure?.code == .permissionDenied)
        }
    }

    @Test func `The first message is a hello`() async throws {
        try await RunningCollector.with { collector in
            let client = try UplinkClient(
                collector.addresses, authority: collector.authority,
                identity: collector.authority.issue(.init(name: "sidecar-1")), sidecarID: "sidecar-1", sayHello: false)
            client.send(batch: 1, [])
            let failure = try await client.failure() as? RPCError
            #expect(failure?.code == .failedPrecondition)
        }
    }
}
