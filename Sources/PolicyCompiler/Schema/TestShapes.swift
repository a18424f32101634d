/// The tables of every key that a file of test cases may hold.
enum TestShapes {
    static let kind = "PolicyTest"

    static let document = ObjectShape(
        title: "a file of test cases", path: "",
        purpose: """
            What the policy must say of some statements and requests. Such a file may stand beside the policy's own; the sidecar \
            passes over it.
            """,
        keys: [
            KeyShape("apiVersion", .constant(PolicyShapes.apiVersion), required: true, "The version of this language."),
            KeyShape("kind", .constant(kind), required: true, "What the document is."),
            KeyShape("metadata", .object(PolicyShapes.metadata), "What the cases are called."),
            KeyShape(
                "people", .map(MapShape(noun: "person", value: person)), "Who asks, by a name that `as` refers to."),
            KeyShape(
                "catalog", .anything, absent: "columns are taken as they are written",
                "The tables that statements meet, each with the names of its columns: `shop.customers: [id, name]`."),
            KeyShape(
                "searchPath", .list(of: .text(.exact)), absent: "`public`",
                "The schemas of names that are written without one."),
            KeyShape("cases", .sequence(of: .object(testCase)), required: true, "The cases."),
        ])

    static let person = ObjectShape(
        title: "a person", path: "people.NAME", purpose: "A token's claims.",
        keys: [
            KeyShape("sub", .text(.exact), absent: "the person's name", "The token's `sub`."),
            KeyShape("issuer", .text(.exact), absent: "the policy's first issuer", "The token's `iss`."),
            KeyShape("groups", .list(of: .text(.exact)), absent: "none", "The groups that the token names."),
            KeyShape(
                "actors", .list(of: .text(.exact)), absent: "nobody",
                "Who acts for the person, the current actor first."),
        ], mayBeEmpty: true)

    static let testCase = ObjectShape(
        title: "a case", path: "cases[]",
        purpose: "One statement, one request or one call, and the verdict that it must get.",
        keys: [
            KeyShape("name", .text(.prose), required: true, "What is being tested, as a sentence."),
            KeyShape("as", .text(.name), required: true, "Who asks: a name under `people`."),
            KeyShape("on", .text(.name), absent: "the policy's only resource", "Where."),
            KeyShape("sql", .text(.sql), "The statement."),
            KeyShape(
                "request", .text(.requestLine), "The request: its method and its target, as in `GET /v1/customers/7`."),
            KeyShape("call", .object(call), "What is asked of an MCP server."),
            KeyShape("host", .text(.host), absent: "the upstream's", "The host that the request goes to."),
            KeyShape(
                "expect",
                .choice([
                    Choice(name: "allow", meaning: "it passes"), Choice(name: "hold", meaning: "it waits for approval"),
                    Choice(name: "deny", meaning: "it is refused"),
                ]), required: true, "The verdict."),
            KeyShape(
                "rule", .list(of: .text(.exact)), absent: "any",
                "Rules that must be among those that decide; `predicates:NAME` stands for a classification's `predicates`."
            ),
            KeyShape(
                "budgets", .anyList(of: .text(.name)), absent: "not looked at",
                "The budgets that the result's rows count in, all of them and no others."),
            KeyShape("message", .text(.prose), absent: "any", "What the agent must be told."),
            KeyShape(
                "masked", .anyList(of: .text(.exact)), absent: "not looked at",
                "The result's columns that must come back masked; all others must not."),
        ], exactlyOneOf: ["sql", "request", "call"])

    static let call = ObjectShape(
        title: "a call", path: "cases[].call", purpose: "A tool, a resource or a prompt of an MCP server.",
        keys: [
            KeyShape("tool", .text(.exact), "The tool that is called."),
            KeyShape("resource", .text(.exact), "The URI of the resource that is read."),
            KeyShape("prompt", .text(.exact), "The prompt that is asked for."),
            KeyShape("arguments", .anything, absent: "none", "The arguments, as the call brings them."),
        ], exactlyOneOf: ["tool", "resource", "prompt"])
}
