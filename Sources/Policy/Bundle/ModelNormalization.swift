extension PolicyModel {
    /// The model with every list in the one order that a bundle keeps it in, and nothing twice in a list of names: two
    /// models that mean the same have the same normal form.
    public func normalized() -> PolicyModel {
        var model = self
        model.issuers = issuers.sorted { $0.sortKey.isBefore($1.sortKey) }
        model.resources = resources.map { $0.normalized() }.sorted { [$0.name].isBefore([$1.name]) }
        model.classifications = classifications.map { $0.normalized() }.sorted { [$0.name].isBefore([$1.name]) }
        model.customDetectors = customDetectors.map { $0.normalized() }.sorted { [$0.name].isBefore([$1.name]) }
        model.rules = rules.map { $0.normalized() }.sortedForReading()
        model.budgets = budgets.map { $0.normalized() }.sorted { [$0.name].isBefore([$1.name]) }
        return model
    }
}

extension [Rule] {
    /// Allow, hold, deny, and by name within each.
    func sortedForReading() -> [Rule] {
        sorted { left, right in
            left.effect == right.effect
                ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
                : left.effect.rawValue < right.effect.rawValue
        }
    }
}

extension [String] {
    /// Sorted by bytes, each once. (`String`'s own order calls differently composed letters equal.)
    func sortedByBytes() -> [String] {
        var result: [String] = []
        for text in sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where result.last.map({ !$0.utf8.elementsEqual(text.utf8) }) ?? true {
            result.append(text)
        }
        return result
    }

    func isBefore(_ other: [String]) -> Bool {
        for (left, right) in zip(self, other) where !left.utf8.elementsEqual(right.utf8) {
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        return count < other.count
    }
}

extension Issuer {
    fileprivate var sortKey: [String] {
        [url, audience, groupsClaim, jwksFile ?? "", caFile ?? "", "\(clockSkewSeconds)"]
    }
}

extension Resource {
    fileprivate func normalized() -> Resource {
        var resource = self
        resource.databases = databases.sortedByBytes()
        if let oauth { resource.oauth?.scopes = oauth.scopes.sortedByBytes() }
        resource.toolPins = toolPins.sorted { [$0.tool, $0.fingerprint].isBefore([$1.tool, $1.fingerprint]) }
        return resource
    }
}

extension Classification {
    fileprivate func normalized() -> Classification {
        var classification = self
        classification.columns = columns.sortedByBytes()
        classification.detectors = detectors.sortedByBytes()
        classification.jsonKeys = jsonKeys.sortedByBytes()
        classification.resources = resources.sortedByBytes()
        if let approval { classification.approval?.groups = approval.groups.sortedByBytes() }
        return classification
    }
}

extension CustomDetector {
    fileprivate func normalized() -> CustomDetector {
        var detector = self
        detector.context = context.sortedByBytes()
        return detector
    }
}

extension Budget {
    fileprivate func normalized() -> Budget {
        var budget = self
        budget.resources = resources.sortedByBytes()
        budget.subjects.groups = subjects.groups.sortedByBytes()
        budget.subjects.subjects = subjects.subjects.sortedByBytes()
        budget.subjects.actors = subjects.actors.sortedByBytes()
        budget.objects = objects.sortedByBytes()
        budget.classifications = classifications.sortedByBytes()
        if let approval { budget.approval?.groups = approval.groups.sortedByBytes() }
        return budget
    }
}

extension Rule {
    fileprivate func normalized() -> Rule {
        var rule = self
        rule.resources = resources.sortedByBytes()
        rule.subjects.groups = subjects.groups.sortedByBytes()
        rule.subjects.subjects = subjects.subjects.sortedByBytes()
        rule.subjects.actors = subjects.actors.sortedByBytes()
        rule.condition.classifications = condition.classifications.sortedByBytes()
        rule.condition.objects = condition.objects.sortedByBytes()
        rule.condition.columns = condition.columns.sortedByBytes()
        rule.condition.functions = condition.functions.sortedByBytes()
        rule.condition.methods = condition.methods.sortedByBytes()
        rule.condition.hosts = condition.hosts.sortedByBytes()
        rule.condition.paths = condition.paths.sortedByBytes()
        rule.condition.ports = condition.ports.sortedByBytes()
        rule.condition.tools = condition.tools.sortedByBytes()
        rule.condition.uris = condition.uris.sortedByBytes()
        rule.condition.prompts = condition.prompts.sortedByBytes()
        rule.condition.arguments = condition.arguments.map { $0.normalized() }
            .sorted { $0.sortKey.isBefore($1.sortKey) }
        rule.vouches.functions = vouches.functions.sortedByBytes()
        if let approval { rule.approval?.groups = approval.groups.sortedByBytes() }
        return rule
    }
}

extension ArgumentCondition {
    fileprivate func normalized() -> ArgumentCondition {
        var condition = self
        condition.equals = equals.sortedByBytes()
        return condition
    }

    fileprivate var sortKey: [String] {
        [pointer, kind.map { "\($0)" } ?? "", minimum ?? "", maximum ?? "", pattern ?? ""] + equals
    }
}
