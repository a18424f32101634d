import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct JudgementScopeTests {
    private func harness(_ rules: String = SessionHarness.readers) throws -> SessionHarness {
        let harness = SessionHarness(policy: try SessionHarness.policy(rules))
        harness.connect()
        return harness
    }

    private func answer(_ text: String, with note: String, on harness: SessionHarness) {
        harness.server.answers[text] = .rows(
            [SessionHarness.field("note", table: 101, column: 2)], [[note]], tag: "SELECT 1")
    }

    @Test func `a text that differs in a number is recorded as it was sent`() throws {
        let harness = try harness()
        for number in [1, 22, 333_333] {
            let text = "SELECT note FROM orders WHERE id = \(number)"
            answer(text, with: "n", on: harness)
            #expect(harness.query(text).rows == [["n"]])
        }
        #expect(
            harness.judged.map(\.text) == [1, 22, 333_333].map { "SELECT note FROM orders WHERE id = \($0)" })
        #expect(harness.server.executed.last == "SELECT note FROM orders WHERE id = 333333")
    }

    @Test func `what detectors find in another value is masked in its record`() throws {
        let harness = try harness()
        for word in ["plain", "SECRET"] {
            _ = harness.query("SELECT note FROM orders WHERE note = '\(word)'")
        }
        #expect(harness.judged.map { $0.text.contains("plain") } == [true, false])
        #expect(!harness.judged.contains { $0.text.contains("SECRET") })
    }

    @Test func `a value that is compared with a classified column is never shown`() throws {
        let harness = try harness()
        for number in 1...3 { _ = harness.query("SELECT id FROM customers WHERE ssn = '12345678\(number)'") }
        #expect(harness.judged.count == 3)
        #expect(!harness.judged.contains { $0.text.contains("12345678") })
    }

    @Test func `a LIMIT that bounds nothing is not taken for one that does`() throws {
        let harness = try harness(
            SessionHarness.readers
                + "  - { name: bounded, deny: [select], on: [shop-db], where: { unbounded: true } }\n")
        #expect(harness.query("SELECT note FROM orders LIMIT 10").sqlState == nil)
        #expect(harness.query("SELECT note FROM orders LIMIT 20").sqlState == nil)
        #expect(harness.query("SELECT note FROM orders LIMIT 100000").sqlState == "42501")
        #expect(harness.query("SELECT note FROM orders LIMIT 20").sqlState == nil)
    }

    @Test func `another policy judges a text anew`() throws {
        let harness = try harness()
        #expect(harness.query("SELECT note FROM orders WHERE id = 1").sqlState == nil)
        harness.feed(
            .policyChanged(
                try SessionHarness.policy("  - { name: none, deny: [select], on: [shop-db] }\n")))
        #expect(harness.query("SELECT note FROM orders WHERE id = 1").sqlState == "42501")
        #expect(harness.query("SELECT note FROM orders WHERE id = 2").sqlState == "42501")
    }

    @Test func `a masked value that is written back is found whatever was written before`() throws {
        let harness = try harness(SessionHarness.readers + SessionHarness.writers)
        #expect(harness.query("UPDATE customers SET card = '4111111111111111' WHERE id = 1").sqlState == nil)
        #expect(harness.query("UPDATE customers SET card = '************1111' WHERE id = 1").sqlState == "42501")
    }

    @Test func `what the open transaction made is known to it alone`() throws {
        let harness = try harness(SessionHarness.readers + SessionHarness.writers)
        let text = "SELECT note FROM orders WHERE id = 1"
        #expect(harness.query(text).sqlState == nil)
        #expect(harness.query("BEGIN").sqlState == nil)
        #expect(harness.query("CREATE TABLE fresh (id int)").sqlState == nil)
        #expect(harness.query(text).sqlState == "42501")
        #expect(harness.query("ROLLBACK").sqlState == nil)
        #expect(harness.query(text).sqlState == nil)
    }

    @Test func `rows that are described otherwise are masked otherwise`() throws {
        let harness = try harness()
        let text = "SELECT note FROM orders WHERE id = 1"
        answer(text, with: "x", on: harness)
        #expect(harness.query(text).rows == [["x"]])
        harness.server.answers[text] = .rows(
            [SessionHarness.field("note", table: 100, column: 3)], [["x"]], tag: "SELECT 1")
        #expect(harness.query(text).rows == [["[redacted]"]])
    }

    @Test func `a policy that was replaced goes, and all that was judged and planned under it`() throws {
        weak var judgements: JudgementScopes?
        let harness: SessionHarness
        do {
            let policy = try SessionHarness.policy(SessionHarness.readers)
            judgements = policy.judgements
            harness = SessionHarness(policy: policy)
        }
        harness.connect()
        let text = "SELECT note FROM orders WHERE id = 1"
        answer(text, with: "n", on: harness)
        #expect(harness.query(text).rows == [["n"]])
        #expect(judgements != nil)
        harness.feed(.policyChanged(try SessionHarness.policy(SessionHarness.readers)))
        #expect(harness.query(text).rows == [["n"]])
        #expect(judgements == nil)
    }
}
