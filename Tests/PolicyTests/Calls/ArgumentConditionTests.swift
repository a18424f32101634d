import Policy
import Testing

/// Rules about calls, side by side with those about statements and requests.
@Suite("Rules about calls")
struct CallDecisionTests {
    private let ann = Subject(id: "ann", issuer: "https://a.example")

    private func bundle(_ rules: [Rule]) throws -> PolicyBundle {
        var model = PolicyModel(name: "p")
        model.resources = [
            Resource(name: "db", listen: "127.0.0.1:5432", upstream: "db:5432"),
            Resource(name: "api", protocolName: .http, listen: "127.0.0.1:8081", upstream: "api:443"),
            Resource(
                name: "tools", protocolName: .mcp, listen: "127.0.0.1:8082", upstream: "tools:443",
                upstreamPath: "/mcp",
                toolPins: [ToolPin(tool: "a", fingerprint: "sha256:00")]),
        ]
        model.rules = rules
        let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
        #expect(bundle.model == model.normalized())
        return bundle
    }

    private func call(_ tool: String, _ arguments: String?, verb: Verb = .call) throws -> Operation {
        Operation(
            resource: "tools", accesses: [Access(verb: verb, object: ObjectPath([CallFacts.tool, tool]))],
            call: CallFacts(arguments: try arguments.map { try ArgumentValue(json: Array($0.utf8)) }))
    }

    private func outcome(_ condition: Condition, _ arguments: String?, effect: Rule.Effect = .allow) throws
        -> Verdict.Outcome
    {
        var rules = [Rule(name: "r", effect: effect, verbs: [.call], condition: condition)]
        if effect != .allow { rules.append(Rule(name: "all", effect: .allow, verbs: [.call])) }
        let bundle = try bundle(rules)
        let operation = try call("pay", arguments)
        let verdict = bundle.decide(operation, by: ann)
        #expect(bundle.explain(operation, by: ann).verdict == verdict)
        return verdict.outcome
    }

    @Test("An allow rule demands all that it names, of every element") func allow() throws {
        let condition = Condition(
            tools: ["p*"],
            arguments: [
                ArgumentCondition(pointer: "/to/*/host", kind: .string, equals: ["a", "b"]),
                ArgumentCondition(pointer: "/amount", kind: .integer, minimum: "1", maximum: "100"),
            ])
        for (arguments, isAllowed) in [
            (#"{"to":[{"host":"a"},{"host":"b"}],"amount":100}"#, true),
            (#"{"to":[{"host":"a"},{"host":"c"}],"amount":1}"#, false),
            (#"{"to":[],"amount":1}"#, false), (#"{"to":{"x":{"host":"a"}},"amount":1.0,"more":{}}"#, true),
            (#"{"to":[{"host":"a"}],"amount":1.5}"#, false), (#"{"to":[{"host":"a"}],"amount":"1"}"#, false),
            (#"{"to":[{"host":"a"}]}"#, false), (#"{"to":[{"host":["a"]}],"amount":1}"#, false), (#"{}"#, false),
            (#"{"to":[{"host":"a"},{}],"amount":101}"#, false), (#"{"to":[{"host":"a"},{}],"amount":1e400}"#, false),
        ] {
            #expect(try outcome(condition, arguments) == (isAllowed ? .allow : .deny), "\(arguments)")
        }
        // Whether it may be called at all is asked before the arguments are known.
        #expect(try outcome(condition, nil) == .allow)
    }

    @Test("With onlyArguments nothing else may be there, however deep") func only() throws {
        let condition = Condition(
            arguments: [
                ArgumentCondition(pointer: "/a~1b", kind: .string), ArgumentCondition(pointer: "/list/0/x"),
            ], onlyArguments: true)
        for (arguments, isAllowed) in [
            (#"{"a/b":"","list":[{"x":{"any":1}}]}"#, true), (#"{"a/b":"","list":[{"x":1,"y":2}]}"#, false),
            (#"{"a/b":"","list":[{"x":1},{"x":1}]}"#, false), (#"{"a/b":"","list":[{"x":1}],"z":{}}"#, true),
            (#"{"a/b":"","list":[{"x":1}],"z":null}"#, false),
        ] {
            #expect(try outcome(condition, arguments) == (isAllowed ? .allow : .deny), "\(arguments)")
        }
        #expect(try outcome(Condition(onlyArguments: true), "{}") == .allow)
        #expect(try outcome(Condition(onlyArguments: true), #"{"a":1}"#) == .deny)
    }

    @Test("A deny rule applies when something that it names is there and is so") func deny() throws {
        let condition = Condition(
            arguments: [
                ArgumentCondition(pointer: "/public", equals: ["true"]),
                ArgumentCondition(pointer: "/n/*", minimum: "10"),
            ])
        for (arguments, isAllowed) in [
            (#"{}"#, true), (#"{"public":false,"n":[1,2]}"#, true), (#"{"public":true}"#, false),
            (#"{"public":"true"}"#, false),
            (#"{"n":[1,10]}"#, false), (#"{"n":["010"]}"#, false), (#"{"n":[-11]}"#, true), (#"{"n":[9.99999]}"#, true),
        ] {
            #expect(try outcome(condition, arguments, effect: .deny) == (isAllowed ? .allow : .deny), "\(arguments)")
            #expect(try outcome(condition, arguments, effect: .hold) == (isAllowed ? .allow : .hold), "\(arguments)")
        }
        #expect(try outcome(condition, nil, effect: .deny) == .allow)
    }

    @Test("Rules about calls say nothing of statements and requests, and the other way round") func kinds() throws {
        let statement = Operation(
            resource: "db", accesses: [Access(verb: .call, object: ObjectPath(["tool", "pay"]))])
        let request = Operation(
            resource: "api", accesses: [Access(verb: .call, object: ObjectPath(["tool", "pay"]))],
            request: RequestFacts(method: "POST", host: "api"))
        let operations = [statement, request, try call("pay", "{}")]
        for (index, condition) in [
            Condition(objects: ["*.*"]), Condition(paths: ["/**"]), Condition(tools: ["*"]),
        ].enumerated() {
            let bundle = try bundle([Rule(name: "r", effect: .allow, verbs: [.call], condition: condition)])
            for (other, operation) in operations.enumerated() {
                #expect(
                    bundle.decide(operation, by: ann).outcome == (other == index ? .allow : .deny), "\(index) \(other)")
            }
        }
    }

    @Test("Tools, resources and prompts of one name are not each other") func names() throws {
        let conditions = [Condition(tools: ["x"]), Condition(uris: ["x"]), Condition(prompts: ["x"])]
        for (index, condition) in conditions.enumerated() {
            let bundle = try bundle([Rule(name: "r", effect: .allow, verbs: [.call, .select], condition: condition)])
            for (other, kind) in [CallFacts.tool, CallFacts.resource, CallFacts.prompt].enumerated() {
                let operation = Operation(
                    resource: "tools", accesses: [Access(verb: .call, object: ObjectPath([kind, "x"]))],
                    call: CallFacts())
                #expect(bundle.decide(operation, by: ann).outcome == (index == other ? .allow : .deny))
            }
        }
    }
}
