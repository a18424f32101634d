import Policy

/// Refuses rules that mix what is said of requests with what is said of statements: no operation is both.
struct RequestCheck {
    let draft: PolicyDraft

    private static let requestKeys = ["methods", "hosts", "ports", "paths"]
    private static let tableKeys = ["tables", "columns", "functions", "classification"]
    private static let callKeys = ["tools", "resources", "prompts", "arguments", "onlyArguments"]

    func run(into sink: inout DiagnosticSink) {
        for part in draft.rules {
            checkMixture(part, into: &sink)
            CallCheck.run(part, into: &sink)
            checkProtocols(part, into: &sink)
            checkMethods(part, into: &sink)
            EgressCheck.run(part, in: draft, into: &sink)
        }
        for part in draft.classifications {
            checkColumns(part, into: &sink)
            checkOutbound(part, into: &sink)
        }
        for part in draft.budgets {
            checkTables(part, into: &sink)
            checkRows(part, into: &sink)
        }
    }

    private func never(
        _ part: PolicyDraft.Part<Rule>, _ why: String, at place: SourceLocation, _ mend: String,
        into sink: inout DiagnosticSink
    ) {
        sink.error("the rule '\(part.name.value)' could never fire: \(why)", at: place, suggestion: mend)
    }

    private func checkMixture(_ part: PolicyDraft.Part<Rule>, into sink: inout DiagnosticSink) {
        guard let place = part.source.object("where") else { return }
        let kinds = [
            (Self.requestKeys, "requests"), (Self.callKeys, "calls of tools"), (Self.tableKeys, "statements"),
        ].compactMap { keys, what in keys.first { place.fields[$0] != nil }.map { (key: $0, what: what) } }
        guard kinds.count > 1 else { return }
        never(
            part, "'\(kinds[0].key)' is about \(kinds[0].what), and '\(kinds[1].key)' about \(kinds[1].what)",
            at: place.keyLocation(kinds[1].key), "make two rules of it", into: &sink)
    }

    private func checkProtocols(_ part: PolicyDraft.Part<Rule>, into sink: inout DiagnosticSink) {
        guard let only = draft.onlyProtocol(of: part.value.resources) else { return }
        let place = part.source.object("where")
        func key(_ keys: [String]) -> (name: String, place: SourceLocation)? {
            keys.first { place?.fields[$0] != nil }.flatMap { name in place.map { (name, $0.keyLocation(name)) } }
        }
        let them = part.value.resources.isEmpty ? "every resource" : RuleWords.list(part.value.resources)
        if only != .mcp, let key = key(Self.callKeys) {
            return never(
                part,
                "'\(key.name)' is about calls of tools, and \(them) is \(only == .http ? "an API" : "a database")",
                at: key.place, "name resources with 'protocol: mcp' under 'on'", into: &sink)
        }
        switch only {
        case .postgres:
            guard let key = key(Self.requestKeys) else { return }
            never(
                part, "'\(key.name)' is about requests, and \(them) is a database", at: key.place,
                "name resources with 'protocol: http' under 'on'", into: &sink)
        case .mcp:
            if let key = key(Self.tableKeys + Self.requestKeys) {
                never(
                    part, "'\(key.name)' says nothing of calls, and \(them) is an MCP server", at: key.place,
                    "say 'tools', 'resources', 'prompts' or 'arguments'", into: &sink)
            }
            guard part.value.verbs.isDisjoint(with: Verb.ofCalls), let verbs = RuleBuilder.effect(of: part.source)
            else { return }
            never(
                part, "nothing there is \(RuleWords.alternatives(part.value.verbs.map { "'\($0.name)'" }))",
                at: part.source.keyLocation(verbs.key),
                "the verbs of calls are call (tools), select (resources, prompts), describe and other", into: &sink)
        case .http, .egress:
            if let key = key(Self.tableKeys) {
                never(
                    part, "'\(key.name)' is about statements, and \(them) is an API", at: key.place,
                    "say 'paths', 'methods' or 'hosts'", into: &sink)
            }
            guard part.value.verbs.isDisjoint(with: Verb.ofRequests), let verbs = RuleBuilder.effect(of: part.source)
            else { return }
            never(
                part, "no request is \(RuleWords.alternatives(part.value.verbs.map { "'\($0.name)'" }))",
                at: part.source.keyLocation(verbs.key),
                "the verbs of requests are select, call (POST), update (PUT, PATCH), delete and other", into: &sink)
        }
    }

    /// A method has one verb, and the rule must name that, too.
    private func checkMethods(_ part: PolicyDraft.Part<Rule>, into sink: inout DiagnosticSink) {
        let rule = part.value
        let methods = part.source.object("where")?.strings("methods") ?? []
        let idle = methods.filter { !rule.verbs.contains(Verb(requestMethod: $0.value)) }
        guard let first = idle.first else { return }
        let verb = Verb(requestMethod: first.value)
        let mend = "add '\(verb.name)' to '\(rule.effect)', or leave '\(first.value)' out"
        if idle.count == methods.count {
            never(
                part, "a request with '\(first.value)' is '\(verb.name)', which it does not name", at: first.location,
                mend,
                into: &sink)
        } else {
            sink.warning(
                "the rule '\(part.name.value)' is never about '\(first.value)': such a request is '\(verb.name)', which it does not name",
                at: first.location, suggestion: mend)
        }
    }

    private func checkColumns(_ part: PolicyDraft.Part<Classification>, into sink: inout DiagnosticSink) {
        guard part.source.fields["columns"] != nil, let only = draft.onlyProtocol(of: part.value.resources),
            only != .postgres
        else { return }
        sink.error(
            "'columns' is about databases, and '\(part.name.value)' holds for APIs alone",
            at: part.source.keyLocation("columns"), suggestion: "say how it is found in bodies: 'jsonKeys', 'detectors'"
        )
    }

    private func checkOutbound(_ part: PolicyDraft.Part<Classification>, into sink: inout DiagnosticSink) {
        guard part.source.fields["outbound"] != nil else { return }
        let place = part.source.keyLocation("outbound")
        if part.value.detectors.isEmpty, part.value.jsonKeys.isEmpty {
            sink.error(
                "'outbound' is about what is found in requests, and '\(part.name.value)' finds nothing there",
                at: place,
                suggestion: "say how it is found in bodies ('jsonKeys', 'detectors'), or leave 'outbound' out")
        } else if draft.onlyProtocol(of: part.value.resources) == .postgres {
            sink.error(
                "'outbound' is about requests to APIs, and '\(part.name.value)' holds for databases alone", at: place,
                suggestion: "leave it out")
        }
    }

    private func checkTables(_ part: PolicyDraft.Part<Budget>, into sink: inout DiagnosticSink) {
        guard !part.value.objects.isEmpty, let only = draft.onlyProtocol(of: part.value.resources), only != .postgres
        else { return }
        sink.error(
            "the budget '\(part.value.name)' could never be spent: 'tables' is about databases, and it is for APIs alone",
            at: part.source.object("of")?.keyLocation("tables") ?? part.name.location,
            suggestion: "leave 'tables' out, or say 'classification'")
    }
}

extension RequestCheck {
    /// Which rows of an answer hold what is classified is not known.
    private func checkRows(_ part: PolicyDraft.Part<Budget>, into sink: inout DiagnosticSink) {
        guard !part.value.classifications.isEmpty, let only = draft.onlyProtocol(of: part.value.resources),
            only != .postgres
        else { return }
        for key in ["rowsPerStatement", "rowsPerSubject"] where part.source.fields[key] != nil {
            sink.error(
                "'\(key)' of '\(part.value.name)' would count nothing: which rows of an answer hold what is classified cannot be told of APIs",
                at: part.source.keyLocation(key),
                suggestion: "count values, with 'valuesPerSubject', or all rows, without 'of'")
        }
    }
}

extension PolicyDraft {
    /// What all of these resources speak; `nil` when they speak different protocols, or that cannot be told. No names: all
    /// resources.
    func onlyProtocol(of names: [String]) -> Resource.ProtocolName? {
        guard !isIncomplete else { return nil }
        let meant = resources.map(\.value).filter { names.isEmpty || names.contains($0.name) }
        guard let first = meant.first?.protocolName, meant.count >= names.count else { return nil }
        return meant.allSatisfy { $0.protocolName == first } ? first : nil
    }
}
