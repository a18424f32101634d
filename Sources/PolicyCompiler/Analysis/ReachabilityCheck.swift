import Policy

/// Refuses rules that could never fire: whoever wrote one believes that something is allowed, held or denied, and it is
/// not.
struct ReachabilityCheck {
    let draft: PolicyDraft
    private let classifications: [String: Classification]

    init(draft: PolicyDraft) {
        self.draft = draft
        classifications = Dictionary(
            draft.classifications.map { ($0.name.value, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func run(into sink: inout DiagnosticSink) {
        for part in draft.rules {
            checkKeys(part, into: &sink)
            checkConditions(part, into: &sink)
            checkClassifications(part, into: &sink)
        }
        checkShadows(into: &sink)
        guard !draft.isIncomplete else { return }
        checkHolds(into: &sink)
        warnOfResourcesWithoutRules(into: &sink)
    }

    private typealias RulePart = PolicyDraft.Part<Rule>

    // MARK: One rule alone

    private func checkKeys(_ part: RulePart, into sink: inout DiagnosticSink) {
        let rule = part.value
        let name = part.name.value
        if rule.effect == .hold, rule.approval == nil {
            sink.error(
                "the hold rule '\(name)' does not say who may approve", at: part.name.location,
                suggestion: "add 'approval: { by: { groups: [ … ] } }'")
        }
        if rule.effect != .hold, part.source.fields["approval"] != nil {
            sink.error(
                "'approval' belongs to hold rules, and '\(name)' is \(rule.effect == .allow ? "an allow" : "a deny") rule",
                at: part.source.keyLocation("approval"),
                suggestion: "write 'hold' in place of '\(rule.effect)', or remove it")
        }
        if rule.effect != .allow, part.source.fields["vouch"] != nil {
            sink.error(
                "'vouch' belongs to allow rules, and '\(name)' is a \(rule.effect) rule",
                at: part.source.keyLocation("vouch"), suggestion: "vouch in the rule that allows the table")
        }
        if rule.effect == .allow, part.source.fields["message"] != nil {
            sink.warning(
                "nobody is ever told the message of an allow rule", at: part.source.keyLocation("message"),
                suggestion: "use 'description' for notes")
        }
    }

    private func checkConditions(_ part: RulePart, into sink: inout DiagnosticSink) {
        let rule = part.value
        guard let place = part.source.object("where") else { return }
        if rule.effect == .allow, !rule.condition.functions.isEmpty {
            sink.error(
                "an allow rule names the functions that it answers for under 'vouch'",
                at: place.keyLocation("functions"),
                suggestion: "move them: 'vouch: { functions: [ … ] }'")
        }
        let tables = rule.condition.objects
        let columns = rule.condition.columns
        if !RuleRelation.anyIntersect(tables, columns) {
            never(part, "no table of 'tables' has a column of 'columns'", at: place.keyLocation("columns"), into: &sink)
        }
        let touching = !tables.isEmpty || !columns.isEmpty || !rule.condition.classifications.isEmpty
        if touching, rule.verbs.isSubset(of: Self.verbsWithoutTables) {
            let list = rule.verbs.map { "'\($0.name)'" }.sorted().joined(separator: " and ")
            never(
                part, "\(list) \(rule.verbs.count == 1 ? "touches" : "touch") no table", at: place.location, into: &sink
            )
        }
        if rule.verbs == [.select], !tables.isEmpty, tables.allSatisfy(Self.isServerCatalog) {
            never(
                part, "reading the server's own catalog is 'describe'", at: place.keyLocation("tables"),
                suggestion: "write '\(rule.effect): describe'", into: &sink)
        }
        if rule.effect == .allow {
            let unvouched = rule.condition.with.intersection(.guarded).subtracting(rule.vouches.features)
            for name in unvouched.names {
                never(
                    part, "what has '\(name)' is refused unless the rule vouches for it", at: place.keyLocation(name),
                    suggestion: "add 'vouch: { features: [\(name)] }'", into: &sink)
            }
            for name in rule.vouches.features.intersection(rule.condition.without).names {
                sink.error(
                    "'\(part.name.value)' vouches for '\(name)' and does not apply where there is any",
                    at: place.keyLocation(name), suggestion: "keep one of the two")
            }
        }
    }

    /// What has no table that a condition could name.
    private static let verbsWithoutTables: Set<Verb> = [
        .session, .transaction, .listen, .notify, .call, .execute, .other,
    ]

    private static func isServerCatalog(_ pattern: String) -> Bool {
        pattern.hasPrefix("pg_catalog.") || pattern.hasPrefix("information_schema.")
    }

    private func checkClassifications(_ part: RulePart, into sink: inout DiagnosticSink) {
        let rule = part.value
        guard let place = part.source.object("where"), !rule.condition.classifications.isEmpty else { return }
        var named: [Classification] = []
        for name in rule.condition.classifications {
            // One that is undefined or at fault has been spoken of.
            guard let found = classifications[name] else { return }
            named.append(found)
        }
        let withColumns = named.filter { !$0.columns.isEmpty }
        let list = named.map { "'\($0.name)'" }.joined(separator: " and ")
        let at = place.keyLocation("classification")
        guard !withColumns.isEmpty else {
            never(
                part,
                "\(list) \(named.count == 1 ? "has" : "have") no columns, and what a detector finds is known only once the rows are there",
                at: at, suggestion: "add 'columns' to the classification", into: &sink)
            return
        }
        let here = withColumns.filter {
            rule.resources.isEmpty || $0.resources.isEmpty || !Set($0.resources).isDisjoint(with: rule.resources)
        }
        guard !here.isEmpty else {
            never(part, "\(list) \(named.count == 1 ? "holds" : "hold") for other resources", at: at, into: &sink)
            return
        }
        let reachable = here.contains {
            RuleRelation.anyIntersect(rule.condition.objects, $0.columns)
                && RuleRelation.anyIntersect(rule.condition.columns, $0.columns)
        }
        if !reachable {
            never(
                part, "\(list) \(named.count == 1 ? "has" : "have") no column in the tables and columns that it names",
                at: at,
                into: &sink)
        }
    }

    private func never(
        _ part: RulePart, _ why: String, at place: SourceLocation, suggestion: String? = nil,
        notes: [Diagnostic.Note] = [], into sink: inout DiagnosticSink
    ) {
        sink.error(
            "the rule '\(part.name.value)' could never fire: \(why)", at: place, suggestion: suggestion, notes: notes)
    }

    // MARK: Rules against each other

    private func checkShadows(into sink: inout DiagnosticSink) {
        let denies = draft.rules.filter { $0.value.effect == .deny && $0.value.mode == .enforce }
        let places = Dictionary(
            denies.map { ($0.name.value, $0.name.location) }, uniquingKeysWith: { first, _ in first })
        let index = CoverIndex(denies.map(\.value))
        for part in draft.rules {
            guard let cover = index.cover(of: part.value) else { continue }
            let note =
                places[cover.name].map { [Diagnostic.Note(location: $0, message: "'\(cover.name)' is here")] } ?? []
            if part.value.effect == .deny {
                // Two that cover each other are said once.
                if RuleRelation.covers(part.value, cover), part.name.value < cover.name { continue }
                sink.warning(
                    "the rule '\(part.name.value)' adds nothing: '\(cover.name)' denies all that it does",
                    at: part.name.location, suggestion: "remove it, or narrow '\(cover.name)'", notes: note)
            } else {
                never(
                    part, "'\(cover.name)' denies all that it \(part.value.effect == .allow ? "allows" : "holds")",
                    at: part.name.location, suggestion: "remove it, or narrow '\(cover.name)'", notes: note, into: &sink
                )
            }
        }
    }

    /// What nothing allows is denied, and a hold of it never comes to be.
    private func checkHolds(into sink: inout DiagnosticSink) {
        let allows = draft.rules.map(\.value).filter { $0.effect == .allow && $0.mode == .enforce }
        for part in draft.rules where part.value.effect == .hold && part.value.mode == .enforce {
            guard !allows.contains(where: { RuleRelation.overlap(withImplied($0), part.value) }) else { continue }
            never(
                part, "no rule allows what it holds, so it is denied at once", at: part.name.location,
                suggestion: "allow it in a rule of its own; hold beats allow", into: &sink)
        }
    }

    private func withImplied(_ rule: Rule) -> Rule {
        var rule = rule
        rule.verbs.formUnion(Verb.implied)
        return rule
    }

    private func warnOfResourcesWithoutRules(into sink: inout DiagnosticSink) {
        let allows = draft.rules.map(\.value).filter { $0.effect == .allow && $0.mode == .enforce }
        for part in draft.resources {
            guard !allows.contains(where: { $0.resources.isEmpty || $0.resources.contains(part.name.value) }) else {
                continue
            }
            sink.warning(
                "no rule allows anything on '\(part.name.value)': everything there is denied", at: part.name.location,
                suggestion: "add a rule with 'allow' and 'on: \(part.name.value)'")
        }
    }
}
