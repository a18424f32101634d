import Policy

/// The semantics of a decision written down a second time, rule by rule and with nothing clever, to hold the tables to.
struct ReferenceDecider {
    let model: PolicyModel
    /// In place of the words that a column is refused with.
    static let steeringMessage = "The column"

    func decide(_ operation: Operation, by subject: Subject) -> Verdict {
        guard model.resources.contains(where: { $0.name == operation.resource }) else {
            return Verdict(outcome: .deny, defaultReason: .noPolicy)
        }
        let rules = model.rules.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var verdict = decide(operation, by: subject, rules: rules.filter { $0.mode == .enforce })
        if verdict.outcome != .deny {
            verdict.budgets = budgets(operation, subject)
            verdict.findingBudgets = findingBudgets(operation, subject)
        }
        for rule in rules where rule.mode == .observe {
            var trial = rule
            trial.mode = .enforce
            let enforced = rules.filter { $0.mode == .enforce } + [trial]
            let outcome = decide(operation, by: subject, rules: enforced).outcome
            if outcome != verdict.outcome { verdict.observed.append(ObservedRule(name: rule.name, outcome: outcome)) }
        }
        return verdict
    }

    private func decide(_ operation: Operation, by subject: Subject, rules: [Rule]) -> Verdict {
        let accesses =
            operation.accesses.isEmpty ? [Access(verb: .other, object: ObjectPath([]))] : operation.accesses
        func matching(_ effect: Rule.Effect) -> [Rule] {
            rules.filter { rule in
                rule.effect == effect && accesses.contains { matches(rule, $0, operation, subject) }
            }
        }
        func verdict(_ outcome: Verdict.Outcome, _ rules: [Rule]) -> Verdict {
            Verdict(outcome: outcome, rules: rules.map(\.name), message: rules.compactMap(\.message).first)
        }

        let steering = accesses.flatMap { steeringColumns($0, operation) }
        func joined(_ verdict: Verdict, _ steering: [Classification]) -> Verdict {
            var verdict = verdict
            verdict.rules = unique(verdict.rules + steering.map { "predicates:\($0.name)" })
            if verdict.message == nil, !steering.isEmpty { verdict.message = Self.steeringMessage }
            return verdict
        }
        let denying = matching(.deny)
        let denied = steering.filter { $0.predicates != .hold }
        if !denying.isEmpty || !denied.isEmpty { return joined(verdict(.deny, denying), denied) }

        var allowing: [Rule] = []
        for access in accesses {
            let covering = rules.filter { $0.effect == .allow && matches($0, access, operation, subject) }
            let vouching = covering.filter { vouches($0, access, operation) }
            if vouching.isEmpty { return Verdict(outcome: .deny, defaultReason: reason(covering, access, operation)) }
            allowing += vouching
        }

        let holding = matching(.hold)
        if holding.isEmpty, steering.isEmpty {
            let names = Set(allowing.map(\.name))
            return verdict(.allow, rules.filter { names.contains($0.name) })
        }
        var held = joined(verdict(.hold, holding), steering)
        let terms = (holding.map(\.approval) + steering.map(\.approval)).map { approval in
            var terms = approval ?? ApprovalTerms(groups: [])
            terms.groups = unique(terms.groups)
            return terms
        }
        held.approval = ApprovalTerms(
            groups: terms[0].groups.filter { group in terms.allSatisfy { $0.groups.contains { same($0, group) } } },
            withinSeconds: terms.map(\.withinSeconds).min() ?? 0,
            mode: terms.contains { $0.mode == .return } ? .return : .wait,
            inTransaction: terms.contains { $0.inTransaction == .refuse } ? .refuse : .wait)
        for groups in terms.map(\.groups) where !held.approverGroups.contains(groups) {
            held.approverGroups.append(groups)
        }
        return held
    }

    /// The classifications of columns that decide what they may not, once a column.
    private func steeringColumns(_ access: Access, _ operation: Operation) -> [Classification] {
        access.columns.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.flatMap { column, use in
            model.classifications.sorted { $0.name < $1.name }.filter { classification in
                let isThere =
                    (classification.resources.isEmpty || classification.resources.contains(operation.resource))
                    && classification.columns.contains {
                        path($0).matches(path: access.object.components + [column])
                    }
                switch classification.predicates {
                case .allow: return false
                case .lookup: return isThere && use.contains(.predicate)
                case .hold, .deny: return isThere && (use.contains(.predicate) || use.contains(.lookup))
                }
            }
        }
    }

    private func matches(_ rule: Rule, _ access: Access, _ operation: Operation, _ subject: Subject) -> Bool {
        guard rule.resources.isEmpty || rule.resources.contains(operation.resource) else { return false }
        let who = rule.subjects
        guard
            who.groups.isEmpty || who.groups.contains(where: { group in subject.groups.contains { same($0, group) } }),
            who.subjects.isEmpty || who.subjects.contains(where: { text($0).matches(text: subject.id) }),
            who.actors.isEmpty
                || who.actors.contains(where: { glob in subject.actors.contains { text(glob).matches(text: $0) } })
        else { return false }
        let isAllow = rule.effect == .allow
        if isAllow, Verb.implied.contains(access.verb) {
            return operation.request?.port == nil
                || ReferenceRequestMatcher.matchesPlace(rule.condition, operation.request, isAllow: true)
        }
        guard rule.verbs.contains(access.verb) else { return false }
        let condition = rule.condition
        let features = access.features.union(operation.features)
        guard features.isSuperset(of: condition.with), features.isDisjoint(with: condition.without) else {
            return false
        }
        let isRequest = operation.request != nil || operation.call != nil
        if !condition.objects.isEmpty,
            isRequest || !condition.objects.contains(where: { path($0).matches(path: access.object.components) })
        {
            return false
        }
        guard
            ReferenceRequestMatcher.matches(
                condition, operation.call == nil ? operation.request : nil, access.object.components, isAllow: isAllow),
            ReferenceCallMatcher.matches(rule, operation.call, access.object.components)
        else {
            return false
        }
        /// Deny and hold: something matches. Allow: there is something, and all of it matches.
        func holds(_ values: [[String]], _ names: [String], _ test: ([String], String) -> Bool) -> Bool {
            if names.isEmpty { return true }
            let hits = values.count { value in names.contains { test(value, $0) } }
            return isAllow ? !values.isEmpty && hits == values.count : hits > 0
        }
        let columns = access.columns.keys.map { access.object.components + [$0] }
        let classes = model.classifications.filter { classification in
            (classification.resources.isEmpty || classification.resources.contains(operation.resource))
                && classification.columns.contains { glob in columns.contains { path(glob).matches(path: $0) } }
        }
        return holds(classes.map { [$0.name] }, condition.classifications) { $0 == [$1] }
            && holds(columns, condition.columns) { !isRequest && path($1).matches(path: $0) }
            && holds(operation.functions.map { [$0] }, condition.functions) {
                path($1).matches(anySchemaFunction: $0[0])
            }
    }

    /// - Parameter withLists: Of requests, what describes what there is counts as well: it shows values, and no rows.
    private func budgets(_ operation: Operation, _ subject: Subject, withLists: Bool = false) -> [AppliedBudget] {
        let isRequest = operation.request != nil || operation.call != nil
        let reading: [Verb] = [.select, .insert, .update, .delete, .merge]
        return model.normalized().budgets.compactMap { budget in
            // As a rule of those keys would match.
            var who = Rule(name: "", effect: .deny, verbs: Set(Verb.allCases), subjects: budget.subjects)
            who.resources = budget.resources
            who.condition.objects = budget.objects
            let weights = operation.accesses.filter { access in
                var shown = access
                shown.columns = access.columns.filter { $0.value.contains(.output) }
                var rule = who
                rule.condition.classifications = budget.classifications
                return (isRequest ? withLists || access.verb != .describe : reading.contains(access.verb))
                    && (access.shownRows > 0 || operation.features.contains(.unknownLineage))
                    && matches(rule, shown, operation, subject)
            }.map { UInt64(max(1, $0.shownRows)) }
            guard let weight = weights.max() else { return nil }
            return AppliedBudget(
                budget: budget, weight: weight + UInt64(operation.shownValues),
                isUncountable: operation.features.contains(.collects) || operation.packsRows)
        }
    }

    /// Those that would be of the rows if they were of no classification, are not, and whose classifications may be found.
    private func findingBudgets(_ operation: Operation, _ subject: Subject) -> [Budget] {
        let counted = Set(budgets(operation, subject).map(\.budget.name))
        return model.normalized().budgets.filter { budget in
            guard budget.valuesPerSubject != nil, !counted.contains(budget.name) else { return false }
            var open = budget
            open.classifications = []
            var other = model
            other.budgets = [open]
            return !ReferenceDecider(model: other).budgets(operation, subject, withLists: true).isEmpty
                && model.classifications.contains {
                    budget.classifications.contains($0.name)
                        && ($0.resources.isEmpty || $0.resources.contains(operation.resource))
                        && !($0.detectors + $0.jsonKeys).isEmpty && $0.mask.tellsApart
                }
        }
    }

    private func vouches(_ rule: Rule, _ access: Access, _ operation: Operation) -> Bool {
        let guarded = access.features.union(operation.features).intersection(.guarded)
        return rule.vouches.features.isSuperset(of: guarded)
            && operation.functions.allSatisfy { name in
                rule.vouches.functions.contains { path($0).matches(vouchedFunction: name) }
            }
    }

    private func reason(_ covering: [Rule], _ access: Access, _ operation: Operation) -> Verdict.Default {
        if covering.isEmpty { return .notAllowed(access) }
        let guarded = access.features.union(operation.features).intersection(.guarded)
        let rest = covering.filter { $0.vouches.features.isSuperset(of: guarded) }
        if rest.isEmpty {
            let missing = covering.reduce(guarded) { $0.subtracting($1.vouches.features) }
            return .notVouched(missing.isEmpty ? guarded : missing)
        }
        let missing = operation.functions.filter { name in
            !rest.contains { $0.vouches.functions.contains { path($0).matches(vouchedFunction: name) } }
        }
        return .functionsNotVouched(missing.isEmpty ? operation.functions : missing)
    }

    private func same(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    private func unique(_ texts: [String]) -> [String] {
        var result: [String] = []
        for text in texts.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !result.contains(where: { same($0, text) }) {
            result.append(text)
        }
        return result
    }

    private func path(_ text: String) -> Glob { try! Glob(path: text) }
    private func text(_ text: String) -> Glob { try! Glob(text: text) }
}
