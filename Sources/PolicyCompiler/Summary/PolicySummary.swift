public import Policy

/// What each resource of a policy resolved to, for a person to hold against what they meant.
public enum PolicySummary {
    /// Rules of one effect that are listed at the most, for each resource.
    private static let maximumRules = 50

    public static func text(of model: PolicyModel) -> String {
        var text = ""
        for resource in model.resources.sorted(by: { $0.name < $1.name }) {
            text += "\(resource.name): \(resource.listen) → \(upstream(resource))\n"
            text += table(
                identity(resource, model) + rules(resource, model) + masks(resource, model) + budgets(resource, model))
        }
        return text
    }

    /// Seconds as policy writes them: `10m`.
    public static func duration(seconds: UInt32) -> String { Units.describe(seconds: seconds) }

    private struct Line {
        var label: String
        var name: String
        var text: String
    }

    private static func upstream(_ resource: Resource) -> String {
        switch resource.protocolName {
        case .postgres: "\(resource.upstream), \(RuleWords.tls(resource.tls))"
        case .mcp where resource.upstream.isEmpty: "a program that 'stile mcp' starts"
        case .http, .mcp:
            "\(resource.tls == .disable ? "http" : "https")://\(resource.upstream)\(resource.upstreamPath), \(RuleWords.tls(resource.tls))"
        case .egress: "wherever rules say (forward proxy)"
        }
    }

    private static func identity(_ resource: Resource, _ model: PolicyModel) -> [Line] {
        let issuers = RuleWords.alternatives(Array(Set(model.issuers.map(\.url))))
        let given =
            switch resource.protocolName {
            case .postgres: "given as password"
            case .http, .mcp: "given as bearer token"
            case .egress: "given to the proxy"
            }
        let place = resource.tokenFile.map { "in \($0)" } ?? given
        return [Line(label: "token", name: place, text: "from \(issuers)")]
    }

    private static func rules(_ resource: Resource, _ model: PolicyModel) -> [Line] {
        let here = model.rules.filter { $0.resources.isEmpty || $0.resources.contains(resource.name) }
            .sorted { $0.name < $1.name }
        let enforced = here.filter { $0.mode == .enforce }
        var lines: [Line] = []
        for (effect, label) in [(Rule.Effect.allow, "allows"), (.hold, "holds"), (.deny, "denies")] {
            lines += capped(enforced.filter { $0.effect == effect }, label: label) { describe($0) }
        }
        lines += capped(here.filter { $0.mode == .observe }, label: "observes") {
            "would \($0.effect): \(describe($0))"
        }
        if !enforced.contains(where: { $0.effect == .allow }) {
            lines.insert(Line(label: "allows", name: "nothing", text: "no rule allows anything here"), at: 0)
        }
        return lines
    }

    private static func capped(_ rules: [Rule], label: String, _ words: (Rule) -> String) -> [Line] {
        var lines = rules.prefix(maximumRules).map { Line(label: label, name: $0.name, text: words($0)) }
        if rules.count > maximumRules {
            lines.append(Line(label: label, name: "…", text: "and \(rules.count - maximumRules) more rules"))
        }
        return lines
    }

    private static func describe(_ rule: Rule) -> String {
        var text = "\(RuleWords.verbs(rule.verbs)) by \(RuleWords.subjects(rule.subjects))"
        for part in [RuleWords.condition(rule.condition), RuleWords.vouches(rule.vouches)] {
            if let part { text += ", \(part)" }
        }
        if let approval = rule.approval { text += "; \(RuleWords.approval(approval))" }
        return text
    }

    private static func masks(_ resource: Resource, _ model: PolicyModel) -> [Line] {
        model.classifications.filter { $0.resources.isEmpty || $0.resources.contains(resource.name) }
            .sorted { $0.name < $1.name }
            .map { classification in
                var parts: [String] = []
                if !classification.columns.isEmpty {
                    parts.append(classification.columns.sorted().joined(separator: ", "))
                }
                if !classification.detectors.isEmpty {
                    parts.append("any value that looks like \(RuleWords.alternatives(classification.detectors))")
                }
                if !classification.columns.isEmpty {
                    parts.append(RuleWords.predicates(classification))
                    if let rows = classification.aggregatedRows { parts.append("sums over \(rows) rows or more pass") }
                }
                if !classification.jsonKeys.isEmpty {
                    parts.append("in JSON, what is under \(RuleWords.alternatives(classification.jsonKeys))")
                }
                if resource.protocolName != .postgres, !(classification.detectors + classification.jsonKeys).isEmpty {
                    parts.append("in requests \(RuleWords.outbound(classification.outbound))")
                }
                return Line(
                    label: "masks", name: classification.name,
                    text: "\(RuleWords.mask(classification.mask)): \(parts.joined(separator: "; "))")
            }
    }

    private static func budgets(_ resource: Resource, _ model: PolicyModel) -> [Line] {
        model.budgets.filter { $0.resources.isEmpty || $0.resources.contains(resource.name) }
            .sorted { $0.name < $1.name }
            .map { Line(label: "bounds", name: $0.name, text: RuleWords.budget($0)) }
    }

    /// Labels are shown once for a run of lines, names are set flush.
    private static func table(_ lines: [Line]) -> String {
        let labels = lines.map(\.label.count).max() ?? 0
        let names = min(32, lines.map(\.name.count).max() ?? 0)
        var text = ""
        var last = ""
        for line in lines {
            let label = line.label == last ? "" : line.label
            last = line.label
            text += "  \(padded(label, to: labels))  \(padded(line.name, to: names))  \(line.text)\n"
        }
        return text
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
