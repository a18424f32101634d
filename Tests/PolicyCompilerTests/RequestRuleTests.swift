import Policy
import PolicyCompiler
import Testing

/// Rules about requests over HTTP.
@Suite struct RequestRuleTests {
    private let api = "resources:\n  api: { protocol: http, listen: 127.0.0.1:8081, upstream: https://api }\n"

    private func said(_ body: String) -> [String] { diagnostics(api + body) }
    private func ruleSaid(_ rule: String) -> [String] { said("rules:\n  - { \(rule) }\n") }

    @Test func `a rule says methods, hosts and paths`() throws {
        let text = """
            apiVersion: stile.dev/v1
            kind: Policy
            \(api)
            rules:
              - name: r
                allow: [read, call]
                on: api
                where: { methods: [GET, POST], hosts: "*.Example.com", paths: [/v1/customers/*, /v1/reports/**, /] }

            """
        let compiled = try PolicyCompiler.compile(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
        #expect(compiled.warnings.isEmpty)
        let rule = try #require(compiled.model.rules.first { $0.name == "r" })
        #expect(
            rule.condition
                == Condition(
                    methods: ["GET", "POST"], hosts: ["*.example.com"],
                    paths: ["/v1/customers/*", "/v1/reports/**", "/"]))
        #expect(
            PolicySummary.text(of: compiled.model).contains(
                "select, call by everybody, with the method GET or POST, to *.example.com, of /, /v1/customers/* or /v1/reports/**"
            ))
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let request = Operation(
            resource: "api", accesses: [Access(verb: .select, object: ObjectPath(["v1", "customers", "7"]))],
            request: RequestFacts(method: "GET", host: "eu.example.com"))
        #expect(bundle.decide(request, by: Subject(id: "ann", issuer: "i")).rules.contains("r"))
    }

    @Test func `rows of an answer are counted all, or its values`() {
        let classified = "classifications: { ids: { detectors: [us-ssn], mask: { keepLast: 4 } } }\n"
        #expect(
            said(classified + "budgets:\n  - { name: b, on: api, of: { classification: ids }, rowsPerSubject: 5 }\n")
                == [
                    "p.yaml:7:54: error: 'rowsPerSubject' of 'b' would count nothing: which rows of an answer hold what is classified cannot be told of APIs; count values, with 'valuesPerSubject', or all rows, without 'of'"
                ])
        #expect(
            said(classified + "budgets:\n  - { name: b, on: api, of: { classification: ids }, valuesPerSubject: 5 }\n")
                .isEmpty)
        #expect(said("budgets:\n  - { name: b, on: api, rowsPerSubject: 5 }\n").isEmpty)
    }

    @Test(arguments: [
        ("methods: get", "methods: 'get' is not the method 'GET': their case counts; did you mean 'GET'?"),
        ("methods: 'GET POST'", "methods: 'GET POST' is no method; as in 'GET'"),
        ("methods: '*'", "methods: '*' is no method; leave 'methods' out when every method is meant"),
        ("hosts: https://api/v1", "hosts: 'https://api/v1' is a URL, and a host is meant; did you mean 'api'?"),
        ("hosts: api/v1", "hosts: 'api/v1' has a path, and a host is meant; write 'api', and the path under 'paths'"),
        ("hosts: 'api:443'", "hosts: 'api:443' has a port, and a host is meant; did you mean 'api'?"),
        ("hosts: 'fd00::1'", "hosts: 'fd00::1' is an address of IPv6 without its brackets; did you mean '[fd00::1]'?"),
        ("hosts: '[fd00::1]:80'", "hosts: '[fd00::1]:80' is no address of IPv6; as in '[fd00::1]', without a port"),
        (
            "hosts: api.example.",
            "hosts: 'api.example.' ends in a dot, and hosts are judged without it; did you mean 'api.example'?"
        ),
        (
            "hosts: bücher.de",
            "hosts: 'bücher.de' holds a letter that no host has; as in 'api.example.com' or '*.example.com'"
        ),
        ("paths: v1", "paths: the pattern 'v1' does not begin with '/'; did you mean '/v1'?"),
        (
            "paths: /v1/",
            "paths: the pattern '/v1/' has nothing between two slashes, or behind the last; did you mean '/v1', or '/v1/**'?"
        ),
        (
            "paths: /v1//a",
            "paths: the pattern '/v1//a' has nothing between two slashes, or behind the last; write one slash; a request with two beside each other is 'ambiguousPath'"
        ),
        (
            "paths: /**/a",
            "paths: the pattern '/**/a' has '**' where it is not the last segment; '*' stands for one segment, and '/**' at the end for any number"
        ),
        (
            "paths: /a%20b",
            "paths: '/a%20b' is percent-encoded, and paths are judged decoded; write each letter as it reads decoded"
        ),
        (
            "paths: '/a?b=c'",
            "paths: '/a?b=c' has a query or a fragment, and a path is meant; leave out what begins at the '?' or '#'"
        ),
    ])
    func `what is no method, host or path is answered with the mend`(key: String, expected: String) {
        let lines = ruleSaid("name: r, deny: '*', where: { \(key) }").map { $0.drop { $0 != " " }.dropFirst() }
        #expect(lines == ["error: \(expected)"])
    }

    @Test func `a rule mixes no requests with statements`() {
        #expect(
            ruleSaid("name: r, deny: '*', where: { paths: /**, tables: shop.customers }") == [
                "p.yaml:6:48: error: the rule 'r' could never fire: 'paths' is about requests, and 'tables' about statements; make two rules of it"
            ])
    }

    @Test func `a rule speaks of what its resources have`() {
        #expect(
            ruleSaid("name: r, deny: '*', on: db, where: { methods: GET }") == [
                "p.yaml:6:44: error: the rule 'r' could never fire: 'methods' is about requests, and 'db' is a database; name resources with 'protocol: http' under 'on'"
            ])
        #expect(
            ruleSaid("name: r, deny: '*', on: api, where: { tables: a.b }") == [
                "p.yaml:6:45: error: the rule 'r' could never fire: 'tables' is about statements, and 'api' is an API; say 'paths', 'methods' or 'hosts'"
            ])
        #expect(
            ruleSaid("name: r, deny: [insert, ddl], on: api") == [
                "p.yaml:6:16: error: the rule 'r' could never fire: no request is 'alter', 'create', 'drop' or 'insert'; the verbs of requests are select, call (POST), update (PUT, PATCH), delete and other"
            ])
        #expect(
            diagnostics("rules:\n  - { name: r, deny: '*', where: { hosts: a } }\n") == [
                "p.yaml:4:36: error: the rule 'r' could never fire: 'hosts' is about requests, and every resource is a database; name resources with 'protocol: http' under 'on'"
            ])
        #expect(ruleSaid("name: r, deny: '*', where: { hosts: a }") == [])
    }

    @Test func `a method is named with its verb`() {
        #expect(
            ruleSaid("name: r, deny: read, where: { methods: POST }") == [
                "p.yaml:6:46: error: the rule 'r' could never fire: a request with 'POST' is 'call', which it does not name; add 'call' to 'deny', or leave 'POST' out"
            ])
        #expect(
            ruleSaid("name: r, deny: read, where: { methods: [GET, DELETE] }") == [
                "p.yaml:6:52: warning: the rule 'r' is never about 'DELETE': such a request is 'delete', which it does not name; add 'delete' to 'deny', or leave 'DELETE' out"
            ])
    }

    @Test func `columns and tables are of databases`() {
        #expect(
            said("classifications:\n  c: { columns: a.b.c, on: api }\n") == [
                "p.yaml:6:8: error: 'columns' is about databases, and 'c' holds for APIs alone; say how it is found in bodies: 'jsonKeys', 'detectors'"
            ])
        #expect(
            said("budgets:\n  - { name: b, on: api, of: { tables: a.b }, rowsPerStatement: 5 }\n") == [
                "p.yaml:6:31: error: the budget 'b' could never be spent: 'tables' is about databases, and it is for APIs alone; leave 'tables' out, or say 'classification'"
            ])
    }

    @Test func `shadows are seen through methods, hosts and paths`() {
        func isShadowed(_ deny: String, _ allow: String) -> Bool {
            said(
                "rules:\n  - { name: d, deny: '*', where: { \(deny) } }\n  - { name: a, allow: '*', where: { \(allow) } }\n"
            ).contains { $0.contains("'a' could never fire: 'd' denies all that it allows") }
        }
        #expect(isShadowed("paths: /v1/**", "paths: /v1/customers/*"))
        #expect(isShadowed("paths: /v1/**", "paths: /v1"))
        #expect(isShadowed("paths: /v1/**", "paths: /v1/a/**"))
        #expect(isShadowed("paths: /*/a", "paths: /v*/a"))
        #expect(!isShadowed("paths: /v1/*", "paths: /v1/**"))
        #expect(!isShadowed("paths: /v1/*", "paths: /v1"))
        #expect(!isShadowed("paths: /v1/a/**", "paths: /v1/**"))
        #expect(!isShadowed("paths: /**", "tables: a.b"))
        #expect(isShadowed("hosts: '*.example.com'", "hosts: API.example.com, paths: /a"))
        #expect(!isShadowed("hosts: '*.example.com'", "hosts: example.com"))
        #expect(isShadowed("methods: [GET, HEAD]", "methods: GET"))
        #expect(!isShadowed("methods: GET", "methods: [GET, HEAD]"))
    }

    @Test func `a hold of requests needs an allow of them`() {
        func said(_ allow: String, _ hold: String) -> Bool {
            let text = """
                apiVersion: stile.dev/v1
                kind: Policy
                metadata: { name: t }
                identity: { issuers: [ { url: https://login.example.com, audience: test } ] }
                \(api)
                rules:
                  - { name: a, allow: '*', where: { \(allow) } }
                  - { name: h, hold: '*', where: { \(hold) }, approval: { by: { groups: g } } }

                """
            return diagnostics(of: [PolicySource(name: "p.yaml", text: text)]).contains {
                $0.contains("no rule allows what it holds")
            }
        }
        #expect(!said("paths: /v1/**", "paths: /*/customers"))
        #expect(said("paths: /v1/**", "paths: /v2/**"))
        #expect(said("paths: /v1/*", "paths: /v1/a/b/**"))
        #expect(!said("paths: /v1/*", "paths: /v1/**"))
        #expect(said("methods: GET", "methods: POST"))
        #expect(said("hosts: a.example", "hosts: b.example"))
        #expect(!said("hosts: a.example", "methods: POST"))
    }
}
