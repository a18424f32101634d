import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct WriteBackTests {
    private func harness() throws -> SessionHarness {
        let rules = SessionHarness.writers.replacing("[select,", with: "[select, merge,")
        let harness = SessionHarness(policy: try SessionHarness.policy(rules))
        harness.connect()
        return harness
    }

    @Test(arguments: [
        "UPDATE customers SET card = '************1111' WHERE id = 1",
        "UPDATE customers SET name = 'x', card = '****1111'::text WHERE id = 1",
        "UPDATE customers SET (name, card) = ('x', '****1111') WHERE id = 1",
        "UPDATE customers SET (name, card) = (SELECT 'x', '****1111') WHERE id = 1",
        "UPDATE customers SET card = upper('****1111') || '' WHERE id = 1",
        "UPDATE customers SET card = CASE WHEN id = 1 THEN '****1111' ELSE '4111' END WHERE id = 1",
        "UPDATE customers SET card = coalesce(NULL, E'\\x2a\\x2a\\x2a\\x2a1111') WHERE id = 1",
        "UPDATE customers SET card = v.c FROM (VALUES (1, '****1111'), (2, '****2222')) AS v(i, c) WHERE id = v.i",
        "UPDATE customers SET card = u FROM unnest(ARRAY['****1111']) u WHERE id = 1",
        "UPDATE customers SET card = r.card FROM json_to_record('{\"card\": \"****1111\"}') AS r(card text) WHERE id = 1",
        "WITH v(c) AS (VALUES ('****1111')), w AS (SELECT c FROM v) UPDATE customers SET card = w.c FROM w WHERE id = 1",
        "WITH RECURSIVE v(c, n) AS (SELECT '****1111', 1 UNION ALL SELECT c, n + 1 FROM v WHERE n < 2) UPDATE customers SET card = v.c FROM v WHERE id = 1",
        "INSERT INTO customers VALUES (1, 'x', '[redacted]', '4111111111111111')",
        "INSERT INTO customers (card, id) VALUES ('4111111111111111', 1), ('****1111', 2)",
        "INSERT INTO customers (id, ssn) SELECT 1, '[redacted]'",
        "INSERT INTO customers (id, ssn) SELECT * FROM (VALUES (1, '[redacted]')) v",
        "INSERT INTO customers (id, card) VALUES (1, '4') ON CONFLICT (id) DO UPDATE SET card = '****1111'",
        "INSERT INTO customers (id, card) VALUES (1, '****1111') ON CONFLICT (id) DO UPDATE SET card = excluded.card",
        "INSERT INTO customers (id, name) VALUES (1, '****1111') ON CONFLICT (id) DO UPDATE SET card = excluded.name",
        "WITH x AS (INSERT INTO orders (id, note) VALUES (1, '****1111') RETURNING note) UPDATE customers SET card = x.note FROM x WHERE customers.id = 1",
        "MERGE INTO customers c USING (VALUES (1, '****1111')) v(i, k) ON c.id = v.i WHEN MATCHED THEN UPDATE SET card = v.k",
        "MERGE INTO customers c USING orders o ON c.id = o.id WHEN NOT MATCHED THEN INSERT (id, card) VALUES (1, '****1')",
        "UPDATE people SET tax_number = '[redacted]'",
        "UPDATE customers SET born = '1971-01-01' WHERE id = 1",
        "EXPLAIN ANALYZE UPDATE customers SET card = '****1111' WHERE id = 1",
        "PREPARE p AS UPDATE customers SET card = '****1111' WHERE id = $1",
    ])
    func `a masked value in a statement's text is refused, with a message that says why`(text: String) throws {
        let harness = try harness()
        let answer = harness.query(text)
        #expect(answer.sqlState == "42501")
        #expect(answer.message?.contains("carries a masked value") == true, "\(answer.message ?? "passed")")
        #expect(answer.hint?.contains("real value") == true)
        #expect(harness.server.executed.isEmpty)
        #expect(harness.judged.last?.outcome == .deny)
    }

    @Test(arguments: [
        "UPDATE customers SET card = '4111111111111111' WHERE id = 1",
        "UPDATE customers SET name = '****1111' WHERE id = 1",
        "UPDATE customers SET name = 'x' WHERE card = '****1111'",
        "INSERT INTO customers (id, born) VALUES (1, '1971-01-01')",
        "UPDATE customers SET born = '1971-02-01' WHERE id = 1",
        "INSERT INTO orders VALUES (1, '[redacted] and ****1111')",
        "INSERT INTO customers (id, name, card) VALUES (1, '****1111', '4111')",
        "UPDATE customers SET card = NULL WHERE id = 1",
    ])
    func `real values pass, and masked ones where nothing is lost by them`(text: String) throws {
        let harness = try harness()
        #expect(harness.query(text).sqlState == nil)
        #expect(harness.server.executed == [text])
    }

    @Test func `what detectors mask is not written back into a row that is there`() throws {
        let harness = try harness()
        #expect(harness.query("UPDATE orders SET note = 'call [redacted]' WHERE id = 1").sqlState == "42501")
        #expect(harness.query("INSERT INTO orders VALUES (9, 'call [redacted]')").sqlState == nil)
    }

    @Test func `so is a parameter, in text and in binary`() throws {
        let update = "UPDATE customers SET card = $2, born = $3 WHERE id = $1"
        func sqlState(_ values: [[UInt8]?], _ formats: [FormatCode]) throws -> String? {
            let harness = try harness()
            harness.send(
                .parse(name: [], text: Array(update.utf8), types: []),
                .bind(.init(portal: [], statement: [], parameterFormats: formats, parameters: values)),
                .execute(portal: [], maximum: 0), .sync)
            let state = harness.take().sqlState
            #expect(harness.server.executed.isEmpty == (state != nil))
            return state
        }
        let card = Array("4111111111111111".utf8)
        let masked = Array("****1111".utf8)
        // 1971-01-01 and 1971-09-23, as days since 2000.
        let cut: [UInt8] = [0xFF, 0xFF, 0xD6, 0xA0]
        let whole: [UInt8] = [0xFF, 0xFF, 0xD7, 0xA9]
        #expect(try sqlState([[49], card, nil], []) == nil)
        #expect(try sqlState([[49], masked, nil], []) == "42501")
        #expect(try sqlState([masked, card, nil], []) == nil)
        #expect(try sqlState([[0, 0, 0, 1], masked, nil], [.binary]) == "42501")
        #expect(try sqlState([[0, 0, 0, 1], card, cut], [.binary]) == "42501")
        #expect(try sqlState([[0, 0, 0, 1], card, whole], [.binary]) == nil)
        #expect(try sqlState([[49], card, Array("1971-01-01".utf8)], []) == "42501")
    }

    @Test func `an argument of EXECUTE stands for the parameter`() throws {
        let harness = try harness()
        #expect(harness.query("PREPARE p (int, text) AS UPDATE customers SET card = $2 WHERE id = $1").sqlState == nil)
        #expect(harness.query("EXECUTE p (1, '4111111111111111')").sqlState == nil)
        #expect(harness.query("EXECUTE p (1, '****1111')").message?.contains("masked value") == true)
    }

    @Test(arguments: [
        ("COPY customers (id, card) FROM STDIN", ["1\t4111\n2\t****11", "11\n"]),
        ("COPY customers (id, card) FROM STDIN", ["1\t\\x2a\\052**1111"]),
        ("COPY customers (id, card) FROM STDIN (FORMAT csv, HEADER)", ["id,card\n1,\"**", "**1111\"\n"]),
        ("COPY customers FROM STDIN", ["1\tx\t[redacted]\t4111\t1971-09-23\n"]),
        ("COPY customers FROM STDIN", ["1\tx\t[redacted]\n"]),
        (
            "COPY customers (id, card) FROM STDIN (FORMAT binary)",
            ["PGCOPY\n\u{7f}\r\n\0\0\0\0\0\0\0\0\0", "\0\u{2}\0\0\0\u{4}\0\0\0\u{1}\0\0\0\u{8}****", "1111"]
        ),
    ])
    func `so are the data of a COPY, and the server undoes what it took`(text: String, data: [String]) throws {
        for isExtended in [false, true] {
            let harness = try harness()
            harness.server.answers[text] = .copyIn(tag: "COPY 1")
            if isExtended {
                harness.send(
                    .parse(name: [], text: Array(text.utf8), types: []), .bind(.init(portal: [], statement: [])),
                    .execute(portal: [], maximum: 0), .flush)
            } else {
                harness.send(.query(Array(text.utf8)))
            }
            for part in data {
                // A byte that no string holds.
                let bytes = part.utf8.map { $0 == 0x7F ? UInt8(0xFF) : $0 }
                harness.send(.copyData(bytes))
            }
            harness.send(.copyDone)
            if isExtended { harness.send(.sync) }
            let answer = harness.take()
            #expect(answer.sqlState == "42501")
            #expect(answer.message?.contains("masked value") == true)
            #expect(answer.status == .idle)
            #expect(harness.server.messages.contains { if case .copyFail = $0 { true } else { false } })
            #expect(!harness.server.messages.contains(.copyDone))
            #expect(harness.completed.last?.sqlstate == "42501")
            #expect(harness.query("SELECT 1").sqlState == "42501" || harness.server.executed.last == "SELECT 1")
        }
    }

    @Test func `a COPY of real values passes`() throws {
        let harness = try harness()
        let text = "COPY customers (id, card) FROM STDIN"
        harness.server.answers[text] = .copyIn(tag: "COPY 1")
        harness.send(.query(Array(text.utf8)), .copyData(Array("1\t4111 **\n".utf8)), .copyDone)
        #expect(harness.take().sqlState == nil)
        #expect(harness.server.copied == Array("1\t4111 **\n".utf8))
    }
}
