import Foundation
import TestKit
import Testing

/// Ways by which tools have been turned against whoever calls them, from a table, each sent as bytes through a real sidecar with a server
/// behind it that answers as the table says.
///
/// Three things hold of each: the client got no sensitive byte in any form that turns back into it, nothing that is forbidden reached the
/// server, and a record says what happened.
@Suite("Attacks on MCP", .serialized)
struct MCPAttackTests {
    struct Technique: Decodable, Sendable {
        /// The threat's number.
        var row: Int
        var name: String
        /// Whether the last step may, and must, reach the server; `nil`: either.
        var reaches: Bool?
        /// A text that records must have, beside those that tell of its steps.
        var recorded: String?
    }

    private struct Answer: Decodable {
        var number: Int
        var leaks: [String]
        var sent: [String]
        var reached: Bool
        var wrong: [String]
        var records: [String]
        var bytes: String?
        var upstream: String?
    }

    private static let table = AttackTable(name: "mcp")

    private static func techniques() throws -> [Technique] { try table.techniques() }

    @Test("every row of the list of threats is tried, with several variants") func coverage() throws {
        let counts = Dictionary(grouping: try Self.techniques(), by: \.row).mapValues(\.count)
        for row in 91...101 { #expect(counts[row, default: 0] >= 3, "row \(row)") }
    }

    @Test("nothing leaks, nothing forbidden reaches the server, and all of it is recorded") func attacks() async throws
    {
        let service = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": try Self.table.policy],
            values: ["service": "\(service.number)"])
        let techniques = try Self.techniques()
        let answers: [Answer] = try await Self.table.send(
            "mcp_attack.py", ["\(stack.port)", "\(service.number)", "\(stack.httpPort)"],
            environment: [
                "TOKEN": try await stack.token(), "OTHER": try await stack.token("somebody"),
                "APPROVER": try await stack.auditToken(groups: ["security"]),
            ])
        var told: Set<String> = []
        var texts: Set<String> = []
        for answer in answers {
            let technique = techniques[answer.number]
            let place = Comment(rawValue: "\(technique.row) \(technique.name)")
            #expect(answer.leaks.isEmpty, "\(place): \(answer.leaks) in \(answer.bytes ?? "")")
            #expect(answer.sent.isEmpty, "\(place): \(answer.sent) in \(answer.upstream ?? "")")
            #expect(answer.wrong.isEmpty, "\(place): \(answer.wrong) in \(answer.bytes ?? "")")
            if let reaches = technique.reaches { #expect(answer.reached == reaches, "\(place)") }
            told.formUnion(answer.records)
            // A refusal's record is known by its id, everything else by what was asked.
            if answer.records.isEmpty { texts.insert(technique.recorded ?? "attack_\(answer.number)") }
            if let recorded = technique.recorded { texts.insert(recorded) }
        }
        let wanted = told.union(texts)
        try await Self.table.expectRecords(of: stack) { records in
            wanted.filter { !records.text.contains($0) }
        }
        try await stack.stopAll()
    }
}
