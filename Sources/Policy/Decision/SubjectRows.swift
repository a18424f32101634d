/// The rules that are for a subject, found once a session. Of use with the bundle that made it; with another one it is
/// made again.
public struct SubjectRows: Sendable {
    public let subject: Subject
    let rules: RuleSet
    let bundle: PolicyBundle.Identity
}

extension PolicyBundle {
    /// Stands for one bundle in what was prepared with it, without keeping the bundle in memory.
    final class Identity: Sendable {}

    /// Finds the rules that are for a subject.
    public func prepare(_ subject: Subject) -> SubjectRows {
        let rules = program(for: subject).run(on: rows, words: 0..<rows.order.words)
        return SubjectRows(subject: subject, rules: rules, bundle: identity)
    }

    /// What a rule must satisfy to be for a subject.
    func program(for subject: Subject) -> RowProgram {
        var program = RowProgram()
        var groups = [dimensions.open(.group)]
        for group in subject.groups { globs.groups.lookUp(NamePath(text: group)) { groups.append($0) } }
        program.require(anyOf: groups)
        var subjects = [dimensions.open(.subject)]
        globs.subjects.lookUp(NamePath(text: subject.id)) { subjects.append($0) }
        program.require(anyOf: subjects)
        var actors = [dimensions.open(.actor)]
        for actor in subject.actors { globs.actors.lookUp(NamePath(text: actor)) { actors.append($0) } }
        program.require(anyOf: actors)
        return program
    }
}
