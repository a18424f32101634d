/// Holds one rule against one access, dimension by dimension. It goes by what the rule says and not by the tables, so that
/// an explanation is a second opinion.
struct RuleExplainer {
    let rule: Rule
    let operation: Operation
    let subject: Subject
    let access: ExplainedAccess

    var match: RuleMatch {
        if let dimension = RuleMatch.Dimension.allCases.first(where: { !satisfies($0) }) { return .fails(dimension) }
        guard rule.effect == .allow else { return .matches }
        let features = features.intersection(.guarded).subtracting(rule.vouches.features)
        let functions = operation.functions.filter { name in
            !paths(rule.vouches.functions).contains { $0.matches(vouchedFunction: name) }
        }
        return features.isEmpty && functions.isEmpty
            ? .matches : .doesNotVouch(features: features, functions: functions)
    }

    private var features: Features { access.access.features.union(operation.features) }

    /// An allow rule lets these through whatever its condition says, see ``Verb/implied``.
    private var isImplied: Bool { rule.effect == .allow && Verb.implied.contains(access.access.verb) }

    private func satisfies(_ dimension: RuleMatch.Dimension) -> Bool {
        let who = rule.subjects
        switch dimension {
        case .resources: return rule.resources.isEmpty || contains(rule.resources, operation.resource)
        case .groups: return who.groups.isEmpty || who.groups.contains { contains(subject.groups, $0) }
        case .subjects: return who.subjects.isEmpty || anyMatches(who.subjects, subject.id)
        case .actors: return who.actors.isEmpty || subject.actors.contains { anyMatches(who.actors, $0) }
        case .hosts, .ports: return isImplied && operation.request?.port == nil || satisfiesCondition(dimension)
        default: return isImplied || satisfiesCondition(dimension)
        }
    }

    private func satisfiesCondition(_ dimension: RuleMatch.Dimension) -> Bool {
        let condition = rule.condition
        let object = access.access.object.components
        switch dimension {
        case .verbs:
            return rule.verbs.contains(access.access.verb)
        case .methods, .hosts, .ports, .paths:
            return satisfiesRequestCondition(dimension)
        case .tools, .uris, .prompts, .arguments:
            return satisfiesCallCondition(dimension)
        case .objects:
            return condition.objects.isEmpty
                || isStatement && paths(condition.objects).contains { $0.matches(path: object) }
        case .classifications:
            return names(condition.classifications, access.classifications) { contains(condition.classifications, $0) }
        case .columns:
            let globs = paths(condition.columns)
            return names(condition.columns, Array(access.access.columns.keys)) { column in
                isStatement && globs.contains { $0.matches(path: object + [column]) }
            }
        case .functions:
            let globs = paths(condition.functions)
            return names(condition.functions, operation.functions) { function in
                globs.contains { $0.matches(anySchemaFunction: function) }
            }
        case .with: return features.isSuperset(of: condition.with)
        case .without: return features.isDisjoint(with: condition.without)
        case .resources, .groups, .subjects, .actors: return true
        }
    }

    private func satisfiesRequestCondition(_ dimension: RuleMatch.Dimension) -> Bool {
        let condition = rule.condition
        let request = operation.call == nil ? operation.request : nil
        switch dimension {
        case .methods:
            return condition.methods.isEmpty || request.map { contains(condition.methods, $0.method) } ?? false
        case .hosts:
            let globs = condition.hosts.compactMap { try? Glob(host: $0) }
            return condition.hosts.isEmpty
                || request.map { facts in globs.contains { $0.matches(host: facts.host) } } ?? false
        case .ports:
            guard let port = request?.port else { return condition.ports.isEmpty }
            if condition.ports.isEmpty { return rule.effect != .allow || RequestFacts.usualPorts.contains(port) }
            return contains(condition.ports, String(port))
        default:
            let globs = condition.paths.compactMap { try? Glob(requestPath: $0) }
            return condition.paths.isEmpty
                || request != nil && globs.contains { $0.matches(requestPath: access.access.object.components) }
        }
    }

    private var isStatement: Bool { operation.request == nil && operation.call == nil }

    private func satisfiesCallCondition(_ dimension: RuleMatch.Dimension) -> Bool {
        let condition = rule.condition
        let object = access.access.object.components
        func isNamed(_ globs: [String], _ kind: String) -> Bool {
            globs.isEmpty
                || operation.call != nil && object.count == 2 && object[0] == kind && anyMatches(globs, object[1])
        }
        switch dimension {
        case .tools: return isNamed(condition.tools, CallFacts.tool)
        case .uris: return isNamed(condition.uris, CallFacts.resource)
        case .prompts: return isNamed(condition.prompts, CallFacts.prompt)
        default:
            if !condition.saysOfArguments { return true }
            return operation.call.map { condition.argumentsHold($0.arguments, of: rule.effect) } ?? false
        }
    }

    /// See ``Condition``: one of the values for deny and hold, all of them, and one at least, for allow.
    private func names(_ key: [String], _ values: [String], _ test: (String) -> Bool) -> Bool {
        if key.isEmpty { return true }
        return rule.effect == .allow ? !values.isEmpty && values.allSatisfy(test) : values.contains(where: test)
    }

    private func paths(_ texts: [String]) -> [Glob] {
        texts.compactMap { try? Glob(path: $0) }
    }

    private func anyMatches(_ globs: [String], _ text: String) -> Bool {
        globs.contains { (try? Glob(text: $0))?.matches(text: text) ?? false }
    }

    private func contains(_ texts: [String], _ text: String) -> Bool {
        texts.contains { $0.utf8.elementsEqual(text.utf8) }
    }
}
