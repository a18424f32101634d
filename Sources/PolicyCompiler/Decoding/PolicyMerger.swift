import Policy

/// Merges the documents of a policy. Two definitions of one thing are a fault that names both places, even when they
/// agree: which of them somebody edits next is anybody's guess.
struct PolicyMerger {
    var draft = PolicyDraft()
    private var names: [String: [String: SourceLocation]] = [:]

    mutating func add(_ document: CheckedObject, into sink: inout DiagnosticSink) {
        if let name = document.object("metadata")?.string("name") {
            if let first = draft.name, first.value != name.value {
                sink.error(
                    "the policy is called '\(name.value)' here and '\(first.value)' elsewhere", at: name.location,
                    suggestion: "one directory is one policy",
                    notes: [.init(location: first.location, message: "'\(first.value)' is here")])
            } else if draft.name == nil {
                draft.name = name
            }
        }
        for issuer in document.object("identity")?.objects("issuers") ?? [] {
            addIssuer(issuer, into: &sink)
        }
        addNamed(document, into: &sink)
        for rule in document.objects("rules") {
            if let name = rule.string("name") { define("rule", name, into: &sink) }
            if rule.isFaulty {
                draft.isIncomplete = true
            } else if let part = RuleBuilder.rule(from: rule) {
                draft.rules.append(part)
            }
        }
        for budget in document.objects("budgets") {
            if let name = budget.string("name") { define("budget", name, into: &sink) }
            if budget.isFaulty {
                draft.isIncomplete = true
            } else if let part = BudgetBuilder.budget(from: budget) {
                draft.budgets.append(part)
            }
        }
        addRecording(document, into: &sink)
    }

    private mutating func addIssuer(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        guard let url = source.string("url"), let audience = source.string("audience") else { return }
        // One issuer may vouch for several audiences, each with claims of its own.
        define(
            "issuer", Located(value: "\(url.value)' for '\(audience.value)", location: url.location), into: &sink)
        let issuer = Issuer(
            url: url.value, audience: audience.value, groupsClaim: source.string("groupsClaim")?.value ?? "groups",
            jwksFile: source.string("jwksFile")?.value, caFile: source.string("caFile")?.value,
            clockSkewSeconds: source.integer("clockSkew").map { UInt32(clamping: $0) } ?? 30)
        draft.issuers.append(.init(value: issuer, name: url, source: source))
    }

    private mutating func addNamed(_ document: CheckedObject, into sink: inout DiagnosticSink) {
        for entry in document.entries("resources") {
            define("resource", entry.name, into: &sink)
            draft.resourceNames.insert(entry.name.value)
            let errors = sink.errorCount
            if let source = entry.value { ResourceCheck.run(source, into: &sink) }
            guard sink.errorCount == errors, let source = entry.value,
                let value = ResourceBuilder.resource(entry.name.value, from: source)
            else {
                draft.isIncomplete = true
                continue
            }
            draft.resources.append(.init(value: value, name: entry.name, source: source))
        }
        for entry in document.entries("classifications") {
            define("classification", entry.name, into: &sink)
            draft.classificationNames.insert(entry.name.value)
            guard let source = entry.value, !source.isFaulty else {
                draft.isIncomplete = true
                continue
            }
            let value = Classification(
                name: entry.name.value, columns: source.values("columns"), detectors: source.values("detectors"),
                jsonKeys: source.values("jsonKeys"),
                mask: ResourceBuilder.mask(source), resources: source.values("on"),
                predicates: RuleBuilder.predicates(source),
                approval: source.object("approval").map(RuleBuilder.approval),
                aggregatedRows: source.object("aggregates")?.integer("minimumRows").map { UInt32(clamping: $0) },
                outbound: RuleBuilder.outbound(source))
            draft.classifications.append(.init(value: value, name: entry.name, source: source))
        }
        for entry in document.entries("detectors") {
            define("detector", entry.name, into: &sink)
            draft.detectorNames.insert(entry.name.value)
            guard let source = entry.value, let pattern = source.string("pattern") else {
                draft.isIncomplete = true
                continue
            }
            let value = CustomDetector(
                name: entry.name.value, pattern: pattern.value, context: source.values("context"))
            draft.detectors.append(.init(value: value, name: entry.name, source: source))
        }
    }

    /// Sections that are one for the whole policy may be spread over files, key by key.
    private mutating func addRecording(_ document: CheckedObject, into sink: inout DiagnosticSink) {
        for section in ["record", "masks"] {
            guard let object = document.object(section) else { continue }
            for (key, field) in object.fields.sorted(by: { $0.key < $1.key }) {
                let name = Located(value: "\(section).\(key)", location: field.keyLocation)
                define("setting", name, into: &sink)
            }
        }
        if let record = document.object("record") {
            if let word = record.string("statements")?.value {
                draft.recording.statements = word == "none" ? .none : .masked
            }
            if let word = record.string("responses")?.value {
                draft.recording.responses = word == "none" ? .none : .masked
            }
            if let bytes = record.integer("maxResponseBytes") { draft.recording.maxResponseBytes = bytes }
            if let word = record.string("whenSpoolIsFull")?.value {
                draft.recording.whenSpoolIsFull = word == "allow" ? .allow : .deny
            }
        }
        if let file = document.object("masks")?.string("keyFile")?.value { draft.maskKeyFile = file }
    }

    private mutating func define(_ noun: String, _ name: Located<String>, into sink: inout DiagnosticSink) {
        if let first = names[noun, default: [:]][name.value] {
            sink.error(
                "the \(noun) '\(name.value)' is defined twice", at: name.location,
                suggestion: noun == "setting" || noun == "issuer"
                    ? "keep one of the two" : "rename or remove one of the two",
                notes: [.init(location: first, message: "the first is here")])
            return
        }
        names[noun, default: [:]][name.value] = name.location
    }
}
