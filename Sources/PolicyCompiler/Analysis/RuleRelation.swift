import Policy

/// How rules relate as sets of what they match.
enum RuleRelation {
    /// Whether `outer` matches whenever `inner` does. Says no where it cannot tell.
    static func covers(_ outer: Rule, _ inner: Rule) -> Bool {
        guard outer.verbs.isSuperset(of: inner.verbs), outer.condition.with.isSubset(of: inner.condition.with),
            outer.condition.without.isSubset(of: inner.condition.without)
        else { return false }
        return named(outer.resources, inner.resources)
            && named(outer.subjects.groups, inner.subjects.groups)
            && texts(outer.subjects.subjects, inner.subjects.subjects)
            && texts(outer.subjects.actors, inner.subjects.actors)
            && named(outer.condition.classifications, inner.condition.classifications)
            && paths(outer.condition.objects, inner.condition.objects, by: GlobRelation.covers)
            && paths(outer.condition.columns, inner.condition.columns, by: GlobRelation.covers)
            && paths(outer.condition.functions, inner.condition.functions, by: GlobRelation.coversFunctions)
            && named(outer.condition.methods, inner.condition.methods)
            && ports(outer, inner)
            && covered(outer.condition.hosts, inner.condition.hosts) {
                GlobRelation.covers(GlobLetters(host: $0), GlobLetters(host: $1))
            }
            && covered(outer.condition.paths, inner.condition.paths) {
                GlobRelation.covers(GlobLetters(requestPath: $0), GlobLetters(requestPath: $1))
            }
            && texts(outer.condition.tools, inner.condition.tools)
            && texts(outer.condition.uris, inner.condition.uris)
            && texts(outer.condition.prompts, inner.condition.prompts)
            && arguments(outer, inner)
    }

    /// Whether some operation could be matched by both, as far as their verbs, resources, tables and features tell.
    /// Groups and classifications overlap freely: a person can be in two groups, a column in two classifications.
    static func overlap(_ a: Rule, _ b: Rule) -> Bool {
        !a.verbs.isDisjoint(with: b.verbs)
            && (a.resources.isEmpty || b.resources.isEmpty || !Set(a.resources).isDisjoint(with: b.resources))
            && a.condition.with.isDisjoint(with: b.condition.without)
            && b.condition.with.isDisjoint(with: a.condition.without)
            && anyIntersect(a.condition.objects, b.condition.objects)
            && anyIntersect(a.condition.objects, b.condition.columns)
            && anyIntersect(a.condition.columns, b.condition.objects)
            && !a.condition.isApart(from: b.condition)
            && (a.condition.methods.isEmpty || b.condition.methods.isEmpty
                || !Set(a.condition.methods).isDisjoint(with: b.condition.methods))
            && (a.condition.ports.isEmpty || b.condition.ports.isEmpty
                || !Set(a.condition.ports).isDisjoint(with: b.condition.ports))
            && anyIntersect(a.condition.hosts, b.condition.hosts, GlobLetters.init(host:))
            && anyIntersect(a.condition.paths, b.condition.paths, GlobLetters.init(requestPath:))
            && anyIntersect(a.condition.tools, b.condition.tools, GlobLetters.init(text:))
            && anyIntersect(a.condition.uris, b.condition.uris, GlobLetters.init(text:))
            && anyIntersect(a.condition.prompts, b.condition.prompts, GlobLetters.init(text:))
    }

    /// Whether what one says of arguments holds whenever what the other says does, as far as that can be told: rules that allow read a
    /// condition otherwise than those that hold or deny.
    private static func arguments(_ outer: Rule, _ inner: Rule) -> Bool {
        if outer.condition.arguments.isEmpty, !outer.condition.onlyArguments { return true }
        return outer.condition.arguments == inner.condition.arguments
            && outer.condition.onlyArguments == inner.condition.onlyArguments && inner.effect != .allow
    }

    /// An allow rule without ports is about the usual ones alone, of egress; of other resources about whatever port there is.
    private static func ports(_ outer: Rule, _ inner: Rule) -> Bool {
        if outer.effect == .allow, outer.condition.ports.isEmpty, !inner.condition.ports.isEmpty {
            return inner.condition.ports.allSatisfy { UInt16($0).map(RequestFacts.usualPorts.contains) ?? false }
        }
        return named(outer.condition.ports, inner.condition.ports)
    }

    /// Likewise of globs that are of requests.
    private static func anyIntersect(_ a: [String], _ b: [String], _ letters: (String) -> GlobLetters) -> Bool {
        guard !a.isEmpty, !b.isEmpty else { return true }
        let right = b.map(letters)
        return a.map(letters).contains { left in right.contains { GlobRelation.intersectWhole(left, $0) } }
    }

    /// Whether two lists of patterns have something in common; an empty one stands for everything.
    static func anyIntersect(_ a: [String], _ b: [String]) -> Bool {
        guard !a.isEmpty, !b.isEmpty else { return true }
        let right = b.map(GlobLetters.init(path:))
        return a.map(GlobLetters.init(path:)).contains { left in right.contains { GlobRelation.intersect(left, $0) } }
    }

    private static func named(_ outer: [String], _ inner: [String]) -> Bool {
        outer.isEmpty || (!inner.isEmpty && inner.allSatisfy(outer.contains))
    }

    private static func texts(_ outer: [String], _ inner: [String]) -> Bool {
        covered(outer, inner) { GlobRelation.covers(GlobLetters(text: $0), GlobLetters(text: $1)) }
    }

    private static func paths(
        _ outer: [String], _ inner: [String], by covers: (GlobLetters, GlobLetters) -> Bool
    ) -> Bool {
        covered(outer, inner) { covers(GlobLetters(path: $0), GlobLetters(path: $1)) }
    }

    private static func covered(_ outer: [String], _ inner: [String], by covers: (String, String) -> Bool) -> Bool {
        if outer.isEmpty { return true }
        guard !inner.isEmpty else { return false }
        return inner.allSatisfy { pattern in outer.contains { $0 == pattern || covers($0, pattern) } }
    }
}

extension Condition {
    /// It holds for requests alone.
    var isAboutRequests: Bool { !(methods.isEmpty && hosts.isEmpty && ports.isEmpty && paths.isEmpty) }
    /// It holds for calls alone.
    var isAboutCalls: Bool {
        !(tools.isEmpty && uris.isEmpty && prompts.isEmpty && arguments.isEmpty) || onlyArguments
    }

    /// No operation could be what both say.
    func isApart(from other: Condition) -> Bool {
        let ours = [isAboutTables, isAboutRequests, isAboutCalls]
        let theirs = [other.isAboutTables, other.isAboutRequests, other.isAboutCalls]
        return ours.contains(true) && theirs.contains(true) && !zip(ours, theirs).contains { $0 && $1 }
    }

    /// It holds for none.
    var isAboutTables: Bool {
        !(objects.isEmpty && columns.isEmpty && classifications.isEmpty && functions.isEmpty)
    }
}

/// Finds the rules that could cover another without looking at each pair: a policy may hold ten thousand.
///
/// A rule that names groups (or resources, or …) literally can only cover rules that name one of them too, so it is
/// filed under each of those names and found through them.
struct CoverIndex {
    private var unanchored: [Rule] = []
    private var anchored: [String: [Rule]] = [:]

    init(_ rules: [Rule]) {
        for rule in rules {
            // The rarest names first: tables tell rules apart better than resources do.
            let keys = Self.keys(of: rule).first {
                !$0.names.isEmpty && !$0.names.contains { $0.utf8.contains(UInt8(ascii: "*")) }
            }
            guard let keys else {
                unanchored.append(rule)
                continue
            }
            for name in Set(keys.names) { anchored["\(keys.key):\(name)", default: []].append(rule) }
        }
    }

    /// The first rule by name that covers `rule`.
    func cover(of rule: Rule) -> Rule? {
        var best: Rule?
        for candidate in candidates(for: rule) {
            if let best, best.name <= candidate.name { continue }
            if candidate.name != rule.name, RuleRelation.covers(candidate, rule) { best = candidate }
        }
        return best
    }

    private func candidates(for rule: Rule) -> [Rule] {
        unanchored
            + Self.keys(of: rule).flatMap { key, names in names.first.flatMap { anchored["\(key):\($0)"] } ?? [] }
    }

    private static func keys(of rule: Rule) -> [(key: String, names: [String])] {
        [
            ("o", rule.condition.objects), ("c", rule.condition.columns), ("f", rule.condition.functions),
            ("s", rule.subjects.subjects), ("a", rule.subjects.actors), ("g", rule.subjects.groups),
            ("t", rule.condition.tools), ("u", rule.condition.uris), ("q", rule.condition.prompts),
            ("p", rule.condition.paths), ("h", rule.condition.hosts), ("m", rule.condition.methods),
            ("k", rule.condition.classifications), ("r", rule.resources),
        ]
    }
}
