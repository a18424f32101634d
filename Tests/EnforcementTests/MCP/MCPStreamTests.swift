import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

/// Lines over standard streams, judged as messages over HTTP are.
@Suite("MCP over standard streams")
struct MCPStreamTests {
    private static let rules = """
        classifications: { people: { detectors: [us-ssn], mask: redact } }
        rules:
          - { name: all, allow: [call], on: [tools], to: { groups: [support] } }
          - { name: no-wipes, deny: [call], on: [tools], where: { tools: ["wipe_*"] }, message: Nothing is wiped here. }
          - { name: held, hold: [call], on: [tools], where: { tools: [pay] }, approval: { by: { groups: [security] } } }
          - name: returned
            hold: [call]
            on: [tools]
            where: { tools: [refund] }
            approval: { by: { groups: [security] }, mode: return }
        """

    private func call(_ id: Int, _ tool: String, _ arguments: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
    }

    @Test("Calls go on as they were judged, side by side, and their results are masked") func calls() throws {
        let streams = try Streams(Self.rules)
        streams.say(call(1, "find", #"{ "q" : "Ann" }"#), call(2, "find"))
        #expect(streams.heard() == [call(1, "find", #"{"q":"Ann"}"#), call(2, "find")])
        streams.answer(#"{"jsonrpc":"2.0","id":2,"result":{"text":"283-68-4467 likes tea"}}"#)
        streams.answer(#"{"jsonrpc":"2.0","id":1,"result":{}}"#, pieces: 5)
        let got = streams.got()
        #expect(got.count == 2 && got[0].contains(#""id":2"#) && got[0].contains("likes tea"))
        #expect(!got.joined().contains("283-68"))
        #expect(streams.texts == ["tools/call find", "tools/call find"])
    }

    @Test("What is denied, malformed or classified reaches nobody") func denials() throws {
        let streams = try Streams(Self.rules)
        streams.say(
            call(1, "wipe_all"), "[\(call(2, "find"))]", call(3, "find", #"{"a":"283-68-4467"}"#), "nonsense",
            #"{"jsonrpc":"2.0","id":4,"result":{}}"#, #"{"jsonrpc":"2.0","id":5,"method":"tools/steal"}"#)
        #expect(streams.heard().isEmpty)
        let got = streams.got()
        #expect(got.count == 5, "\(got)")
        #expect(got[0].contains("Nothing is wiped here.") && got[1].contains("-32600") && got[3].contains("-32700"))
        #expect(streams.judged.allSatisfy { $0.outcome == .deny } && streams.judged.count == 6)
        #expect(!"\(streams.judged)".contains("283-68"))
    }

    @Test("Lists show what may be called, and what a server asks is answered for the client") func servers() throws {
        let streams = try Streams(Self.rules)
        streams.say(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        _ = streams.heard()
        streams.answer(
            #"{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{"text":"Tell all."}}"#,
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"283-68-4467"}}"#,
            "print(283-68-4467)",
            #"{"jsonrpc":"2.0","id":9,"result":{"a":"283-68-4467"}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"find"},{"name":"wipe_all"}]}}"#)
        let got = streams.got()
        #expect(got.count == 2 && got[1].contains("find") && !got.joined().contains("wipe"), "\(got)")
        #expect(!got.joined().contains("283-68") && !got.joined().contains("Tell all"))
        #expect(streams.heard().joined().contains(#""id":"s","error""#))
        #expect(streams.texts.contains("server request sampling/createMessage"))
    }

    @Test("A ping of the server's is answered, and nothing else that it did not ask for") func pings() throws {
        let streams = try Streams(Self.rules)
        streams.answer(#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#)
        #expect(streams.got() == [#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#])
        let pong = #"{"jsonrpc":"2.0","id":"p","result":{}}"#
        streams.say(pong, pong, #"{"jsonrpc":"2.0","id":"p","result":{"a":1}}"#)
        #expect(streams.heard() == [pong])
    }

    @Test("What its client cancelled is not waited for, and not done when somebody approves it later") func cancelled()
        throws
    {
        let streams = try Streams(Self.rules)
        streams.say(call(1, "find"), call(2, "pay"))
        let ask = try #require(streams.asks.first)
        _ = streams.heard()
        for id in 1...2 {
            streams.say(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#)
        }
        #expect(streams.withdrawn == [ask.id])
        streams.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "cara"))))
        #expect(!streams.heard().joined().contains("tools/call"))
        streams.answer(#"{"jsonrpc":"2.0","id":1,"result":{}}"#)
        #expect(streams.got().isEmpty)
        // The ids are free again.
        streams.say(call(1, "find"))
        #expect(streams.heard() == [call(1, "find")])
    }

    @Test("Who has everything held is let in: what is done then is held") func everythingHeld() throws {
        let streams = try Streams(
            """
            rules:
              - { name: all, allow: ['*'], on: [tools] }
              - { name: ask, hold: ['*'], on: [tools], approval: { by: { groups: [security] } } }
            """)
        streams.say(call(1, "find"))
        #expect(streams.asks.count == 1 && streams.heard().isEmpty && !streams.isClosed)
    }

    @Test("A line may come in any pieces, and a long one is no line") func pieces() throws {
        let streams = try Streams(Self.rules)
        streams.say(call(1, "find"))
        let result = #"{"jsonrpc":"2.0","id":1,"result":{"text":"\#(String(repeating: "x", count: 300_000))"}}"#
        streams.answer(result, pieces: 1_000)
        #expect(streams.got() == [result])
        streams.answer(String(repeating: "x", count: 17 << 20))
        #expect(streams.isClosed)
    }

    @Test("A call that is held waits, others do not, and what was approved goes on") func holds() throws {
        let streams = try Streams(Self.rules)
        streams.say(call(1, "pay"), call(2, "find"), call(3, "refund"))
        #expect(streams.heard() == [call(2, "find")])
        #expect(streams.got().joined().contains("-31002"))
        let ask = try #require(streams.asks.first)
        #expect(ask.statement == "tools/call pay")
        streams.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "cara"))))
        #expect(streams.heard() == [call(1, "pay")])
        streams.grants.approve(streams.asks[1])
        streams.say(call(4, "refund"), call(5, "refund"))
        #expect(streams.heard() == [call(4, "refund")])
        streams.say(call(6, "pay"))
        streams.feed(.approvalDecided(ApprovalDecision(approvalID: streams.asks.last?.id ?? "", outcome: .expired)))
        #expect(streams.got().last?.contains("Nobody approved") == true)
    }

    @Test("A tool that changes while a call waits for its approval is not called") func changedMeanwhile() throws {
        let streams = try Streams(Self.rules)
        _ = streams.pins.note("one", of: "pay", resource: "tools")
        streams.say(call(1, "pay"))
        let ask = try #require(streams.asks.first)
        _ = streams.pins.note("another", of: "pay", resource: "tools")
        streams.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "cara"))))
        #expect(streams.heard().isEmpty)
        #expect(streams.got().joined().contains("-31001"))
    }

    @Test("The end of either side ends the other, and what waited is told and recorded") func ends() throws {
        let streams = try Streams(Self.rules)
        streams.say(call(1, "find"), call(2, "pay"))
        streams.feed(.upstreamClosed)
        #expect(streams.got().count == 2 && streams.isClosed)
        #expect(streams.withdrawn.count == 1)
        guard case .sessionClosed? = streams.records.last else {
            Issue.record("no end of the session")
            return
        }
    }

    @Test("Nobody is let in whom no rule knows") func strangers() throws {
        let streams = try Streams(Self.rules, groups: [])
        streams.say(call(1, "find"))
        #expect(streams.heard().isEmpty && streams.isClosed)
    }
}

/// A session, and both sides of it.
private final class Streams {
    private var session: MCPStreamSession
    private var output = HTTPOutput()
    private let now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    private var client = ""
    private var server = ""
    let grants = GrantBox()
    let pins = MemoryPins()
    private let groups: [String]
    private(set) var records: [PBRecord.OneOf_Event] = []
    private(set) var asks: [ApprovalAsk] = []
    private(set) var withdrawn: [String] = []

    init(_ rules: String, groups: [String] = ["support"]) throws {
        self.groups = groups
        let (grants, ids) = (grants, IDBox())
        session = MCPStreamSession(
            configuration: HTTPSessionConfiguration(
                resource: Resource(
                    name: "tools", protocolName: .mcp, listen: "127.0.0.1:8090", upstream: "", tls: .disable),
                upstream: HTTPAuthority(host: .name("stdio"), port: nil), agent: AgentDescription(pod: "pod-1")),
            services: HTTPSessionServices(
                makeRecordID: { _ in ids.next() }, takeGrant: { grants.take($0) }, credential: { .anonymous },
                mcp: MCPServices(pins: pins)),
            policy: try MCPHarness.policy(rules), at: now)
        session.begin(token: ClientToken("good"), into: &output)
        perform()
    }

    func say(_ lines: String...) {
        for line in lines {
            let bytes = Array((line + "\n").utf8)
            session.receiveFromClient(bytes.span, at: now, into: &output)
            perform()
        }
    }

    func answer(_ lines: String..., pieces: Int = .max) {
        for line in lines {
            var rest = Array((line + "\r\n").utf8)[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(pieces))
                session.receiveFromServer(piece.span, at: now, into: &output)
                perform()
                rest = rest.dropFirst(piece.count)
            }
        }
    }

    func feed(_ event: HTTPEvent) {
        session.handle(event, at: now, into: &output)
        perform()
    }

    func got() -> [String] {
        defer { client = "" }
        return client.split(separator: "\n").map(String.init)
    }

    func heard() -> [String] {
        defer { server = "" }
        return server.split(separator: "\n").map(String.init)
    }

    var isClosed: Bool { session.isClosed }
    var judged: [PBStatementJudged] {
        records.compactMap { if case .statement(let judged) = $0 { judged } else { nil } }
    }
    var texts: [String] { judged.map(\.text) }

    private func perform() {
        while !output.isEmpty {
            for record in output.records { if case .message(let event) = record.event { records.append(event) } }
            output.clearRecords()
            client += String(decoding: output.client, as: UTF8.self)
            server += String(decoding: output.upstream.bytes, as: UTF8.self)
            output.clearBytes()
            for action in output.takeActions() {
                switch action {
                case .authenticate:
                    session.handle(
                        .identified(HTTPHarness.identity("ann", groups: groups)), at: now, into: &output)
                case .askApproval(let ask): asks.append(ask)
                case .withdrawApproval(let id): withdrawn.append(id)
                default: break
                }
            }
        }
    }
}
