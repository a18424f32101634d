import Policy

/// Says in words what parts of a rule mean.
enum RuleWords {
    static func verbs(_ verbs: Set<Verb>) -> String {
        if verbs.count == Verb.allCases.count { return "everything" }
        return verbs.sorted { $0.rawValue < $1.rawValue }.map(\.name).joined(separator: ", ")
    }

    static func subjects(_ match: SubjectMatch) -> String {
        var parts: [String] = []
        if !match.groups.isEmpty { parts.append("in \(alternatives(match.groups))") }
        if !match.subjects.isEmpty { parts.append("who are \(alternatives(match.subjects))") }
        if !match.actors.isEmpty { parts.append("through \(alternatives(match.actors))") }
        return parts.isEmpty ? "everybody" : "those \(parts.joined(separator: ", "))"
    }

    /// - Returns: `nil` when the rule applies always.
    static func condition(_ condition: Condition) -> String? {
        var parts: [String] = []
        if !condition.objects.isEmpty { parts.append("of \(alternatives(condition.objects))") }
        if !condition.classifications.isEmpty { parts.append("using \(alternatives(condition.classifications))") }
        if !condition.columns.isEmpty { parts.append("using \(alternatives(condition.columns))") }
        if !condition.methods.isEmpty { parts.append("with the method \(alternatives(condition.methods))") }
        if !condition.hosts.isEmpty { parts.append("to \(alternatives(condition.hosts))") }
        if !condition.ports.isEmpty { parts.append("on port \(alternatives(condition.ports))") }
        if !condition.paths.isEmpty { parts.append("of \(alternatives(condition.paths))") }
        if !condition.tools.isEmpty { parts.append("of the tool \(alternatives(condition.tools))") }
        if !condition.uris.isEmpty { parts.append("of \(alternatives(condition.uris))") }
        if !condition.prompts.isEmpty { parts.append("of the prompt \(alternatives(condition.prompts))") }
        if !condition.arguments.isEmpty {
            let pointers = alternatives(condition.arguments.map(\.pointer))
            parts.append("by \(condition.onlyArguments ? "no arguments but " : "")\(pointers)")
        } else if condition.onlyArguments {
            parts.append("without arguments")
        }
        if !condition.functions.isEmpty { parts.append("calling \(alternatives(condition.functions))") }
        if !condition.with.isEmpty { parts.append("if \(condition.with.names.joined(separator: " and "))") }
        if !condition.without.isEmpty { parts.append("unless \(condition.without.names.joined(separator: " or "))") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func vouches(_ vouches: Vouches) -> String? {
        let names = vouches.features.names + vouches.functions.sorted()
        return names.isEmpty ? nil : "vouching for \(names.joined(separator: ", "))"
    }

    static func approval(_ terms: ApprovalTerms) -> String {
        var text =
            "somebody in \(alternatives(terms.groups)) approves within \(Units.describe(seconds: terms.withinSeconds))"
        if terms.mode == .return { text += ", and the agent comes back" }
        if terms.inTransaction == .wait { text += ", transactions wait too" }
        return text
    }

    static func predicates(_ classification: Classification) -> String {
        switch classification.predicates {
        case .allow: "decides anything"
        case .lookup: "looked up by ="
        case .hold: "decides what \(classification.approval.map(approval) ?? "nobody approves")"
        case .deny: "decides nothing"
        }
    }

    static func outbound(_ outbound: Outbound) -> String {
        switch outbound {
        case .deny: "refused"
        case .mask: "masked, too"
        case .allow: "let through"
        }
    }

    static func mask(_ mask: Mask) -> String {
        switch mask {
        case .redact: "redacted"
        case .null: "NULL"
        case .hash: "hashed"
        case .fixed(let text): "'\(text)' in its place"
        case .keepFirst(let count): "all but the first \(count)"
        case .keepLast(let count): "all but the last \(count)"
        case .truncateDate(.year): "cut to the year"
        case .truncateDate(.month): "cut to the month"
        case .truncateDate(.day): "cut to the day"
        }
    }

    static func budget(_ budget: Budget) -> String {
        var limits: [String] = []
        if let rows = budget.rowsPerStatement { limits.append("\(rows) rows a statement") }
        let window = Units.describe(seconds: budget.windowSeconds)
        if let rows = budget.rowsPerSubject { limits.append("\(rows) rows in \(window)") }
        if let values = budget.valuesPerSubject { limits.append("\(values) values in \(window)") }
        var text = "\(limits.joined(separator: ", ")) for \(subjects(budget.subjects))"
        if !budget.objects.isEmpty { text += ", of \(alternatives(budget.objects))" }
        if !budget.classifications.isEmpty { text += ", showing \(alternatives(budget.classifications))" }
        if let approval = budget.approval { text += "; then \(Self.approval(approval))" }
        return text
    }

    static func tls(_ tls: Resource.UpstreamTLS) -> String {
        switch tls {
        case .disable: "not encrypted"
        case .require: "TLS, unverified"
        case .verifyCA: "TLS verify-ca"
        case .verifyFull: "TLS verify-full"
        }
    }

    static func list(_ names: [String]) -> String {
        let sorted = names.sorted().map { "'\($0)'" }
        guard let last = sorted.last, sorted.count > 1 else { return sorted.first ?? "" }
        return "each of " + sorted.dropLast().joined(separator: ", ") + " and " + last
    }

    static func alternatives(_ names: [String]) -> String {
        let sorted = names.sorted()
        guard let last = sorted.last, sorted.count > 1 else { return sorted.first ?? "" }
        return sorted.dropLast().joined(separator: ", ") + " or " + last
    }
}
