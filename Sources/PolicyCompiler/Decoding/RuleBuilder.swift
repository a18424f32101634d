import Policy

/// Makes rules of checked objects.
enum RuleBuilder {
    /// - Returns: `nil` when something that it needs was at fault.
    static func rule(from source: CheckedObject) -> PolicyDraft.Part<Rule>? {
        guard let name = source.string("name"), let (key, effect) = effect(of: source) else { return nil }
        let verbs = Set(source.values(key).flatMap { RuleShapes.verbs(named: $0) ?? [] })
        guard !verbs.isEmpty else { return nil }
        let to = source.object("to")
        let subjects = SubjectMatch(
            groups: to?.values("groups") ?? [], subjects: to?.values("subjects") ?? [],
            actors: to?.values("actors") ?? [])
        let vouch = source.object("vouch")
        let rule = Rule(
            name: name.value, effect: effect, mode: source.string("mode")?.value == "observe" ? .observe : .enforce,
            verbs: verbs, resources: source.values("on"), subjects: subjects,
            condition: source.object("where").map(condition) ?? Condition(),
            vouches: Vouches(
                functions: vouch?.values("functions") ?? [], features: features(named: vouch?.values("features") ?? [])),
            message: source.string("message")?.value, approval: source.object("approval").map(approval))
        return .init(value: rule, name: name, source: source)
    }

    /// The key under which the verbs stand, and what it means.
    static func effect(of source: CheckedObject) -> (key: String, effect: Rule.Effect)? {
        if source.fields["allow"] != nil { return ("allow", .allow) }
        if source.fields["hold"] != nil { return ("hold", .hold) }
        if source.fields["deny"] != nil { return ("deny", .deny) }
        return nil
    }

    private static func features(named names: [String]) -> Features {
        Features.named.filter { names.contains($0.name) }.reduce(into: Features()) { $0.formUnion($1.feature) }
    }

    private static func condition(_ source: CheckedObject) -> Condition {
        Condition(
            classifications: source.values("classification"), objects: source.values("tables"),
            columns: source.values("columns"), functions: source.values("functions"),
            methods: source.values("methods"), hosts: source.values("hosts").map { $0.lowercased() },
            ports: source.integers("ports").map { String($0) }, paths: source.values("paths"),
            tools: source.values("tools"), uris: source.values("resources"),
            prompts: source.values("prompts"), arguments: CallBuilder.arguments(source),
            onlyArguments: source.boolean("onlyArguments") == true,
            with: features(named: Features.named.map(\.name).filter { source.boolean($0) == true }),
            without: features(named: Features.named.map(\.name).filter { source.boolean($0) == false }))
    }

    static func predicates(_ source: CheckedObject) -> Predicates {
        switch source.string("predicates")?.value {
        case "deny": .deny
        case "hold": .hold
        case "allow": .allow
        default: .lookup
        }
    }

    static func outbound(_ source: CheckedObject) -> Outbound {
        switch source.string("outbound")?.value {
        case "mask": .mask
        case "allow": .allow
        default: .deny
        }
    }

    static func approval(_ source: CheckedObject) -> ApprovalTerms {
        ApprovalTerms(
            groups: source.object("by")?.values("groups") ?? [],
            withinSeconds: source.integer("within").map { UInt32(clamping: $0) } ?? 600,
            mode: source.string("mode")?.value == "return" ? .return : .wait,
            inTransaction: source.string("inTransaction")?.value == "wait" ? .wait : .refuse)
    }
}
