/// A budget in the settings section.
enum BudgetCoding {
    static func put(_ budget: Budget, into sink: inout WordSink) {
        sink.put(budget.name)
        sink.put(budget.resources)
        sink.put(budget.subjects.groups)
        sink.put(budget.subjects.subjects)
        sink.put(budget.subjects.actors)
        sink.put(budget.objects)
        sink.put(budget.classifications)
        for limit in [budget.rowsPerStatement, budget.rowsPerSubject, budget.valuesPerSubject] {
            sink.put(UInt32(limit == nil ? 0 : 1))
            sink.put(limit ?? 0)
        }
        sink.put(budget.windowSeconds)
        sink.put(UInt32(budget.then.rawValue))
        RuleCoding.put(budget.approval, into: &sink)
        sink.put(budget.message)
    }

    static func budget(from source: inout WordSource) throws(BundleError) -> Budget {
        var budget = Budget(name: try source.string(), resources: try source.strings())
        budget.subjects = SubjectMatch(
            groups: try source.strings(), subjects: try source.strings(), actors: try source.strings())
        budget.objects = try source.strings()
        budget.classifications = try source.strings()
        budget.rowsPerStatement = try limit(from: &source)
        budget.rowsPerSubject = try limit(from: &source)
        budget.valuesPerSubject = try limit(from: &source)
        budget.windowSeconds = try source.word()
        guard (Budget.minimumWindow...Budget.maximumWindow).contains(budget.windowSeconds) else {
            throw source.fault("a window of \(budget.windowSeconds) seconds is out of range")
        }
        budget.then = try source.value(Budget.Outcome.self, "end of a budget")
        budget.approval = try RuleCoding.approval(from: &source)
        budget.message = try source.optionalString()
        return budget
    }

    private static func limit(from source: inout WordSource) throws(BundleError) -> UInt64? {
        let isThere = try source.word(upTo: 1, "limit flag") == 1
        let limit = try source.doubleWord()
        return isThere ? limit : nil
    }
}
