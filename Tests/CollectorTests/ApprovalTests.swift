import Collector
import Crypto
import Foundation
import NIOHTTP1
import Records
import Synchronization
import TestKit
import Testing
import UplinkProtocol

@Suite struct ApprovalTests {
    /// What a sidecar asks.
    private func request(
        _ id: String, subject: String = "ann", actors: [String] = ["assistant"], groups: [String] = ["security"],
        lists: [[String]] = [], expires: Int64 = Timestamp.now().seconds + 600
    ) -> PBFromSidecar {
        var request = PBApprovalRequest()
        request.approvalID = id
        request.sessionID = Data(RecordID(at: 1_800_000_000_000_000).bytes)
        request.statement = 1
        request.subject.id = subject
        request.subject.issuer = "https://login.stile.test"
        request.subject.actors = actors
        request.resource = "customers-db"
        request.text = "SELECT diagnosis FROM clinic.visits WHERE id = 7"
        request.rules = ["phi-needs-a-person"]
        request.groups = groups
        request.approverGroups = lists.map(PBApproverGroups.init)
        request.expiresUnixS = expires
        request.binding = Data(SHA256.hash(data: Data(id.utf8)))
        request.mode = "wait"
        var message = PBFromSidecar()
        message.approval = request
        return message
    }

    private func isListed(_ collector: RunningCollector, _ id: String, _ state: ApprovalState, token: String)
        async throws
    {
        try await eventually("approval \(id) is \(state)") {
            try await collector.get("/v1/approvals", token: token, as: Page<ApprovalView>.self).items
                .contains { $0.id == id && $0.state == state }
        }
    }

    @Test func `Where several lists of groups are named, an approver is in one of each`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("both", groups: [], lists: [["security", "privacy"], ["owners"]]))
            client.send(request("nobody", groups: [], lists: [["security"], []]))
            let half = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "both", .pending, token: half)
            let refused = try await collector.call(.POST, "/v1/approvals/both/approve", token: half, body: "{}")
            #expect(refused.status == 403)
            #expect(refused.text.contains("security or privacy; owners"))
            let whole = try await collector.token("eve", ["approvers", "privacy", "owners"])
            let view = try await collector.get("/v1/approvals/both", token: whole, as: ApprovalView.self)
            #expect(view.decidable)
            #expect(view.approverGroups == [["security", "privacy"], ["owners"]])
            #expect(view.groups == ["owners", "privacy", "security"])
            let answer = try await collector.call(.POST, "/v1/approvals/both/approve", token: whole, body: "{}")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await client.decision("both").approved)
            try await isListed(collector, "nobody", .pending, token: half)
            let impossible = try await collector.call(.POST, "/v1/approvals/nobody/approve", token: half, body: "{}")
            #expect(impossible.status == 403)
        }
    }

    @Test func `A decision reaches the sidecar that asked, with the binding it asked with`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1"))
            let token = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "a1", .pending, token: token)
            let answer = try await collector.call(
                .POST, "/v1/approvals/a1/approve", token: token, body: #"{"reason":"ticket 4711"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            let decision = try await client.decision("a1")
            #expect(decision.approved && decision.approver == "dana" && decision.reason == "ticket 4711")
            #expect(decision.binding == Data(SHA256.hash(data: Data("a1".utf8))))
        }
    }

    @Test(arguments: [
        ("ann", ["approvers", "security"], [String](), "of their own"),
        ("assistant", ["approvers", "security"], [], "of their own"),
        ("dana", ["approvers"], [], "none of these groups"),
        ("dana", ["security", "auditors"], [], "role approver"),
        ("dana", ["approvers", "security"], ["some-agent"], "a person has to"),
    ])
    func `Whoever may not decide is refused, and the request stays open`(
        subject: String, groups: [String], actors: [String], why: String
    ) async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1"))
            let auditor = try await collector.auditor()
            try await isListed(collector, "a1", .pending, token: auditor)
            let token = try await collector.token(subject, groups, actors: actors)
            for decision in ["approve", "deny"] {
                let answer = try await collector.call(.POST, "/v1/approvals/a1/\(decision)", token: token)
                #expect(answer.status == 403)
                #expect(answer.text.contains(why), "\(answer.text)")
            }
            try await isListed(collector, "a1", .pending, token: auditor)
        }
    }

    @Test func `Of many who decide at once one does, and the sidecar is told that alone`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1"))
            try await isListed(collector, "a1", .pending, token: collector.auditor())
            let statuses = try await withThrowingTaskGroup(of: UInt.self) { group in
                for index in 0..<8 {
                    let token = try await collector.token("approver-\(index)", ["approvers", "security"])
                    let decision = index % 2 == 0 ? "approve" : "deny"
                    group.addTask {
                        try await collector.call(.POST, "/v1/approvals/a1/\(decision)", token: token).status
                    }
                }
                return try await group.reduce(into: [UInt]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 409 }.count == 7)
            _ = try await client.decision("a1")
            try await client.close()
            let decisions = client.messages.filter { if case .decision = $0.message { true } else { false } }
            #expect(decisions.count == 1)
        }
    }

    @Test func `A decision that was given while the sidecar was away is there when it is back, also after a restart`()
        async throws
    {
        let site = try RunningCollector.Site()
        let sidecar = try TestSidecar(site.authority)
        try await RunningCollector.with(site) { collector in
            let client = try sidecar.connect(collector)
            client.send(request("a1"))
            let token = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "a1", .pending, token: token)
            try await client.close()
            #expect(try await collector.call(.POST, "/v1/approvals/a1/deny", token: token).status == 200)
        }
        try await RunningCollector.with(site) { collector in
            let decision = try await sidecar.connect(collector).decision("a1")
            #expect(!decision.approved && decision.approver == "dana")
        }
    }

    @Test func `An approval that was used is not sent again`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            client.send(request("a1"))
            let token = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "a1", .pending, token: token)
            _ = try await collector.call(.POST, "/v1/approvals/a1/approve", token: token)
            _ = try await client.decision("a1")
            var session = try SampleSession()
            try session.addStatement(1, "SELECT diagnosis FROM clinic.visits WHERE id = 7", approval: "a1")
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            try await client.close()
            let again = try sidecar.connect(collector)
            _ = try await again.welcome()
            // What comes after the welcome comes in order: an acknowledgement shows that no decision was before it.
            again.send(batch: 1, session.bytes)
            try await again.stored(1)
            #expect(!again.messages.contains { if case .decision = $0.message { true } else { false } })
            let view = try await collector.get("/v1/approvals/a1", token: token, as: ApprovalView.self)
            #expect(view.used != nil)
        }
    }

    @Test func `A record that claims an approval which nobody gave is a finding`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            var session = try SampleSession()
            try session.addStatement(1, "SELECT 1", approval: "a-made-up")
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            try await eventuallyFinding(collector, collector.auditor(), [.unapproved])
        }
    }

    @Test func `A refusal that names the approval that was denied is no finding`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1"))
            let token = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "a1", .pending, token: token)
            _ = try await collector.call(.POST, "/v1/approvals/a1/deny", token: token)
            _ = try await client.decision("a1")
            var refused = try SampleSession()
            try refused.addStatement(
                1, "SELECT diagnosis FROM clinic.visits WHERE id = 7", outcome: .deny, approval: "a1")
            client.send(batch: 1, refused.bytes)
            try await client.stored(1)
            // Findings come in order: this one's being there shows that the refusal brought none.
            var passed = try SampleSession(start: 1_800_000_100_000_000)
            try passed.addStatement(1, "SELECT diagnosis FROM clinic.visits WHERE id = 7", approval: "a1")
            client.send(batch: 2, passed.bytes)
            try await client.stored(2)
            try await eventuallyFinding(collector, collector.auditor(), [.unapproved])
        }
    }

    @Test func `What nobody decides in time is closed, and stays so`() async throws {
        let now = Mutex(Timestamp.now())
        try await RunningCollector.with(clock: { now.withLock { $0 } }) { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1", expires: now.withLock { $0.seconds } + 60))
            let token = try await collector.token("dana", ["approvers", "security"])
            try await isListed(collector, "a1", .pending, token: token)
            now.withLock { $0 = $0.adding(seconds: 61) }
            let late = try await collector.call(.POST, "/v1/approvals/a1/approve", token: token)
            #expect(late.status == 409)
            try await isListed(collector, "a1", .expired, token: token)
        }
    }

    @Test func `The same id with another question is refused, and the first question stands`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1"))
            let auditor = try await collector.auditor()
            try await isListed(collector, "a1", .pending, token: auditor)
            var other = request("a1", groups: ["everybody"])
            other.approval.binding = Data(repeating: 7, count: 32)
            other.approval.text = "DROP TABLE shop.customers"
            client.send(other)
            try await eventuallyFinding(collector, auditor, [.approvalConflict])
            let view = try await collector.get("/v1/approvals/a1", token: auditor, as: ApprovalView.self)
            #expect(view.groups == ["security"] && view.text.hasPrefix("SELECT"))
        }
    }

    @Test func `Who only approves sees nothing but what is for them`() async throws {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            client.send(request("a1", groups: ["security"]))
            client.send(request("a2", groups: ["legal"]))
            try await isListed(collector, "a2", .pending, token: collector.auditor())
            let token = try await collector.token("lou", ["approvers", "legal"])
            let seen = try await collector.get("/v1/approvals", token: token, as: Page<ApprovalView>.self).items
            #expect(seen.map(\.id) == ["a2"])
            #expect(try await collector.call(.GET, "/v1/approvals/a1", token: token).status == 404)
        }
    }
}
