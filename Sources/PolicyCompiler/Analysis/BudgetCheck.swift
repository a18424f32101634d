import Policy

/// Finds budgets that could not mean what they say.
struct BudgetCheck {
    let draft: PolicyDraft

    func run(into sink: inout DiagnosticSink) {
        for part in draft.budgets {
            checkLimits(part, into: &sink)
            checkEnd(part, into: &sink)
            checkValues(part, into: &sink)
        }
    }

    private func checkLimits(_ part: PolicyDraft.Part<Budget>, into sink: inout DiagnosticSink) {
        let budget = part.value
        if budget.rowsPerStatement == nil, budget.rowsPerSubject == nil, budget.valuesPerSubject == nil {
            sink.error(
                "the budget '\(budget.name)' limits nothing", at: part.name.location,
                suggestion: "add 'rowsPerStatement', 'rowsPerSubject' or 'valuesPerSubject'")
        }
        if budget.rowsPerSubject == nil, budget.valuesPerSubject == nil {
            for key in ["window", "then"] where part.source.fields[key] != nil {
                sink.error(
                    "'\(key)' is about what is counted from statement to statement, and '\(budget.name)' counts each alone",
                    at: part.source.keyLocation(key),
                    suggestion: "add 'rowsPerSubject' or 'valuesPerSubject', or leave '\(key)' out")
            }
        }
        if let statement = budget.rowsPerStatement, let subject = budget.rowsPerSubject, statement > subject {
            sink.warning(
                "a statement of '\(budget.name)' could never show \(statement) rows: a person is shown \(subject) at the most",
                at: part.source.keyLocation("rowsPerStatement"),
                suggestion: "leave 'rowsPerStatement' out, or make it less")
        }
    }

    private func checkEnd(_ part: PolicyDraft.Part<Budget>, into sink: inout DiagnosticSink) {
        let budget = part.value
        if budget.then == .hold, budget.approval == nil {
            sink.error(
                "nobody could approve what the budget '\(budget.name)' holds", at: part.source.keyLocation("then"),
                suggestion: "add 'approval: { by: { groups: [ … ] } }'")
        }
        if budget.then != .hold, part.source.fields["approval"] != nil {
            sink.error(
                "'approval' belongs to 'then: hold', and '\(budget.name)' holds nothing",
                at: part.source.keyLocation("approval"), suggestion: "write 'then: hold', or leave 'approval' out")
        }
    }

    /// Values are told apart where their mask tells them apart.
    private func checkValues(_ part: PolicyDraft.Part<Budget>, into sink: inout DiagnosticSink) {
        let budget = part.value
        guard budget.valuesPerSubject != nil, !draft.isIncomplete else { return }
        guard !budget.classifications.isEmpty else {
            sink.error(
                "'valuesPerSubject' does not say of what", at: part.source.keyLocation("valuesPerSubject"),
                suggestion: "add 'of: { classification: … }'")
            return
        }
        let counted = draft.classifications.map(\.value).filter { budget.classifications.contains($0.name) }
        if !counted.isEmpty, counted.allSatisfy({ !$0.mask.tellsApart }) {
            sink.warning(
                "'valuesPerSubject' of '\(budget.name)' is never spent: the masks of \(budget.classifications.sorted().joined(separator: ", ")) show nothing of a value",
                at: part.source.keyLocation("valuesPerSubject"), suggestion: "count rows, with 'rowsPerSubject'")
        }
    }
}
