/// A column that decides something, and may not by what its classification says.
struct SteeringColumn: Hashable, Sendable {
    var path: [String]
    /// It is what stands under a key of the column's documents.
    var part = Part.whole
    var classification: String
    var predicates: Predicates
    /// Hold or deny.
    var outcome: Verdict.Outcome
    var approval: ApprovalTerms?

    enum Part: Hashable, Sendable {
        case whole
        case key(String)
        case someKey
    }

    /// What stands among the rules that decided. No rule can be called so.
    var name: String { "predicates:\(classification)" }

    /// What the client is told, unless a rule's message says why.
    var message: String {
        let name = path.joined(separator: ".")
        let column =
            switch part {
            case .whole: "The column \(name) is classified as \(classification)"
            case .key(let key): "What stands under the key \(key) in \(name) is classified as \(classification)"
            case .someKey:
                "What decides here may be what stands in \(name) under a key that is classified as \(classification): "
                    + "name constant keys, and compare what is under them by = or as a number or date"
            }
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

extension PolicyBundle {
    /// What stands under keys of documents and decides what it may not.
    func documentSteering(_ keys: [DocumentKeyUse], resource: Int) -> [SteeringColumn] {
        var found: [SteeringColumn] = []
        for key in keys {
            for (classification, holds) in zip(settings.classifications, classificationsByResource[resource])
            where holds && !classification.jsonKeys.isEmpty {
                let part: SteeringColumn.Part
                if let name = key.key {
                    guard classification.jsonKeys.contains(where: { JSONKeyTable.areSame($0, name) }) else { continue }
                    part = .key(name)
                } else {
                    part = .someKey
                }
                guard let outcome = classification.predicates.outcome(of: key.use) else { continue }
                found.append(
                    SteeringColumn(
                        path: key.column, part: part, classification: classification.name,
                        predicates: classification.predicates, outcome: outcome, approval: classification.approval))
            }
        }
        return found.sorted { $0.isBefore($1) }
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
