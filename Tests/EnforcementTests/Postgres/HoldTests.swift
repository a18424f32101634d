import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct HoldTests {
    private func harness(mode: String = "") throws -> SessionHarness {
        let rules =
            SessionHarness.writers
            + "  - { name: ask, hold: [delete], message: \"Deleting needs a person.\", "
            + "approval: { by: { groups: [security] }, within: 10m\(mode) } }\n"
        let harness = SessionHarness(policy: try SessionHarness.policy(rules))
        harness.connect()
        return harness
    }

    private let text = "DELETE FROM orders WHERE id = 7"

    @Test func `a held statement waits, tells so, and passes when it is approved`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        let notice = try #require(harness.take().first?.notice)
        let ask = try #require(harness.asks.first)
        #expect(notice["M"].map { String(decoding: $0, as: UTF8.self) }?.contains("security") == true)
        #expect(notice["H"].map { String(decoding: $0, as: UTF8.self) }?.contains(ask.id) == true)
        #expect(ask.statement == text)
        #expect(harness.server.executed.isEmpty)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        #expect(harness.take().status == .idle)
        #expect(harness.server.executed == [text])
        #expect(harness.judged.map(\.outcome) == [.hold, .allow])
        #expect(harness.judged.last?.approvalID == ask.id)
        #expect(Set(harness.judged.map(\.statement)).count == 1)
        // Once: the next one asks again.
        harness.send(.query(Array(text.utf8)))
        #expect(harness.asks.count == 2)
    }

    @Test func `a denial refuses it with the approver's reason`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        let ask = try #require(harness.asks.first)
        harness.feed(
            .approvalDecided(
                ApprovalDecision(approvalID: ask.id, outcome: .denied(approver: "eve", reason: "not today"))))
        let answer = harness.take()
        #expect(answer.sqlState == "42501")
        #expect(answer.message?.contains("not today") == true)
        #expect(answer.status == .idle)
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `nobody's answer refuses it in time`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        #expect(harness.nextDeadline?.uptimeNanoseconds == harness.now.uptimeNanoseconds + 600_000_000_000)
        harness.pass(seconds: 599)
        #expect(harness.take().sqlState == nil)
        harness.pass(seconds: 1)
        #expect(harness.take().sqlState == "42501")
        #expect(harness.withdrawn == harness.asks.map(\.id))
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `a policy that denies it meanwhile beats the approval`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        let ask = try #require(harness.asks.first)
        harness.feed(.policyChanged(try SessionHarness.policy(SessionHarness.readers)))
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        #expect(harness.take().sqlState == "42501")
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `whoever hangs up withdraws what they asked`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        harness.feed(.clientClosed)
        #expect(harness.withdrawn == harness.asks.map(\.id))
        #expect(harness.order.suffix(2) == ["answered", "closed"])
    }

    @Test func `inside a transaction it is refused at once`() throws {
        let harness = try harness()
        _ = harness.query("BEGIN")
        let answer = harness.query(text)
        #expect(answer.sqlState == "42501")
        #expect(answer.status == .failed)
        #expect(harness.asks.count == 1)
    }

    @Test func `it can be told to come back, and passes once`() throws {
        let harness = try harness(mode: ", mode: return")
        let answer = harness.query(text)
        let ask = try #require(harness.asks.first)
        #expect(answer.sqlState == "42501")
        #expect(answer.hint?.contains(ask.id) == true)
        harness.grants.give(
            .granted(ApprovalGrant(approvalID: ask.id, approver: "eve")), for: ask.binding)
        #expect(harness.query("DELETE FROM orders WHERE id = 8").sqlState == "42501")
        #expect(harness.query(text).sqlState == nil)
        #expect(harness.query(text).sqlState == "42501")
        #expect(harness.server.executed == [text])
    }

    @Test func `with parameters it waits at Bind and the approval is bound to them`() throws {
        let harness = try harness()
        let text = Array("DELETE FROM orders WHERE id = $1".utf8)
        harness.send(.parse(name: [], text: text, types: []), .describe(.statement, []), .sync)
        #expect(harness.take().status == .idle)
        #expect(harness.asks.isEmpty)
        for value in ["1", "2"] {
            harness.send(
                .bind(.init(portal: [], statement: [], parameters: [Array(value.utf8)])),
                .execute(portal: [], maximum: 0), .sync)
        }
        #expect(harness.asks.count == 1)
        let first = try #require(harness.asks.first)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: first.id, outcome: .approved(approver: "eve"))))
        #expect(harness.server.executed.count == 1)
        #expect(harness.asks.count == 2)
        #expect(harness.asks.last?.binding != first.binding)
        #expect(harness.judged.filter { $0.outcome == .allow }.last?.approvalID == first.id)
    }

    @Test func `a client that sends on while it waits is stopped`() throws {
        let harness = try harness()
        harness.send(.query(Array(text.utf8)))
        harness.send(.query([UInt8](repeating: 32, count: 100_000)))
        #expect(harness.isPaused)
        let ask = try #require(harness.asks.first)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        #expect(!harness.isPaused)
    }
}
