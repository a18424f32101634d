import Enforcement
import Policy
import PostgresWire
import Testing

@Suite struct BufferBudgetTests {
    private static let statement = "SELECT ssn FROM customers LIMIT 1"

    private func harness(_ buffers: BufferBudget) throws -> SessionHarness {
        let harness = SessionHarness(
            policy: try SessionHarness.policy(SessionHarness.writers), buffers: buffers, usesFastLane: false)
        harness.connect()
        return harness
    }

    /// The beginning of a Bind that claims to have 40 MB.
    private func beginning(_ count: Int) -> [UInt8] {
        [UInt8(ascii: "B"), 0x02, 0x62, 0x5A, 0x00] + [UInt8](repeating: 0, count: count)
    }

    private func answer(_ harness: SessionHarness, length: Int) {
        harness.server.answers[BufferBudgetTests.statement] = .rows(
            [SessionHarness.field("ssn", table: 100, column: 3)], [[String(repeating: "7", count: length)]],
            tag: "SELECT 1")
    }

    private func state(_ messages: [BackendMessage]) -> String? {
        for case .errorResponse(let fields) in messages { return String(decoding: fields["C"] ?? [], as: UTF8.self) }
        return nil
    }

    @Test func `sessions that begin long messages and never end them hold what the budget has, and no more`() throws {
        let buffers = BufferBudget(limit: 8 << 20)
        var sessions: [SessionHarness] = []
        for _ in 0..<6 { sessions.append(try harness(buffers)) }
        for session in sessions { session.sendRaw(beginning(3 << 20)) }
        #expect(sessions.map(\.isClientClosed) == [false, false, true, true, true, true])
        #expect(state(sessions[2].take()) == "53200")
        #expect(buffers.refusals == 4)
        #expect(buffers.held >= 6 << 20 && buffers.held <= 8 << 20)
        sessions[0].feed(.clientClosed)
        // There is room again, and for short messages there always was.
        let next = try harness(buffers)
        next.sendRaw(beginning(3 << 20))
        #expect(!next.isClientClosed)
        let short = try harness(buffers)
        answer(short, length: 11)
        #expect(short.query(BufferBudgetTests.statement).rows.count == 1)
        sessions.removeAll()
        next.feed(.clientClosed)
        #expect(buffers.held == 0)
    }

    @Test func `a length that is only claimed takes no room`() throws {
        let buffers = BufferBudget(limit: 8 << 20)
        let sessions = try (0..<50).map { _ in try harness(buffers) }
        for session in sessions { session.sendRaw(beginning(100_000)) }
        #expect(sessions.allSatisfy { !$0.isClientClosed })
        #expect(buffers.held == 0)
    }

    @Test
    func `a long row is masked where there is room for it and for what becomes of it, and ends the session elsewhere`()
        throws
    {
        let buffers = BufferBudget(limit: 16 << 20)
        let session = try harness(buffers)
        answer(session, length: 5 << 20)
        let masked = session.query(BufferBudgetTests.statement).rows
        #expect(masked.count == 1 && masked != [[String(repeating: "7", count: 5 << 20)]])
        #expect(buffers.held == 0)
        answer(session, length: 12 << 20)
        let refused = session.query(BufferBudgetTests.statement)
        #expect(refused.rows.isEmpty && state(refused) == "53200")
        #expect(session.isClientClosed && buffers.held == 0)
    }

    @Test func `what a socket does not take is held, too, and is not refused`() throws {
        let buffers = BufferBudget(limit: 8 << 20)
        let session = try harness(buffers)
        session.noteUnsent(10 << 20)
        #expect(buffers.held >= 10 << 20)
        let other = try harness(buffers)
        other.sendRaw(beginning(3 << 20))
        #expect(other.isClientClosed && !session.isClientClosed)
        session.noteUnsent(0)
        #expect(buffers.held == 0)
    }

    @Test func `a row that is too long to be looked into says so`() throws {
        let session = try harness(BufferBudget())
        session.holdsServer = true
        session.send(.query(Array(BufferBudgetTests.statement.utf8)))
        session.passServer(
            BackendMessage.rowDescription([SessionHarness.field("ssn", table: 100, column: 3)]).encoded
                + [UInt8(ascii: "D"), 0x10, 0, 0, 0, 0, 1])
        #expect(state(session.take()) == "54000" && session.isClientClosed)
    }
}
