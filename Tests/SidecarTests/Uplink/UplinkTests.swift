import Foundation
import Logging
import Observability
import Records
import ServiceLifecycle
import Sidecar
import SwiftProtobuf
import Synchronization
import TestKit
import Testing
import UplinkProtocol

@Suite(.timeLimit(.minutes(1))) struct UplinkTests {
    let fixture: UplinkFixture
    var spool: Spool { fixture.spool }
    var collector: TestCollector { fixture.collector }

    init() throws {
        fixture = try UplinkFixture()
    }

    @Test func `all records arrive whole, and leave the spool`() async throws {
        try fixture.record(300)
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("the spool is empty") { spool.statistics.records == 0 }
                try fixture.record(200, session: 2)
                try await eventually("the spool is empty again") { spool.statistics.records == 0 }
            }
        }
        let stored = collector.state.withLock { $0.stored }
        #expect(stored.count == 504)
        #expect(fixture.metrics.recordsAcknowledged.value == 504)
        #expect(collector.state.withLock { $0.hellos.first?.policyDigest } == Data([1, 2, 3]))
        let ordered = try stored.values.map { (try RecordEnvelope(of: $0).sequence, $0) }.sorted { $0.0 < $1.0 }
        #expect(try fixture.spools.faults(of: ordered.map(\.1)) == [])
    }

    @Test func `a connection that breaks loses nothing, and the store takes each record once`() async throws {
        try fixture.record(400)
        collector.state.withLock { $0.breakAtBatch = 3 }
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("the connection broke a few times") {
                    collector.state.withLock { $0.breaks } >= 3
                }
                collector.state.withLock { $0.breakAtBatch = nil }
                try await eventually("the spool is empty") { spool.statistics.records == 0 }
            }
        }
        let state = collector.state.withLock { ($0.stored, $0.received, $0.connections) }
        #expect(state.0.count == 402)
        #expect(state.1 > 402)
        #expect(state.2 >= 4)
    }

    @Test func `a collector that comes late is found, and one that restarts is found again`() async throws {
        try fixture.record(50)
        try await fixture.running(fixture.uplink(port: fixture.port.number)) {
            for round in 2...4 {
                try await collector.serving(port: fixture.port.number) { _ in
                    try await eventually("the spool is empty") { spool.statistics.records == 0 }
                }
                try fixture.record(20, session: Int64(round))
            }
        }
        #expect(collector.state.withLock { $0.stored.count } == 52 + 44)
        #expect(spool.statistics.records == 22)
    }

    @Test func `a collector that acknowledges nothing gets a window of batches and no more`() async throws {
        try fixture.record(400)
        collector.state.withLock { $0.isMute = true }
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("some heartbeats came after the window") {
                    collector.state.withLock { $0.received == 40 && $0.heartbeats > 3 }
                }
            }
        }
        #expect(collector.state.withLock { $0.received } == 40)
        #expect(spool.statistics.records == 402)
    }

    @Test func `a collector that acknowledges what was not sent is left`() async throws {
        collector.state.withLock { $0.isMute = true }
        try fixture.record(5)
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("records came") { collector.state.withLock { $0.received } == 7 }
                collector.tell(.with { $0.stored.batch = 9 })
                try await eventually("the connection is made anew") { collector.state.withLock { $0.connections } == 2 }
            }
        }
        #expect(spool.statistics.records == 7)
    }

    @Test func `a batch that the collector cannot restore comes again as it is`() async throws {
        try fixture.record(100)
        collector.state.withLock { $0.unrestorable = 1 }
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("the spool is empty") { spool.statistics.records == 0 }
            }
        }
        let state = collector.state.withLock { $0 }
        #expect(state.connections == 2)
        #expect(state.packed == 1)
        #expect(state.whole > 0)
        #expect(state.stored.count == 102)
    }

    @Test func `a collector that says nothing of packed batches gets records as they are`() async throws {
        try fixture.record(100)
        collector.state.withLock { $0.isOld = true }
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("the spool is empty") { spool.statistics.records == 0 }
            }
        }
        #expect(collector.state.withLock { $0.packed } == 0)
        #expect(collector.state.withLock { $0.stored.count } == 102)
    }

    @Test func `records gather while nobody waits, and go with an approval that somebody waits for`() async throws {
        try fixture.record(1)
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port)
            try await fixture.running(uplink, commits: false) {
                // The first go at once: they were there before the connection.
                try await eventually("the first came") { collector.state.withLock { $0.received } == 3 }
                try fixture.record(2, session: 2)
                uplink.ask(UplinkFixture.request("a")) { _ in }
                try await eventually("the others came") { collector.state.withLock { $0.received } == 7 }
                #expect(collector.state.withLock { $0.approvals } == ["a"])
            }
        }
    }

    @Test func `records that have gathered go with the spool's commit, all of them`() async throws {
        try fixture.record(1)
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port) { $0.heartbeatInterval = .seconds(3_600) }
            try await fixture.running(uplink, commits: false) {
                try await eventually("the first were stored") { spool.statistics.records == 0 }
                try fixture.record(200, session: 2)
                #expect(collector.state.withLock { $0.received } == 3)
                try await eventually("the others came") {
                    try spool.commit()
                    return collector.state.withLock { $0.received } == 205
                }
            }
        }
    }

    @Test func `a collector that never welcomes is left and tried again`() async throws {
        collector.state.withLock { $0.neverWelcomes = true }
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port) { $0.welcomeTimeout = .milliseconds(50) }
            try await fixture.running(uplink) {
                try await eventually("it was tried again") { collector.state.withLock { $0.connections } >= 3 }
            }
        }
    }

    @Test func `revocations are told as they change, and kept over a restart`() async throws {
        let inForce = { fixture.revocations.inForce.withLock { $0.sorted() } }
        collector.state.withLock { $0.revocations = [.with { $0.id = "r1" }, .with { $0.id = "r2" }] }
        try await collector.serving { port in
            try await fixture.running(fixture.uplink(port: port)) {
                try await eventually("both are in force") { inForce() == ["r1", "r2"] }
                collector.tell(.with { $0.revocation.id = "r3" })
                collector.tell(
                    .with {
                        $0.revocation.id = "r1"
                        $0.revocation.lifted = true
                    })
                try await eventually("one came and one went") { inForce() == ["r2", "r3"] }
            }
        }
        fixture.revocations.inForce.withLock { $0 = [] }
        _ = try fixture.uplink(port: 1)
        #expect(inForce() == ["r2", "r3"])
    }

    @Test func `revocations that were kept and cannot be read stop the start`() throws {
        try fixture.spools.folder.write("not revocations", to: "revocations")
        #expect(throws: SidecarError.self) { try fixture.uplink(port: 1) }
    }

    @Test func `at the end of the service what is spooled is sent first`() async throws {
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port)
            let group = ServiceGroup(services: [uplink], logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await eventually("it is connected") { uplink.isConnected }
                try fixture.record(300)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        #expect(spool.statistics.records == 0)
        #expect(collector.state.withLock { $0.stored.count } == 302)
    }

    @Test func `the service ends at once when the collector is away`() async throws {
        let uplink = try fixture.uplink(port: fixture.port.number) {
            $0.shortestPause = .seconds(3600)
            $0.longestPause = .seconds(3600)
            $0.drainTimeout = .seconds(3600)
        }
        try fixture.record(1)
        let group = ServiceGroup(services: [uplink], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(spool.statistics.records == 3)
    }

    @Test func `another host without TLS, and files that are not there, are refused with a message`() throws {
        let plain = #expect(throws: SidecarError.self) {
            try GRPCUplinkTransport(.init(host: "collector.example", port: 1))
        }
        #expect(plain?.message.contains("collector.example is another host") == true)
        let missing = #expect(throws: SidecarError.self) {
            try GRPCUplinkTransport(.init(host: "127.0.0.1", port: 1, caFile: "/nowhere/ca.pem"))
        }
        #expect(missing?.message.contains("/nowhere/ca.pem") == true)
        let keyless = #expect(throws: SidecarError.self) {
            try GRPCUplinkTransport(.init(host: "127.0.0.1", port: 1, certificateFile: "/dev/null"))
        }
        #expect(keyless?.code == .config)
    }
}
