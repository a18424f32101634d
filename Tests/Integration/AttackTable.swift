import Foundation
import TestKit
import Testing

/// The tables of attacks, what sends them, and what must hold of all records that come of them.
struct AttackTable {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Attacks").path

    /// In ``folder``, without its ending.
    let name: String

    static func text(of file: String) throws -> String {
        try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    }

    var policy: String { get throws { try Self.text(of: name + ".yaml") } }

    func techniques<Technique: Decodable>() throws -> [Technique] {
        try JSONDecoder().decode(Techniques<Technique>.self, from: Data(Self.text(of: name + ".json").utf8)).techniques
    }

    /// Sends them; what came of each is a line of JSON.
    func send<Answer: Decodable>(
        _ program: String, _ arguments: [String], environment: [String: String]
    ) async throws -> [Answer] {
        var environment = environment
        if let only = ProcessInfo.processInfo.environment["STILE_ATTACK"] { environment["ONLY"] = only }
        let result = try await Command.run(
            [Products.python, "\(Self.folder)/\(program)", "\(Self.folder)/\(name).json"] + arguments,
            environment: environment, within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
        }
    }

    /// Waits for records, and looks for the table's secrets in all that there are.
    ///
    /// - Parameter missing: What is not there yet.
    func expectRecords(
        of stack: StileStack, _ missing: (StileStack.ServedRecords) -> [String]
    ) async throws {
        var (left, served) = ([String](), "")
        do {
            try await eventually("the records are there", within: .seconds(20)) {
                let records = try await stack.records()
                (left, served) = (missing(records), records.text)
                return left.isEmpty
            }
        } catch {
            for line in left.sorted().prefix(40) { Issue.record("no record of \(line)") }
        }
        try served.write(toFile: stack.folder["records.json"], atomically: true, encoding: .utf8)
        let leaks = try await Command.run([
            "sh", "-c", "\"$0\" \"$1/forms.py\" \"$1/\(name).json\" < \"$2\"", Products.python, Self.folder,
            stack.folder["records.json"],
        ])
        #expect(leaks.status == 0, "\(leaks.errors)")
        #expect(leaks.output.isEmpty, "in the records: \(leaks.output)")
    }
}

private struct Techniques<Technique: Decodable>: Decodable {
    var techniques: [Technique]
}
