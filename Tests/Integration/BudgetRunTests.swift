import Foundation
import TestKit
import Testing

/// An agent that pages through a table meets the budget, with the clients that agents use and across restarts.
@Suite("Budgets")
struct BudgetRunTests {
    private static let schema = """
        CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, card text NOT NULL, spent numeric);
        INSERT INTO people SELECT n, 'name ' || n, '4111-1111-1111-' || lpad(n::text, 4, '0'), n FROM generate_series(1, 5000) n;
        CREATE TABLE plain (id int PRIMARY KEY);
        INSERT INTO plain SELECT generate_series(1, 5000);
        """

    private static let policy =
        StileStack.allowAll + """

            classifications:
              cards: { columns: public.people.card, mask: { keepLast: 4 } }
              spending: { columns: public.people.spent, mask: redact, aggregates: { minimumRows: 10 } }
            budgets:
              - { name: people-a-day, of: { tables: public.people }, rowsPerSubject: 400, window: 1d }
              - { name: a-page, of: { tables: public.people }, rowsPerStatement: 100 }
              - { name: cards-a-day, of: { classification: cards }, valuesPerSubject: 30, window: 1d }
            """

    private static let pages = """
        import os, sys, psycopg
        seen, last = 0, 0
        try:
            with psycopg.connect("", autocommit=True) as connection:
                while True:
                    rows = connection.execute(
                        "SELECT id, name FROM people WHERE id > %s ORDER BY id LIMIT 50", (last,), binary=True).fetchall()
                    if not rows:
                        break
                    seen, last = seen + len(rows), rows[-1][0]
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.message_primary)
        print("seen", seen)
        """

    private static func rows(_ output: String) -> Int {
        output.split(separator: "\n").count { $0.hasPrefix("name ") }
    }

    @Test("psycopg pages until the budget is spent, psql gets what is left, and a restart or a kill gives nothing back")
    func paging() async throws {
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], schema: Self.schema, withCollector: false)
        let token = try await stack.token("pager")
        let script = try stack.folder.write(Self.pages, to: "pages.py")
        let python = ProcessInfo.processInfo.environment["STILE_TEST_PYTHON"] ?? "python3"

        // psql: one statement is cut at its own limit, and what was shown is counted.
        let wide = try await stack.psql("SELECT name FROM people LIMIT 1000;", token: token)
        // psql shows no row of a result that ends in an error; it was sent them all the same.
        #expect(Self.rows(wide.output) == 0)
        #expect(wide.errors.contains("A statement may show 100 rows (budget a-page)"))
        let copied = try await stack.psql("COPY (SELECT name FROM people WHERE id <= 70) TO STDOUT;", token: token)
        #expect(Self.rows(copied.output) == 70)
        // A connection that met the end of a budget goes on.
        let more = try await stack.psql(
            "SELECT name FROM people LIMIT 130;\nSELECT id FROM plain WHERE id = 7;\n", token: token)
        #expect(more.output == "7\n")

        // kill -9: at most a fiftieth of the limit is counted besides.
        try await stack.sidecar?.kill9()
        try await stack.startSidecar(connected: false)
        let paged = try await Command.run([python, script], environment: stack.environment(token: token))
        #expect(paged.output.contains("53400"), "\(paged.output) \(paged.errors)")
        let seen = paged.output.split(separator: "\n").last?.split(separator: " ").last.flatMap { Int($0) } ?? -1
        #expect((100...130).contains(seen), "\(paged.output)")

        // Spent is spent: by whichever client, after a proper restart too.
        try await stack.sidecar?.stop()
        try await stack.startSidecar(connected: false)
        let refused = try await stack.psql("SELECT name FROM people WHERE id = 1;", token: token)
        #expect(Self.rows(refused.output) == 0)
        #expect(refused.errors.contains("The budget people-a-day is spent: 400 rows within 24 hours."))
        #expect(try await stack.psql("SELECT count(*) FROM people;", token: token).output == "5000\n")
        // Somebody else's is whole.
        let other = try await stack.psql("SELECT name FROM people LIMIT 60;", token: stack.token("somebody"))
        #expect(Self.rows(other.output) == 60)
        try await stack.stopAll()
    }

    private static let api = """
        \(StileStack.head("api"))
        resources:
          crm: { protocol: http, listen: "127.0.0.1:{{listen}}", upstream: "http://127.0.0.1:{{service}}" }
        rules: [{ name: all, allow: [select], on: [crm], to: { groups: [everyone] } }]
        budgets: [{ name: customers-a-day, rowsPerSubject: 10, window: 1d, message: Not all of them. }]
        """

    @Test("curl pages through an API until the budget is spent, and a restart gives nothing back")
    func api() async throws {
        let port = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.api], withCollector: false, values: ["service": "\(port.number)"])
        let pages = URL(fileURLWithPath: stack.folder.path + "/pages")
        try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
        try Data(#"{"items":[{"id":1},{"id":2},{"id":3},{"id":4}]}"#.utf8).write(
            to: pages.appendingPathComponent("four.json"))
        try Data(#"{"id":1}"#.utf8).write(to: pages.appendingPathComponent("one.json"))
        let service = try Command(
            [Products.python, "-m", "http.server", "--bind", "127.0.0.1", "--directory", pages.path, "\(port.number)"])
        try await eventually("the service answers") {
            try await StileStack.get(port: port.number, path: "/one.json") != nil
        }
        func ask(_ path: String, by who: String) async throws -> String {
            try await Command.run([
                "curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-H",
                "Authorization: Bearer \(try await stack.token(who))", "http://127.0.0.1:\(stack.port)\(path)",
            ]).output
        }
        for _ in 1...2 { #expect(try await ask("/four.json", by: "pager").hasSuffix("}]}\n200")) }
        let cut = try await ask("/four.json", by: "pager")
        #expect(
            cut.hasSuffix("\n403")
                && cut.contains("Not all of them. This shows more than is left of the budget customers-a-day"))
        try await stack.sidecar?.stop()
        try await stack.startSidecar(connected: false)
        #expect(try await ask("/four.json", by: "pager").hasSuffix("\n403"))
        for _ in 1...2 { #expect(try await ask("/one.json", by: "pager").hasSuffix("\n200")) }
        #expect(try await ask("/one.json", by: "pager").hasSuffix("\n403"))
        #expect(try await ask("/four.json", by: "somebody").hasSuffix("\n200"))
        try await service.stop()
        try await stack.stopAll()
    }

    @Test("different cards are counted, however they are asked for")
    func cards() async throws {
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], schema: Self.schema, withCollector: false)
        let token = try await stack.token("browser")
        var statements = ""
        for _ in 0..<3 { statements += "SELECT card FROM people WHERE id <= 20;\n" }
        let again = try await stack.psql(statements, token: token)
        #expect(again.output.split(separator: "\n").count == 60)
        #expect(again.errors == "")
        let cut = try await stack.psql(
            "COPY (SELECT id, card FROM people WHERE id > 15 AND id <= 60) TO STDOUT;", token: token)
        #expect(cut.output.split(separator: "\n").count == 15)
        #expect(cut.errors.contains("budget cards-a-day is spent: 30 different values"))
        try await stack.stopAll()
    }

    @Test("a sum over enough rows is shown, and over fewer it is not")
    func sums() async throws {
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], schema: Self.schema, withCollector: false)
        let token = try await stack.token("analyst")
        func ask(_ text: String) async throws -> String { try await stack.psql(text, token: token).output }
        #expect(try await ask("SELECT sum(spent), count(spent) FROM people WHERE id <= 10;") == "55|10\n")
        #expect(try await ask("SELECT avg(spent)::text FROM people WHERE id <= 10;") != "5.5000000000000000\n")
        let few = try await ask("SELECT sum(spent), count(spent) FROM people WHERE id <= 9;")
        #expect(few.hasSuffix("|9\n"))
        #expect(!few.hasPrefix("45"))
        let groups = try await ask(
            "SELECT id / 4990, sum(spent), count(spent) FROM people GROUP BY 1 ORDER BY 1;")
        #expect(groups.hasPrefix("0|12447555|4989\n"))
        #expect(groups.contains("|11\n"))
        #expect(try await ask("COPY (SELECT sum(spent), count(spent) FROM people) TO STDOUT;") == "12502500\t5000\n")
        #expect(
            try await ask("SELECT sum(spent), count(spent), max(spent) FROM people;").hasPrefix("12502500|5000|")
                == true)
        #expect(!(try await ask("SELECT sum(spent) FROM people;").contains("12502500")))
        try await stack.stopAll()
    }
}
