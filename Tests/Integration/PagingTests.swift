import Foundation
import TestKit
import Testing

/// Threat 55: a table taken page by page. Techniques from a table, each sent by each of the clients as another person, through a
/// real sidecar to a real server: however it is asked, the rows and the different values that come back on the wire are never more than
/// the budget, and what the budget allows does come back.
@Suite("Budgets against agents that page")
struct PagingTests {
    private struct Table: Decodable {
        struct Technique: Decodable {
            var row: Int
            var name: String
            /// What is counted: rows, or different values.
            var of: String?
            /// What comes back at the least; a third of the budget otherwise, so that none is refused by mistake.
            var least: Int?
        }

        var rows: Int
        var values: Int
        var techniques: [Technique]
    }

    private struct Answer: Decodable {
        var name: String
        var client: String
        var rows: Int
        var values: Int
        var whole: Int
        var failures: [String]
    }

    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Attacks").path

    private static func text(of file: String) throws -> String {
        try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    }

    @Test("whatever way a table is paged through, no more comes back than the budget has")
    func paging() async throws {
        let table = try JSONDecoder().decode(Table.self, from: Data(Self.text(of: "paging.json").utf8))
        let stack = try await StileStack(
            policy: ["policy.yaml": try Self.text(of: "paging.yaml")], schema: try Self.text(of: "paging.sql"),
            withCollector: false)
        var tokens: [String] = []
        for number in 0..<table.techniques.count * 5 { tokens.append(try await stack.token("pager-\(number)")) }
        var environment = stack.environment(token: "")
        environment["TOKENS"] = try stack.folder.write(tokens.joined(separator: "\n"), to: "tokens")
        let result = try await Command.run(
            [Products.python, Self.folder + "/paging.py", Self.folder + "/paging.json"], environment: environment,
            within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        let answers = try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
        }
        #expect(answers.count == tokens.count)
        for answer in answers {
            let place = Comment(rawValue: "\(answer)")
            let technique = try #require(table.techniques.first { $0.name == answer.name })
            #expect(answer.failures.isEmpty, place)
            #expect(answer.whole == 0, place)
            #expect(answer.rows <= table.rows, place)
            #expect(answer.values <= table.values, place)
            let counted = technique.of == "values" ? (answer.values, table.values) : (answer.rows, table.rows)
            #expect(counted.0 >= technique.least ?? counted.1 / 3, place)
        }
        try await stack.stopAll()
    }
}
