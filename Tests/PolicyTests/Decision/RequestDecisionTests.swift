import Policy
import Testing

/// Rules about requests and rules about statements, side by side.
struct RequestDecisionTests {
    private let ann = Subject(id: "ann", issuer: "https://a.example")

    private func bundle(_ rules: [Rule]) throws -> PolicyBundle {
        var model = PolicyModel(name: "p")
        model.resources = [
            Resource(name: "db", listen: "127.0.0.1:5432", upstream: "db:5432"),
            Resource(name: "api", protocolName: .http, listen: "127.0.0.1:8081", upstream: "api:443"),
        ]
        model.rules = rules
        return try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
    }

    private func request(_ method: String, _ path: [String], host: String = "api.example.com") -> Operation {
        let verbs: [String: Verb] = ["GET": .select, "POST": .call, "DELETE": .delete]
        return Operation(
            resource: "api", accesses: [Access(verb: verbs[method] ?? .other, object: ObjectPath(path))],
            request: RequestFacts(method: method, host: host))
    }

    private let statement = Operation(
        resource: "db", accesses: [Access(verb: .select, object: ObjectPath(["shop", "customers"]))])

    @Test("Methods, hosts and paths must all hold")
    func allHold() throws {
        let bundle = try bundle([
            Rule(
                name: "read", effect: .allow, verbs: [.select, .call],
                condition: Condition(
                    methods: ["GET", "POST"], hosts: ["*.example.com"], paths: ["/v1/customers/*", "/v1/reports/**"]))
        ])
        func outcome(_ operation: Operation) -> Verdict.Outcome { bundle.decide(operation, by: ann).outcome }
        #expect(outcome(request("GET", ["v1", "customers", "7"])) == .allow)
        #expect(outcome(request("POST", ["v1", "reports"])) == .allow)
        #expect(outcome(request("GET", ["v1", "customers", "7"], host: "evil.example")) == .deny)
        #expect(outcome(request("DELETE", ["v1", "customers", "7"])) == .deny)
        #expect(outcome(request("HEAD", ["v1", "customers", "7"])) == .deny)
        #expect(outcome(request("GET", ["v1", "customers"])) == .deny)
        #expect(outcome(request("GET", [])) == .deny)
    }

    @Test("A rule about requests says nothing of statements, and one about tables nothing of requests")
    func kindsAreApart() throws {
        let requests = Condition(paths: ["/**"])
        let tables = Condition(objects: ["*"])
        for (condition, other, ours) in [
            (requests, statement, request("GET", ["shop", "customers"])),
            (tables, request("GET", ["shop", "customers"]), statement),
        ] {
            let allowing = try bundle([Rule(name: "r", effect: .allow, verbs: [.select], condition: condition)])
            #expect(allowing.decide(ours, by: ann).outcome == .allow)
            #expect(allowing.decide(other, by: ann).outcome == .deny)
            let denying = try bundle([
                Rule(name: "all", effect: .allow, verbs: [.select]),
                Rule(name: "r", effect: .deny, verbs: [.select], condition: condition),
            ])
            #expect(denying.decide(ours, by: ann).outcome == .deny)
            #expect(denying.decide(other, by: ann).outcome == .allow)
        }
    }

    @Test("A budget of tables counts no request")
    func budgets() throws {
        var model = PolicyModel(name: "p")
        model.resources = [Resource(name: "api", protocolName: .http, listen: "127.0.0.1:8081", upstream: "api:443")]
        model.rules = [Rule(name: "all", effect: .allow, verbs: [.select, .call])]
        model.budgets = [
            Budget(name: "tables", objects: ["shop.*"], rowsPerStatement: 1),
            Budget(name: "any", rowsPerStatement: 1),
        ]
        let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
        var operation = request("POST", ["shop", "customers"])
        operation.accesses[0].shownRows = 1
        #expect(bundle.decide(operation, by: ann).budgets.map(\.budget.name) == ["any"])
    }

    @Test("An explanation says which part of a request a rule is not about")
    func explanations() throws {
        let bundle = try bundle([
            Rule(name: "a", effect: .deny, verbs: [.select], condition: Condition(methods: ["HEAD"])),
            Rule(name: "b", effect: .deny, verbs: [.select], condition: Condition(hosts: ["*.internal"])),
            Rule(name: "c", effect: .deny, verbs: [.select], condition: Condition(paths: ["/v2/**"])),
            Rule(name: "d", effect: .deny, verbs: [.select], condition: Condition(objects: ["v1.*"])),
        ])
        let explained = bundle.explain(request("GET", ["v1", "customers"]), by: ann)
        #expect(
            explained.rules.map(\.matches) == [
                [.fails(.methods)], [.fails(.hosts)], [.fails(.paths)], [.fails(.objects)],
            ])
        #expect(explained.rules[2].matches[0].description == "is about other paths")
    }
}
