import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct ExtendedQueryTests {
    private func harness(_ rules: String = SessionHarness.readers) throws -> SessionHarness {
        let harness = SessionHarness(policy: try SessionHarness.policy(rules))
        harness.connect()
        harness.server.answers[ssn] = .rows(
            [SessionHarness.field("ssn", table: 100, column: 3)], [["123-45-6789"], ["987-65-4321"]], tag: "SELECT 2")
        return harness
    }

    private let ssn = "SELECT ssn FROM customers WHERE id = $1"
    private let name = Array("s".utf8)

    private func bind(_ statement: WireName = [], portal: WireName = [], values: [[UInt8]?] = [[49]]) -> FrontendMessage
    {
        .bind(.init(portal: portal, statement: statement, parameters: values))
    }

    @Test(arguments: [false, true])
    func `rows are masked without a Describe of the client's, which sees none of ours`(drips: Bool) throws {
        let harness = try harness()
        harness.drips = drips
        harness.send(
            .parse(name: name, text: Array(ssn.utf8), types: []), bind(name), .execute(portal: [], maximum: 0), .sync)
        let answer = harness.take()
        #expect(
            answer == [
                .parseComplete, .bindComplete, .dataRow([Array("[redacted]".utf8)]),
                .dataRow([Array("[redacted]".utf8)]), .commandComplete(Array("SELECT 2".utf8)), .readyForQuery(.idle),
            ])
        #expect(harness.completed.last?.rows == 2)
    }

    @Test func `a statement that was described is not described again`() throws {
        let harness = try harness()
        harness.send(
            .parse(name: name, text: Array(ssn.utf8), types: []), .describe(.statement, name), .sync)
        #expect(harness.take().contains { if case .rowDescription = $0 { true } else { false } })
        let before = harness.server.messages.count
        harness.send(bind(name), .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["[redacted]"], ["[redacted]"]])
        #expect(harness.server.messages.count == before + 3)
    }

    @Test func `a Query that the server skips behind an error has an end in the records`() throws {
        let harness = try harness(SessionHarness.writers)
        let failing = "DELETE FROM orders WHERE id = 1"
        harness.server.answers[failing] = .error(.init(severity: "ERROR", sqlState: "40001", message: "try again"))
        harness.holdsServer = true
        harness.send(
            .parse(name: [], text: Array(failing.utf8), types: []), bind(values: []), .execute(portal: [], maximum: 0),
            .query(Array("DELETE FROM orders WHERE id = 2".utf8)))
        harness.releaseServer()
        harness.send(.sync)
        #expect(harness.server.executed == [failing])
        #expect(harness.judged.map(\.statement) == [1, 2])
        #expect(harness.completed.map(\.statement) == [1, 2])
        #expect(harness.completed.map(\.sqlstate) == ["40001", "40001"])
    }

    @Test func `binary results are masked in their own form`() throws {
        let harness = try harness()
        harness.send(
            .parse(name: [], text: Array(ssn.utf8), types: []),
            .bind(.init(portal: [], statement: [], parameters: [[49]], resultFormats: [.binary])),
            .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["[redacted]"], ["[redacted]"]])
    }

    @Test func `a portal that is suspended and goes on is masked throughout`() throws {
        let harness = try harness()
        harness.send(
            .parse(name: [], text: Array(ssn.utf8), types: []), bind(), .execute(portal: [], maximum: 1),
            .execute(portal: [], maximum: 1), .sync)
        let answer = harness.take()
        #expect(answer.rows == [["[redacted]"], ["[redacted]"]])
        #expect(answer.contains(.portalSuspended))
    }

    @Test func `a refused Parse fails the pipeline up to its Sync and no further`() throws {
        let harness = try harness()
        harness.send(
            .parse(name: [], text: Array("DELETE FROM orders".utf8), types: []), bind(values: []),
            .execute(portal: [], maximum: 0), .sync, .parse(name: [], text: Array(ssn.utf8), types: []), bind(),
            .execute(portal: [], maximum: 0), .sync)
        let answer = harness.take()
        #expect(answer.first?.errorFields?["C"] == Array("42501".utf8))
        #expect(answer.dropFirst().first == .readyForQuery(.idle))
        #expect(answer.rows == [["[redacted]"], ["[redacted]"]])
        #expect(harness.server.executed == [ssn])
    }

    @Test func `a name whose making failed means what it meant before`() throws {
        let harness = try harness()
        harness.send(.parse(name: name, text: Array(ssn.utf8), types: []), .sync)
        _ = harness.take()
        // The Close never happens: the Parse before it fails. The name still means the first statement.
        harness.server.answers["SELECT note FROM orders WHERE id = 1"] = .rows(
            [SessionHarness.field("note", table: 101, column: 2)], [["open"]], tag: "SELECT 1")
        harness.send(
            .parse(name: [], text: Array("DELETE FROM orders".utf8), types: []), .close(.statement, name),
            .parse(name: name, text: Array("SELECT note FROM orders WHERE id = 1".utf8), types: []), .sync,
            bind(name), .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["[redacted]"], ["[redacted]"]])
    }

    @Test func `what is not there is refused as the server would`() throws {
        let harness = try harness()
        harness.send(bind(Array("nothing".utf8)), .sync)
        #expect(harness.take().sqlState == "26000")
        harness.send(.execute(portal: Array("nothing".utf8), maximum: 0), .sync)
        #expect(harness.take().sqlState == "34000")
        harness.send(bind(), .sync)
        #expect(harness.take().first?.errorFields?["M"] == Array("unnamed prepared statement does not exist".utf8))
    }

    @Test func `values that the server refuses in a message are refused, and the session goes on`() throws {
        let harness = try harness()
        func message(_ tag: String, _ body: [UInt8]) -> [UInt8] {
            Array(tag.utf8) + [0, 0, 0, UInt8(body.count + 4)] + body
        }
        func formats(_ count: UInt8, _ code: UInt8) -> [UInt8] { [0, count] + (0..<count).flatMap { _ in [0, code] } }
        let value: [UInt8] = [0, 1, 0, 0, 0, 1, 49]
        let cases: [([UInt8], String, String)] = [
            (
                message("B", [0, 0] + formats(2, 0) + value + [0, 0]), "08P01",
                "bind message has 2 parameter formats but 1 parameters"
            ),
            (message("B", [0, 0] + formats(1, 2) + value + [0, 0]), "22023", "unsupported format code: 2"),
            (message("B", [0, 0, 0, 0] + value + formats(1, 7)), "22023", "unsupported format code: 7"),
            (message("D", [88, 0]), "08P01", "invalid DESCRIBE message subtype 88"),
            (message("C", [0, 0]), "08P01", "invalid CLOSE message subtype 0"),
        ]
        for (bytes, state, text) in cases {
            harness.sendRaw(FrontendMessage.parse(name: [], text: Array(ssn.utf8), types: []).encoded + bytes)
            harness.send(.execute(portal: [], maximum: 0), .sync)
            let answer = harness.take()
            #expect(answer.sqlState == state)
            #expect(answer.compactMap { $0.errorFields?["M"] } == [Array(text.utf8)])
            #expect(answer.last == .readyForQuery(.idle))
        }
        #expect(harness.server.executed.isEmpty)
        harness.send(bind(), .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["[redacted]"], ["[redacted]"]])
    }

    @Test func `SQL's EXECUTE returns the columns of what was prepared`() throws {
        let harness = try harness()
        _ = harness.query("PREPARE p AS SELECT ssn FROM customers WHERE id = $1")
        harness.server.answers["EXECUTE p(1)"] = .rows(
            [SessionHarness.field("ssn")], [["123-45-6789"]], tag: "SELECT 1")
        #expect(harness.query("EXECUTE p(1)").rows == [["[redacted]"]])
        _ = harness.query("DEALLOCATE p")
        #expect(harness.query("EXECUTE p(1)").sqlState == "42501")
    }

    @Test func `EXPLAIN EXECUTE is judged as what was prepared, and its plan is hidden likewise`() throws {
        let harness = try harness()
        _ = harness.query("PREPARE p AS SELECT ssn FROM customers WHERE id = $1")
        _ = harness.query("PREPARE q AS SELECT note FROM orders WHERE id = $1")
        for text in ["EXPLAIN EXECUTE p(1)", "EXPLAIN (ANALYZE) EXECUTE p(1)", "EXPLAIN EXECUTE q(1)"] {
            harness.server.answers[text] = .rows([SessionHarness.field("QUERY PLAN")], [["a plan"]], tag: "EXPLAIN")
        }
        #expect(harness.query("EXPLAIN EXECUTE p(1)").rows == [["[redacted]"]])
        #expect(harness.query("EXPLAIN (ANALYZE) EXECUTE p(1)").rows == [["[redacted]"]])
        #expect(harness.query("EXPLAIN EXECUTE q(1)").rows == [["a plan"]])
        #expect(harness.query("EXPLAIN EXECUTE nothing(1)").sqlState == "42501")
        #expect(harness.query("PREPARE d AS DELETE FROM orders; EXPLAIN ANALYZE EXECUTE d").sqlState == "42501")
    }

    @Test func `what a bound EXECUTE runs is what its name stands for when it runs`() throws {
        let harness = try harness()
        harness.server.status = .inTransaction
        let note = SessionHarness.field("note", table: 101, column: 2)
        harness.server.answers["EXECUTE p"] = .rows([note], [["open"]], tag: "SELECT 1")
        _ = harness.query("PREPARE p AS SELECT note FROM orders")
        harness.send(.parse(name: name, text: Array("EXECUTE p".utf8), types: []), .describe(.statement, name), .sync)
        _ = harness.take()
        harness.send(bind(name, values: []), .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["open"]])
        harness.send(bind(name, portal: Array("c".utf8), values: []), .sync)
        _ = harness.take()
        _ = harness.query("DEALLOCATE p")
        _ = harness.query("PREPARE p AS SELECT ssn FROM customers")
        // The server describes the columns as they were.
        harness.server.answers["EXECUTE p"] = .rows([note], [["123-45-6789"]], tag: "SELECT 1")
        harness.send(.execute(portal: Array("c".utf8), maximum: 0), .sync)
        let bound = harness.take()
        #expect(bound.rows == [])
        #expect(bound.sqlState == "42501")
        #expect(bound.message == "What the name stands for has changed since this was bound; bind it again.")
        harness.send(bind(name, values: []), .execute(portal: [], maximum: 0), .sync)
        #expect(harness.take().rows == [["[redacted]"]])
    }

    @Test func `what was prepared under another path is judged under the one that is in force`() throws {
        let harness = try harness(
            SessionHarness.readers
                + "  - { name: not-other, deny: [select], on: [shop-db], where: { tables: \"other.*\" } }\n")
        harness.server.answers["EXECUTE p"] = .rows([SessionHarness.field("x")], [["123-45-6789x"]], tag: "SELECT 1")
        _ = harness.query("PREPARE p AS SELECT ssn || 'x' FROM customers")
        harness.server.searchPath = ["other"]
        _ = harness.query("SET search_path = other")
        #expect(harness.query("EXECUTE p").sqlState == "42501")
        harness.server.searchPath = ["public"]
        _ = harness.query("SET search_path = public")
        #expect(harness.query("EXECUTE p").rows == [["[redacted]"]])
    }

    @Test func `FETCH returns the columns of the cursor's query`() throws {
        let harness = try harness()
        _ = harness.query("BEGIN")
        #expect(harness.query("DECLARE c CURSOR FOR SELECT card FROM customers WHERE id = 1").sqlState == nil)
        harness.server.answers["FETCH 1 FROM c"] = .rows(
            [SessionHarness.field("card")], [["4111111111111111"]], tag: "FETCH 1")
        #expect(harness.query("FETCH 1 FROM c").rows == [["************1111"]])
    }

    @Test func `the verdict is taken again when the policy has changed since Parse`() throws {
        let harness = try harness()
        harness.send(.parse(name: name, text: Array(ssn.utf8), types: []), .sync)
        _ = harness.take()
        harness.feed(
            .policyChanged(
                try SessionHarness.policy(
                    SessionHarness.readers
                        + "  - { name: no-ssn, deny: [select], where: { classification: [pii] }, message: \"Not any more.\" }\n"
                )))
        harness.send(bind(name), .execute(portal: [], maximum: 0), .sync)
        let answer = harness.take()
        #expect(answer.message == "Not any more.")
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `a search path that changes within the pipeline is asked for within it`() throws {
        let harness = try harness()
        harness.server.searchPath = ["other", "public"]
        let text = "SELECT ssn FROM customers LIMIT 1"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("ssn", table: 103, column: 1)], [["x"]], tag: "SELECT 1")
        harness.send(
            .parse(name: [], text: Array("SET search_path TO other".utf8), types: []), bind(values: []),
            .execute(portal: [], maximum: 0), .parse(name: [], text: Array(text.utf8), types: []), bind(values: []),
            .execute(portal: [], maximum: 0), .sync)
        let answer = harness.take()
        #expect(answer.rows == [["x"]])
        #expect(answer.filter { $0 == .bindComplete }.count == 2)
        #expect(harness.judged.last?.objects == ["other.customers"])
    }

    @Test func `parameters beside classified columns are not recorded`() throws {
        let harness = try harness()
        let text = "SELECT id FROM customers WHERE ssn = $1"
        harness.send(
            .parse(name: [], text: Array(text.utf8), types: []), bind(values: [Array("123-45-6789".utf8)]),
            .execute(portal: [], maximum: 0), .sync)
        _ = harness.take()
        #expect(harness.judged.last?.parameters == ["[redacted]"])
    }

    @Test func `other parameters are recorded, as far as no detector knows them`() throws {
        let harness = try harness()
        let text = "SELECT id FROM orders WHERE note = $1"
        harness.send(
            .parse(name: [], text: Array(text.utf8), types: []), bind(values: [Array("a SECRET".utf8)]),
            .execute(portal: [], maximum: 0), .sync)
        _ = harness.take()
        #expect(harness.judged.last?.parameters == ["a [redacted]"])
    }

    @Test func `a long statement is read on another thread and the client waits for it`() async throws {
        let harness = try harness()
        let text = "SELECT id FROM orders WHERE id IN (" + (0..<2_000).map(String.init).joined(separator: ",") + ")"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("id", table: 101, column: 1, type: 23)], [["1"]], tag: "SELECT 1")
        harness.send(.query(Array(text.utf8)))
        #expect(harness.take().isEmpty)
        let (ticket, reading) = try #require(await harness.readings.take())
        harness.feed(.judged(ticket, reading))
        #expect(harness.take().rows == [["1"]])
    }

    private static let atTheEnd = BackendMessage.errorResponse(
        .init(severity: "ERROR", sqlState: "23503", message: "it violates a foreign key constraint")
    ).encoded

    @Test func `a failure at the transaction's end is told of the statement that it undoes`() throws {
        let harness = try harness()
        harness.send(
            .parse(name: name, text: Array(ssn.utf8), types: []), bind(name), .execute(portal: [], maximum: 0), .flush)
        let run = try #require(harness.completed.last?.statement)
        harness.holdsServer = true
        harness.send(.sync)
        harness.passServer(Self.atTheEnd)
        harness.releaseServer()
        #expect(harness.completed.last?.statement == run)
        #expect(harness.completed.last?.sqlstate == "23503")
        #expect(harness.take().last == .readyForQuery(.idle))
    }

    @Test func `an error at a Sync before which nothing ran is told of no statement`() throws {
        let harness = try harness()
        #expect(harness.query("DROP TABLE customers").sqlState == "42501")
        harness.holdsServer = true
        harness.send(.sync)
        harness.passServer(Self.atTheEnd)
        harness.releaseServer()
        #expect(harness.completed.isEmpty)
        #expect(harness.take().sqlState == "23503")
    }
}
