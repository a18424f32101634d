import Policy
import PolicyCompiler

/// An explanation, for a person.
enum ExplanationText {
    static func word(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .allow: "allowed"
        case .hold: "held for approval"
        case .deny: "denied"
        }
    }

    static func text(of statement: StatementJudge.Judged, showsAll: Bool) -> String {
        let explanation = statement.explanation
        let verdict = explanation.verdict
        var text =
            "\(statement.text)\n  is \(word(verdict.outcome))\(reason(verdict, isRequest: statement.operation.request != nil))\n"
        if let message = verdict.message, verdict.outcome != .allow { text += "  the agent is told: \(message)\n" }
        if let masked = statement.masked, verdict.outcome != .deny {
            text += "  masked in the result: \(masked.isEmpty ? "no column" : masked.joined(separator: ", "))\n"
            for total in statement.counted {
                text += "    but not \(total.name) in the rows whose \(total.counter) is \(total.minimum) or more\n"
            }
        }
        for applied in verdict.budgets {
            text += "  its rows count in the budget \(applied.budget.name)"
            if applied.weight > 1 { text += ", each as \(applied.weight)" }
            text += applied.isUncountable ? ", and cannot be counted: it is refused\n" : "\n"
        }
        for budget in verdict.findingBudgets {
            text += "  what is found in its rows' values counts in the budget \(budget.name)\n"
        }
        for observed in verdict.observed {
            text += "  '\(observed.name)' observes; enforced, it would be \(word(observed.outcome))\n"
        }
        text += accesses(statement) + rules(statement, showsAll: showsAll)
        return text
    }

    static func reason(_ verdict: Verdict, isRequest: Bool) -> String {
        switch verdict.defaultReason {
        case .notAllowed(let access): return ": no rule allows \(name(access, isRequest))"
        case .notVouched(let features):
            return ": no rule that allows it vouches for \(features.names.joined(separator: ", "))"
        case .functionsNotVouched(let functions):
            return ": no rule that allows it vouches for the function \(functions.joined(separator: ", "))"
        case .noPolicy: return ": the policy has no such resource"
        case nil: break
        }
        var text = verdict.rules.isEmpty ? "" : " by \(verdict.rules.joined(separator: ", "))"
        if let approval = verdict.approval {
            let lists = verdict.approverGroups.isEmpty ? [approval.groups] : verdict.approverGroups
            let groups = lists.map { $0.joined(separator: " or ") }.joined(separator: ", and by one of ")
            text +=
                "; somebody in \(groups) may approve within \(PolicySummary.duration(seconds: approval.withinSeconds))"
        }
        return text
    }

    private static func name(_ access: Access, _ isRequest: Bool) -> String {
        if isRequest { return "\(access.verb.name) on /\(access.object.components.joined(separator: "/"))" }
        return access.object.components.isEmpty
            ? access.verb.name : "\(access.verb.name) on \(access.object.components.joined(separator: "."))"
    }

    private static func accesses(_ statement: StatementJudge.Judged) -> String {
        let isRequest = statement.operation.request != nil
        var text = "what it does:\n"
        for access in statement.explanation.accesses {
            text += "  \(name(access.access, isRequest))"
            let columns = access.access.columns.keys.sorted().map { column in
                access.columns[column].map { "\(column) (\($0.classifications.joined(separator: ", ")))" } ?? column
            }
            if !columns.isEmpty { text += ", columns \(columns.joined(separator: ", "))" }
            let features = access.access.features.names
            if !features.isEmpty { text += ", \(features.joined(separator: ", "))" }
            text += "\n"
            for steering in access.steering {
                text +=
                    "    \(word(steering.outcome)) by predicates of \(steering.classification): \(steering.column) decides\n"
            }
        }
        if !statement.operation.functions.isEmpty {
            text += "  calls \(statement.operation.functions.joined(separator: ", "))\n"
        }
        if let request = statement.operation.request { text += "  by \(request.method) to \(request.host)\n" }
        let features = statement.operation.features.names
        if !features.isEmpty { text += "  has \(features.joined(separator: ", "))\n" }
        return text
    }

    private static func rules(_ statement: StatementJudge.Judged, showsAll: Bool) -> String {
        let explanation = statement.explanation
        let isRequest = statement.operation.request != nil
        var text = "rules:\n"
        var passedOver = 0
        for rule in explanation.rules {
            let lines = rule.matches.enumerated().compactMap { index, match -> String? in
                if case .fails = match, !showsAll { return nil }
                let what =
                    explanation.accesses.indices.contains(index)
                    ? name(explanation.accesses[index].access, isRequest) : ""
                return "\(match) (\(what))"
            }
            if lines.isEmpty {
                passedOver += 1
                continue
            }
            let mode = rule.mode == .observe ? ", observing" : ""
            for line in lines { text += "  \(rule.effect)\(mode)  \(rule.name) \(line)\n" }
        }
        if passedOver > 0 { text += "  \(passedOver) more do not apply (--all shows why)\n" }
        return text
    }
}
