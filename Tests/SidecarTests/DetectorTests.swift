import Observability
import TestKit
import Testing

@testable import Sidecar

@Suite("Values that no column names")
struct DetectorTests {
    @Test("are found and masked in place") func scanned() async throws {
        let fixture = try await SidecarFixture(
            rules: """
                classifications:
                  cards: { detectors: [credit-card], mask: { keepLast: 4 } }
                rules:
                  - { name: reads, allow: [select], on: [db], to: { groups: [everyone] } }
                """,
            schema: "CREATE TABLE notes AS SELECT 1 AS id, 'paid with 4111 1111 1111 1111 today' AS note")
        let result = try await fixture.psql("SELECT id, note FROM notes WHERE id = 1;", token: fixture.token())
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.output.contains("4111 1111 1111 1111"), "\(result.output)")
        #expect(result.output.contains("1111 today"), "\(result.output)")
        #expect(fixture.metrics.masksApplied.value == 1)
        try await fixture.stop()
    }

    private static let structured = #"""
        CREATE EXTENSION hstore;
        CREATE TABLE s (id int PRIMARY KEY, j json, b jsonb, h hstore, t text[], n bigint[], m text[], x xml, w text, a jsonb[], p varchar);
        INSERT INTO s VALUES (1,
            '{"a" : "\u0032\u0031\u0039-09-1234 \u00e9", "n":  4111111111111111, "Card_Number": {"no": 1}, "k": [1,  2]}',
            '{"p": "{\"s\": \"\\u0032\\u0031\\u0039-09-1234\", \"x\": [1]}", "card_number": "12345678", "z": [true, null]}',
            hstore(ARRAY['a', '219-09-1234', 'b', NULL, 'card_number', '12345', 'doc', '{"card_number": {"n": 5}}']),
            ARRAY['a "b"', '219-09-1234', '{"card_number": {"n": 1}}', NULL, '{x}'],
            ARRAY[4111111111111111, 7], ARRAY[ARRAY['a', '219-09-1234'], ARRAY['c', 'd']],
            '<r a="219-09-&#49;234"><![CDATA[4111 1111 1111 1111]]><b>fine &amp; dandy</b></r>',
            '{"card_number":"23456789","x":"y\u0021"}',
            ARRAY['{"card_number": null}', '"219-09-1234"']::jsonb[], '{plain} 219-09-1234');
        """#

    @Test("are found within JSON, hstore, arrays and XML, by pattern and by key, in text and in binary")
    func withinValues() async throws {
        let fixture = try await SidecarFixture(
            rules: """
                classifications:
                  cards: { detectors: [credit-card], jsonKeys: [card_number], mask: { keepLast: 4 } }
                  ids: { detectors: [us-ssn] }
                rules:
                  - { name: reads, allow: [read], on: [db], to: { groups: [everyone] } }
                """,
            schema: Self.structured)
        let script = String(#filePath.dropLast("DetectorTests.swift".count)) + "structured_values.py"
        let result = try await Command.run(
            [Products.python, script], environment: fixture.environment(token: fixture.token()))
        #expect(result.output == "read\n", "\(result.errors)")
        try await fixture.stop()
    }

    @Test("are found by key alone, where no detector is named") func keysAlone() async throws {
        let fixture = try await SidecarFixture(
            rules: """
                classifications:
                  ids: { jsonKeys: [ssn] }
                rules:
                  - { name: reads, allow: [select], on: [db], to: { groups: [everyone] } }
                """,
            schema: #"CREATE TABLE docs AS SELECT 1 AS id, '{"Ssn": 12, "a": "219-09-1234"}'::jsonb AS doc"#)
        let result = try await fixture.psql("SELECT doc FROM docs WHERE id = 1;", token: fixture.token())
        #expect(result.output == #"{"a": "219-09-1234", "Ssn": "[redacted]"}"# + "\n", "\(result.errors)")
        #expect(fixture.metrics.masksApplied.value == 1)
        try await fixture.stop()
    }
}
