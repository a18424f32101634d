import Enforcement
import Foundation
import Sidecar
import SwiftProtobuf
import Synchronization
import TestKit
import Testing
import UplinkProtocol

@Suite(.timeLimit(.minutes(1))) struct UplinkApprovalTests {
    let fixture: UplinkFixture
    let outcomes = Outcomes()
    var collector: TestCollector { fixture.collector }

    init() throws {
        fixture = try UplinkFixture()
    }

    @Test func `an approval is asked, decided, and told once`() async throws {
        collector.state.withLock { $0.decide = { UplinkFixture.approve($0) } }
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port)
            uplink.ask(UplinkFixture.request("a1"), decided: outcomes.add)
            try await fixture.running(uplink) {
                try await eventually("it was decided") { !outcomes.all.isEmpty }
                collector.tell(.with { $0.decision = UplinkFixture.approve(UplinkFixture.request("a1")) })
                let before = collector.state.withLock { $0.heartbeats }
                try await eventually("a heartbeat came later") {
                    collector.state.withLock { $0.heartbeats > before + 1 }
                }
            }
        }
        #expect(outcomes.all == [.approved(approver: "alice")])
    }

    @Test func `a decision for something else than was asked is none`() async throws {
        collector.state.withLock { state in
            state.decide = { request in
                var decision = UplinkFixture.approve(request)
                decision.binding = Data("another statement".utf8)
                return decision
            }
        }
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port)
            uplink.ask(UplinkFixture.request("a1"), decided: outcomes.add)
            try await fixture.running(uplink) {
                try await eventually("the forged decision was on its way") {
                    collector.state.withLock { $0.approvals == ["a1"] && $0.heartbeats > 2 }
                }
                #expect(outcomes.all == [])
                collector.tell(.with { $0.decision = UplinkFixture.approve(UplinkFixture.request("a1")) })
                try await eventually("the right decision came") { !outcomes.all.isEmpty }
            }
        }
        #expect(outcomes.all == [.approved(approver: "alice")])
    }

    @Test func `an approval that names no approver is none`() async throws {
        collector.state.withLock { state in
            state.decide = { request in
                var decision = UplinkFixture.approve(request)
                decision.approver = ""
                return decision
            }
        }
        try await collector.serving { port in
            let uplink = try fixture.uplink(port: port)
            uplink.ask(UplinkFixture.request("a1"), decided: outcomes.add)
            try await fixture.running(uplink) {
                try await eventually("it was decided") { !outcomes.all.isEmpty }
            }
        }
        guard case .denied? = outcomes.all.first else {
            Issue.record("it was not denied")
            return
        }
    }

    @Test func `an approval is asked again after a break, and not when it was withdrawn`() async throws {
        let uplink = try fixture.uplink(port: fixture.port.number)
        try await fixture.running(uplink) {
            try await collector.serving(port: fixture.port.number) { _ in
                uplink.ask(UplinkFixture.request("kept"), decided: outcomes.add)
                uplink.ask(UplinkFixture.request("withdrawn"), decided: outcomes.add)
                try await eventually("both were asked") { collector.state.withLock { $0.approvals.count } == 2 }
                uplink.withdraw(approvalID: "withdrawn", reason: "the client left")
                try await eventually("one was withdrawn") {
                    collector.state.withLock { $0.withdrawn } == ["withdrawn"]
                }
            }
            try await collector.serving(port: fixture.port.number) { _ in
                try await eventually("one was asked again") { collector.state.withLock { $0.approvals.count } >= 3 }
            }
        }
        #expect(collector.state.withLock { Array($0.approvals.dropFirst(2)) } == ["kept"])
        #expect(outcomes.all == [])
    }

    @Test func `an approval that nobody gives expires, with the collector away too`() async throws {
        let uplink = try fixture.uplink(port: fixture.port.number)
        uplink.ask(UplinkFixture.request("late", expires: 1), decided: outcomes.add)
        try await fixture.running(uplink) {
            try await eventually("it expired") { outcomes.all == [.expired] }
        }
    }

    @Test func `without a collector nobody can approve`() {
        AbsentCollector().ask(UplinkFixture.request("a1"), decided: outcomes.add)
        guard case .unavailable? = outcomes.all.first else {
            Issue.record("it was not refused")
            return
        }
    }
}
