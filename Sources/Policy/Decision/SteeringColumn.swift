/// A column that decides something, and may not by what its classification says.
struct SteeringColumn: Hashable, Sendable {
    var path: [String]
    var classification: String
    var predicates: Predicates
    /// Hold or deny.
    var outcome: Verdict.Outcome
    var approval: ApprovalTerms?

    /// What stands among the rules that decided. No rule can be called so.
    var name: String { "predicates:\(classification)" }

    /// What the client is told, unless a rule's message says why.
    var message: String {
        let column = "The column \(path.joined(separator: ".")) is classified as \(classification)"
        switch predicates {
        case .allow: return column + "."
        case .lookup:
            return column
                + ": it may be compared by = with a given value, and decide nothing else "
                + "(no other condition, join, grouping, order or computation)."
        case .hold: return column + ": a person must approve that it decides anything (a condition, a join, an order)."
        case .deny:
            return column
                + ": it may decide nothing (no condition, join, grouping, order or computation)."
        }
    }

    func isBefore(_ other: SteeringColumn) -> Bool {
        (path + [classification]).isBefore(other.path + [other.classification])
    }
}

extension Predicates {
    /// What becomes of a statement that uses a column so; `nil`: nothing.
    func outcome(of use: ColumnUse) -> Verdict.Outcome? {
        guard !use.isDisjoint(with: [.predicate, .lookup]) else { return nil }
        switch self {
        case .allow: return nil
        case .lookup: return use.contains(.predicate) ? .deny : nil
        case .hold: return .hold
        case .deny: return .deny
        }
    }
}

extension Verdict {
    /// The verdict with what the columns add to it.
    func joined(by steering: [SteeringColumn]) -> Verdict {
        if steering.isEmpty { return self }
        var verdict = self
        verdict.rules = (rules + steering.map(\.name)).sortedByBytes()
        if verdict.message == nil { verdict.message = steering.min { $0.isBefore($1) }?.message }
        return verdict
    }
}
