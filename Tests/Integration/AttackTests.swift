import Foundation
import TestKit
import Testing

/// Ways by which data has left through masking proxies, from a table, each sent through a real sidecar to a real server by
/// each of the clients.
///
/// Three things hold of each: no sensitive byte came back on the wire, in no form that turns back into it; nothing that
/// is forbidden was done; and a record says what happened. The policies allow everything, so that masks and what is refused
/// whoever asks are what is tried; `guessing` denies conditions on classified columns besides, and `vouched` vouches for
/// the database's own code; `keys` classifies what stands under keys of documents.
@Suite("Attacks on PostgreSQL", .serialized)
struct AttackTests {
    struct Technique: Decodable, Sendable {
        /// The threat's number.
        var row: Int
        var name: String
        var statements: [String]?
        /// Bytes before any session, whose record no name leads to.
        var start: [String]?
        /// Whether an error must come of it, or none; `nil`: either.
        var refused: Bool?
    }

    private struct Answer: Decodable {
        struct Failure: Decodable {
            /// SQLSTATE and hint.
            var C: String?
            var H: String?
            var M: String?
        }

        var number: Int
        var errors: [Failure]
        var leaks: [String]
        var changes: [String]
        var failure: String?
        var bytes: String?
    }

    private static let table = AttackTable(name: "postgres")

    private static func techniques() throws -> [Technique] { try table.techniques() }

    @Test("every row of the list of threats is tried, with several variants") func coverage() throws {
        let counts = Dictionary(grouping: try Self.techniques(), by: \.row).mapValues(\.count)
        for row in 1...59 { #expect(counts[row, default: 0] >= (row == 53 ? 1 : 3), "row \(row)") }
    }

    @Test(
        "nothing leaks, nothing forbidden is done, and all of it is recorded",
        arguments: [
            ("everything", ["psql", "text", "binary", "blind", "psycopg", "psycopg-binary", "asyncpg"]),
            ("guessing", ["psql", "text", "asyncpg"]), ("vouched", ["psql", "text", "asyncpg"]),
            ("keys", ["psql", "text", "binary", "asyncpg"]),
        ])
    func attacks(policy: String, clients: [String]) async throws {
        let stack = try await StileStack(
            policy: ["policy.yaml": try AttackTable.text(of: policy + ".yaml")],
            schema: try AttackTable.text(of: "schema.sql"))
        let techniques = try Self.techniques()
        var told: [String: [Answer.Failure]] = [:]
        var sent: [String: Int] = [:]
        for client in clients {
            var environment = stack.environment(token: try await stack.token())
            environment["DIRECT_PORT"] = "\(stack.postgres.port)"
            environment["DIRECT_PASSWORD"] = stack.postgres.password
            let answers: [Answer] = try await Self.table.send("attack.py", [policy, client], environment: environment)
            for answer in answers {
                let technique = techniques[answer.number]
                check(answer, technique, client)
                if technique.start != nil { continue }
                told["attack-\(answer.number)-\(client)"] = answer.errors
                sent["attack-\(answer.number)-\(client)"] = technique.statements == nil ? 0 : 1
            }
        }
        try await expectRecords(stack, told: told, sent: sent)
        try await stack.stopAll()
    }

    private func check(_ answer: Answer, _ technique: Technique, _ client: String) {
        let place = Comment(rawValue: "\(technique.row) \(technique.name), by \(client)")
        #expect(answer.leaks.isEmpty, "\(place): \(answer.leaks) in \(answer.bytes ?? "")")
        #expect(answer.changes.isEmpty, "\(place): \(answer.changes)")
        #expect(answer.failure == nil, "\(place): \(answer.bytes ?? "")")
        if let refused = technique.refused {
            let errors = answer.errors.map { "\($0.C ?? "") \($0.M ?? "")" }
            #expect(answer.errors.isEmpty != refused, "\(place): \(errors)")
        }
    }

    // MARK: Records

    /// What the records say of one session.
    private struct Evidence {
        var statements = 0
        var denied: Set<String> = []
        var sqlStates: Set<String> = []
        var isRefused = false
    }

    /// Whatever a client was told is in the records of its session: a refusal by its number, an error by its SQLSTATE.
    private func expectRecords(
        _ stack: StileStack, told: [String: [Answer.Failure]], sent: [String: Int]
    ) async throws {
        try await Self.table.expectRecords(of: stack) { records in
            let evidence = Self.evidence(in: records.items)
            var missing: [String] = []
            for (session, failures) in told {
                let seen = evidence[session] ?? Evidence()
                if seen.statements < sent[session] ?? 0, !seen.isRefused { missing.append("\(session): no statement") }
                for failure in failures where failure.C != nil {
                    if let hint = failure.H, let range = hint.range(of: "Record ") {
                        let id = String(hint[range.upperBound...].prefix { $0 != "." })
                        if !seen.denied.contains(id) { missing.append("\(session): no record of refusal \(id)") }
                    } else if failure.C?.hasPrefix("08") != true, !Self.isOfSession(failure),
                        !seen.sqlStates.contains(failure.C ?? "")
                    {
                        missing.append("\(session): no record of \(failure.C ?? "") \(failure.M ?? "")")
                    }
                }
            }
            return missing
        }
    }

    /// The session's own answer to names that the server does not have: nothing was asked of it.
    private static func isOfSession(_ failure: Answer.Failure) -> Bool {
        ["26000", "34000", "42939", "28000"].contains(failure.C ?? "")
    }

    private static func evidence(in records: [[String: Any]]) -> [String: Evidence] {
        var names: [String: String] = [:]
        var evidence: [String: Evidence] = [:]
        for item in records {
            let session = item["sessionId"] as? String ?? ""
            if let opened = item["sessionOpened"] as? [String: Any] {
                names[session] = opened["client"] as? String
                if opened["refused"] != nil { evidence[session, default: Evidence()].isRefused = true }
            }
            if let statement = item["statement"] as? [String: Any] {
                evidence[session, default: Evidence()].statements += 1
                if statement["verdict"] as? String == "deny", let id = item["id"] as? String {
                    evidence[session, default: Evidence()].denied.insert(id)
                }
            }
            if let completed = item["completed"] as? [String: Any], let state = completed["sqlstate"] as? String {
                evidence[session, default: Evidence()].sqlStates.insert(state)
            }
        }
        var byName: [String: Evidence] = [:]
        for (session, seen) in evidence { if let name = names[session] { byName[name] = seen } }
        return byName
    }
}
