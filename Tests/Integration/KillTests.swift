import Foundation
import TestKit
import Testing

/// kill -9 at any moment: no record of a response that was released is lost, none is in the store twice, and each part
/// goes on by itself.
@Suite("After kill -9")
struct KillTests {
    private static let schema = """
        CREATE TABLE numbers (n int PRIMARY KEY, note text);
        INSERT INTO numbers SELECT n, 'note ' || n FROM generate_series(1, 1000) n;
        """

    private enum Victim: CaseIterable { case sidecar, collector, upstream }

    @Test(
        "of the sidecar, the collector or the upstream, twenty times at random, every answer that a client got is on record once"
    )
    func twentyKills() async throws {
        let stack = try await StileStack(schema: Self.schema)
        let token = try await stack.token()
        // Seeded, so that a failure can be had again.
        var random = SeededGenerator(seed: 20_260_101)
        // What clients got: each statement carries a number of its own, and so does its answer.
        var answered: Set<Int> = []
        var next = 1
        for _ in 0..<20 {
            let victim = Victim.allCases.randomElement(using: &random) ?? .sidecar
            let first = next
            let script = (0..<40).map { "SELECT \(first + $0) AS marker, n FROM numbers WHERE n = \(1 + $0);" }
                .joined(separator: "\n")
            next += 40
            let client = try Command(
                ["psql", "-X", "-q", "-A", "-t", "-f", "-"], environment: stack.environment(token: token),
                input: script + "\n")
            let goal = Int.random(in: 0..<40, using: &random)
            try await eventually("the client got \(goal) answers, or ended") {
                !client.isRunning || Self.markers(in: client.output).count >= goal
            }
            switch victim {
            case .sidecar:
                try await stack.sidecar?.kill9()
                _ = try await client.result()
                try await stack.startSidecar()
            case .collector:
                try await stack.collector?.kill9()
                _ = try await client.result()
                try await stack.startCollector()
            case .upstream:
                try await stack.postgres.stop()
                _ = try await client.result()
                try await stack.postgres.start()
            }
            answered.formUnion(Self.markers(in: client.output))
        }
        let after = try await stack.psql("SELECT 'alive' FROM numbers WHERE n = 1;", token: token)
        #expect(after.output.contains("alive"), "\(after.errors)")
        #expect(answered.count > 100)

        let auditor = try await stack.auditToken(groups: ["auditors"])
        let expected = answered
        try await eventually("every answered statement is stored with its completion", within: .seconds(60)) {
            let stored = try await Self.storedMarkers(in: stack, token: auditor)
            return expected.isSubset(of: stored.completed)
        }
        let stored = try await Self.storedMarkers(in: stack, token: auditor)
        #expect(stored.duplicates.isEmpty)
        let sessions = try await stack.stile(
            ["sessions", "list", "--output", "json", "--limit", "500"], token: auditor)
        #expect(sessions.status == 0, "\(sessions.errors)")
        let findings = try await StileStack.get(port: stack.httpPort, path: "/v1/findings", token: auditor)
        #expect(findings?.body.contains("fork") == false)
        #expect(findings?.body.contains("\"gap\"") == false)
        try await stack.stopAll()
    }

    private static func markers(in output: String) -> Set<Int> {
        Set(output.split(separator: "\n").compactMap { line in line.split(separator: "|").first.flatMap { Int($0) } })
    }

    /// Reads the store itself: what is not in there is lost, whatever an API says.
    private static func storedMarkers(
        in stack: StileStack, token: String
    ) async throws -> (completed: Set<Int>, duplicates: [Int]) {
        var judged: [String: Int] = [:]
        var ended: Set<String> = []
        for record in try await stack.records(token: token).items {
            let session = record["sessionId"] as? String ?? ""
            if let statement = record["statement"] as? [String: Any], let number = statement["number"] as? Int,
                let text = statement["text"] as? String,
                let marker = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            {
                judged["\(session)/\(number)"] = marker
            }
            if let completed = record["completed"] as? [String: Any], let number = completed["statement"] as? Int {
                ended.insert("\(session)/\(number)")
            }
        }
        let markers = judged.values
        let twice = Dictionary(grouping: markers, by: { $0 }).filter { $0.value.count > 1 }.map(\.key)
        return (Set(judged.filter { ended.contains($0.key) }.values), twice)
    }
}
