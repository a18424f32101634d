import Foundation
import TestKit
import Testing

/// What evidence costs on its way, by the sidecar's own counters.
@Suite("Evidence on the wire")
struct EvidenceTests {
    private static let schema = """
        CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int);
        INSERT INTO pgbench_branches VALUES (1, 0);
        CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
        INSERT INTO pgbench_accounts SELECT n, 1, 0, '' FROM generate_series(1, 100000) n;
        """

    @Test("a plain statement is one record, and takes less than 150 bytes", arguments: ["simple", "prepared"])
    func bytes(mode: String) async throws {
        let stack = try await StileStack(schema: Self.schema)
        let (clients, each) = (4, 250)
        let result = try await Command.run(
            [
                PostgresServer.binary("pgbench"), "-n", "-S", "-M", mode, "-c", "\(clients)", "-t", "\(each)",
            ], environment: stack.environment(token: try await stack.token()), within: .seconds(60))
        #expect(result.status == 0, "\(result.errors)")
        try await eventually("everything is stored, the sessions' ends included") {
            let counts = try await Self.counters(stack)
            return counts["stile_records_appended_total"] == counts["stile_records_acknowledged_total"]
                && (counts["stile_records_appended_total"] ?? 0) >= Double(clients * each + 2 * clients)
        }
        let counts = try await Self.counters(stack)
        let statements = Double(clients * each)
        let records = try #require(counts["stile_records_appended_total"])
        let bytes = try #require(counts["stile_uplink_bytes_total"])
        // Sessions' first and last records, and what pgbench asks before it starts, come on top.
        #expect(records < statements * 1.1, "\(records) records")
        #expect(bytes < statements * 150, "\(bytes / statements) bytes a statement")
        try await stack.stopAll()
    }

    private static func counters(_ stack: StileStack) async throws -> [String: Double] {
        guard let page = try await StileStack.get(port: stack.operationsPort, path: "/metrics", token: nil) else {
            return [:]
        }
        var counters: [String: Double] = [:]
        for line in page.body.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { counters[String(parts[0])] = Double(parts[1]) }
        }
        return counters
    }
}
