import Policy

/// Counts what an answer shows before it is shown.
final class AnswerMeter: BudgetMeter {
    /// Seconds since 1970; whoever has the answer looked into says so first.
    var now: Int64 = 0
    /// What was listed so far, of all that was shown.
    private(set) var rows: UInt64 = 0

    /// - Returns: `nil` when nothing counts.
    static func counting(
        in budgets: SubjectBudgets, by verdict: Verdict, grant: ApprovalGrant?, asked: [String]
    ) -> AnswerMeter? {
        guard let meter = budgets.filled(AnswerMeter(), by: verdict, grant: grant, asked: asked) else { return nil }
        meter.watch({ _ in [] }, findings: { _ in true })
        return meter
    }

    /// - Returns: Why it may not be shown; `nil`: it may, and is counted. Where nothing is to be shown, nothing is refused.
    func refusal(of shown: ShownContent) -> String? {
        guard shown != ShownContent() else { return nil }
        if shown.isUncountable {
            endUncounted()
            if let spent {
                return
                    "What this answer shows is counted (budget \(spent.name)), and it is of a kind that cannot be counted."
            }
        }
        let reserved = shown.rows > 0 ? reserve(upTo: shown.rows, at: now) : 0
        if reserved < shown.rows {
            // All of it or none: half a document is none.
            giveBack(reserved)
            endAtTightest()
        } else if !shown.values.isEmpty, !admit(columns: { _ in nil }, found: shown.values, at: now) {
            giveBack(reserved)
        }
        if spent == nil { rows += shown.rows }
        return spent.map { endMessage($0, of: "An answer", at: now) }
    }
}
