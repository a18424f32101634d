import Enforcement
import Policy
import PostgresWire
import Testing

@Suite struct HostileInputTests {
    private func harness() throws -> SessionHarness {
        let harness = SessionHarness(policy: try SessionHarness.policy(SessionHarness.writers))
        harness.connect()
        return harness
    }

    @Test func `random bytes from a client never trap`() throws {
        let policy = try SessionHarness.policy(SessionHarness.writers)
        var random = SystemRandomNumberGenerator()
        for round in 0..<300 {
            let harness = SessionHarness(policy: policy)
            if round.isMultiple(of: 2) { harness.connect() }
            for _ in 0..<5 {
                harness.sendRaw((0..<40).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
        }
    }

    @Test func `messages of a client in any order leave a session that goes on or is closed`() throws {
        let policy = try SessionHarness.policy(SessionHarness.writers)
        let text = Array("SELECT id FROM orders WHERE id = 1".utf8)
        let messages: [FrontendMessage] = [
            .query(text), .query(Array("BEGIN".utf8)), .query(Array("COMMIT".utf8)), .query([]),
            .query(Array("nonsense".utf8)), .query(Array("COPY orders FROM STDIN".utf8)),
            .query(Array("SET search_path TO x".utf8)),
            .parse(name: [], text: text, types: []), .parse(name: [1], text: text, types: []),
            .parse(name: [], text: Array("TRUNCATE orders".utf8), types: []),
            .bind(.init(portal: [], statement: [])), .bind(.init(portal: [2], statement: [1])),
            .describe(.statement, []), .describe(.portal, [2]), .execute(portal: [], maximum: 1),
            .execute(portal: [2], maximum: 0), .close(.statement, [1]), .close(.portal, []), .flush, .sync, .sync,
            .copyData([1]), .copyDone, .copyFail([]), .functionCall([]),
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let harness = SessionHarness(policy: policy)
            harness.connect()
            harness.server.answers["SELECT id FROM orders WHERE id = 1"] = .rows(
                [SessionHarness.field("id", table: 101, column: 1, type: 23)], [["1"], ["2"]], tag: "SELECT 2")
            harness.server.answers["COPY orders FROM STDIN"] = .copyIn(tag: "COPY 0")
            for _ in 0..<20 {
                if let message = messages.randomElement(using: &random) { harness.send(message) }
            }
            // Whatever came before: out of a COPY, to the end of the pipeline, out of the transaction.
            harness.send(.copyDone, .sync, .query(Array("ROLLBACK".utf8)))
            _ = harness.take()
            harness.send(.query(Array("SELECT id FROM orders WHERE id = 1".utf8)))
            #expect(harness.isClientClosed || harness.take().rows == [["1"], ["2"]])
        }
    }

    @Test func `a server's messages out of order close the session or pass nothing that was not asked for`() throws {
        let policy = try SessionHarness.policy(SessionHarness.writers)
        let messages: [BackendMessage] = [
            .parseComplete, .bindComplete, .closeComplete, .noData, .portalSuspended, .emptyQueryResponse,
            .dataRow([[49]]), .commandComplete([65]), .readyForQuery(.idle), .copyDone, .copyData([1]),
            .copyOut(.init(format: .text, columns: [.text])), .copyIn(.init(format: .text, columns: [])),
            .copyBoth(.init(format: .text, columns: [])), .rowDescription([]), .authentication(.ok),
            .backendKeyData(processID: 1, secret: [0, 0, 0, 0]), .functionCallResponse(nil),
        ]
        for message in messages {
            let idle = SessionHarness(policy: policy)
            idle.connect()
            idle.fromServer(message.encoded)
            #expect(idle.isClientClosed, "\(message)")
            for other in messages {
                let busy = SessionHarness(policy: policy)
                busy.connect()
                busy.holdsServer = true
                busy.send(.query(Array("SELECT ssn FROM customers LIMIT 1".utf8)))
                busy.holdsServer = false
                busy.fromServer(message.encoded + other.encoded)
                #expect(busy.take().rows.isEmpty)
            }
        }
    }

    @Test func `names that the session keeps for itself are refused`() throws {
        let harness = try harness()
        harness.send(.parse(name: Array("stile_search_path".utf8), text: Array("SELECT 1".utf8), types: []), .sync)
        #expect(harness.take().sqlState == "42939")
    }

    @Test func `names that are equal to people and not to the server are told apart`() throws {
        let harness = try harness()
        let composed: [UInt8] = [0xC3, 0xA9]
        let decomposed: [UInt8] = [0x65, 0xCC, 0x81]
        harness.send(
            .parse(name: composed, text: Array("SELECT 1".utf8), types: []),
            .bind(.init(portal: [], statement: decomposed)), .sync)
        #expect(harness.take().sqlState == "26000")
    }
}
