import Enforcement
import HTTPInspection
import Policy
import Records
import Testing

/// What a person is shown of an API is counted, whatever requests it takes.
@Suite("Budgets over HTTP") struct HTTPBudgetTests {
    private static let rules = "rules:\n  - { name: all, allow: ['*'], on: [crm], to: { groups: [support] } }\n"
    private static let get = "GET /v1/customers HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\r\n"

    private func harness(_ budget: String, _ rest: String = "", keeper: MemoryBudgets? = MemoryBudgets()) throws
        -> HTTPHarness
    {
        HTTPHarness(
            policy: try HTTPHarness.policy(Self.rules + "budgets:\n  - { \(budget) }\n" + rest), budgets: keeper)
    }

    private func answer(_ body: String, status: String = "200 OK", type: String = "application/json") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("a paging agent is refused before the service is asked, once its rows are spent") func paging() throws {
        let harness = try harness("name: pages, rowsPerSubject: 5, message: 'Not all of them.'")
        for _ in 1...2 {
            #expect(harness.exchange(Self.get, answer(#"{"items":[{"id":1},{"id":2}],"next":2}"#)).contains("next"))
        }
        // Three are not there any more: none of them is shown.
        let cut = harness.exchange(Self.get, answer("[1,2]"))
        #expect(
            cut.hasPrefix("HTTP/1.1 403")
                && cut.contains("Not all of them. This shows more than is left of the budget pages: 5 rows"))
        #expect(harness.completed.last?.budget == "pages" && harness.completed.last?.refused == "the budget pages")
        #expect(harness.exchange(Self.get, answer("[1]")).hasPrefix("HTTP/1.1 200"))
        _ = harness.takeUpstream()
        harness.send(Self.get)
        #expect(harness.take().hasPrefix("HTTP/1.1 403") && harness.takeUpstream().isEmpty)
        #expect(harness.judged.last?.rules == ["budget:pages"])
        #expect(harness.completed.map(\.rows) == [2, 2, 0, 1])
        harness.pass(seconds: 86_400 * 2)
    }

    @Test("an answer that lists too much is none", arguments: [0, 1, 7]) func perAnswer(pieces: Int) throws {
        let harness = try harness("name: short, rowsPerStatement: 3")
        harness.pieceBytes = pieces
        for (body, type, passes) in [
            ("[1,2,3]", "application/json", true), ("[1,2,3,[4,5]]", "application/json", false),
            (#"{"a":[1,[2,2,2],{"x":[1,2]}],"b":{"c":"[,,,]\",\""}}"#, "application/json", true),
            (#"{"a":[1,2],"b":{"c":[3,4]}}"#, "application/json", false),
            ("{}\n\n[1]\n{}\n", "application/x-ndjson", true), ("{}\n[1,2]\n{}", "application/x-ndjson", false),
            ("id,name\n1,a\n2,\"b\nb\"\n3,c\n", "text/csv", true), ("id\n1\n2\n3\n4", "text/csv", false),
            ("[]", "application/json", true), ("some text", "text/plain", false), ("<a/>", "application/xml", false),
            // Lists of objects within others, lines that nobody calls lines, and a table of one line.
            (#"[{"id":1,"people":[{},{},{}],"tags":[1,2,3,4]}]"#, "application/json", false),
            (#"[{"id":1,"people":[{},{}],"tags":[1,2,3,4]}]"#, "application/json", true),
            (#"[{"rows":[[1,2],[3,4],[5,6]]}]"#, "application/json", false),
            ("{}\n{}\n{}\n{}", "text/plain", false), ("{}\n{}", "text/plain", false),
            ("[1,2,3,4]", "text/csv", false), ("1,2,3,4", "text/csv", true),
        ] {
            let got = harness.exchange(Self.get, answer(body, type: type))
            #expect(got.hasPrefix(passes ? "HTTP/1.1 200" : "HTTP/1.1 403"), "\(body): \(got)")
            if !passes { #expect(!got.contains(body)) }
        }
        // What says that there is nothing lists nothing.
        #expect(
            harness.exchange(Self.get, answer("not here", status: "404 Not Found", type: "text/plain")).contains(
                "not here"))
        #expect(harness.exchange(Self.get, "HTTP/1.1 204 No Content\r\n\r\n").hasPrefix("HTTP/1.1 204"))
    }

    @Test("a long answer is cut where its rows are spent, and its client sees that") func longAnswer() throws {
        let harness = try harness("name: short, rowsPerStatement: 15000")
        let body = "[" + (0..<20_000).map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]"
        harness.pieceBytes = 4_096
        harness.send(Self.get)
        harness.answer(answer(body))
        let got = harness.take()
        #expect(got.hasPrefix("HTTP/1.1 200") && !got.hasSuffix("0\r\n\r\n") && harness.isClientClosed)
        let shown = got.ranges(of: "\"id\":").count
        #expect(shown > 0 && shown <= 15_000)
        #expect(harness.completed.last?.incomplete == true && harness.completed.last?.budget == "short")
    }

    @Test("events are counted each, and the stream ends where they are spent") func events() throws {
        let harness = try harness("name: events, rowsPerSubject: 3")
        harness.send(Self.get)
        harness.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in 1...4 { harness.answer("event: a\ndata: {\"n\":\(number),\ndata: \"m\":[1]}\n\n: note\n\n") }
        let got = harness.take()
        #expect(got.contains("\"n\":3") && !got.contains("\"n\":4") && harness.isClientClosed)
    }

    @Test("whatever ends the lines of events, and whatever stands before the first", arguments: ["\n", "\r\n", "\r"])
    func eventLines(end: String) throws {
        for (stream, passes) in [
            ("\u{FEFF}data: [1,2,3,4]\n\n", false), ("\u{FEFF}data: [1,2,3]\n\n", true),
            ("data: {\ndata: \"a\": [1,\ndata: 2],\ndata: \"b\": {}\ndata: }\n\n", true),
            ("data: {\"a\":[\ndata: {},\ndata: {},\ndata: {},{}\ndata: ]}\n\n", false),
            (": note\n\nevent: a\nid: 1\n\n", true),
        ] {
            let harness = try harness("name: events, rowsPerStatement: 3")
            harness.send(Self.get)
            harness.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            harness.answer(stream.replacing("\n", with: end))
            #expect(harness.isClientClosed == !passes, "\(stream.debugDescription)")
        }
    }

    @Test("an approval is for the budgets that it was asked for, and not for one that was spent since") func approvals()
        throws
    {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(
                Self.rules
                    + """
                      - { name: ask, hold: [call], on: [crm], approval: { by: { groups: [leads] } } }
                    budgets:
                      - { name: rows, rowsPerSubject: 2, then: hold, approval: { by: { groups: [security] } } }
                    """), budgets: MemoryBudgets())
        harness.send("POST /export HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: 0\r\n\r\n")
        let ask = try #require(harness.asks.first)
        #expect(ask.approverGroups == [["leads"]])
        // Meanwhile the same person spends it elsewhere.
        _ = harness.take()
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        harness.answer(answer("[1,2,3]"))
        #expect(harness.take().hasPrefix("HTTP/1.1 403"))
    }

    @Test("what waited for an approval is masked and counted by the policy of now") func changedMeanwhile() throws {
        let ask = "  - { name: ask, hold: [call], on: [crm], approval: { by: { groups: [leads] } } }\n"
        let harness = HTTPHarness(policy: try HTTPHarness.policy(Self.rules + ask), budgets: MemoryBudgets())
        let post = "POST /a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Length: "
        for (body, now, status, shown) in [
            ("2\r\n\r\nab", "classifications: { people: { detectors: [us-ssn] } }\n", "200", "[redacted]"),
            ("2\r\n\r\nab", "budgets: [{ name: rows, rowsPerStatement: 1 }]\n", "403", "budget rows"),
            ("11\r\n\r\n283-68-4468", "classifications: { people: { detectors: [us-ssn] } }\n", "403", "has changed"),
        ] {
            harness.feed(.policyChanged(try HTTPHarness.policy(Self.rules + ask)))
            harness.send(post + body)
            let id = try #require(harness.asks.last).id
            harness.feed(.policyChanged(try HTTPHarness.policy(Self.rules + ask + now)))
            harness.feed(.approvalDecided(ApprovalDecision(approvalID: id, outcome: .approved(approver: "eve"))))
            harness.answer(answer(#"["283-68-4467",2]"#))
            let got = harness.take()
            #expect(got.hasPrefix("HTTP/1.1 \(status)") && got.contains(shown) && !got.contains("283-68"), "\(got)")
        }
    }

    @Test("values are counted where their mask tells them apart, and those that were shown may be shown again")
    func values() throws {
        let harness = try harness(
            "name: cards, of: { classification: cards }, valuesPerSubject: 2",
            "classifications: { cards: { detectors: [credit-card], mask: { keepLast: 4 } } }\n")
        let (one, two, three) = ("4111111111111111", "5500005555555559", "4012888888881881")
        #expect(harness.exchange(Self.get, answer(#"["\#(one)"]"#)).contains("1111"))
        #expect(harness.exchange(Self.get, answer(#"{"a":"\#(one)","b":"\#(two)"}"#)).contains("5559"))
        let cut = harness.exchange(Self.get, answer(#"{"a":"\#(three)"}"#))
        #expect(cut.hasPrefix("HTTP/1.1 403") && !cut.contains("1881") && cut.contains("2 different values"))
        #expect(harness.exchange(Self.get, answer(#"["\#(two)"]"#)).contains("5559"))
        // What is not shown is not counted: a page that is too wide leaves what was left.
        let other = try self.harness(
            "name: cards, of: { classification: cards }, valuesPerSubject: 2",
            "classifications: { cards: { detectors: [credit-card], mask: { keepLast: 4 } } }\n")
        #expect(other.exchange(Self.get, answer(#"["\#(one)","\#(two)","\#(three)"]"#)).hasPrefix("HTTP/1.1 403"))
        #expect(other.exchange(Self.get, answer(#"["\#(one)","\#(three)"]"#)).contains("1881"))
        // Also of what says that something is wrong.
        #expect(!harness.exchange(Self.get, answer(#"["\#(three)"]"#, status: "500 No")).contains("1881"))
    }

    @Test("a budget that holds asks before it is spent further, and an approval is for one request") func hold()
        throws
    {
        let harness = try harness(
            "name: rows, rowsPerSubject: 2, then: hold, approval: { by: { groups: [security] } }")
        _ = harness.exchange(Self.get, answer("[1,2]"))
        harness.send(Self.get)
        let ask = try #require(harness.asks.first)
        #expect(ask.rules.contains("budget:rows") && harness.take().isEmpty)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        harness.answer(answer("[1,2,3]"))
        #expect(harness.take().hasSuffix("[1,2,3]\r\n0\r\n\r\n"))
        harness.send(Self.get)
        #expect(harness.asks.count == 2)
    }

    @Test("what cannot be kept, or cannot be looked into, is not shown") func uncounted() throws {
        let harness = try harness("name: rows, rowsPerSubject: 2", keeper: nil)
        harness.send(Self.get)
        #expect(harness.take().hasPrefix("HTTP/1.1 403") && harness.takeUpstream().isEmpty)
        let vouching = HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                rules: [{ name: all, allow: ['*'], on: [crm], vouch: { features: [opaqueBody] } }]
                budgets: [{ name: rows, rowsPerSubject: 2 }]
                """), budgets: MemoryBudgets())
        let got = vouching.exchange(Self.get, answer("\u{89}PNG\r\n\u{1A}\n\0\0", type: "image/png"))
        #expect(got.hasPrefix("HTTP/1.1 403") && got.contains("cannot be counted"))
    }

    @Test("a tool's results are counted, structured or written as text, and lists of tools are not") func tools()
        throws
    {
        let keeper = MemoryBudgets()
        let harness = try MCPHarness(
            """
            classifications: { cards: { detectors: [credit-card], mask: { keepLast: 4 } } }
            rules: [{ name: all, allow: [call, select], on: [tools] }]
            budgets:
              - { name: rows, rowsPerSubject: 6 }
              - { name: cards, of: { classification: cards }, valuesPerSubject: 1 }
            """, budgets: keeper)
        harness.ask("tools/list")
        harness.result(#"{"tools":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]}"#)
        #expect(harness.http.take().contains(#""name":"e""#))
        harness.call("find")
        harness.result(
            #"{"content":[{"type":"text","text":"[{\"id\":1},{\"id\":2},{\"id\":3}]"}],"structuredContent":{"items":[1,2,3]}}"#
        )
        #expect(harness.http.take().contains("200 OK"))
        harness.call("find")
        harness.result(#"{"content":[{"type":"text","text":"[1,2,3,4]"}]}"#)
        let spent = try harness.error()
        #expect(spent.code == -31001 && spent.message.contains("budget rows"))
        #expect(harness.http.completed.last?.budget == "rows")
        harness.call("find")
        harness.result(#"{"content":[{"type":"text","text":"5500005555555559"}]}"#)
        #expect(harness.http.take().contains("5559"))
        harness.call("find")
        harness.stream([
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"4012888888881881"}}"#
        ])
        let cut = harness.http.take()
        #expect(!cut.contains("1881") && cut.contains("-31001") && cut.hasSuffix("0\r\n\r\n"), "\(cut)")
    }

    @Test("whatever a tool's answer lists is counted, by whichever name") func toolShapes() throws {
        for (result, passes) in [
            (#"{"content":[{"type":"text","text":"id,name\n1,a\n2,b\n3,c"}]}"#, false),
            (#"{"content":[{"type":"text","text":"Found:\n1 a\n2 b"}]}"#, true),
            (#"{"content":[],"rows":[1,2,3,4]}"#, false), (#"{"content":[{"text":"[1,2,3,4]","resource":{}}]}"#, false),
            (#"{"content":{"text":"[1,2,3,4]"}}"#, false), (#"{"_meta":{"rows":[1,2,3,4]}}"#, false),
            (#"{"structuredContent":{"items":[1,2,3]},"content":[{"text":"[1,2,3]"}]}"#, true),
        ] {
            let harness = try MCPHarness(
                """
                rules: [{ name: all, allow: [call, select], on: [tools] }]
                budgets: [{ name: rows, rowsPerStatement: 3 }]
                """, budgets: MemoryBudgets())
            harness.call("find")
            harness.result(result)
            let code = try harness.error().code
            #expect((code == nil) == passes, "\(result)")
        }
        let harness = try MCPHarness(
            """
            rules: [{ name: all, allow: [call, select], on: [tools] }]
            budgets: [{ name: rows, rowsPerStatement: 3 }]
            """, budgets: MemoryBudgets())
        harness.ask(
            "completion/complete", #"{"ref":{"type":"ref/prompt","name":"a"},"argument":{"name":"b","value":""}}"#)
        harness.result(#"{"completion":{"values":["1","2","3","4"]}}"#)
        #expect(try harness.error().code == -31001)
        harness.call("find")
        harness.answer(#"{"jsonrpc":"2.0","id":\#(harness.id),"error":{"code":1,"message":"m","data":[1,2,3,4]}}"#)
        #expect(try harness.error().code == -31001)
    }
}
