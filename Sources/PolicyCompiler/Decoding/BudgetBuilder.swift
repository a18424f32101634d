import Policy

/// Makes budgets of checked objects.
enum BudgetBuilder {
    /// - Returns: `nil` when something that it needs was at fault.
    static func budget(from source: CheckedObject) -> PolicyDraft.Part<Budget>? {
        guard let name = source.string("name") else { return nil }
        let to = source.object("to")
        let data = source.object("of")
        let budget = Budget(
            name: name.value, resources: source.values("on"),
            subjects: SubjectMatch(
                groups: to?.values("groups") ?? [], subjects: to?.values("subjects") ?? [],
                actors: to?.values("actors") ?? []),
            objects: data?.values("tables") ?? [], classifications: data?.values("classification") ?? [],
            rowsPerStatement: source.integer("rowsPerStatement"), rowsPerSubject: source.integer("rowsPerSubject"),
            valuesPerSubject: source.integer("valuesPerSubject"),
            windowSeconds: source.integer("window").map { UInt32(clamping: $0) } ?? 86_400,
            then: source.string("then")?.value == "hold" ? .hold : .deny,
            approval: source.object("approval").map(RuleBuilder.approval), message: source.string("message")?.value)
        return .init(value: budget, name: name, source: source)
    }
}
