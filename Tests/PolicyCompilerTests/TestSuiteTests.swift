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

    @Test func `the example's cases are read`() throws {
        let files = try PolicyDirectory.read(exampleDirectory)
        let model = try PolicyCompiler.check(files: files).model
        let suites = try PolicyTestSuite.read(files, for: model)
        #expect(suites.count == 1)
        #expect(suites.first?.cases.count == 16)
    }
}
