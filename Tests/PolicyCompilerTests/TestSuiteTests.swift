import Policy
import PolicyCompiler
import Testing

@Suite struct TestSuiteTests {
    private func read(_ body: String) throws -> [PolicyTestSuite] {
        let policy = PolicySource(name: "base.yaml", text: soundBase)
        let model = try PolicyCompiler.check(files: [policy]).model
        let header = "apiVersion: stile.dev/v1\nkind: PolicyTest\n"
        return try PolicyTestSuite.read([policy, PolicySource(name: "t.yaml", text: header + body)], for: model)
    }

    private func said(_ body: String) -> [String] {
        do {
            _ = try read(body)
            return []
        } catch {
            return (error as? PolicyFaults)?.diagnostics.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func `a case says who, where, what and the verdict`() throws {
        let suites = try read(
            """
            people:
              ana: { groups: [support, staff], actors: bot }
            catalog: { shop.customers: [id, name] }
            searchPath: shop
            cases:
              - { name: reads, as: ana, sql: SELECT 1, expect: hold, rule: base-read, message: No, masked: name }

            """)
        let suite = try #require(suites.first)
        #expect(suites.count == 1)
        #expect(suite.catalog == [.init(schema: "shop", name: "customers", columns: ["id", "name"])])
        #expect(suite.searchPath == ["shop"])
        let testCase = try #require(suite.cases.first)
        #expect(
            testCase.subject
                == Subject(
                    id: "ana", issuer: "https://login.example.com", groups: ["support", "staff"], actors: ["bot"]))
        #expect(testCase.resource == "db")
        #expect(testCase.asked == .statement(sql: "SELECT 1"))
        #expect(testCase.outcome == .hold)
        #expect(testCase.rules == ["base-read"])
        #expect(testCase.message == "No")
        #expect(testCase.masked == ["name"])
    }

    @Test func `what a case names must be there`() {
        #expect(
            said(
                """
                people: { ana: {} }
                catalog: { customers: id }
                cases:
                  - { name: a, as: anna, sql: SELECT 1, expect: allow }
                  - { name: b, as: ana, on: bd, sql: SELECT 1, expect: allow, rule: bas-read }
                  - { name: c, as: ana, sql: SELECT 1, expect: alow }

                """) == [
                    "t.yaml:4:12: error: catalog: 'customers' is no schema.table; did you mean 'public.customers'?",
                    "t.yaml:6:20: error: as: nobody under 'people' is called 'anna'; did you mean 'ana'?",
                    "t.yaml:7:29: error: on: no resource is called 'bd'; did you mean 'db'?",
                    "t.yaml:7:69: error: rule: no rule is called 'bas-read'; did you mean 'base-read'?",
                    "t.yaml:8:48: error: expect: 'alow' is not known here; did you mean 'allow'?",
                ])
    }

    @Test func `a case asks a database in SQL and an API by a request`() throws {
        let api = "  api: { protocol: http, listen: 127.0.0.1:8081, upstream: https://api }\n"
        let base = PolicySource(
            name: "base.yaml", text: soundBase.replacing("resources:\n", with: "resources:\n\(api)"))
        let model = try PolicyCompiler.check(files: [base]).model
        func read(_ cases: String...) throws(PolicyFaults) -> [PolicyTestSuite] {
            let header = "apiVersion: stile.dev/v1\nkind: PolicyTest\npeople: { ana: {} }\ncases:\n"
            let text = header + cases.map { "  - { name: c, as: ana, expect: deny, \($0) }\n" }.joined()
            return try PolicyTestSuite.read([PolicySource(name: "t.yaml", text: text)], for: model)
        }
        let cases = try #require(
            try read(
                "on: api, request: GET /v1/customers/7?a=b", "on: api, request: DELETE /, host: EU.example.com",
                "on: db, sql: SELECT 1"
            ).first
        ).cases
        #expect(
            cases.map(\.asked) == [
                .request(method: "GET", target: "/v1/customers/7?a=b", host: nil),
                .request(method: "DELETE", target: "/", host: "eu.example.com"), .statement(sql: "SELECT 1"),
            ])
        do throws(PolicyFaults) {
            _ = try read(
                "on: api, sql: SELECT 1", "on: db, request: GET /", "on: api, request: get /",
                "on: api, request: GET v1",
                "on: api, request: GET", "on: db, sql: SELECT 1, host: a", "on: api, request: GET /, masked: a",
                "on: db",
                "on: api, request: GET /, sql: SELECT 1")
            Issue.record("the cases were taken")
        } catch {
            #expect(
                error.diagnostics.map { $0.message + ($0.suggestion.map { "; \($0)" } ?? "") } == [
                    "sql: 'api' is an API; write 'request: GET /…'",
                    "request: 'db' is a database; write 'sql: …'",
                    "request: 'get' is not the method 'GET': their case counts; did you mean 'GET'?",
                    "request: the target 'v1' is neither a path nor a URL; as in 'GET /v1/customers/7', and through a forward proxy 'GET https://host/v1/customers/7'",
                    "request: 'GET' is no method and target; as in 'GET /v1/customers/7', a space within written as '%20'",
                    "'host' says nothing of a statement; it belongs to 'request'",
                    "'masked' says nothing of a request; it is about the columns of a result",
                    "a case needs one of 'sql', 'request' or 'call'",
                    "a case has one of 'sql', 'request' or 'call', and this has 'request' and 'sql'; keep one",
                ])
        }
    }

    @Test func `the example's cases are read`() throws {
        let files = try PolicyDirectory.read(exampleDirectory)
        let model = try PolicyCompiler.check(files: files).model
        let suites = try PolicyTestSuite.read(files, for: model)
        #expect(suites.count == 1)
        #expect(suites.first?.cases.count == 16)
    }
}
