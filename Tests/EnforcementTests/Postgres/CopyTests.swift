import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct CopyTests {
    private func harness() throws -> SessionHarness {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.writers))
        harness.connect()
        return harness
    }

    private func data(_ messages: [BackendMessage]) -> String {
        messages.map { if case .copyData(let data) = $0 { String(decoding: data, as: UTF8.self) } else { "" } }.joined()
    }

    @Test(arguments: [false, true])
    func `text rows are masked column by column`(drips: Bool) throws {
        let harness = try harness()
        harness.drips = drips
        let text = "COPY customers (id, ssn, card, name) TO STDOUT"
        harness.server.answers[text] = .copyOut(
            format: .text, columns: 4,
            data: ["1\t123-45-6789\t4111\\t1111\t\\N\n", "2\t\\N\t\\N\ta SECR", "ET\\nhere\n"], tag: "COPY 2")
        let answer = harness.query(text)
        #expect(data(answer) == "1\t[redacted]\t*****1111\t\\N\n2\t\\N\t\\N\ta [redacted]\\nhere\n")
        #expect(harness.completed.last?.rows == 2)
        #expect(answer.status == .idle)
    }

    @Test func `csv rows are masked, quotes and newlines within them understood`() throws {
        let harness = try harness()
        let text = "COPY (SELECT ssn, name FROM customers LIMIT 9) TO STDOUT WITH (FORMAT csv, HEADER)"
        harness.server.answers[text] = .copyOut(
            format: .text, columns: 2, data: ["ssn,name\n", "\"1,2\",\"a \"\"b\"\"\nc\"\n", ",\"\"\n"], tag: "COPY 2")
        #expect(data(harness.query(text)) == "ssn,name\n[redacted],\"a \"\"b\"\"\nc\"\n,\"\"\n")
    }

    @Test(arguments: [false, true])
    func `binary rows are masked value by value, with NULL where a type is not known`(drips: Bool) throws {
        let harness = try harness()
        harness.drips = drips
        let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + Array(repeating: 0, count: 8)
        func tuple(_ values: [[UInt8]?]) -> [UInt8] {
            var bytes: [UInt8] = [0, UInt8(values.count)]
            for value in values {
                bytes += value.map { [0, 0, 0, UInt8($0.count)] + $0 } ?? [0xFF, 0xFF, 0xFF, 0xFF]
            }
            return bytes
        }
        let end: [UInt8] = [0xFF, 0xFF]
        let ssn = Array("123-45-6789".utf8)
        let card = Array("4111111111111111".utf8)
        // 1971-09-23 and 1971-01-01, as days since 2000.
        let born: [UInt8] = [0xFF, 0xFF, 0xD7, 0xA9]
        let cut: [UInt8] = [0xFF, 0xFF, 0xD6, 0xA0]
        let text = "COPY (SELECT id, ssn, card, born, ssn || '', name FROM customers LIMIT 5) TO STDOUT (FORMAT binary)"
        harness.server.copyBytes = header + tuple([[0, 0, 0, 1], ssn, card, born, ssn, nil]) + end
        harness.server.answers[text] = .copyOut(format: .binary, columns: 6, data: [], tag: "COPY 1")
        let answer = harness.query(text)
        let data = answer.flatMap { message -> [UInt8] in if case .copyData(let data) = message { data } else { [] } }
        let masked: [[UInt8]?] = [
            [0, 0, 0, 1], Array("[redacted]".utf8), Array("************1111".utf8), cut, nil, nil,
        ]
        #expect(data == header + tuple(masked) + end)
        #expect(harness.completed.last?.rows == 1)
        #expect(answer.status == .idle)
    }

    @Test func `a value that looks like the client's own NULL is a value`() throws {
        let harness = try harness()
        let text = "COPY (SELECT ssn, name FROM customers LIMIT 9) TO STDOUT (NULL '123-45-6789')"
        harness.server.answers[text] = .copyOut(
            format: .text, columns: 2, data: ["123-45-6789\t123-45-6789\n", "987-65-4321\tx\n"], tag: "COPY 2")
        #expect(data(harness.query(text)) == "[redacted]\t123-45-6789\n[redacted]\tx\n")
    }

    @Test func `COPY FROM STDIN takes the client's data, simple and extended`() throws {
        let harness = try harness()
        let text = "COPY orders FROM STDIN"
        harness.server.answers[text] = .copyIn(tag: "COPY 1")
        harness.send(.query(Array(text.utf8)))
        #expect(harness.take().count == 1)
        harness.send(.copyData(Array("1\tx\n".utf8)), .copyDone)
        #expect(harness.take().status == .idle)
        // With the extended protocol a Sync comes before the data; the server drops it.
        harness.send(
            .parse(name: [], text: Array(text.utf8), types: []), .bind(.init(portal: [], statement: [])),
            .execute(portal: [], maximum: 0), .sync, .copyData(Array("2\ty\n".utf8)), .copyDone, .sync)
        #expect(harness.take().status == .idle)
        #expect(harness.server.copied == Array("1\tx\n2\ty\n".utf8))
        #expect(harness.completed.map(\.tag) == ["COPY 1", "COPY 1"])
    }

    @Test func `data that is left over from a failed COPY is dropped`() throws {
        let harness = try harness()
        harness.send(.copyData([1]), .copyDone)
        #expect(harness.query("SELECT 1").status == .idle)
    }
}
