/// Why an operation was decided as it was: every rule held against every access.
public struct Explanation: Hashable, Sendable {
    public var verdict: Verdict
    /// The operation's accesses; one of an empty path when it came without any.
    public var accesses: [ExplainedAccess]
    /// All rules: allow, hold, deny, and by name within each.
    public var rules: [ExplainedRule]
}

/// An access, with what its columns are classified as.
public struct ExplainedAccess: Hashable, Sendable {
    public var access: Access
    /// Only columns that are classified.
    public var columns: [String: ColumnClass]
    /// Classified columns that decide what they may not, with what the agent is told of them.
    public var steering: [ExplainedSteering]

    /// Every classification of every column, by name, sorted.
    public var classifications: [String] {
        columns.values.flatMap(\.classifications).sortedByBytes()
    }
}

/// A column that decides what its classification does not let it decide.
public struct ExplainedSteering: Hashable, Sendable {
    public var column: String
    public var classification: String
    /// Hold or deny.
    public var outcome: Verdict.Outcome
    public var message: String
}

/// A rule, held against each access.
public struct ExplainedRule: Hashable, Sendable {
    public var name: String
    public var effect: Rule.Effect
    public var mode: Rule.Mode
    public var message: String?
    /// One for each of ``Explanation/accesses``.
    public var matches: [RuleMatch]

    public var matchesAny: Bool { matches.contains(.matches) }
}

/// Whether a rule matches an access.
public enum RuleMatch: Hashable, Sendable {
    case matches
    /// The first dimension, in the order of ``Dimension``, that the access does not satisfy.
    case fails(Dimension)
    /// An allow rule that matches, and does not vouch for these.
    case doesNotVouch(features: Features, functions: [String])

    public enum Dimension: String, Hashable, Sendable, CaseIterable {
        case resources, groups, subjects, actors, verbs, methods, hosts, ports, paths, tools, uris, prompts, arguments
        case objects, classifications, columns, functions, with, without
    }
}

extension RuleMatch: CustomStringConvertible {
    /// The end of a sentence that starts with the rule's name.
    public var description: String {
        switch self {
        case .matches: "matches"
        case .fails(.resources): "is not for this resource"
        case .fails(.groups): "is for other groups"
        case .fails(.subjects): "is for other subjects"
        case .fails(.actors): "is for other actors"
        case .fails(.verbs): "is about other verbs"
        case .fails(.methods): "is about other methods"
        case .fails(.hosts): "is about other hosts"
        case .fails(.ports): "is about other ports"
        case .fails(.paths): "is about other paths"
        case .fails(.tools): "is about other tools"
        case .fails(.uris): "is about other resources of the server"
        case .fails(.prompts): "is about other prompts"
        case .fails(.arguments): "is about other arguments"
        case .fails(.objects): "is about other objects"
        case .fails(.classifications): "is about other classifications"
        case .fails(.columns): "is about other columns"
        case .fails(.functions): "is about other functions"
        case .fails(.with): "asks for a feature that is missing"
        case .fails(.without): "asks for the absence of a feature that is there"
        case .doesNotVouch(let features, let functions):
            "does not vouch for \((features.names + functions).joined(separator: ", "))"
        }
    }
}

extension PolicyBundle {
    /// Holds every rule against every access, one by one: for people who ask why, not for the data path.
    public func explain(_ operation: Operation, by subject: Subject) -> Explanation {
        let resource = resourceNumbers[Array(operation.resource.utf8)]
        let accesses = operation.accesses.isEmpty ? [Access(verb: .other, object: ObjectPath([]))] : operation.accesses
        var explained = accesses.map { access -> ExplainedAccess in
            var columns: [String: ColumnClass] = [:]
            for column in access.columns.keys {
                columns[column] = columnClass(
                    resource: operation.resource, column: access.object.components + [column])
            }
            return ExplainedAccess(
                access: access, columns: columns, steering: steering(access, columns, on: operation.resource))
        }
        if let resource {
            explained[0].steering += documentSteering(operation.documentKeys, resource: resource).map { steering in
                ExplainedSteering(
                    column: steering.path.last ?? "", classification: steering.classification,
                    outcome: steering.outcome, message: steering.message)
            }
        }
        let rules = rules.map { rule in
            ExplainedRule(
                name: rule.name, effect: rule.effect, mode: rule.mode, message: rule.message,
                matches: explained.map { access in
                    resource == nil
                        ? .fails(.resources)
                        : RuleExplainer(rule: rule, operation: operation, subject: subject, access: access).match
                })
        }
        return Explanation(verdict: decide(operation, by: subject), accesses: explained, rules: rules)
    }

    private func steering(
        _ access: Access, _ columns: [String: ColumnClass], on resource: String
    ) -> [ExplainedSteering] {
        columns.sorted { [$0.key].isBefore([$1.key]) }.flatMap { column, found in
            found.classifications.compactMap { name in
                guard let classification = classifications.first(where: { $0.name == name }),
                    let outcome = classification.predicates.outcome(of: access.columns[column] ?? [])
                else { return nil }
                let steering = SteeringColumn(
                    path: access.object.components + [column], classification: name,
                    predicates: classification.predicates, outcome: outcome, approval: classification.approval)
                return ExplainedSteering(
                    column: column, classification: name, outcome: outcome, message: steering.message)
            }
        }
    }
}
