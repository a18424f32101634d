import Policy
import PostgresWire
import SQLInspection

/// Whether the budgets that a statement's rows count in have room for any. Asked each time that it runs.
extension PostgresSession {
    /// configuration_limit_exceeded
    static let budgetState = "53400"

    var unixSeconds: Int64 { now.unixMicroseconds / 1_000_000 }

    /// What is wrong with running a statement now, as a verdict that refuses or holds it; `nil`: nothing.
    ///
    /// - Parameter isOneOfSeveral: its text holds other statements, which would run on where its result ends.
    func budgetVerdict(on statements: [JudgedStatement], isOneOfSeveral: Bool) -> Verdict? {
        var result: Verdict?
        for statement in statements {
            for budget in statement.verdict.findingBudgets {
                if let fault = fault(of: budget, isOneOfSeveral: isOneOfSeveral) { return fault }
            }
            for applied in statement.verdict.budgets {
                guard let fault = fault(of: applied, isOneOfSeveral: isOneOfSeveral) else { continue }
                if fault.outcome == .deny { return fault }
                result = result?.joined(with: fault) ?? fault
            }
        }
        return result
    }

    private static func deny(_ budget: Budget, _ message: String) -> Verdict {
        Verdict(outcome: .deny, rules: [budget.decider], message: message)
    }

    /// What is wrong with counting in a budget at all. Of one in which only findings count, nothing else is known before a row is.
    private func fault(of budget: Budget, isOneOfSeveral: Bool) -> Verdict? {
        if services.budgets == nil || identity == nil {
            return PostgresSession.deny(
                budget, "The budget \(budget.name) cannot be kept here, so nothing of it may be shown.")
        }
        guard isOneOfSeveral else { return nil }
        return PostgresSession.deny(
            budget, "Rows that this shows are counted (budget \(budget.name)): send its statements one at a time.")
    }

    private func fault(of applied: AppliedBudget, isOneOfSeveral: Bool) -> Verdict? {
        let budget = applied.budget
        func deny(_ message: String) -> Verdict { PostgresSession.deny(budget, message) }
        if let fault = fault(of: budget, isOneOfSeveral: isOneOfSeveral) { return fault }
        guard let keeper = services.budgets, let identity else { return nil }
        if applied.isUncountable, budget.rowsPerStatement != nil || budget.rowsPerSubject != nil {
            return deny(
                "Rows that this shows are counted (budget \(budget.name)), and it gathers any number of them in one value, computes one of theirs (a sum or an average of a column itself may pass), or copies them."
            )
        }
        if let limit = budget.rowsPerStatement, limit < applied.weight {
            return deny(
                "One row of this result holds \(applied.weight) rows, and a statement may show \(limit) (budget \(budget.name))."
            )
        }
        let standing = keeper.account(of: budget, for: identity.subject).standing(at: unixSeconds)
        let isOutOfRows = budget.rowsPerSubject.map { $0 - min($0, standing.rows) < applied.weight } ?? false
        // Values that were shown before may be shown again: only who could be asked first is asked before the first row.
        let isOutOfValues = budget.then == .hold && (budget.valuesPerSubject.map { standing.values >= $0 } ?? false)
        guard isOutOfRows || isOutOfValues else { return nil }
        var verdict = deny(spentMessage(budget, refillsAt: standing.refillsAt))
        if budget.then == .hold {
            let terms = budget.approval ?? ApprovalTerms(groups: [])
            verdict.outcome = .hold
            verdict.approval = terms
            verdict.approverGroups = [terms.groups]
        }
        return verdict
    }

    /// What the client is told when nothing more is shown.
    func spentMessage(_ budget: Budget, refillsAt: Int64?) -> String {
        var message = budget.message.map { "\($0) " } ?? ""
        let window = Wording.time(seconds: Int64(budget.windowSeconds))
        var limits: [String] = []
        if let rows = budget.rowsPerSubject { limits.append("\(rows) rows") }
        if let values = budget.valuesPerSubject { limits.append("\(values) different values") }
        message += "The budget \(budget.name) is spent: \(limits.joined(separator: " or ")) within \(window)."
        if let refillsAt {
            message += " It begins to refill in \(Wording.time(seconds: max(1, refillsAt - unixSeconds)))."
        }
        return message
    }

    /// What counts the rows of a statement that is about to run; `nil` when nothing does.
    func meter(for statement: JudgedStatement, grant: ApprovalGrant?) -> BudgetMeter? {
        guard !statement.verdict.budgets.isEmpty || !statement.verdict.findingBudgets.isEmpty,
            let keeper = services.budgets, let identity
        else { return nil }
        let meter = BudgetMeter(followsOthers: segment.hasExecuted)
        for applied in statement.verdict.budgets {
            let account = keeper.account(of: applied.budget, for: identity.subject)
            // An approval is for what was spent when it was given: it passes this once.
            let isApproved = grant != nil && fault(of: applied, isOneOfSeveral: false)?.outcome == .hold
            meter.add(applied, account, isApproved: isApproved)
        }
        for budget in statement.verdict.findingBudgets {
            meter.add(budget, keeper.account(of: budget, for: identity.subject))
        }
        return meter
    }
}

extension ResponseFields {
    var sqlState: String { String(decoding: self["C"] ?? [], as: UTF8.self) }
}

extension Verdict {
    /// Budgets alone refuse or hold it.
    var isOfBudgets: Bool { !rules.isEmpty && rules.allSatisfy { $0.hasPrefix("budget:") } }

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
