import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct SimpleQueryTests {
    private func harness(_ rules: String = SessionHarness.readers, record: String = "{ statements: masked }") throws
        -> SessionHarness
    {
        let harness = SessionHarness(policy: try SessionHarness.policy(rules, record: record))
        harness.connect()
        return harness
    }

    @Test(arguments: [false, true])
    func `a classified column comes back masked and the record counts it`(drips: Bool) throws {
        let harness = try harness()
        harness.drips = drips
        let text = "SELECT id, ssn, card, born FROM customers WHERE id = 1"
        harness.server.answers[text] = .rows(
            [
                SessionHarness.field("id", table: 100, column: 1, type: 23),
                SessionHarness.field("ssn", table: 100, column: 3),
                SessionHarness.field("card", table: 100, column: 4),
                SessionHarness.field("born", table: 100, column: 5, type: 1082),
            ], [["1", "123-45-6789", "4111111111111111", "1980-07-31"], ["2", nil, nil, nil]], tag: "SELECT 2")
        let answer = harness.query(text)
        #expect(answer.rows == [["1", "[redacted]", "************1111", "1980-01-01"], ["2", nil, nil, nil]])
        #expect(answer.status == .idle)
        let completed = try #require(harness.completed.last)
        #expect(completed.rows == 2)
        #expect(completed.tag == "SELECT 2")
        #expect(completed.masks.map(\.column) == ["ssn", "card", "born"])
        #expect(completed.masks.map(\.values) == [1, 1, 1])
        #expect(harness.judged.last?.columns.contains("public.customers.ssn") == true)
    }

    @Test(
        arguments: [
            ("SELECT 'ä', nme FROM customers WHERE id = 1", "The column \"nme\" is not known here", "13"),
            ("SELECT c.nme FROM customers c", "The column \"c.nme\" is not known here", "8"),
            ("SELECT 1 FROM public.custommers", "The table \"public.custommers\" is not known here", "15"),
            ("DELETE FROM nowhere", "The table \"nowhere\" is not known here", "13"),
            (
                "SELECT id FROM customers WHERE ssn = \"123-45-6789\"", "The column \"123-45-6789\" is not known here",
                "38"
            ),
        ])
    func `a name that is not known is told to the client with its place, and kept in no record`(
        text: String, message: String, position: String
    ) throws {
        let harness = try harness(SessionHarness.writers)
        let answer = harness.query(text)
        #expect(answer.sqlState == "42501")
        #expect(answer.message?.contains(message) == true, "\(answer.message ?? "")")
        #expect(answer.error?["P"].map { String(decoding: $0, as: UTF8.self) } == position)
        let judged = try #require(harness.judged.last)
        #expect(judged.message.hasPrefix("Policy does not vouch for"))
        #expect(!judged.message.contains("not known here"), "\(judged.message)")
    }

    @Test func `a name given to a column hides nothing, whichever side tells of it`() throws {
        let harness = try harness()
        // By the parse tree alone.
        harness.server.answers["SELECT ssn AS x FROM customers WHERE id = 1"] = .rows(
            [SessionHarness.field("x")], [["123-45-6789"]], tag: "SELECT 1")
        #expect(harness.query("SELECT ssn AS x FROM customers WHERE id = 1").rows == [["[redacted]"]])
        // What is computed from a column that keeps its last digits keeps nothing.
        harness.server.answers["SELECT card || '' AS y FROM customers WHERE id = 1"] = .rows(
            [SessionHarness.field("y")], [["4111111111111111"]], tag: "SELECT 1")
        #expect(harness.query("SELECT card || '' AS y FROM customers WHERE id = 1").rows == [["[redacted]"]])
        // By the server's word alone: it says that the column is one that the parse tree does not know of.
        harness.server.answers["SELECT note FROM orders WHERE id = 1"] = .rows(
            [SessionHarness.field("note", table: 100, column: 3)], [["123-45-6789"]], tag: "SELECT 1")
        #expect(harness.query("SELECT note FROM orders WHERE id = 1").rows == [["[redacted]"]])
    }

    @Test func `a view's column has the classification of the column under it`() throws {
        let harness = try harness()
        harness.server.answers["SELECT tax_number FROM people LIMIT 1"] = .rows(
            [SessionHarness.field("tax_number", table: 102, column: 1)], [["123-45-6789"]], tag: "SELECT 1")
        #expect(harness.query("SELECT tax_number FROM people LIMIT 1").rows == [["[redacted]"]])
    }

    @Test func `a column of a table that is not known is redacted`() throws {
        let harness = try harness()
        harness.server.answers["SELECT note FROM orders WHERE id = 1"] = .rows(
            [SessionHarness.field("note", table: 99_999, column: 1)], [["anything"]], tag: "SELECT 1")
        #expect(harness.query("SELECT note FROM orders WHERE id = 1").rows == [["[redacted]"]])
    }

    @Test func `detectors mask in place what no column names`() throws {
        let harness = try harness()
        let text = "SELECT id, note FROM orders WHERE id = 1"
        harness.server.answers[text] = .rows(
            [
                SessionHarness.field("id", table: 101, column: 1, type: 23),
                SessionHarness.field("note", table: 101, column: 2),
            ], [["1", "the SECRET is out"]], tag: "SELECT 1")
        #expect(harness.query(text).rows == [["1", "the [redacted] is out"]])
        #expect(harness.completed.last?.masks.first?.detector == "shout")
    }

    @Test func `what no rule allows is refused by the server's own hand and the session goes on`() throws {
        let harness = try harness()
        let answer = harness.query("DELETE FROM orders WHERE id = 1")
        #expect(answer.sqlState == "42501")
        #expect(answer.hint?.contains("Record ") == true)
        #expect(answer.status == .idle)
        #expect(harness.server.executed.isEmpty)
        #expect(harness.judged.last?.outcome == .deny)
        harness.server.answers["SELECT 1"] = .rows([SessionHarness.field("a", type: 23)], [["1"]], tag: "SELECT 1")
        #expect(harness.query("SELECT 1").rows == [["1"]])
    }

    @Test func `the refusal's hint names the record`() throws {
        let harness = try harness()
        let before = harness.records.count
        let hint = try #require(harness.query("DELETE FROM orders").hint)
        #expect(harness.records.count == before + 1)
        #expect(hint.contains("01920000-0000-7000-0000-"))
    }

    @Test func `one refusal refuses the whole Query`() throws {
        let harness = try harness()
        let answer = harness.query("SELECT 1; DELETE FROM orders; SELECT 2")
        #expect(answer.sqlState == "42501")
        #expect(answer.rows.isEmpty)
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `several statements are recorded one by one`() throws {
        let harness = try harness()
        for number in ["1", "2"] {
            harness.server.answers["SELECT \(number)"] = .rows(
                [SessionHarness.field("a", type: 23)], [[number]], tag: "SELECT 1")
        }
        #expect(harness.query("SELECT 1; SELECT 2").rows == [["1"], ["2"]])
        #expect(harness.judged.map(\.text) == ["SELECT 1", "SELECT 2"])
        #expect(harness.completed.map(\.statement) == harness.judged.map(\.statement))
    }

    @Test func `a refusal aborts the transaction as any error would`() throws {
        let harness = try harness()
        #expect(harness.query("BEGIN").status == .inTransaction)
        #expect(harness.query("DELETE FROM orders").status == .failed)
        #expect(harness.query("SELECT 1").sqlState == "25P02")
        #expect(harness.query("ROLLBACK").status == .idle)
    }

    @Test func `what cannot be read is refused and its text is not recorded`() throws {
        let harness = try harness()
        let answer = harness.query("SELEKT 'very private'")
        #expect(answer.sqlState == "42501")
        #expect(answer.status == .idle)
        let judged = try #require(harness.judged.last)
        #expect(!judged.text.contains("private"))
        #expect(judged.features == ["unparsable"])
    }

    @Test func `literals that stand beside classified columns are not recorded`() throws {
        let harness = try harness()
        _ = harness.query("SELECT id FROM customers WHERE ssn = '123-45-6789' AND name = 'the SECRET'")
        let text = try #require(harness.judged.last?.text)
        #expect(!text.contains("123-45-6789"))
        #expect(!text.contains("SECRET"))
        #expect(text.contains("name ="))
    }

    @Test func `records come before the bytes that depend on them`() throws {
        let harness = try harness()
        harness.server.answers["SELECT 1"] = .rows([SessionHarness.field("a", type: 23)], [["1"]], tag: "SELECT 1")
        let before = harness.order.count
        _ = harness.query("SELECT 1")
        #expect(harness.order[before...] == ["run", "bytes"])
        #expect(harness.judged.last?.text == "SELECT 1")
        #expect(harness.completed.last?.tag == "SELECT 1")
        #expect(harness.completed.last?.statement == harness.judged.last?.statement)
    }

    @Test func `where an answer comes in pieces, its judgement is recorded before the first`() throws {
        let harness = try harness()
        harness.server.answers["SELECT 1"] = .rows([SessionHarness.field("a", type: 23)], [["1"]], tag: "SELECT 1")
        harness.drips = true
        let before = harness.order.count
        _ = harness.query("SELECT 1")
        let order = harness.order[before...]
        #expect(order.first == "judged")
        #expect(order.filter { $0 != "bytes" } == ["judged", "completed"])
        #expect(order.last == "bytes")
    }

    @Test(arguments: [
        "INSERT INTO orders VALUES (1, 'x')", "DELETE FROM orders WHERE id = 1", "COMMIT", "SAVEPOINT a",
        "SET work_mem = '1MB'", "SELECT tax_number FROM people LIMIT 1",
    ])
    func `what may have an effect is recorded before the server gets it`(text: String) throws {
        let harness = try harness(SessionHarness.writers)
        harness.server.answers[text] = .command("DONE")
        harness.holdsServer = true
        let before = harness.order.count
        _ = harness.query(text)
        #expect(harness.order[before...] == ["judged"])
        harness.releaseServer()
        #expect(harness.order[before...] == ["judged", "completed", "bytes"])
    }

    @Test func `what cannot be recorded and has an effect does not happen`() throws {
        let harness = try harness(SessionHarness.writers)
        harness.refusesRecords = true
        let answer = harness.query("INSERT INTO orders VALUES (1, 'x')")
        #expect(answer.sqlState == "53100")
        #expect(harness.server.executed.isEmpty)
        #expect(harness.isClientClosed)
    }

    @Test func `what was read and cannot be recorded is not released`() throws {
        let harness = try harness()
        harness.server.answers["SELECT 1"] = .rows([SessionHarness.field("a", type: 23)], [["1"]], tag: "SELECT 1")
        harness.refusesRecords = true
        let answer = harness.query("SELECT 1")
        #expect(answer.sqlState == "53100")
        #expect(answer.rows.isEmpty)
        #expect(harness.isClientClosed)
    }

    @Test func `the last answer of a session that is to end is not released unrecorded either`() throws {
        let harness = try harness()
        harness.server.answers["SELECT 1"] = .rows([SessionHarness.field("a", type: 23)], [["1"]], tag: "SELECT 1")
        harness.holdsServer = true
        _ = harness.query("SELECT 1")
        harness.feed(.drain)
        harness.refusesRecords = true
        let got = harness.rawClientBytes.count
        harness.releaseServer()
        #expect(harness.isClientClosed)
        #expect(harness.rawClientBytes.count == got)
    }

    @Test func `where policy says so, it happens even unrecorded`() throws {
        let harness = try harness(record: "{ statements: masked, whenSpoolIsFull: allow }")
        harness.refusesRecords = true
        #expect(harness.query("SELECT 1").status == .idle)
    }

    @Test func `the response is recorded as the client got it, up to the maximum`() throws {
        let harness = try harness(record: "{ statements: masked, responses: masked, maxResponseBytes: 64B }")
        let text = "SELECT id, ssn FROM customers WHERE id < 9 LIMIT 9"
        harness.server.answers[text] = .rows(
            [
                SessionHarness.field("id", table: 100, column: 1, type: 23),
                SessionHarness.field("ssn", table: 100, column: 3),
            ], [["1", "123-45-6789"], ["2", nil], ["3", "123-45-6789"]], tag: "SELECT 3")
        #expect(harness.query(text).rows.count == 3)
        let completed = try #require(harness.completed.last)
        #expect(
            String(decoding: completed.response, as: UTF8.self) == "id\tssn\n1\t[redacted]\n2\t\\N\n3\t[redacted]\n")
        #expect(!completed.responseTruncated)
    }

    @Test func `an error's message that may quote a value is replaced, its details dropped`() throws {
        let harness = try harness()
        harness.server.answers["SELECT id FROM customers WHERE id = 1"] = .error(
            ResponseFields([
                .init(code: UInt8(ascii: "S"), value: Array("ERROR".utf8)),
                .init(code: UInt8(ascii: "C"), value: Array("22P02".utf8)),
                .init(code: UInt8(ascii: "M"), value: Array("invalid input: \"123-45-6789\"".utf8)),
                .init(code: UInt8(ascii: "D"), value: Array("123-45-6789".utf8)),
                .init(code: UInt8(ascii: "W"), value: Array("123-45-6789".utf8)),
                .init(code: UInt8(ascii: "q"), value: Array("123-45-6789".utf8)),
            ]))
        let answer = harness.query("SELECT id FROM customers WHERE id = 1")
        #expect(answer.sqlState == "22P02")
        #expect(answer.flatMap(\.encoded).split(separator: 0).allSatisfy { !$0.starts(with: Array("123".utf8)) })
        #expect(answer.message?.hasPrefix("a value is not valid for its type") == true)
        #expect(answer.error?.fields.count == 3)
        #expect(harness.completed.last?.sqlstate == "22P02")
    }

    @Test(arguments: [
        ("42704", "unrecognized configuration parameter \"123-45-6789\""), ("42P01", "relation \"123-45-6789\" …"),
        ("0A000", "cross-database references are not implemented: \"123-45-6789\""),
        ("42601", "syntax error at or near \"123\""), ("3F000", "schema \"123-45-6789\" does not exist"),
    ])
    func `a value that the server took for a name is not quoted, a name of the statement's is`(
        sqlState: String, message: String
    ) throws {
        func fields(position: String?) -> ResponseFields {
            var fields: [ResponseFields.Field] = [
                .init(code: UInt8(ascii: "C"), value: Array(sqlState.utf8)),
                .init(code: UInt8(ascii: "M"), value: Array(message.utf8)),
            ]
            if let position { fields.append(.init(code: UInt8(ascii: "P"), value: Array(position.utf8))) }
            return ResponseFields(fields)
        }
        let harness = try harness()
        let sensitive = "SELECT has_schema_privilege(ssn, 'usage') FROM customers WHERE id = 1"
        harness.server.answers[sensitive] = .error(fields(position: nil))
        #expect(harness.query(sensitive).message?.contains("123") == false)
        harness.server.answers[sensitive] = .error(fields(position: "8"))
        #expect(harness.query(sensitive).message == message)
        let harmless = "SELECT note FROM orders WHERE id = 1"
        harness.server.answers[harmless] = .error(fields(position: nil))
        #expect(harness.query(harmless).message == message)
    }

    @Test(arguments: [
        "UPDATE customers SET card = reverse(card) WHERE id = 1", "UPDATE customers SET card = ssn WHERE id = 1",
        "UPDATE customers SET born = born - 1 WHERE id = 1", "UPDATE customers SET name = card WHERE id = 1",
    ])
    func `a value is not moved to where a mask shows more of it`(text: String) throws {
        let harness = try harness(SessionHarness.writers)
        let answer = harness.query(text)
        #expect(answer.sqlState == "42501")
        // A place in another column decides, and so does what is computed: that says more than the default.
        #expect(["relabels", "decide nothing else"].contains { answer.message?.contains($0) == true })
    }

    @Test func `a value may be computed from itself where its mask shows nothing`() throws {
        let harness = try harness(SessionHarness.writers)
        let text = "UPDATE customers SET ssn = upper(ssn) WHERE id = 1"
        harness.server.answers[text] = .rows([], [], tag: "UPDATE 1")
        #expect(harness.query(text).error == nil)
    }

    @Test func `a changed search path is asked for before the next judgement`() throws {
        let harness = try harness()
        harness.server.searchPath = ["other", "public"]
        #expect(harness.query("SET search_path TO other, public").status == .idle)
        let text = "SELECT ssn FROM customers LIMIT 1"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("ssn", table: 103, column: 1)], [["x"]], tag: "SELECT 1")
        let answer = harness.query(text)
        #expect(answer.rows == [["x"]])
        #expect(answer.status == .idle)
        #expect(harness.judged.last?.objects == ["other.customers"])
    }

    @Test func `a server that leaves the pinned settings ends the session`() throws {
        let harness = try harness()
        harness.fromServer(
            BackendMessage.parameterStatus(
                name: Array("standard_conforming_strings".utf8), value: Array("off".utf8)
            ).encoded)
        #expect(harness.isClientClosed)
        #expect(harness.isUpstreamClosed)
    }

    @Test func `a function call by message is refused`() throws {
        let harness = try harness()
        harness.send(.functionCall([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        let answer = harness.take()
        #expect(answer.sqlState == "42501")
        #expect(answer.status == .idle)
    }

    @Test func `a malformed frame from either side closes the connection`() throws {
        let ofClient = try harness()
        ofClient.sendRaw([0x51, 0, 0, 0, 3])
        #expect(ofClient.isClientClosed)
        #expect(ofClient.take().sqlState == "08P01")
        let ofServer = try harness()
        ofServer.fromServer([0x00, 0, 0, 0, 4])
        #expect(ofServer.isClientClosed)
        #expect(ofServer.isUpstreamClosed)
    }

    @Test func `rows that nobody asked for close the connection`() throws {
        let harness = try harness()
        harness.fromServer(BackendMessage.dataRow([[49]]).encoded)
        #expect(harness.isClientClosed)
        #expect(harness.take().rows.isEmpty)
    }

    @Test func `a revoked identity ends the session in the middle of a statement`() throws {
        let harness = try harness()
        harness.holdsServer = true
        harness.send(.query(Array("SELECT 1".utf8)))
        harness.feed(.revoked(reason: "left the company"))
        #expect(harness.take().sqlState == "28000")
        #expect(harness.isUpstreamClosed)
        #expect(harness.completed.last?.incomplete == true)
        #expect(harness.cancels == [CancelKey(processID: 77, secret: 1234)])
        harness.releaseServer()
        #expect(harness.take().isEmpty)
    }

    @Test func `another policy counts from the next statement on`() throws {
        let harness = try harness()
        #expect(harness.query("DELETE FROM orders WHERE id = 1").sqlState == "42501")
        harness.feed(.policyChanged(try SessionHarness.policy(SessionHarness.writers)))
        #expect(harness.query("DELETE FROM orders WHERE id = 1").sqlState == nil)
        #expect(harness.order.contains("policy"))
    }
}
