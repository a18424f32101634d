extension Analyzer {
    /// Any statement that gives rows: SELECT, VALUES, or a write with RETURNING.
    func query(_ id: ParseTree.ID, parent: Scope?, level: Level?) -> QueryResult {
        nested(QueryResult(isOpen: true)) {
            switch tree.type(id) {
            // Arms of set operations come without a type.
            case .SelectStmt, .none: return select(id, parent: parent, level: level)
            case .InsertStmt: return insert(id, parent: parent)
            case .UpdateStmt: return update(id, parent: parent)
            case .DeleteStmt: return delete(id, parent: parent)
            case .MergeStmt: return merge(id, parent: parent)
            default:
                hazards.formUnion([.unjudged, .unknownLineage])
                return QueryResult(isOpen: true)
            }
        }
    }

    /// - Parameter onLeft: Told the columns of a set operation's left arm before the right one is read.
    func select(
        _ id: ParseTree.ID, parent: Scope?, level outer: Level?, onLeft: ((QueryResult) -> Void)? = nil
    ) -> QueryResult {
        let level = Level(parent: outer)
        let names = Scope(parent: parent, level: level)
        if let with = tree.field(id, .withClause) { readWith(with, names) }
        if let operation = tree.string(id, .op), operation != "SETOP_NONE" {
            return setOperation(id, names, onLeft)
        }
        let scope = Scope(parent: names, level: level)
        if tree.field(id, .valuesLists) != nil { return values(id, scope) }

        for item in tree.list(id, .fromClause) { scope.entries += fromItem(item, scope) }
        readWindows(id, scope)
        if let condition = tree.field(id, .whereClause) { apply(predicate(condition, scope)) }
        var result = targets(tree.list(id, .targetList), scope)
        for node in tree.list(id, .groupClause) { ordering(node, scope, result, byOutputFirst: false) }
        if let having = tree.field(id, .havingClause) { condition(having, scope) }
        for node in tree.list(id, .distinctClause) {
            // DISTINCT alone is a list of one null.
            if tree.type(node) == .none {
                for column in result.columns { mark(column.lineage, .predicate) }
            } else {
                ordering(node, scope, result, byOutputFirst: true)
            }
        }
        result.repeatsRows = scope.repeatsRows
        keepSummaries(of: id, scope, &result)
        finishSelect(id, scope, &result, streams: scope.entries.flatMap(\.streams))
        for clause in tree.list(id, .lockingClause) { lock(clause, scope) }
        return result
    }

    /// ORDER BY, LIMIT, and what they and aggregation mean for how many rows are read.
    private func finishSelect(_ id: ParseTree.ID, _ scope: Scope, _ result: inout QueryResult, streams: [Int]) {
        for node in tree.list(id, .sortClause) { ordering(node, scope, result, byOutputFirst: true) }
        for key in [ParseTree.Key.limitOffset, .limitCount] {
            if let node = tree.field(id, key) { condition(node, scope) }
        }
        let level = scope.level
        if level.summarizes && !level.collects && !level.hasWindowFunction && tree.field(id, .groupClause) == nil {
            // One row, which is nobody's.
            summarize(streams)
            return
        }
        // One row may hold them all.
        if level.collects { return }
        result.streams = streams
        if !level.hasWindowFunction, isBoundingLimit(id) { bound(streams) }
    }

    /// LIMIT with a small constant, or with a parameter.
    private func isBoundingLimit(_ id: ParseTree.ID) -> Bool {
        guard tree.string(id, .limitOption) == "LIMIT_OPTION_COUNT", var count = tree.field(id, .limitCount) else {
            return false
        }
        while tree.type(count) == .TypeCast, let arg = tree.field(count, .arg) { count = arg }
        if tree.type(count) == .ParamRef { return true }
        guard tree.type(count) == .A_Const, let integer = tree.field(count, .ival) else { return false }
        return tree.integer(integer, .ival) ?? 0 <= limits.boundedRows
    }

    private func readWindows(_ id: ParseTree.ID, _ scope: Scope) {
        for definition in tree.list(id, .windowClause) {
            guard let name = tree.string(definition, .name) else { continue }
            scope.level.windows[name] = window(definition, scope)
        }
    }

    // MARK: The target list

    func targets(_ list: [ParseTree.ID], _ scope: Scope) -> QueryResult {
        var result = QueryResult()
        for target in list {
            guard let value = tree.field(target, .val) else { continue }
            if let entries = starTargets(value, scope, &result) {
                for entry in entries {
                    noteAllColumns(of: entry)
                    result.columns += columns(of: entry)
                    if entry.isOpen {
                        result.isOpen = true
                        hazards.insert(.unknownLineage)
                    }
                }
                continue
            }
            let first = literals.count
            let lineage = root(value, scope)
            result.columns.append(
                ResultColumn(
                    name: tree.string(target, .name) ?? resultName(of: value), lineage: lineage,
                    literals: first..<literals.count, summary: summary(value, scope)))
            // (f(x)).* is as many columns as f's type has.
            if isRowExpansion(value) {
                result.isOpen = true
                hazards.insert(.unknownLineage)
            }
        }
        noteRow(result.columns)
        return result
    }

    /// The entries that a target of `*`, `c.*` or `(c).*` stands for; nil for other targets.
    private func starTargets(_ value: ParseTree.ID, _ scope: Scope, _ result: inout QueryResult) -> [Entry]? {
        if tree.type(value) == .A_Indirection {
            guard isRowExpansion(value), tree.list(value, .indirection).count == 1,
                let arg = tree.field(value, .arg), let entry = wholeRow(arg, scope)
            else { return nil }
            return [entry]
        }
        guard tree.type(value) == .ColumnRef else { return nil }
        let fields = tree.list(value, .fields)
        guard let last = fields.last, tree.type(last) == .A_Star else { return nil }
        if let entries = starEntries(fields.compactMap { tree.stringNode($0) }, scope) { return entries }
        // It may be a column of a composite type: s.c.* with c a column of s.
        hazards.formUnion([.unknownObject, .unknownLineage])
        result.isOpen = true
        return []
    }

    private func isRowExpansion(_ value: ParseTree.ID) -> Bool {
        guard tree.type(value) == .A_Indirection, let last = tree.list(value, .indirection).last else { return false }
        return tree.type(last) == .A_Star
    }

    /// An item of ORDER BY, GROUP BY or DISTINCT ON: a column of the result by name or number, or an expression.
    func ordering(_ node: ParseTree.ID, _ scope: Scope, _ result: QueryResult, byOutputFirst: Bool) {
        var value = node
        let isOrder = tree.type(node) == .SortBy
        if isOrder {
            noteOperator(node, .useOp)
            if let inner = tree.field(node, .node) { value = inner }
        }
        if tree.type(value) == .A_Const, let integer = tree.field(value, .ival) {
            let index = (tree.integer(integer, .ival) ?? 0) - 1
            if result.columns.indices.contains(index) { markOrdering(result.columns[index].lineage, isOrder) }
            recordLiteral(at: tree.location(value))
            return
        }
        if tree.type(value) == .ColumnRef {
            let names = tree.names(value, .fields)
            if names.count == 1, let column = result.columns.first(where: { $0.name == names[0] }) {
                // Which of the two a name means depends on the clause; both are marked where it is in doubt.
                markOrdering(column.lineage, isOrder)
                if byOutputFirst { return }
                if !scope.entries.contains(where: { self.column(names[0], of: $0) != nil }) { return }
            }
        }
        if tree.type(value) == .GroupingSet {
            for part in tree.list(value, .content) {
                for item in tree.type(part) == .RowExpr ? tree.list(part, .args) : [part] {
                    ordering(item, scope, result, byOutputFirst: byOutputFirst)
                }
            }
            return
        }
        markOrdering(root(value, scope), isOrder)
    }

    private func markOrdering(_ lineage: Lineage, _ isOrder: Bool) {
        if isOrder { markOrder(lineage) } else { mark(lineage, .predicate) }
    }

    // MARK: VALUES and set operations

    private func values(_ id: ParseTree.ID, _ scope: Scope) -> QueryResult {
        var result = QueryResult()
        result.repeatsRows = true
        let rows = tree.list(id, .valuesLists)
        for (number, row) in rows.enumerated() {
            for (index, value) in tree.list(row, .items).enumerated() {
                let lineage = root(value, scope)
                if number == 0 {
                    result.columns.append(ResultColumn(name: "column\(index + 1)", lineage: lineage))
                } else if index < result.columns.count {
                    result.columns[index].lineage.mergeAlternative(lineage)
                }
            }
        }
        if rows.count > limits.boundedRows {
            for index in result.columns.indices { result.columns[index].lineage.isConstant = false }
        }
        noteRow(result.columns)
        finishSelect(id, scope, &result, streams: [])
        return result
    }

    private func setOperation(_ id: ParseTree.ID, _ names: Scope, _ onLeft: ((QueryResult) -> Void)?) -> QueryResult {
        guard let left = tree.field(id, .larg), let right = tree.field(id, .rarg) else {
            hazards.insert(.unjudged)
            return QueryResult(isOpen: true)
        }
        var result = query(left, parent: names, level: names.level.parent)
        onLeft?(result)
        let other = query(right, parent: names, level: names.level.parent)
        if result.columns.count != other.columns.count || other.isOpen { result.isOpen = result.isOpen || other.isOpen }
        for (index, column) in other.columns.enumerated() {
            if index < result.columns.count {
                result.columns[index].lineage.mergeAlternative(column.lineage)
                result.columns[index].lineage.isConstant = false
            } else {
                result.columns.append(column)
            }
            result.columns[index].literals = 0..<0
            result.columns[index].summary = nil
        }
        if !tree.flag(id, .all) || tree.string(id, .op) != "SETOP_UNION" {
            // Equal rows are told from others.
            for column in result.columns { mark(column.lineage, .predicate) }
        }
        result.repeatsRows = true
        let streams = result.streams + other.streams
        result.streams = []
        finishSelect(id, Scope(parent: names, level: Level(parent: names.level.parent)), &result, streams: streams)
        return result
    }

    /// FOR UPDATE and its kin.
    private func lock(_ clause: ParseTree.ID, _ scope: Scope) {
        let only = tree.list(clause, .lockedRels).compactMap { tree.string($0, .relname) }
        for entry in scope.entries where only.isEmpty || only.contains(entry.name) {
            guard let instance = entry.instance else { continue }
            let locked = instances[instance]
            var lock = Instance(effect: .lock, schema: locked.schema, name: locked.name, relation: locked.relation)
            lock.isUnknown = locked.isUnknown
            lock.isCatalog = locked.isCatalog
            lock.readsNoRows = true
            instances.append(lock)
        }
    }
}
