import Policy
import PostgresWire
import SQLInspection

/// Whether the budgets that a statement's rows count in have room for any. Asked each time that it runs.
extension PostgresSession {
    /// configuration_limit_exceeded
    static let budgetState = "53400"

    var subjectBudgets: SubjectBudgets {
        SubjectBudgets(keeper: services.budgets, subject: identity?.subject, now: now.unixSeconds)
    }

    /// What is wrong with running a statement now, as a verdict that refuses or holds it; `nil`: nothing.
    ///
    /// - Parameter isOneOfSeveral: its text holds other statements, which would run on where its result ends.
    func budgetVerdict(on statements: [JudgedStatement], isOneOfSeveral: Bool) -> Verdict? {
        var result: Verdict?
        for statement in statements where statement.verdict.isCounted {
            guard let fault = subjectBudgets.fault(in: statement.verdict, isOneOfSeveral: isOneOfSeveral) else {
                continue
            }
            if fault.outcome == .deny { return fault }
            result = result?.joined(with: fault) ?? fault
        }
        return result
    }

    /// What counts the rows of a statement that is about to run; `nil` when nothing does.
    func meter(for statement: JudgedStatement, grant: ApprovalGrant?) -> ResultMeter? {
        guard statement.verdict.isCounted else { return nil }
        // What a grant was asked for is part of what it is bound to (``PermissionRequest/binding``): it was given for what is spent now.
        return subjectBudgets.filled(
            ResultMeter(followsOthers: segment.hasExecuted), by: statement.verdict, grant: grant,
            asked: statement.verdict.budgets.map(\.budget.decider))
    }
}

/// Counts a result's rows, and knows what became of those that may not be shown.
final class ResultMeter: BudgetMeter {
    /// Bytes of the result that were dropped.
    var dropped = 0
    var isCancelled = false
    /// What ran before it in the same pipeline would be undone by its failure.
    let followsOthers: Bool
    /// The server was asked to send what it has.
    var isFlushed = false

    init(followsOthers: Bool) {
        self.followsOthers = followsOthers
    }
}

extension ResponseFields {
    var sqlState: String { String(decoding: self["C"] ?? [], as: UTF8.self) }
}
