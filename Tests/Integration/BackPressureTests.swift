import Foundation
import TestKit
import Testing

/// Nothing is gathered on the way: who does not read stops who writes, through the sidecar. 200 MB are sent; some of it fits into
/// the buffers of sockets and pipes, none into the sidecar.
@Suite("Back-pressure")
struct BackPressureTests {
    private static let rows = 20_000
    private static let total = rows * 10_001
    /// What sockets and pipes may hold, with room: a connection's two buffers are 10 MB at the most by Linux's defaults.
    private static let underWay = 40_000_000
    private static let growth = 8 << 10

    private let stack: StileStack
    private let process: Int32

    init() async throws {
        stack = try await StileStack(
            schema: """
                CREATE TABLE wide AS SELECT repeat('x', 10000) AS s FROM generate_series(1, \(Self.rows));
                CREATE TABLE narrow (s text);
                CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_lock_shared(4711); RETURN NULL; END $$;
                CREATE TRIGGER waits BEFORE INSERT ON narrow FOR EACH ROW EXECUTE FUNCTION waits();
                """, withCollector: false)
        process = try #require(await stack.sidecar).processID
    }

    @Test("of a client that does not read: the server waits, and the client has everything when it reads on")
    func slowReader() async throws {
        let token = try await stack.token()
        #expect(try await stack.psql("SELECT count(*) FROM wide;", token: token).output == "\(Self.rows)\n")
        let before = try kilobytes()
        let start = stack.folder["start"]
        #expect(mkfifo(start, 0o600) == 0)
        let client = try Command(
            ["bash", "-c", #"psql -X -q -c 'COPY wide TO STDOUT' | (read -r _ <"$0"; wc -c)"#, start],
            environment: stack.environment(token: token))
        // What the server has handed out, while it waits to hand out more.
        let sent = try await settled("the server waits for its client") {
            try await stack.postgres.sql(
                """
                SELECT bytes_processed FROM pg_stat_progress_copy JOIN pg_stat_activity USING (pid)
                WHERE wait_event = 'ClientWrite'
                """)
        }
        #expect(sent < Self.underWay)
        #expect(try kilobytes() < before + Self.growth)
        let handle = try #require(FileHandle(forWritingAtPath: start))
        try handle.write(contentsOf: Data("\n".utf8))
        try handle.close()
        let result = try await client.result(within: .seconds(120))
        #expect(result.output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(Self.total)", "\(result.errors)")
        #expect(try kilobytes() < before + Self.growth)
        try await stack.stopAll()
    }

    @Test("of a server that does not read: the client waits, and the server gets everything when it reads on")
    func slowServer() async throws {
        let token = try await stack.token()
        // Held by this session as long as it is there: the server's first row waits for it.
        let holder = try Command(
            ["psql", "-X", "-q", "-A", "-t", "-c", "SELECT pg_advisory_lock(4711), 'held', pg_sleep(600)"],
            environment: [
                "PGHOST": "127.0.0.1", "PGPORT": "\(stack.postgres.port)", "PGUSER": stack.postgres.superuser,
                "PGPASSWORD": stack.postgres.password, "PGDATABASE": "postgres",
            ])
        try await eventually("the lock is held") {
            try await stack.postgres.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1"
        }
        #expect(try await stack.psql("SELECT count(*) FROM narrow;", token: token).output == "0\n")
        let before = try kilobytes()
        let client = try Command(
            [
                "bash", "-c",
                #"yes "$(head -c 10000 /dev/zero | tr '\0' x)" | head -n "$0" | psql -X -c 'COPY narrow FROM STDIN'"#,
                "\(Self.rows)",
            ], environment: stack.environment(token: token))
        let taken = try await settled("the server's first row waits") {
            let isWaiting = try await stack.postgres.sql(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return isWaiting == "1" ? try await metric("stile_client_received_bytes_total") : ""
        }
        #expect(taken < Self.underWay)
        #expect(try kilobytes() < before + Self.growth)
        try await stack.postgres.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        _ = try await holder.result()
        let result = try await client.result(within: .seconds(120))
        // The trigger keeps none: a row is counted where it is inserted.
        #expect(result.status == 0, "\(result.errors)")
        let received = try #require(try await metric("stile_client_received_bytes_total").flatMap { Int($0) })
        #expect(received > Self.total)
        #expect(try kilobytes() < before + Self.growth)
        try await stack.stopAll()
    }

    /// The number that `look` gives, when it has been the same for a while.
    private func settled(_ what: String, _ look: () async throws -> String?) async throws -> Int {
        var last = 0
        var same = 0
        return try await eventually(what, within: .seconds(60)) {
            guard let now = try await look().flatMap({ Int($0) }) else { return nil }
            same = now == last ? same + 1 : 0
            last = now
            return same == 20 ? now : nil
        }
    }

    private func metric(_ name: String) async throws -> String? {
        let page = try await StileStack.get(port: stack.operationsPort, path: "/metrics")
        let line = page?.body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The sidecar's own memory; pages of the program come and go.
    private func kilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }
}
