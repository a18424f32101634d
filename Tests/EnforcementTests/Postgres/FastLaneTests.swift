import Enforcement
import Policy
import PostgresWire
import Records
import Testing

/// The same traffic with the lane and without it: what either side gets, and what is recorded, must be the same.
@Suite struct FastLaneTests {
    /// Two sessions that are told the same.
    private struct Pair {
        let fast: SessionHarness
        let slow: SessionHarness

        init(record: String, rules: String = SessionHarness.readers, more: String = "") throws {
            func harness(_ usesFastLane: Bool) throws -> SessionHarness {
                let harness = SessionHarness(
                    policy: try SessionHarness.policy(rules, record: record, more: more), usesFastLane: usesFastLane)
                FastLaneTests.script(harness.server)
                harness.connect()
                return harness
            }
            (fast, slow) = (try harness(true), try harness(false))
        }

        func both(_ body: (SessionHarness) throws -> Void) rethrows {
            try body(fast)
            try body(slow)
        }

        func send(_ messages: FrontendMessage...) {
            let bytes = messages.flatMap(\.encoded)
            both { $0.sendRaw(bytes) }
        }

        func expectSame(_ place: String) {
            #expect(fast.rawClientBytes == slow.rawClientBytes, "\(place)")
            #expect(fast.server.messages == slow.server.messages, "\(place)")
            #expect(fast.records == slow.records, "\(place)")
            #expect(fast.order == slow.order, "\(place)")
        }
    }

    private static let texts = [
        "SELECT note FROM orders WHERE id = 1", "SELECT note FROM orders WHERE id = 22",
        "SELECT note FROM orders WHERE note = 'plain'", "SELECT note FROM orders WHERE note = 'SECRET'",
        "SELECT ssn, card, born FROM customers WHERE id = 7", "SELECT id FROM orders LIMIT 3",
        "SELECT id FROM orders LIMIT 4", "SELECT card FROM customers WHERE ssn = '123-45-6789'",
        "SELECT note FROM orders WHERE id = $1", "SELECT ssn FROM customers WHERE id = $1 AND card = $2",
        "SELECT tax_number FROM people",
    ]

    private static func script(_ server: FakeServer) {
        let note = SessionHarness.field("note", table: 101, column: 2)
        let number = SessionHarness.field("id", table: 101, column: 1, type: 23)
        let customer = [
            SessionHarness.field("ssn", table: 100, column: 3), SessionHarness.field("card", table: 100, column: 4),
            SessionHarness.field("born", table: 100, column: 5, type: 1082),
        ]
        let person: [String?] = ["123-45-6789", "4111111111111111", "1970-05-06"]
        let answers: [([FieldDescription], [[String?]])] = [
            ([note], [["first\tline\\"]]), ([note], [["a SECRET in it"], [nil], [""]]), ([note], []),
            ([note], [["x"]]), (customer, [person, [nil, nil, nil], person]), ([number], [["1"], ["2"]]),
            ([number], []), ([customer[1]], [[person[1]]]), ([note], [["one"], ["two"]]),
            ([customer[0]], [[person[0]]]),
            ([SessionHarness.field("tax_number", table: 102, column: 1)], [[person[0]]]),
        ]
        for (text, answer) in zip(texts, answers) {
            server.answers[text] = .rows(answer.0, answer.1, tag: "SELECT \(answer.1.count)")
        }
        server.answers["SELECT name FROM orders"] = .error(
            ResponseFields(severity: "ERROR", sqlState: "42703", message: "column \"name\" does not exist"))
    }

    private static let records = [
        "{ statements: masked, responses: masked, maxResponseBytes: 64KiB }", "{ statements: masked }",
        "{ statements: none, responses: masked, maxResponseBytes: 12B }",
    ]

    @Test(arguments: records, [UInt64(1), 2, 3, 4])
    func `what comes out is the same either way`(record: String, seed: UInt64) throws {
        let pair = try Pair(record: record)
        var random = SplitMix(state: seed)
        for step in 0..<250 {
            pair.both { harness in
                harness.now.uptimeNanoseconds += 1_500_000
                harness.now.unixMicroseconds += 1_500
            }
            let pieces = [0, 0, 0, 0, 1, 3, 11].randomElement(using: &random) ?? 0
            pair.both { $0.pieceBytes = pieces }
            pair.fast.preparesEvidence = step % 2 == 0
            FastLaneTests.step(pair, &random)
            pair.expectSame("step \(step) of seed \(seed)")
            if pair.fast.records != pair.slow.records { return }
        }
        #expect(pair.fast.fastRequests > 60)
        #expect(pair.slow.fastRequests == 0)
        pair.send(.terminate)
        pair.expectSame("the end")
    }

    private static func step(_ pair: Pair, _ random: inout SplitMix) {
        let text = Array((texts.randomElement(using: &random) ?? texts[0]).utf8)
        let name = Array(["", "p1", "p2"].randomElement(using: &random)?.utf8 ?? "".utf8)
        let formats: [FormatCode] = [[], [.text], [.binary]].randomElement(using: &random) ?? []
        let values: [[UInt8]?] = [Array("7".utf8), nil, Array("SECRET 7".utf8), Array("größer".utf8), [0, 1, 255]]
        let parameters = [values.randomElement(using: &random) ?? nil, values.randomElement(using: &random) ?? nil]
        let parse = FrontendMessage.parse(name: name, text: text, types: random.next() % 4 == 0 ? [23] : [])
        let bind = FrontendMessage.bind(
            .init(
                portal: [], statement: name, parameterFormats: random.next() % 2 == 0 ? [] : [.binary],
                parameters: parameters, resultFormats: formats))
        let execute = FrontendMessage.execute(portal: [], maximum: random.next() % 8 == 0 ? 1 : 0)
        switch random.next() % 16 {
        case 0...4: pair.send(.query(text))
        case 5: pair.send(.query(text), .query(text))
        case 6: pair.send(.query(Array("SELECT name FROM orders".utf8)))
        case 7: pair.send(.query(Array((random.next() % 2 == 0 ? "BEGIN" : "COMMIT").utf8)))
        case 8: pair.send(parse, .sync)
        case 9...10: pair.send(parse, bind, .describe(.portal, []), execute, .sync)
        case 11...12: pair.send(bind, .describe(.portal, []), execute, .sync)
        case 13:
            pair.send(.describe(.statement, name), .sync)
            pair.send(bind, execute, .sync)
        case 14:
            // The client does not wait for the answer.
            pair.both { $0.holdsServer = true }
            pair.send(.query(text))
            pair.send(bind, .describe(.portal, []), execute, .sync)
            pair.both { $0.releaseServer() }
        default:
            pair.both { $0.holdsServer = true }
            pair.send(.query(text))
            pair.both { harness in
                harness.feed(.catalogChanged(SessionHarness.shop))
                harness.feed(.tick)
                harness.releaseServer()
            }
        }
    }

    @Test func `an identity that expires meanwhile gets nothing more`() throws {
        let pair = try Pair(record: FastLaneTests.records[0])
        for _ in 0..<2 { pair.send(.query(Array(FastLaneTests.texts[0].utf8))) }
        pair.both { $0.holdsServer = true }
        pair.send(.query(Array(FastLaneTests.texts[0].utf8)))
        pair.both { harness in
            harness.now.unixMicroseconds += 7_200_000_000
            harness.releaseServer()
        }
        #expect(pair.fast.isClientClosed)
        pair.expectSame("the end")
    }

    @Test func `another policy is asked at once`() throws {
        let pair = try Pair(record: FastLaneTests.records[0])
        for _ in 0..<3 { pair.send(.query(Array(FastLaneTests.texts[0].utf8))) }
        #expect(pair.fast.fastRequests == 2)
        try pair.both { harness in
            harness.feed(
                .policyChanged(try SessionHarness.policy("  - { name: none, deny: [select], on: [shop-db] }\n")))
        }
        pair.send(.query(Array(FastLaneTests.texts[0].utf8)))
        #expect(pair.fast.fastRequests == 2)
        #expect(pair.fast.take().sqlState == "42501")
        pair.expectSame("the end")
    }

    @Test func `what the server says and nobody expects ends the session either way`() throws {
        let answers: [[BackendMessage]] = [
            [
                .rowDescription([SessionHarness.field("note")]), .dataRow([[1], [2]]), .commandComplete([83]),
                .readyForQuery(.idle),
            ],
            [.dataRow([[1]]), .commandComplete([83]), .readyForQuery(.idle)],
            [.bindComplete, .commandComplete([83]), .readyForQuery(.idle)],
            [
                .rowDescription([SessionHarness.field("note")]), .commandComplete([83]), .readyForQuery(.idle),
                .readyForQuery(.idle),
            ],
        ]
        for answer in answers {
            let pair = try Pair(record: FastLaneTests.records[0])
            for _ in 0..<2 { pair.send(.query(Array(FastLaneTests.texts[0].utf8))) }
            pair.both { $0.holdsServer = true }
            pair.send(.query(Array(FastLaneTests.texts[0].utf8)))
            #expect(pair.fast.fastRequests == 2)
            pair.both { $0.passServer(answer.flatMap(\.encoded)) }
            #expect(pair.fast.isClientClosed)
            pair.expectSame("the end")
        }
    }

    @Test func `a record that cannot be kept withholds the answer`() throws {
        let pair = try Pair(record: FastLaneTests.records[0])
        for _ in 0..<2 { pair.send(.query(Array(FastLaneTests.texts[0].utf8))) }
        pair.both { harness in
            _ = harness.take()
            harness.refusesRecords = true
        }
        pair.send(.query(Array(FastLaneTests.texts[0].utf8)))
        #expect(pair.fast.take().rows.isEmpty)
        #expect(pair.fast.isClientClosed)
        pair.expectSame("the end")
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
