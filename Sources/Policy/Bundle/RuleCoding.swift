/// A rule in the rules section.
enum RuleCoding {
    static func put(_ rule: Rule, into sink: inout WordSink) {
        sink.put(rule.name)
        sink.put(UInt32(rule.effect.rawValue))
        sink.put(UInt32(rule.mode.rawValue))
        sink.put(rule.verbs.reduce(into: UInt32(0)) { $0 |= 1 << UInt32($1.rawValue) })
        sink.put(rule.message)
        sink.put(rule.condition.with.rawValue)
        sink.put(rule.condition.without.rawValue)
        sink.put(rule.vouches.features.rawValue)
        for list in lists(of: rule) { sink.put(list) }
        sink.put(UInt32(rule.condition.onlyArguments ? 1 : 0))
        sink.put(UInt32(truncatingIfNeeded: rule.condition.arguments.count))
        for argument in rule.condition.arguments { ArgumentCoding.put(argument, into: &sink) }
        put(rule.approval, into: &sink)
    }

    static func put(_ approval: ApprovalTerms?, into sink: inout WordSink) {
        guard let approval else { return sink.put(UInt32(0)) }
        sink.put(UInt32(1))
        sink.put(approval.groups)
        sink.put(approval.withinSeconds)
        sink.put(UInt32(approval.mode.rawValue))
        sink.put(UInt32(approval.inTransaction.rawValue))
    }

    private static func lists(of rule: Rule) -> [[String]] {
        [
            rule.resources, rule.subjects.groups, rule.subjects.subjects, rule.subjects.actors,
            rule.condition.classifications, rule.condition.objects, rule.condition.columns, rule.condition.functions,
            rule.vouches.functions, rule.condition.methods, rule.condition.hosts, rule.condition.paths,
            rule.condition.ports,
            rule.condition.tools, rule.condition.uris, rule.condition.prompts,
        ]
    }

    static func name(from source: inout WordSource) throws(BundleError) -> String {
        try source.string()
    }

    static func message(from source: inout WordSource) throws(BundleError) -> String? {
        for _ in 0..<4 { _ = try source.word() }
        return try source.optionalString()
    }

    static func rule(from source: inout WordSource) throws(BundleError) -> Rule {
        let name = try source.string()
        let effect = try source.value(Rule.Effect.self, "effect")
        let mode = try source.value(Rule.Mode.self, "mode")
        let verbs = try verbs(from: &source)
        let message = try source.optionalString()
        var condition = Condition()
        condition.with = Features(rawValue: try source.doubleWord())
        condition.without = Features(rawValue: try source.doubleWord())
        var vouches = Vouches(features: Features(rawValue: try source.doubleWord()))
        let resources = try source.strings()
        let subjects = SubjectMatch(
            groups: try source.strings(), subjects: try source.strings(), actors: try source.strings())
        condition.classifications = try source.strings()
        condition.objects = try source.strings()
        condition.columns = try source.strings()
        condition.functions = try source.strings()
        vouches.functions = try source.strings()
        condition.methods = try source.strings()
        condition.hosts = try source.strings()
        condition.paths = try source.strings()
        condition.ports = try source.strings()
        condition.tools = try source.strings()
        condition.uris = try source.strings()
        condition.prompts = try source.strings()
        condition.onlyArguments = try source.word(upTo: 1, "flag of arguments") == 1
        for _ in 0..<(try source.count()) {
            condition.arguments.append(try ArgumentCoding.condition(from: &source))
        }
        return Rule(
            name: name, effect: effect, mode: mode, verbs: verbs, resources: resources, subjects: subjects,
            condition: condition, vouches: vouches, message: message, approval: try approval(from: &source))
    }

    /// Goes over a rule as ``rule(from:)`` does, and makes nothing.
    static func validate(_ source: inout WordSource, effect: Rule.Effect) throws(BundleError) {
        source.startPiece()
        try source.skipString()
        guard try source.value(Rule.Effect.self, "effect") == effect else {
            throw source.fault("a rule is out of the order of effects")
        }
        _ = try source.value(Rule.Mode.self, "mode")
        _ = try source.word(upTo: (1 << UInt32(Verb.allCases.count)) - 1, "set of verbs")
        try source.skipString(optional: true)
        for _ in 0..<3 { _ = try source.doubleWord() }
        for _ in 0..<16 { try source.skipStrings() }
        _ = try source.word(upTo: 1, "flag of arguments")
        // Few rules have any, and an automaton is validated by making it.
        for _ in 0..<(try source.count()) { _ = try ArgumentCoding.condition(from: &source) }
        guard try source.word(upTo: 1, "approval flag") == 1 else { return }
        try source.skipStrings()
        _ = try source.word()
        _ = try source.value(ApprovalTerms.Mode.self, "approval mode")
        _ = try source.value(ApprovalTerms.InTransaction.self, "approval in transaction")
    }

    private static func verbs(from source: inout WordSource) throws(BundleError) -> Set<Verb> {
        let bits = try source.word(upTo: (1 << UInt32(Verb.allCases.count)) - 1, "set of verbs")
        return Set(Verb.allCases.filter { bits & 1 << UInt32($0.rawValue) != 0 })
    }

    static func approval(from source: inout WordSource) throws(BundleError) -> ApprovalTerms? {
        guard try source.word(upTo: 1, "approval flag") == 1 else { return nil }
        return ApprovalTerms(
            groups: try source.strings(), withinSeconds: try source.word(),
            mode: try source.value(ApprovalTerms.Mode.self, "approval mode"),
            inTransaction: try source.value(ApprovalTerms.InTransaction.self, "approval in transaction"))
    }
}

extension WordSource {
    mutating func value<Value: RawRepresentable>(_: Value.Type, _ what: String) throws(BundleError) -> Value
    where Value.RawValue == UInt8 {
        let raw = try word()
        guard let small = UInt8(exactly: raw), let value = Value(rawValue: small) else {
            throw fault("\(what) \(raw) is unknown")
        }
        return value
    }
}
