/// A budget with its patterns read.
struct BudgetMatcher: Sendable {
    let budget: Budget
    private let objects: [Glob]
    private let subjects: [Glob]
    private let actors: [Glob]

    /// - Returns: `nil` when a pattern is none.
    init?(_ budget: Budget) {
        self.budget = budget
        do throws(GlobError) {
            objects = try budget.objects.map { text throws(GlobError) in try Glob(path: text) }
            subjects = try budget.subjects.subjects.map { text throws(GlobError) in try Glob(text: text) }
            actors = try budget.subjects.actors.map { text throws(GlobError) in try Glob(text: text) }
        } catch {
            return nil
        }
    }

    func isFor(_ resource: String) -> Bool {
        budget.resources.isEmpty || budget.resources.contains { $0.utf8.elementsEqual(resource.utf8) }
    }

    func isFor(_ subject: Subject, on resource: String) -> Bool {
        guard isFor(resource) else { return false }
        let who = budget.subjects
        return
            (who.groups.isEmpty
            || who.groups.contains { group in subject.groups.contains { $0.utf8.elementsEqual(group.utf8) } })
            && (subjects.isEmpty || subjects.contains { $0.matches(text: subject.id) })
            && (actors.isEmpty || actors.contains { glob in subject.actors.contains { glob.matches(text: $0) } })
    }

    /// A path is no table, whatever its segments are called.
    func isAbout(_ object: ObjectPath, isPath: Bool) -> Bool {
        objects.isEmpty || !isPath && objects.contains { $0.matches(path: object.components) }
    }
}

extension PolicyBundle {
    /// Whether anything that the resource shows may count in a budget.
    public func hasBudgets(on resource: String) -> Bool { budgetMatchers.contains { $0.isFor(resource) } }

    /// The budgets that the rows of an operation's result count in, and those in which only what is found in them does, by name.
    func budgets(of operation: Operation, for subject: Subject) -> (rows: [AppliedBudget], findings: [Budget]) {
        guard let resource = resourceNumbers[Array(operation.resource.utf8)] else { return ([], []) }
        let isOpen = operation.features.contains(.unknownLineage)
        let isRequest = operation.request != nil || operation.call != nil
        var applied: [AppliedBudget] = []
        var findings: [Budget] = []
        for matcher in budgetMatchers where matcher.isFor(subject, on: operation.resource) {
            let classes = matcher.budget.classifications
            var weight: UInt64 = 0
            var showsTables = false
            for access in operation.accesses
            where Self.showsRows(access, isOpen: isOpen, isRequest: isRequest)
                && matcher.isAbout(access.object, isPath: isRequest)
            {
                showsTables = true
                // Lists of what there is, and what a server says unasked, hold values and no rows.
                if isRequest, access.verb == .describe { continue }
                guard
                    classes.isEmpty || shows(classes, access, resource: resource)
                        || shows(classes, operation.documentKeys, of: access, resource: resource)
                else { continue }
                weight = max(weight, UInt64(max(1, access.shownRows)))
            }
            guard weight > 0 else {
                if showsTables, matcher.budget.valuesPerSubject != nil, finds(classes, resource: resource) {
                    findings.append(matcher.budget)
                }
                continue
            }
            applied.append(
                AppliedBudget(
                    budget: matcher.budget, weight: weight + UInt64(operation.shownValues),
                    isUncountable: operation.features.contains(.collects) || operation.packsRows))
        }
        return (applied, findings)
    }

    /// Whether detectors or keys may find something of the classifications whose mask tells it apart.
    private func finds(_ classes: [String], resource: Int) -> Bool {
        zip(settings.classifications, classificationsByResource[resource]).contains { classification, isOfResource in
            isOfResource && classification.mask.tellsApart && classes.contains(classification.name)
                && !(classification.detectors.isEmpty && classification.jsonKeys.isEmpty)
        }
    }

    /// What shows no column shows no row: what is only counted or compared is the affair of `predicates`.
    /// A request of any method is answered.
    private static func showsRows(_ access: Access, isOpen: Bool, isRequest: Bool) -> Bool {
        if isRequest { return access.shownRows > 0 || isOpen }
        switch access.verb {
        case .select, .insert, .update, .delete, .merge: return access.shownRows > 0 || isOpen
        default: return false
        }
    }

    /// Whether what is taken out of documents in the access's columns is of the classifications.
    private func shows(
        _ classes: [String], _ keys: [DocumentKeyUse], of access: Access, resource: Int
    ) -> Bool {
        keys.contains { key in
            guard key.use.contains(.output), let name = key.key,
                key.column.dropLast().elementsEqual(access.object.components)
            else { return false }
            return zip(settings.classifications, classificationsByResource[resource]).contains {
                $1 && classes.contains($0.name)
                    && $0.jsonKeys.contains { JSONKeyTable.areSame($0, name) }
            }
        }
    }

    private func shows(_ classes: [String], _ access: Access, resource: Int) -> Bool {
        access.columns.contains { column, use in
            use.contains(.output)
                && classifications(of: column, in: access, resource: resource).contains {
                    classes.contains(settings.classifications[$0.classification].name)
                }
        }
    }
}
