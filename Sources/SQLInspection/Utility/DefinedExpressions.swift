/// Expressions over the rows of a table that is there already: of a check, an index, a policy, a partition's column.
///
/// They are computed for rows that are there, by the server, when the definition is made or later: whether it fails, and how
/// many rows an index or a policy takes, tells of the values as a condition of WHERE would.
extension Analyzer {
    /// - Parameter instance: The table.
    func readExpressions(of id: ParseTree.ID, over instance: Int) {
        let isUnique = tree.flag(id, .unique)
        switch tree.type(id) {
        case .IndexStmt:
            let scope = rows(of: instance)
            if let condition = tree.field(id, .whereClause) { self.condition(condition, scope) }
            var entry = Lineage()
            for element in tree.list(id, .indexParams) {
                if let name = tree.string(element, .name) {
                    if let lineage = column(name, of: scope.entries[0]) { entry.merge(lineage) }
                    continue
                }
                guard let value = tree.field(element, .expr) else { continue }
                let lineage = root(value, scope)
                if isUnique { mark(lineage, .predicate) }
                entry.merge(lineage)
            }
            // An entry that is longer than a third of a page is refused (2,704 bytes in a B-tree): what stands beside others in it
            // decides by its length.
            if entry.isDerived, entry.extent > Extent.column { mark(entry, .predicate) }
        case .CreateStatsStmt:
            let scope = rows(of: instance)
            for element in tree.list(id, .exprs) {
                if let value = tree.field(element, .expr) { _ = root(value, scope) }
            }
        case .CreatePolicyStmt, .AlterPolicyStmt:
            let scope = rows(of: instance)
            for key in [ParseTree.Key.qual, .with_check] {
                if let condition = tree.field(id, key) { self.condition(condition, scope) }
            }
        case .AlterTableStmt:
            let scope = rows(of: instance)
            for command in tree.list(id, .cmds) {
                guard let definition = tree.field(command, .def) else { continue }
                readConstraint(definition, scope)
                if let value = tree.field(definition, .raw_default) { condition(value, scope) }
                for constraint in tree.list(definition, .constraints) { readConstraint(constraint, scope) }
            }
        default:
            break
        }
    }

    private func readConstraint(_ id: ParseTree.ID, _ scope: Scope) {
        for key in [ParseTree.Key.raw_expr, .where_clause] {
            if let value = tree.field(id, key) { condition(value, scope) }
        }
        // EXCLUDE: pairs of an element and an operator.
        for pair in tree.list(id, .exclusions) {
            if let element = tree.list(pair, .items).first, let value = tree.field(element, .expr) {
                condition(value, scope)
            }
        }
    }

    /// The table's columns by their names. Others are columns that the definition adds, which have no values yet.
    private func rows(of instance: Int) -> Scope {
        let entry = Entry(name: instances[instance].name, columns: .relation(instance: instance))
        entry.instance = instance
        entry.isOpen = true
        entry.openLineage = Lineage(isDerived: true)
        entry.hasSystemColumns = true
        return Scope(parent: nil, level: Level(parent: nil), entries: [entry])
    }
}
