import Foundation
import TestKit
import Testing

/// What agents connect with runs through an all-allowing policy as it runs without the sidecar: the same program, twice,
/// must print the same.
@Suite("Through an all-allowing policy")
struct ClientTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Clients"
    )
    .path

    private static func stack() async throws -> (StileStack, token: String) {
        let schema = try String(contentsOfFile: folder + "/types.sql", encoding: .utf8)
        let stack = try await StileStack(schema: schema)
        return (stack, try await stack.token())
    }

    /// Runs a program against the server itself and through the sidecar.
    private static func compare(
        _ arguments: [String], input: String? = nil, extra: [String: String] = [:], in stack: StileStack, token: String
    ) async throws {
        let through = try await Command.run(
            arguments, environment: stack.environment(token: token).merging(extra) { $1 }, input: input,
            within: .seconds(120))
        var environment = stack.environment(token: stack.postgres.password).merging(extra) { $1 }
        environment["PGPORT"] = String(stack.postgres.port)
        environment["PGUSER"] = stack.postgres.superuser
        let direct = try await Command.run(arguments, environment: environment, input: input, within: .seconds(120))
        #expect(direct.status == 0, "\(direct.errors)")
        #expect(through.status == direct.status, "\(through.errors)")
        #expect(through.output == direct.output)
        // What else a client says of itself (addresses of objects, warnings that hang on timing) is its own affair.
        if arguments.first == "psql" { #expect(through.errors == direct.errors) }
    }

    @Test("psql's statements and its \\d, \\copy, cursors and prepared statements print the same") func psql()
        async throws
    {
        let (stack, token) = try await Self.stack()
        try await Self.compare(
            ["psql", "-X", "-f", "-"], input: String(contentsOfFile: Self.folder + "/psql_script.sql", encoding: .utf8),
            in: stack, token: token)
    }

    @Test("psql's \\watch goes on and ends when it is told to") func watch() async throws {
        let (stack, token) = try await Self.stack()
        let psql = try Command(
            ["psql", "-X", "-q", "-A", "-t", "-f", "-"], environment: stack.environment(token: token),
            input: "SELECT 'tick' FROM t.kinds WHERE id = 1 \\watch 0.1\n")
        try await eventually("it ticks three times") { psql.output.components(separatedBy: "tick").count > 3 }
        psql.signal(SIGINT)
        _ = try await psql.result()
    }

    @Test("psql completes names on Tab") func completion() async throws {
        let (stack, token) = try await Self.stack()
        let result = try await Command.run(
            [Products.python, Self.folder + "/tab_completion.py"], environment: stack.environment(token: token))
        #expect(result.output.contains("completed"), "\(result.output) \(result.errors)")
    }

    @Test("psycopg 3 gets the same, in text and binary") func psycopg() async throws {
        let (stack, token) = try await Self.stack()
        try await Self.compare([Products.python, Self.folder + "/psycopg_client.py"], in: stack, token: token)
    }

    @Test("asyncpg gets the same, binary and from its statement cache") func asyncpg() async throws {
        let (stack, token) = try await Self.stack()
        try await Self.compare([Products.python, Self.folder + "/asyncpg_client.py"], in: stack, token: token)
    }

    @Test("the JDBC driver gets the same") func jdbc() async throws {
        let (stack, token) = try await Self.stack()
        let classes = try TemporaryFolder("stile-jdbc")
        let compiled = try await Command.run(["javac", "-d", classes.path, Self.folder + "/JDBCClient.java"])
        #expect(compiled.status == 0, "\(compiled.errors)")
        try await Self.compare(
            ["java", "-cp", "/usr/share/java/postgresql.jar:\(classes.path)", "JDBCClient"], in: stack, token: token)
    }

    @Test("pgbench runs", arguments: ["simple", "extended", "prepared"]) func pgbench(mode: String) async throws {
        let (stack, token) = try await Self.stack()
        var direct = stack.environment(token: stack.postgres.password)
        direct["PGPORT"] = String(stack.postgres.port)
        direct["PGUSER"] = stack.postgres.superuser
        let pgbench = PostgresServer.binary("pgbench")
        let made = try await Command.run([pgbench, "-i", "-q", "-s", "1"], environment: direct, within: .seconds(120))
        #expect(made.status == 0, "\(made.errors)")
        for script in [["-S"], ["-b", "tpcb-like"]] {
            let result = try await Command.run(
                [pgbench, "-n", "-M", mode, "-c", "4", "-j", "2", "-t", "100"] + script,
                environment: stack.environment(token: token), within: .seconds(120))
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("number of transactions actually processed: 400/400"), "\(result.output)")
            #expect(result.output.contains("number of failed transactions: 0"), "\(result.output)")
        }
    }
}
