import Policy
import PolicyCompiler
import Testing

/// Rules about calls to MCP servers, and the resources that these are.
@Suite struct CallRuleTests {
    private let tools = "resources:\n  tools: { protocol: mcp, listen: 127.0.0.1:8090, upstream: https://tools/mcp }\n"

    private func ruleSaid(_ rule: String) -> [String] { diagnostics(tools + "rules:\n  - { \(rule) }\n") }

    @Test func `a rule says tools and their arguments`() throws {
        let text = """
            apiVersion: stile.dev/v1
            kind: Policy
            \(tools)
            rules:
              - name: r
                allow: call
                on: tools
                where:
                  tools: ["create_*"]
                  arguments: { /project: { pattern: "^OPS-(1|2)$" }, /a~1b/*: { type: number, min: 5, max: 100, equals: "7" } }
                  onlyArguments: true

            """
        let compiled = try PolicyCompiler.compile(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
        #expect(compiled.warnings.isEmpty)
        #expect(compiled.model.resources.first { $0.name == "tools" }?.upstreamPath == "/mcp")
        let bundle = try PolicyBundle(validating: compiled.bundle)
        #expect(bundle.model == compiled.model.normalized())
        for (arguments, isAllowed) in [
            (#"{"project":"OPS-2","a/b":[7]}"#, true), (#"{"project":"OPS-2","a/b":[7],"x":1}"#, false),
            (#"{"project":"OPS-22","a/b":[7]}"#, false), (#"{"project":"xOPS-2","a/b":[7]}"#, false),
            (#"{"project":"OPS-2\n","a/b":[7]}"#, false), (#"{"project":"OPS-2","a/b":[8]}"#, false),
        ] {
            let operation = Operation(
                resource: "tools", accesses: [Access(verb: .call, object: ObjectPath(["tool", "create_x"]))],
                call: CallFacts(arguments: try ArgumentValue(json: Array(arguments.utf8))))
            let verdict = bundle.decide(operation, by: Subject(id: "ann", issuer: "i"))
            #expect((verdict.outcome == .allow) == isAllowed, "\(arguments)")
        }
    }

    @Test(arguments: [
        ("OPS-", "x OPS-1", true), ("^OPS-", "x OPS-1", false), ("1$", "OPS-1", true), ("1$", "OPS-12", false),
        ("^$", "", true), ("^$", "a", false), ("(?i)ops", "OPS", true), ("(?i)^ops$", "OpS", true),
        ("^(a|b)$", "b", true), ("^(a|b)$", "bc", false), ("^[|]a$", "|a", true),
        ("(?i)^ops$", "OpSs", false), ("a\\$", "a$", true), ("\\bops\\b", "x ops, y", true),
        ("\\bops\\b", "xops", false), ("^[a-z]+$", "abc\n", false), ("é+$", "caféé", true),
        ("@example\\.com$", "a@example.com.evil", false),
    ])
    func `a pattern is found in a value, tied to its ends where it says so`(
        _ pattern: String, _ text: String, _ isFound: Bool
    ) throws {
        let files = [
            PolicySource(name: "base.yaml", text: soundBase),
            PolicySource(
                name: "p.yaml",
                text:
                    "apiVersion: stile.dev/v1\nkind: Policy\n\(tools)rules:\n  - name: r\n    allow: call\n    on: tools\n    where: { arguments: { /a: { pattern: '\(pattern)' } } }\n"
            ),
        ]
        let rule = try #require(try PolicyCompiler.check(files: files).model.rules.first { $0.name == "r" })
        #expect(rule.condition.arguments.first?.automaton?.matches(text) == isFound)
    }

    @Test(arguments: [
        ("tools: x, methods: GET", "'methods' is about requests, and 'tools' about calls of tools"),
        ("tools: x, tables: a.b", "'tools' is about calls of tools, and 'tables' about statements"),
        ("tools: x, prompts: y", "here are 'tools' and 'prompts'"),
        ("arguments: { amount: { min: 1 } }", "'amount' is no JSON pointer; did you mean '/amount'?"),
        ("arguments: { $.a.b: { min: 1 } }", "did you mean '/a/b'?"),
        ("arguments: { /a: { min: 5, max: 4 } }", "no number is at least 5 and at most 4"),
        ("arguments: { /a: { pattern: '^a|b' } }", "put the alternatives in parentheses: ^(a|b)$"),
        ("arguments: { /a: { pattern: '(a' } }", "pattern: '(' is not closed"),
    ])
    func `what a rule cannot mean is said with its mend`(_ condition: String, _ words: String) {
        let said = ruleSaid("name: r, allow: [call, read], on: tools, where: { \(condition) }")
        #expect(said.joined(separator: "\n").contains(words), "\(said)")
    }

    @Test func `a rule of another protocol's keys could never fire`() {
        #expect(
            ruleSaid("name: r, deny: update, on: tools").joined().contains("nothing there is 'update'"))
        #expect(
            ruleSaid("name: r, allow: call, on: db, where: { tools: x }").joined()
                .contains("'tools' is about calls of tools, and each of") == false)
        #expect(
            ruleSaid("name: r, allow: call, on: db, where: { tools: x }").joined()
                .contains("is a database"))
        #expect(
            ruleSaid("name: r, deny: call, on: tools, where: { tools: x, onlyArguments: true }").joined()
                .contains("'onlyArguments' is of rules that allow"))
    }

    @Test(arguments: [
        (
            "upstream: 'https://tools/mcp?x=1'",
            "the URL has a query, a fragment or a path that servers may read differently"
        ),
        ("upstream: https://tools/a//b", "single slashes"),
        ("upstream: tools:443", "does not say whether the way is encrypted"),
        ("upstream: https://tools/mcp, toolPins: { a: sha256:00 }", "'sha256:00' is no fingerprint"),
        ("upstream: https://tools/mcp, toolPins: [a]", "expected a mapping from each tool's name to its fingerprint"),
        (
            "upstream: stdio, credentials: { bearerFile: /a }",
            "'credentials' says nothing of a program's standard input"
        ),
    ])
    func `a resource that cannot be is said with its mend`(_ keys: String, _ words: String) {
        let said = diagnostics("resources:\n  tools: { protocol: mcp, listen: 127.0.0.1:8090, \(keys) }\n")
        #expect(said.joined(separator: "\n").contains(words), "\(said)")
    }

    @Test func `the example of an MCP server compiles`() throws {
        let directory = exampleDirectory.replacing("examples/policy", with: "examples/mcp")
        let files = try PolicyDirectory.read(directory)
        #expect(!files.isEmpty && diagnostics(of: files) == [])
        let model = try PolicyCompiler.check(files: files).model
        #expect(try PolicyTestSuite.read(files, for: model).flatMap(\.cases).count == 7)
    }
}
