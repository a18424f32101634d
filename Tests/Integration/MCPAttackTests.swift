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
    struct Table: Decodable, Sendable {
        var techniques: [Technique]
    }

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

    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Attacks").path

    private static func techniques() throws -> [Technique] {
        let text = try String(contentsOfFile: folder + "/mcp.json", encoding: .utf8)
        return try JSONDecoder().decode(Table.self, from: Data(text.utf8)).techniques
    }

    @Test("every row of the list of threats is tried, with several variants") func coverage() throws {
        let counts = Dictionary(grouping: try Self.techniques(), by: \.row).mapValues(\.count)
        for row in 91...101 { #expect(counts[row, default: 0] >= 3, "row \(row)") }
    }

    @Test("nothing leaks, nothing forbidden reaches the server, and all of it is recorded") func attacks() async throws
    {
        let service = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": try String(contentsOfFile: Self.folder + "/mcp.yaml", encoding: .utf8)],
            values: ["service": "\(service.number)"])
        let techniques = try Self.techniques()
        var environment = [
            "TOKEN": try await stack.token(), "OTHER": try await stack.token("somebody"),
            "APPROVER": try await stack.auditToken(groups: ["security"]),
        ]
        if let only = ProcessInfo.processInfo.environment["STILE_ATTACK"] { environment["ONLY"] = only }
        let result = try await Command.run(
            [
                Products.python, Self.folder + "/mcp_attack.py", Self.folder + "/mcp.json", "\(stack.port)",
                "\(service.number)", "\(stack.httpPort)",
            ], environment: environment, within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        var told: Set<String> = []
        var texts: Set<String> = []
        for line in result.output.split(separator: "\n") {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
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
        try await expectRecords(stack, told: told, texts: texts)
        try await stack.stopAll()
    }

    private func expectRecords(_ stack: StileStack, told: Set<String>, texts: Set<String>) async throws {
        let auditor = try await stack.auditToken(groups: ["auditors"])
        var all = ""
        var missing: [String] = []
        do {
            try await eventually("the records are there", within: .seconds(20)) {
                all = ""
                var cursor: String?
                repeat {
                    let path = "/v1/records?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")
                    guard let page = try await StileStack.get(port: stack.httpPort, path: path, token: auditor),
                        let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any]
                    else { break }
                    all += page.body
                    cursor = object["next"] as? String
                } while cursor != nil
                missing = told.union(texts).filter { !all.contains($0) }.sorted()
                return missing.isEmpty
            }
        } catch {
            Issue.record("no record of \(missing.prefix(40))")
        }
        try all.write(toFile: stack.folder["records.json"], atomically: true, encoding: .utf8)
        let leaks = try await Command.run([
            "sh", "-c", "\"$0\" \"$1/forms.py\" \"$1/mcp.json\" < \"$2\"", Products.python, Self.folder,
            stack.folder["records.json"],
        ])
        #expect(leaks.status == 0, "\(leaks.errors)")
        #expect(leaks.output.isEmpty, "in the records: \(leaks.output)")
    }
}
