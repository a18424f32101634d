import Enforcement
import Policy
import PostgresWire
import Records
import Synchronization
import Testing

/// A ledger in memory.
final class MemoryBudgets: BudgetKeeping {
    private let ledger = Mutex(BudgetLedger())

    func account(of budget: Budget, for subject: Subject) -> any BudgetAccount {
        Account(
            budgets: self, key: BudgetAccountKey(budget, of: subject, KeyedHash(1, 2), KeyedHash(3, 4)),
            window: SlidingWindow(seconds: budget.windowSeconds))
    }

    private struct Account: BudgetAccount {
        let budgets: MemoryBudgets
        let key: BudgetAccountKey
        let window: SlidingWindow

        func standing(at now: Int64) -> BudgetLedger.Standing {
            budgets.ledger.withLock { $0.standing(of: key, window: window, at: now) }
        }

        func take(rows: UInt64, limit: UInt64, at now: Int64) -> UInt64 {
            budgets.ledger.withLock { $0.take(rows: rows, of: key, limit: limit, window: window, at: now) }
        }

        func giveBack(rows: UInt64) { budgets.ledger.withLock { $0.giveBack(rows: rows, of: key) } }

        func admit(_ rows: [[UInt64]], limit: UInt64, at now: Int64) -> Int {
            budgets.ledger.withLock { ledger in
                rows.prefix { row in
                    ledger.hasRoom(for: row, of: key, limit: limit, window: window, at: now)
                        && row.allSatisfy {
                            ledger.admit(value: $0, of: key, limit: limit, window: window, at: now) != .refused
                        }
                }.count
            }
        }

        func digest(_ value: Span<UInt8>) -> UInt64 { KeyedHash(5, 6)(value) }
    }
}

/// Rows that count in a budget, and what comes in the place of those that are too many.
@Suite struct BudgetTests {
    private static let two = "{ name: reads, of: { tables: public.orders }, rowsPerStatement: 2 }"
    private static let five = "{ name: reads, of: { tables: public.orders }, rowsPerSubject: 5, window: 1h }"
    private static let fiveHeld =
        "{ name: reads, rowsPerSubject: 5, window: 1h, then: hold, approval: { by: { groups: security } } }"
    private static let cards =
        "{ name: seen, of: { classification: cards }, valuesPerSubject: 2, window: 1h, message: Enough cards. }"

    private func harness(
        _ budget: String, rules: String = SessionHarness.writers, budgets: MemoryBudgets = MemoryBudgets()
    ) throws -> SessionHarness {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(rules, more: "budgets:\n  - \(budget)\n"), budgets: budgets)
        harness.connect()
        for count in 0...9 { harness.server.answers[notes(count)] = answer(count) }
        return harness
    }

    private func notes(_ count: Int) -> String { "SELECT note FROM orders WHERE id > \(count) LIMIT \(count)" }

    private func answer(_ count: Int) -> FakeAnswer {
        .rows(
            [SessionHarness.field("note", table: 101, column: 2)], (0..<count).map { ["n\($0)"] },
            tag: "SELECT \(count)")
    }

    @Test(arguments: [false, true])
    func `a statement shows what it may, and an error comes in place of the rest`(drips: Bool) throws {
        let harness = try harness(Self.two)
        harness.drips = drips
        let cut = harness.query(notes(4))
        #expect(cut.rows == [["n0"], ["n1"]])
        #expect(cut.sqlState == "53400")
        #expect(cut.message == "A statement may show 2 rows (budget reads); this one has more.")
        #expect(cut.status == .idle)
        #expect(!cut.contains { if case .commandComplete = $0 { true } else { false } })
        let completed = try #require(harness.completed.last)
        #expect(completed.budget == "reads")
        #expect(completed.sqlstate == "53400")
        #expect(completed.rows == 2)
        // What has just as many passes, and nothing is left over from the one before.
        let whole = harness.query(notes(2))
        #expect(whole.rows == [["n0"], ["n1"]])
        #expect(whole.sqlState == nil)
        #expect(harness.completed.last?.budget == "")
    }

    @Test func `an agent that pages meets the budget, in every session of its subject`() throws {
        let budgets = MemoryBudgets()
        let first = try harness(Self.five, budgets: budgets)
        #expect(first.query(notes(2)).rows.count == 2)
        let second = try harness(Self.five, budgets: budgets)
        #expect(second.query(notes(2)).sqlState == nil)
        let cut = first.query(notes(2))
        #expect(cut.rows.count == 1)
        #expect(cut.sqlState == "53400")
        let spent = second.query(notes(1))
        #expect(spent.rows == [])
        #expect(spent.sqlState == "53400")
        #expect(
            spent.message?.hasPrefix("The budget reads is spent: 5 rows within 60 minutes. It begins to refill in")
                == true)
        let hint = spent.compactMap(\.errorFields).first?["H"].map { String(decoding: $0, as: UTF8.self) }
        #expect(hint?.hasPrefix("Record ") == true)
        #expect(second.judged.last?.rules == ["budget:reads"])
        #expect(second.server.executed.count == 1)
        // Other tables and other people are none of its business.
        second.server.answers["SELECT name FROM customers WHERE id = 1"] = .rows(
            [SessionHarness.field("name", table: 100, column: 2)], [["Ann"]], tag: "SELECT 1")
        #expect(second.query("SELECT name FROM customers WHERE id = 1").rows.count == 1)
        let other = SessionHarness(
            policy: try SessionHarness.policy(SessionHarness.readers, more: "budgets:\n  - \(Self.five)\n"),
            budgets: budgets)
        other.identity.subject.id = "bob"
        other.connect()
        other.server.answers[notes(5)] = answer(5)
        #expect(other.query(notes(5)).rows.count == 5)
        // An hour and a minute later it is whole again.
        second.now.unixMicroseconds += 3_661 * 1_000_000
        second.identity.expiresAtUnixSeconds += 10_000
        second.feed(.identityChanged(second.identity))
        #expect(second.query(notes(5)).rows.count == 5)
    }

    @Test func `in the extended protocol the pipeline fails with it, up to its Sync`() throws {
        let harness = try harness(Self.two)
        func run(_ text: String) -> [FrontendMessage] {
            [
                .parse(name: [], text: Array(text.utf8), types: []),
                .bind(.init(portal: [], statement: [], parameters: [])), .execute(portal: [], maximum: 0),
            ]
        }
        func send(_ messages: [FrontendMessage]) -> [BackendMessage] {
            harness.sendRaw(messages.flatMap(\.encoded))
            return harness.take()
        }
        let alone = send(run(notes(4)) + [.sync])
        #expect(alone.rows.count == 2)
        #expect(alone.sqlState == "53400")
        #expect(alone.last == .readyForQuery(.idle))
        // What follows in the pipeline is not run.
        let delete = "DELETE FROM orders WHERE id = 1"
        let followed = send(run(notes(4)) + run(delete) + [.sync])
        #expect(followed.rows.count == 2)
        #expect(followed.sqlState == "53400")
        #expect(followed.last == .readyForQuery(.idle))
        #expect(!harness.server.executed.contains(delete))
        // What came before it fails on the server, too.
        let before = send(run(delete) + run(notes(4)) + [.sync])
        #expect(before.sqlState == "53400")
        #expect(harness.server.executed.suffix(2) == [delete, notes(4)])
        let refused = harness.server.messages.filter {
            if case .parse(let name, _, _) = $0 { name == Array("stile_refused".utf8) } else { false }
        }
        #expect(refused.count == 2)
        // One that ends in time lets the rest pass.
        let whole = send(run(notes(2)) + run(delete) + [.sync])
        #expect(whole.rows.count == 2)
        #expect(whole.sqlState == nil)
        #expect(harness.server.executed.suffix(2) == [notes(2), delete])
        #expect(harness.query(notes(1)).rows.count == 1)
    }

    @Test func `a portal that is asked for in pieces is counted piece by piece`() throws {
        let harness = try harness(Self.five)
        harness.send(
            .parse(name: [], text: Array(notes(9).utf8), types: []),
            .bind(.init(portal: [], statement: [], parameters: [])), .execute(portal: [], maximum: 4), .flush)
        #expect(harness.take().rows.count == 4)
        harness.send(.execute(portal: [], maximum: 4), .sync)
        let second = harness.take()
        #expect(second.rows.count == 1)
        #expect(second.sqlState == "53400")
    }

    @Test func `rows of a COPY, of a cursor and of RETURNING count`() throws {
        let harness = try harness(Self.five)
        let copy = "COPY orders (note) TO STDOUT"
        harness.server.answers[copy] = .copyOut(format: .text, columns: 1, data: ["a\n", "b\n"], tag: "COPY 2")
        #expect(harness.query(copy).sqlState == nil)
        _ = harness.query("BEGIN")
        _ = harness.query("DECLARE c CURSOR FOR SELECT note FROM orders")
        harness.server.answers["FETCH 2 FROM c"] = answer(2)
        #expect(harness.query("FETCH 2 FROM c").rows.count == 2)
        // What was written is written: its rows alone are withheld.
        let write = "UPDATE orders SET note = 'x' RETURNING note"
        harness.server.answers[write] = answer(3)
        let returned = harness.query(write)
        #expect(returned.rows.count == 1)
        #expect(returned.sqlState == nil)
        #expect(returned.contains(.commandComplete(Array("SELECT 3".utf8))))
        #expect(returned.compactMap(\.notice).count == 1)
        #expect(harness.completed.last?.budget == "reads")
        #expect(harness.query(copy).sqlState == "53400")
    }

    @Test func `a COPY is cut where the budget ends`() throws {
        let harness = try harness(Self.two)
        let copy = "COPY orders (note) TO STDOUT"
        harness.server.answers[copy] = .copyOut(
            format: .text, columns: 1, data: ["a\n", "b\n", "c\n"], tag: "COPY 3")
        let answer = harness.query(copy)
        #expect(answer.filter { if case .copyData = $0 { true } else { false } }.count == 2)
        #expect(!answer.contains(.copyDone))
        #expect(answer.sqlState == "53400")
        #expect(answer.last == .readyForQuery(.idle))
    }

    @Test func `once it is spent, a budget that holds lets a statement pass when a person approves`() throws {
        let harness = try harness(Self.fiveHeld)
        #expect(harness.query(notes(5)).rows.count == 5)
        harness.send(.query(Array(notes(4).utf8)))
        let ask = try #require(harness.asks.first)
        #expect(ask.rules == ["budget:reads"])
        #expect(ask.approverGroups == [["security"]])
        #expect(harness.server.executed.count == 1)
        harness.feed(.approvalDecided(ApprovalDecision(approvalID: ask.id, outcome: .approved(approver: "eve"))))
        #expect(harness.take().rows.count == 4)
        // It passed once.
        harness.send(.query(Array(notes(4).utf8)))
        #expect(harness.asks.count == 2)
    }

    @Test(
        arguments: [
            ("SELECT json_agg(note) FROM orders", "gathers any number of them"),
            ("SELECT sum(id * 1000 ^ id) FROM orders", "computes one of theirs"),
            (
                "SELECT a.note, b.note, c.note FROM orders a, orders b, orders c WHERE a.id = 1 AND b.id = 2 AND c.id = 3",
                "holds 3 rows"
            ),
            ("SELECT note FROM orders WHERE id = 1; SELECT 1", "one at a time"),
        ])
    func `what could not be counted is refused`(text: String, message: String) throws {
        let harness = try harness(Self.two)
        let answer = harness.query(text)
        #expect(answer.sqlState == "53400")
        #expect(answer.message?.contains(message) == true, "\(answer.message ?? "")")
        #expect(harness.server.executed.isEmpty)
    }

    @Test func `a row that holds several of the table's counts as many`() throws {
        let harness = try harness(Self.five)
        let text = "SELECT a.note, b.note FROM orders a, orders b WHERE a.id = 1 AND b.id = a.id"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("note", table: 101, column: 2), SessionHarness.field("note", table: 101, column: 2)],
            (0..<4).map { ["\($0)", "x"] }, tag: "SELECT 4")
        #expect(harness.query(text).rows.count == 2)
    }

    @Test func `different values of a column whose mask tells them apart are counted once each`() throws {
        let harness = try harness(Self.cards)
        let text = "SELECT card FROM customers WHERE id < 9"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("card", table: 100, column: 4)],
            ["4111111111111111", "4111111111111111", "5500005555555559", "4111111111111111", "340000000000009"].map {
                [$0]
            }, tag: "SELECT 5")
        let answer = harness.query(text)
        #expect(answer.rows.count == 4)
        #expect(answer.sqlState == "53400")
        #expect(answer.message?.hasPrefix("Enough cards. The budget seen is spent: 2 different values") == true)
        // Those that were seen may be seen again.
        harness.server.answers[text] = .rows(
            [SessionHarness.field("card", table: 100, column: 4)], [["4111111111111111"]], tag: "SELECT 1")
        #expect(harness.query(text).sqlState == nil)
    }

    @Test func `where nothing keeps what is counted, nothing that counts is shown`() throws {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(SessionHarness.readers, more: "budgets:\n  - \(Self.two)\n"))
        harness.connect()
        #expect(harness.query(notes(1)).message?.contains("cannot be kept here") == true)
    }

    @Test func `in a binary COPY tuples count, and neither its header nor its trailer`() throws {
        let harness = try harness(Self.two)
        let copy = "COPY orders (note) TO STDOUT (FORMAT binary)"
        harness.server.answers[copy] = .copyOut(format: .binary, columns: 1, data: [], tag: "COPY")
        let header = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + Array(repeating: 0, count: 8)
        let tuple: [UInt8] = [0, 1, 0, 0, 0, 2, 110, 48]
        let trailer: [UInt8] = [0xFF, 0xFF]
        harness.server.copyPieces = [header + tuple, tuple, trailer]
        let whole = harness.query(copy)
        #expect(whole.sqlState == nil)
        #expect(whole.copied == header + tuple + tuple + trailer)
        #expect(harness.completed.last?.rows == 2)
        harness.server.copyPieces = [header + tuple, tuple, tuple, trailer]
        let cut = harness.query(copy)
        #expect(cut.sqlState == "53400")
        #expect(cut.copied == header + tuple + tuple)
        #expect(!cut.contains(.copyDone))
        #expect(harness.completed.last?.rows == 2)
        // However many come in one piece, and wherever pieces end.
        harness.server.copyPieces = [header + tuple + tuple + tuple + trailer]
        let atOnce = harness.query(copy)
        #expect(atOnce.sqlState == "53400")
        #expect(atOnce.copied == [])
        harness.server.copyPieces = (header + tuple + tuple + trailer).map { [$0] }
        #expect(harness.query(copy).sqlState == nil)
        // The names in front of a COPY's rows are none.
        let named = "COPY orders (note) TO STDOUT (HEADER)"
        harness.server.copyPieces = []
        harness.server.answers[named] = .copyOut(
            format: .text, columns: 1, data: ["note\n", "a\n", "b\n"], tag: "COPY 2")
        #expect(harness.query(named).sqlState == nil)
    }

    private static let found = "found: { detectors: credit-card, jsonKeys: [pan], mask: { keepLast: 4 } }"
    private static let foundBudget =
        "{ name: seen, of: { classification: found }, valuesPerSubject: 3, window: 1h, then: hold, approval: { by: { groups: x } } }"

    private func findings(_ rows: [String?]) throws -> SessionHarness {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(
                SessionHarness.readers, classes: Self.found, more: "budgets:\n  - \(Self.foundBudget)\n"),
            budgets: MemoryBudgets())
        harness.connect()
        harness.server.answers[notes(1)] = .rows(
            [SessionHarness.field("note", table: 101, column: 2)], rows.map { [$0] }, tag: "SELECT \(rows.count)")
        return harness
    }

    @Test(arguments: [false, true])
    func `what detectors and keys find is counted like a column's values`(drips: Bool) throws {
        let harness = try findings([
            "paid with 4111111111111111", "nothing", "again 4111111111111111", nil, "{\"pan\": \"x-1234\"}",
            "5500005555555559, then 4111111111111111", "340000000000009", "nothing",
        ])
        harness.drips = drips
        let answer = harness.query(notes(1))
        #expect(
            answer.rows == [
                ["paid with ************1111"], ["nothing"], ["again ************1111"], [nil],
                ["{\"pan\": \"*-1234\"}"],
                ["************5559, then ************1111"],
            ])
        #expect(answer.sqlState == "53400")
        #expect(answer.message?.hasPrefix("The budget seen is spent: 3 different values") == true)
        let completed = try #require(harness.completed.last)
        #expect(completed.rows == 6)
        #expect(completed.masks.map(\.values).reduce(0, +) == 5)
        // What was seen may be seen again, and what holds nothing is none of the budget's business.
        harness.server.answers[notes(1)] = .rows(
            [SessionHarness.field("note", table: 101, column: 2)], [["4111-1111"], ["5500005555555559"]],
            tag: "SELECT 2")
        #expect(harness.query(notes(1)).sqlState == nil)
        #expect(harness.asks.isEmpty)
        #expect(harness.query("\(notes(1)); \(notes(1))").message?.contains("one at a time") == true)
    }

    @Test func `however many values stand in one cell, all of them are counted`() throws {
        let cards = ["4111111111111111", "5500005555555559", "340000000000009", "6011000000000004"]
        for text in [cards.joined(separator: " "), "[\"\(cards.joined(separator: "\", \""))\"]"] {
            let harness = try findings([text])
            let answer = harness.query(notes(1))
            #expect(answer.rows == [])
            #expect(answer.sqlState == "53400")
        }
    }

    @Test func `what is found in a COPY is counted`() throws {
        let harness = try findings([])
        let copy = "COPY orders (note) TO STDOUT"
        let cards = ["4111111111111111", "5500005555555559", "4111111111111111", "340000000000009", "6011000000000004"]
        harness.server.answers[copy] = .copyOut(
            format: .text, columns: 1, data: cards.map { "a \($0)\n" }, tag: "COPY 5")
        let answer = harness.query(copy)
        #expect(String(decoding: answer.copied, as: UTF8.self).split(separator: "\n").count == 4)
        #expect(answer.sqlState == "53400")
        #expect(harness.completed.last?.rows == 4)
    }

    @Test func `arrays of numbers that were made of something else are looked into as such numbers are`() throws {
        let harness = try findings([])
        let text = "SELECT ARRAY[note::bigint], note::bigint FROM orders"
        harness.server.answers[text] = .rows(
            [SessionHarness.field("array", type: 1016), SessionHarness.field("note", type: 20)],
            [["{4111111111111111,7}", "4111111111111111"], ["{1,2}", "3"]], tag: "SELECT 2")
        let rows = harness.query(text).rows
        #expect(rows == [["{NULL,7}", rows.first?.last ?? nil], ["{1,2}", "3"]])
        #expect(rows.first?.last != "4111111111111111")
        // A column of them is one of keys or amounts, as one of such numbers is.
        harness.server.answers[notes(2)] = .rows(
            [SessionHarness.field("numbers", table: 101, column: 2, type: 1016)], [["{4111111111111111}"]],
            tag: "SELECT 1")
        #expect(harness.query(notes(2)).rows == [["{4111111111111111}"]])
    }

    @Test(arguments: [false, true])
    func `a sum is shown in the rows where the count beside it is large enough`(isBinary: Bool) throws {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(
                SessionHarness.readers, pii: "detectors: [shout], aggregates: { minimumRows: 3 }"))
        harness.connect()
        let text = "SELECT name, count(DISTINCT ssn), count(ssn) FROM customers GROUP BY name"
        func count(_ number: Int64) -> String {
            if !isBinary { return "\(number)" }
            return String(decoding: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }, as: UTF8.self)
        }
        harness.server.answers[text] = .rows(
            [
                SessionHarness.field("name", table: 100, column: 2), SessionHarness.field("count", type: 20),
                SessionHarness.field("count", type: 20),
            ], [["a", count(7), count(9)], ["b", count(1), count(2)], ["c", count(3), count(3)]], tag: "SELECT 3")
        let rows: [[String?]]
        if isBinary {
            harness.send(
                .parse(name: [], text: Array(text.utf8), types: []),
                .bind(.init(portal: [], statement: [], parameters: [], resultFormats: [.binary])),
                .execute(portal: [], maximum: 0), .sync)
            rows = harness.take().rows
        } else {
            rows = harness.query(text).rows
        }
        #expect(rows.map { $0[2] } == [count(9), count(2), count(3)])
        #expect(rows[0][1] == count(7))
        #expect(rows[1][1] != count(1))
        #expect(rows[2][1] == count(3))
    }
}
