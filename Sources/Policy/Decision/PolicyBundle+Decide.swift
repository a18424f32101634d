extension PolicyBundle {
    /// What the policy says of an operation. For statements and sessions that come again, ``prepare(_:)`` and
    /// ``resolve(_:)`` keep what does not change.
    public func decide(_ operation: Operation, by subject: Subject) -> Verdict {
        decide(resolve(operation, for: .satisfying(program(for: subject))), nil, subject)
    }

    /// What the policy says of an operation that need not be kept.
    public func decide(_ operation: Operation, by subject: SubjectRows) -> Verdict {
        let subject = own(subject)
        return decide(resolve(operation, for: .only(subject.rules)), nil, subject.subject)
    }

    /// What the policy says of an operation.
    public func decide(_ operation: ResolvedOperation, by subject: SubjectRows) -> Verdict {
        let operation = operation.bundle === identity ? operation : resolve(operation.operation)
        let subject = own(subject)
        return decide(operation, subject.rules, subject.subject)
    }

    /// Rows of another bundle number other rules: those of a session that was open when the policy changed.
    private func own(_ subject: SubjectRows) -> SubjectRows {
        subject.bundle === identity ? subject : prepare(subject.subject)
    }

    /// - Parameter subject: `nil` when the operation was resolved for the subject alone.
    private func decide(_ operation: ResolvedOperation, _ rules: RuleSet?, _ subject: Subject) -> Verdict {
        guard operation.isKnownResource else { return Verdict(outcome: .deny, defaultReason: .noPolicy) }
        let tally = Tally(operation, rules, self)
        var verdict = tally.verdict(self, operation)
        verdict.observed = tally.observed(self, verdict)
        if verdict.outcome != .deny, !budgets.isEmpty {
            (verdict.budgets, verdict.findingBudgets) = budgets(of: operation.operation, for: subject)
        }
        return verdict
    }
}

/// The rules that have a say, by ordinal.
private struct Tally {
    /// Enforcing rules that match an access, ascending, each once.
    var allow: [Int] = []
    var hold: [Int] = []
    var deny: [Int] = []
    /// Rules in observe mode that match an access.
    var observedHold: [Int] = []
    var observedDeny: [Int] = []
    /// Rules in observe mode that match, and vouch for, every access that no enforcing rule allows.
    var observedAllow: [Int] = []
    /// The first access that no enforcing rule allows.
    var uncovered: ResolvedAccess?
    /// Classified columns that decide what they may not.
    var steering: [SteeringColumn] = []
    private let subject: RuleSet?

    init(_ operation: ResolvedOperation, _ subject: RuleSet?, _ bundle: PolicyBundle) {
        self.subject = subject
        let order = bundle.rows.order
        let observeRow = bundle.dimensions.observed
        var candidates: Set<Int>?
        for access in operation.accesses {
            steering += access.steering
            access.restricting.forEachCommonWord(with: subject) { position, word in
                let observing = bundle.rows.word(observeRow, position)
                if order.effect(ofWord: position) == .deny {
                    Tally.add(word & ~observing, position, order, to: &deny)
                    Tally.add(word & observing, position, order, to: &observedDeny)
                } else {
                    Tally.add(word & ~observing, position, order, to: &hold)
                    Tally.add(word & observing, position, order, to: &observedHold)
                }
            }
            var isCovered = false
            var observing: [Int] = []
            access.vouching.forEachCommonWord(with: subject) { position, word in
                let observed = bundle.rows.word(observeRow, position)
                isCovered = isCovered || word & ~observed != 0
                Tally.add(word & ~observed, position, order, to: &allow)
                Tally.add(word & observed, position, order, to: &observing)
            }
            if !isCovered {
                if uncovered == nil { uncovered = access }
                candidates = candidates.map { $0.intersection(observing) } ?? Set(observing)
            }
        }
        observedAllow = candidates.map { $0.sorted() } ?? []
        for list in [\Tally.allow, \.hold, \.deny, \.observedHold, \.observedDeny] where operation.accesses.count > 1 {
            self[keyPath: list] = Set(self[keyPath: list]).sorted()
        }
    }

    private static func add(_ word: UInt64, _ position: Int, _ order: RuleOrder, to list: inout [Int]) {
        var rest = word
        while rest != 0 {
            list.append(order.rule(atBit: 64 * position + rest.trailingZeroBitCount))
            rest &= rest - 1
        }
    }

    func verdict(_ bundle: PolicyBundle, _ operation: ResolvedOperation) -> Verdict {
        let denied = steering.filter { $0.outcome == .deny }
        if !deny.isEmpty || !denied.isEmpty { return bundle.verdict(.deny, deny).joined(by: denied) }
        if let uncovered {
            return Verdict(outcome: .deny, defaultReason: reason(uncovered, operation.operation.functions, bundle))
        }
        if !hold.isEmpty || !steering.isEmpty { return bundle.holdVerdict(hold, steering) }
        return bundle.verdict(.allow, allow)
    }

    /// The rules in observe mode with each of which, were it enforced alone, the outcome would be another.
    func observed(_ bundle: PolicyBundle, _ verdict: Verdict) -> [ObservedRule] {
        if observedAllow.isEmpty && observedHold.isEmpty && observedDeny.isEmpty { return [] }
        var result: [ObservedRule] = []
        if verdict.outcome != .deny {
            result += observedDeny.map { ObservedRule(name: bundle.ruleName($0), outcome: .deny) }
        }
        if verdict.outcome == .allow {
            result += observedHold.map { ObservedRule(name: bundle.ruleName($0), outcome: .hold) }
        }
        if verdict.outcome == .deny, deny.isEmpty, !steering.contains(where: { $0.outcome == .deny }) {
            let outcome: Verdict.Outcome = hold.isEmpty && steering.isEmpty ? .allow : .hold
            result += observedAllow.map { ObservedRule(name: bundle.ruleName($0), outcome: outcome) }
        }
        return result.sorted { [$0.name].isBefore([$1.name]) }
    }

    /// Why nothing allows an access.
    private func reason(_ access: ResolvedAccess, _ functions: [String], _ bundle: PolicyBundle) -> Verdict.Default {
        var vouches: [Vouches] = []
        access.allowing.forEachCommonWord(with: subject) { position, word in
            var enforcing: [Int] = []
            let observing = bundle.rows.word(bundle.dimensions.observed, position)
            Tally.add(word & ~observing, position, bundle.rows.order, to: &enforcing)
            vouches += enforcing.compactMap { bundle.rule($0)?.vouches }
        }
        return .missing(vouches, for: access.access, guarded: access.guarded, functions: functions)
    }
}

extension Verdict.Default {
    /// Why no rule allows an access that these rules match, going by what they vouch for.
    ///
    /// Features are named before functions. Of either, those are named that no rule vouches for; where every one is
    /// vouched for, but not all by one rule, all are.
    static func missing(
        _ vouches: [Vouches], for access: Access, guarded: Features, functions: [String]
    ) -> Verdict.Default {
        if vouches.isEmpty { return .notAllowed(access) }
        let rest = vouches.filter { $0.features.isSuperset(of: guarded) }
        if rest.isEmpty {
            let missing = vouches.reduce(guarded) { $0.subtracting($1.features) }
            return .notVouched(missing.isEmpty ? guarded : missing)
        }
        let globs = rest.flatMap(\.functions).compactMap { try? Glob(path: $0) }
        let missing = functions.filter { name in !globs.contains { $0.matches(vouchedFunction: name) } }
        return .functionsNotVouched(missing.isEmpty ? functions : missing)
    }
}

extension PolicyBundle {
    fileprivate func verdict(_ outcome: Verdict.Outcome, _ ordinals: [Int]) -> Verdict {
        let rules = byName(ordinals)
        let message = rules.lazy.compactMap { self.ruleMessage($0.ordinal) }.first
        return Verdict(outcome: outcome, rules: rules.map(\.name), message: message)
    }

    fileprivate func holdVerdict(_ ordinals: [Int], _ steering: [SteeringColumn]) -> Verdict {
        var verdict = verdict(.hold, ordinals).joined(by: steering)
        // A hold rule without terms is one that nobody can release.
        var terms = byName(ordinals).map { rule($0.ordinal)?.approval ?? ApprovalTerms(groups: []) }
        terms += steering.map { $0.approval ?? ApprovalTerms(groups: []) }
        verdict.approval = ApprovalTerms.strictest(terms)
        for term in terms where !verdict.approverGroups.contains(term.groups) {
            verdict.approverGroups.append(term.groups)
        }
        return verdict
    }

    private func byName(_ ordinals: [Int]) -> [(name: String, ordinal: Int)] {
        let rules = ordinals.map { (name: ruleName($0), ordinal: $0) }
        if rules.count < 2 { return rules }
        return rules.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension ApprovalTerms {
    /// The terms that satisfy all of `terms`, see ``Verdict/approval``.
    package static func strictest(_ terms: [ApprovalTerms]) -> ApprovalTerms? {
        guard var result = terms.first else { return nil }
        for term in terms.dropFirst() {
            result.groups = result.groups.filter { group in term.groups.contains { $0.utf8.elementsEqual(group.utf8) } }
            result.withinSeconds = min(result.withinSeconds, term.withinSeconds)
            if term.mode == .return { result.mode = .return }
            if term.inTransaction == .refuse { result.inTransaction = .refuse }
        }
        return result
    }
}
