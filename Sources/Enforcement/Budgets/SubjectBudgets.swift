import Policy

/// The budgets of whoever a session is for: whether what is asked may be shown, and what counts in them.
struct SubjectBudgets {
    /// `nil`: they cannot be kept, so nothing that counts in one is shown.
    let keeper: (any BudgetKeeping)?
    let subject: Subject?
    /// Seconds since 1970.
    let now: Int64

    /// What is wrong with passing now what a verdict lets through, as a verdict that refuses or holds it; `nil`: nothing.
    ///
    /// - Parameter isOneOfSeveral: its text holds other statements, which would run on where its result ends.
    func fault(in verdict: Verdict, isOneOfSeveral: Bool = false) -> Verdict? {
        for budget in verdict.findingBudgets {
            if let fault = fault(of: budget, isOneOfSeveral: isOneOfSeveral) { return fault }
        }
        var result: Verdict?
        for applied in verdict.budgets {
            guard let fault = fault(of: applied, isOneOfSeveral: isOneOfSeveral) else { continue }
            if fault.outcome == .deny { return fault }
            result = result?.joined(with: fault) ?? fault
        }
        return result
    }

    private static func deny(_ budget: Budget, _ message: String) -> Verdict {
        Verdict(outcome: .deny, rules: [budget.decider], message: message)
    }

    /// What is wrong with counting in a budget at all. Of one in which only findings count, nothing else is known before a row is.
    private func fault(of budget: Budget, isOneOfSeveral: Bool) -> Verdict? {
        if keeper == nil || subject == nil {
            return SubjectBudgets.deny(
                budget, "The budget \(budget.name) cannot be kept here, so nothing of it may be shown.")
        }
        guard isOneOfSeveral else { return nil }
        return SubjectBudgets.deny(
            budget, "Rows that this shows are counted (budget \(budget.name)): send its statements one at a time.")
    }

    private func fault(of applied: AppliedBudget, isOneOfSeveral: Bool = false) -> Verdict? {
        let budget = applied.budget
        if let fault = fault(of: budget, isOneOfSeveral: isOneOfSeveral) { return fault }
        guard let keeper, let subject else { return nil }
        if applied.isUncountable, budget.countsRows {
            return SubjectBudgets.deny(
                budget,
                "Rows that this shows are counted (budget \(budget.name)), and it gathers any number of them in one value, computes one of theirs (a sum or an average of a column itself may pass), or copies them."
            )
        }
        if let limit = budget.rowsPerStatement, limit < applied.weight {
            return SubjectBudgets.deny(
                budget,
                "One row of this result holds \(applied.weight) rows, and a statement may show \(limit) (budget \(budget.name))."
            )
        }
        let standing = keeper.account(of: budget, for: subject).standing(at: now)
        let isOutOfRows = budget.rowsPerSubject.map { $0 - min($0, standing.rows) < applied.weight } ?? false
        // Values that were shown before may be shown again: only who could be asked first is asked before the first row.
        let isOutOfValues = budget.then == .hold && (budget.valuesPerSubject.map { standing.values >= $0 } ?? false)
        guard isOutOfRows || isOutOfValues else { return nil }
        var verdict = SubjectBudgets.deny(budget, budget.spentMessage(at: now, refillsAt: standing.refillsAt))
        if budget.then == .hold {
            let terms = budget.approval ?? ApprovalTerms(groups: [])
            verdict.outcome = .hold
            verdict.approval = terms
            verdict.approverGroups = [terms.groups]
        }
        return verdict
    }

    /// Has a meter count in the budgets of a verdict.
    ///
    /// - Parameters:
    ///   - grant: By which it passes.
    ///   - asked: The rules and budgets that the approval was asked for.
    /// - Returns: `nil` when nothing counts.
    func filled<Meter: BudgetMeter>(
        _ meter: @autoclosure () -> Meter, by verdict: Verdict, grant: ApprovalGrant?, asked: [String]
    ) -> Meter? {
        guard verdict.isCounted, let keeper, let subject else { return nil }
        let meter = meter()
        for applied in verdict.budgets {
            // An approval is for what was spent when it was asked for: it passes this once, and nothing that was spent since.
            let isApproved =
                grant != nil && asked.contains(applied.budget.decider) && fault(of: applied)?.outcome == .hold
            meter.add(applied, keeper.account(of: applied.budget, for: subject), isApproved: isApproved)
        }
        for budget in verdict.findingBudgets { meter.add(budget, keeper.account(of: budget, for: subject)) }
        return meter
    }
}

extension Budget {
    var countsRows: Bool { rowsPerStatement != nil || rowsPerSubject != nil }

    /// What the client is told when nothing more is shown.
    ///
    /// - Parameter isMoreThanLeft: Something is left, and less than was to be shown.
    func spentMessage(at now: Int64, refillsAt: Int64?, isMoreThanLeft: Bool = false) -> String {
        var limits: [String] = []
        if let rows = rowsPerSubject { limits.append("\(rows) rows") }
        if let values = valuesPerSubject { limits.append("\(values) different values") }
        var text = message.map { "\($0) " } ?? ""
        let limit = "\(limits.joined(separator: " or ")) within \(Wording.time(seconds: Int64(windowSeconds)))"
        text +=
            isMoreThanLeft
            ? "This shows more than is left of the budget \(name): \(limit)."
            : "The budget \(name) is spent: \(limit)."
        if let refillsAt { text += " It begins to refill in \(Wording.time(seconds: max(1, refillsAt - now)))." }
        return text
    }
}

extension Verdict {
    /// Budgets alone refuse or hold it.
    var isOfBudgets: Bool { !rules.isEmpty && rules.allSatisfy(Budget.isDecider) }

    /// The budgets among what decided, in order.
    var budgetDeciders: [String] { rules.filter(Budget.isDecider).sorted() }

    /// Whether what it lets through is counted.
    var isCounted: Bool { !budgets.isEmpty || !findingBudgets.isEmpty }

    /// The verdict of two that hold: both must be satisfied.
    func joined(with other: Verdict) -> Verdict {
        guard outcome == .hold, other.outcome == .hold else { return outcome >= other.outcome ? self : other }
        var result = self
        result.rules = Set(rules + other.rules).sorted()
        result.message = message ?? other.message
        result.approval = ApprovalTerms.strictest([approval, other.approval].compactMap(\.self))
        for groups in other.approverGroups where !result.approverGroups.contains(groups) {
            result.approverGroups.append(groups)
        }
        return result
    }
}
