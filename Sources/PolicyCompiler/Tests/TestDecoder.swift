import Policy

/// Makes test suites of documents.
struct TestDecoder {
    /// `nil`: names are taken as they are.
    let model: PolicyModel?
    let file: String
    var checker = ShapeChecker()

    init(model: PolicyModel?, file: String, sink: DiagnosticSink) {
        self.model = model
        self.file = file
        checker.sink = sink
    }

    mutating func suite(from document: YAMLNode) -> PolicyTestSuite? {
        guard let checked = checker.checkObject(document, TestShapes.document) else { return nil }
        let people = people(checked)
        var cases: [PolicyTestSuite.Case] = []
        for source in checked.objects("cases") {
            if let testCase = testCase(source, people: people) { cases.append(testCase) }
        }
        let searchPath = checked.values("searchPath")
        return PolicyTestSuite(
            name: checked.object("metadata")?.string("name")?.value ?? file, catalog: catalog(checked),
            searchPath: searchPath.isEmpty ? ["public"] : searchPath, cases: cases)
    }

    private mutating func people(_ source: CheckedObject) -> [String: Subject] {
        var people: [String: Subject] = [:]
        for entry in source.entries("people") {
            people[entry.name.value] = Subject(
                id: entry.value?.string("sub")?.value ?? entry.name.value,
                issuer: entry.value?.string("issuer")?.value ?? model?.issuers.map(\.url).sorted().first ?? "",
                groups: entry.value?.values("groups") ?? [], actors: entry.value?.values("actors") ?? [])
        }
        return people
    }

    private mutating func testCase(_ source: CheckedObject, people: [String: Subject]) -> PolicyTestSuite.Case? {
        guard let name = source.string("name"), let who = source.string("as"),
            let expected = source.string("expect"), let asked = asked(source)
        else { return nil }
        guard let subject = people[who.value] else {
            checker.sink.error(
                "as: nobody under 'people' is called '\(who.value)'", at: who.location,
                suggestion: Suggestion.phrase(for: who.value, among: people.keys.sorted(), whatTheyAre: "there are"))
            return nil
        }
        checkDeciders(source)
        guard let resource = resource(source, at: name.location) else { return nil }
        checkProtocol(of: resource, source)
        let outcome: Verdict.Outcome =
            switch expected.value {
            case "allow": .allow
            case "hold": .hold
            default: .deny
            }
        return PolicyTestSuite.Case(
            name: name.value, location: name.location, subject: subject, resource: resource, asked: asked,
            outcome: outcome, rules: source.values("rule"), message: source.string("message")?.value,
            masked: source.fields["masked"] == nil ? nil : source.values("masked"),
            budgets: source.fields["budgets"] == nil ? nil : source.values("budgets"))
    }

    private mutating func checkDeciders(_ source: CheckedObject) {
        guard let model else { return }
        let deciders = Set(
            model.rules.map(\.name) + model.classifications.map { "predicates:\($0.name)" }
                + model.budgets.map(\.decider))
        for rule in source.strings("rule") where !deciders.contains(rule.value) {
            checker.sink.error(
                "rule: no rule is called '\(rule.value)'", at: rule.location,
                suggestion: Suggestion.phrase(
                    for: rule.value, among: model.rules.map(\.name).sorted(), whatTheyAre: "there are"))
        }
    }

    private func asked(_ source: CheckedObject) -> PolicyTestSuite.Asked? {
        if let sql = source.string("sql") { return .statement(sql: sql.value) }
        if let call = source.object("call") {
            guard
                let (kind, name) = [CallFacts.tool, CallFacts.resource, CallFacts.prompt].lazy
                    .compactMap({ kind in call.string(kind).map { (kind, $0.value) } }).first
            else { return nil }
            var arguments = ArgumentValue.empty
            if case .node(let node)? = call.fields["arguments"]?.value.content { arguments = ArgumentValue(node) }
            return .call(kind: kind, name: name, arguments: arguments)
        }
        guard let parts = source.string("request")?.value.split(separator: " "), parts.count == 2 else { return nil }
        return .request(
            method: String(parts[0]), target: String(parts[1]), host: source.string("host")?.value.lowercased())
    }

    /// Databases are asked in SQL, and APIs by requests.
    private mutating func checkProtocol(of resource: String, _ source: CheckedObject) {
        guard let model, !source.isFaulty else { return }
        guard let spoken = model.resources.first(where: { $0.name == resource })?.protocolName else { return }
        let key = ["sql", "request", "call"].first { source.fields[$0] != nil } ?? "sql"
        let (wanted, what, mend) =
            switch spoken {
            case .postgres: ("sql", "a database", "write 'sql: …'")
            case .http, .egress: ("request", "an API", "write 'request: GET /…'")
            case .mcp: ("call", "an MCP server", "write 'call: { tool: … }'")
            }
        if wanted != key {
            checker.sink.error("\(key): '\(resource)' is \(what)", at: source.keyLocation(key), suggestion: mend)
        }
        for (other, mend) in [("host", "it belongs to 'request'"), ("masked", "it is about the columns of a result")]
        where source.fields[other] != nil && key != (other == "host" ? "request" : "sql") {
            checker.sink.error(
                "'\(other)' says nothing of a \(key == "sql" ? "statement" : key)", at: source.keyLocation(other),
                suggestion: mend)
        }
    }

    private mutating func resource(_ source: CheckedObject, at place: SourceLocation) -> String? {
        guard let model else { return source.string("on")?.value ?? "" }
        let names = model.resources.map(\.name).sorted()
        if let named = source.string("on") {
            if names.contains(named.value) { return named.value }
            checker.sink.error(
                "on: no resource is called '\(named.value)'", at: named.location,
                suggestion: Suggestion.phrase(for: named.value, among: names, whatTheyAre: "there are"))
            return nil
        }
        if names.count == 1 { return names.first }
        checker.sink.error(
            "the policy has \(names.count) resources, so the case must say on which it is", at: place,
            suggestion: names.first.map { "add 'on: \($0)'" })
        return nil
    }

    private mutating func catalog(_ source: CheckedObject) -> [PolicyTestSuite.Table]? {
        guard case .node(let node)? = source.fields["catalog"]?.value.content else { return nil }
        guard case .mapping(let entries) = node.content else {
            checker.sink.error(
                "catalog: expected a mapping from each table to its columns, found \(node.kindName)", at: node.location,
                suggestion: "as in 'shop.customers: [id, name]'")
            return nil
        }
        var tables: [PolicyTestSuite.Table] = []
        for entry in entries {
            let parts = entry.key.value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts.contains(where: \.isEmpty) else {
                checker.sink.error(
                    "catalog: '\(entry.key.value)' is no schema.table", at: entry.key.location,
                    suggestion: parts.count == 1 ? "did you mean 'public.\(entry.key.value)'?" : nil)
                continue
            }
            guard
                case .list(let columns)? = checker.check(entry.value, against: .list(of: .text(.exact)))?.content
            else { continue }
            tables.append(
                .init(
                    schema: parts[0], name: parts[1],
                    columns: columns.compactMap { column in
                        if case .string(let name) = column.content { name } else { nil }
                    }))
        }
        return tables
    }
}
