import Enforcement
import Policy
import PostgresWire
import SQLInspection
import Testing

/// What is said of a partition's columns holds where its rows are read through the table above.
@Suite struct PartitionTests {
    private static let catalog = PostgresCatalog(
        snapshot: CatalogSnapshot(relations: [
            .init(
                oid: 200, schema: "public", name: "events", kind: .partitionedTable,
                columns: [.init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "who", typeOID: 25)]),
            .init(
                oid: 201, schema: "public", name: "events_1", kind: .table,
                columns: [.init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "who", typeOID: 25)],
                parents: [200]),
            .init(
                oid: 202, schema: "public", name: "events_2", kind: .table,
                columns: [.init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "who", typeOID: 25)],
                parents: [200]),
        ]), version: 1)

    private func harness(_ rules: String = SessionHarness.writers, more: String = "") throws -> SessionHarness {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(
                rules, classes: "parts: { columns: [public.events_1.who], mask: { keepLast: 2 }, predicates: lookup }",
                more: more),
            budgets: MemoryBudgets())
        harness.catalog = Self.catalog
        harness.connect()
        return harness
    }

    @Test(
        arguments: [
            "SELECT id FROM events WHERE who LIKE 'a%'", "SELECT id FROM events ORDER BY who",
            "DELETE FROM events WHERE who > 'a'", "UPDATE events SET id = 1 WHERE length(who) = 3",
            "SELECT e.id FROM events e JOIN events f ON e.who < f.who",
        ])
    func `a condition on the table above is one on the partition`(text: String) throws {
        let answer = try harness().query(text)
        #expect(answer.sqlState == "42501")
        #expect(answer.message?.hasPrefix("The column public.events_1.who is classified as parts") == true)
    }

    @Test(
        arguments: [
            "SELECT id FROM events WHERE who = 'a'", "SELECT id FROM events WHERE id > 7",
            "SELECT id FROM events_2 WHERE who LIKE 'a%'",
        ])
    func `what the classification lets pass, and other partitions, are none of its business`(text: String) throws {
        #expect(try harness().query(text).sqlState == nil)
    }

    @Test func `rules and budgets of the classification are about rows that are read from above`() throws {
        let denied = try harness(
            SessionHarness.readers
                + "  - { name: not-those, deny: [select], on: [shop-db], where: { classification: parts } }\n")
        #expect(denied.query("SELECT who FROM events WHERE id = 1").sqlState == "42501")
        #expect(denied.query("SELECT id FROM events WHERE id = 1").sqlState == nil)
        let counted = try harness(
            more: "budgets:\n  - { name: seen, of: { classification: parts }, valuesPerSubject: 1, window: 1h }\n")
        let text = "SELECT who FROM events WHERE id < 3"
        counted.server.answers[text] = .rows(
            [SessionHarness.field("who", table: 200, column: 2)], [["abcd"], ["efgh"]], tag: "SELECT 2")
        let answer = counted.query(text)
        #expect(answer.rows == [["**cd"]])
        #expect(answer.sqlState == "53400")
    }
}
