import HTTPInspection
import Policy

/// What an answer shows is counted before it is shown: all of what came, or none of it.
extension HTTPSession {
    private var subjectBudgets: SubjectBudgets {
        SubjectBudgets(keeper: services.budgets, subject: identity?.subject, now: now.unixSeconds)
    }

    /// What is wrong with passing now what policy lets through, with what must be approved besides; `nil`: nothing, or an approval that
    /// ``HTTPExchange/verdict`` asks for.
    mutating func budgetRefusal(of exchange: HTTPExchange) -> String? {
        exchange.counted = exchange.verdict
        guard exchange.counted.isCounted else { return nil }
        exchange.plan.isCounted = true
        guard !exchange.plan.isEmpty else { return "What this shows is counted, and cannot be looked into." }
        guard let fault = subjectBudgets.fault(in: exchange.counted) else { return nil }
        guard fault.outcome == .hold else {
            exchange.verdict = fault
            return fault.message ?? ""
        }
        exchange.verdict = exchange.verdict.joined(with: fault)
        return nil
    }

    /// Has what an exchange shows counted from now on.
    func beginCounting(_ exchange: HTTPExchange, grant: ApprovalGrant? = nil) {
        exchange.meter = AnswerMeter.counting(
            in: subjectBudgets, by: exchange.counted, grant: grant, asked: exchange.verdict.rules)
    }

    /// Counts what of an answer is about to be shown.
    ///
    /// - Returns: false: there is no room for it, and the exchange has failed.
    mutating func countShown(by mask: any AnswerWork, of exchange: HTTPExchange) -> Bool {
        guard let meter = exchange.meter else { return true }
        var shown = mask.takeShown()
        let status = exchange.pendingHead?.head.status ?? exchange.status
        // What says that there is nothing lists nothing: one is the document itself.
        if !(200..<300).contains(status) {
            if exchange.sentBytes < HTTPLaneLimits.shortBody { shown.isUncountable = false }
            if meter.rows == 0, shown.rows == 1 { shown.rows = 0 }
        }
        guard let refusal = meter.refusal(of: shown) else { return true }
        fail(exchange, status: 403, message: refusal, reason: "the budget \(meter.spent?.name ?? "")")
        return false
    }
}
