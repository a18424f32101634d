extension Analyzer {
    /// The relation that is written, with an entry that reads it under the write's own effect.
    private struct Target {
        var instance: Int
        var entry: Entry
    }

    private func target(_ statement: ParseTree.ID, _ effect: RelationAccess.Effect) -> Target? {
        guard let relation = tree.field(statement, .relation) else {
            hazards.insert(.unjudged)
            return nil
        }
        // A view's columns stand for its base relations' here too: they are written through it.
        let entry = relationEntry(relation, effect: effect)
        guard let instance = entry.instance else { return nil }
        return Target(instance: instance, entry: entry)
    }

    // MARK: INSERT

    func insert(_ id: ParseTree.ID, parent: Scope?) -> QueryResult {
        let level = Level(parent: nil)
        let names = Scope(parent: parent, level: level)
        if let with = tree.field(id, .withClause) { readWith(with, names) }
        guard let target = target(id, .insert) else { return QueryResult(isOpen: true) }
        instances[target.instance].readsNoRows = true
        let columns = insertColumns(tree.list(id, .cols), target)
        var written: [ColumnKey: Lineage] = [:]
        var streams: [Int] = []
        if let source = tree.field(id, .selectStmt) {
            streams = insertSource(source, names, target, columns, &written)
        }
        var result = QueryResult()
        if let conflict = tree.field(id, .onConflictClause) {
            // One value a row, whether it is there already: rows from a query may be any number.
            let rows = tree.field(id, .selectStmt).map { tree.list($0, .valuesLists).count } ?? 1
            onConflict(conflict, names, target, &written, rows: rows == 0 ? limits.lookups + 1 : rows)
        }
        let returning = tree.list(id, .returningList)
        if !returning.isEmpty {
            result = self.returning(returning, names, target, written, others: [], dependsOn: streams)
        }
        return result
    }

    private func insertColumns(_ list: [ParseTree.ID], _ target: Target) -> [ColumnKey] {
        if list.isEmpty {
            let count = instances[target.instance].relation?.columns.count ?? 0
            return (0..<count).map { ColumnKey(target.instance, $0) }
        }
        return list.map { columnKey(tree.string($0, .name) ?? "", target) }
    }

    /// The written column; one that the catalog does not have is unknown.
    private func columnKey(_ name: String, _ target: Target) -> ColumnKey {
        if instances[target.instance].column(named: name, adding: false) == nil,
            instances[target.instance].relation != nil
        {
            hazards.insert(.unknownObject)
        }
        let index = instances[target.instance].column(named: name, adding: true) ?? 0
        return ColumnKey(target.instance, index)
    }

    private func insertSource(
        _ source: ParseTree.ID, _ names: Scope, _ target: Target, _ columns: [ColumnKey],
        _ written: inout [ColumnKey: Lineage]
    ) -> [Int] {
        let rows = tree.list(source, .valuesLists)
        guard !rows.isEmpty, tree.field(source, .withClause) == nil else {
            let result = query(source, parent: names, level: nil)
            for (index, column) in result.columns.enumerated() where index < columns.count {
                attach([columns[index]], to: column.literals)
                write(column.lineage, to: columns[index], &written)
            }
            if result.isOpen {
                hazards.insert(.unknownLineage)
                for column in columns { write(.unknown, to: column, &written) }
            } else {
                for column in columns.prefix(result.columns.count) { mark(column, .write) }
            }
            return result.streams
        }
        let scope = Scope(parent: names, level: Level(parent: nil))
        for row in rows {
            for (index, value) in tree.list(row, .items).enumerated() {
                let first = literals.count
                let lineage = root(value, scope)
                guard index < columns.count else { continue }
                attach([columns[index]], to: first..<literals.count)
                write(lineage, to: columns[index], &written)
            }
        }
        return []
    }

    /// Notes that a column gets a value.
    private func write(_ lineage: Lineage, to column: ColumnKey, _ written: inout [ColumnKey: Lineage]) {
        mark(column, .write)
        note(lineage, writtenTo: column)
        guard !lineage.keys.isEmpty || lineage.isUnknown || !lineage.constants.isEmpty else { return }
        if written[column] == nil { written[column] = lineage } else { written[column]?.mergeAlternative(lineage) }
        if lineage.keys.isEmpty, !lineage.isUnknown { return }
        let others = lineage.keys.filter { $0 != column }
        for key in others { mark(key, .output) }
        // The column takes it or not: there may be a length, a check, a value that is there already. Its own value it has
        // taken before.
        if !others.isEmpty || lineage.keys.contains(where: changed.contains) { mark(lineage, .predicate) }
        // Rows that lie elsewhere, too, are shown from there.
        let target = instances[Int(column.instance)]
        for key in others {
            let source = instances[Int(key.instance)]
            if source.name != target.name || source.schema != target.schema { collectsRows = true }
        }
        // A column computed from itself may come to show what its mask hides.
        if !others.isEmpty || lineage.isUnknown || lineage.isDerived {
            flows.append(Flow(target: column, lineage: lineage))
        }
    }

    private func onConflict(
        _ clause: ParseTree.ID, _ names: Scope, _ target: Target, _ written: inout [ColumnKey: Lineage], rows: Int
    ) {
        let inferScope = Scope(parent: names, level: Level(parent: nil), entries: [target.entry])
        if let infer = tree.field(clause, .infer) {
            for element in tree.list(infer, .indexElems) {
                if let name = tree.string(element, .name) {
                    markLookup(Lineage(key: columnKey(name, target)), values: rows)
                }
                if let expression = tree.field(element, .expr) { condition(expression, inferScope) }
            }
            if let filter = tree.field(infer, .whereClause) { condition(filter, inferScope) }
        }
        let assignments = tree.list(clause, .targetList)
        guard !assignments.isEmpty else { return }
        // The row that is there is updated: an access of its own.
        let instance = copy(target.instance, .update)
        instances[instance].readsNoRows = true
        let existing = Entry(
            name: target.entry.name, schema: target.entry.schema, columns: .relation(instance: instance))
        existing.instance = instance
        existing.isOpen = target.entry.isOpen
        existing.hasSystemColumns = true
        let excluded = Entry(name: "excluded", columns: .computed(proposed(target, written)))
        excluded.isVisible = false
        excluded.isOpen = target.entry.isOpen
        excluded.openLineage = Lineage(isDerived: true)
        let scope = Scope(parent: names, level: Level(parent: nil), entries: [existing, excluded])
        let updated = Target(instance: instance, entry: existing)
        var assigned: [ColumnKey: Lineage] = [:]
        assign(assignments, scope, updated, &assigned)
        for (key, lineage) in assigned {
            let same = ColumnKey(target.instance, Int(key.column))
            if written[same] == nil { written[same] = lineage } else { written[same]?.mergeAlternative(lineage) }
        }
        if let filter = tree.field(clause, .whereClause) { _ = predicate(filter, scope) }
    }

    /// The row that INSERT proposed: what was written to each column, which is the client's own.
    private func proposed(_ target: Target, _ written: [ColumnKey: Lineage]) -> [ResultColumn] {
        (instances[target.instance].relation?.columns ?? []).enumerated().map { index, column in
            var lineage = written[ColumnKey(target.instance, index)] ?? Lineage()
            lineage.isConstant = false
            return ResultColumn(name: column.name, lineage: lineage)
        }
    }

    private func copy(_ instance: Int, _ effect: RelationAccess.Effect) -> Int {
        let source = instances[instance]
        var copy = Instance(
            effect: effect, schema: source.schema, name: source.name, relation: source.relation)
        copy.isUnknown = source.isUnknown
        copy.isCatalog = source.isCatalog
        copy.otherColumns = source.otherColumns
        copy.uses = Array(repeating: [], count: source.uses.count)
        viewColumns[instances.count] = viewColumns[instance]
        instances.append(copy)
        return instances.count - 1
    }

    // MARK: UPDATE, DELETE

    func update(_ id: ParseTree.ID, parent: Scope?) -> QueryResult {
        let names = Scope(parent: parent, level: Level(parent: nil))
        if let with = tree.field(id, .withClause) { readWith(with, names) }
        guard let target = target(id, .update) else { return QueryResult(isOpen: true) }
        let scope = Scope(parent: names, level: Level(parent: nil), entries: [target.entry])
        for item in tree.list(id, .fromClause) { scope.entries += fromItem(item, scope) }
        var written: [ColumnKey: Lineage] = [:]
        assign(tree.list(id, .targetList), scope, target, &written)
        if let condition = tree.field(id, .whereClause) { apply(predicate(condition, scope)) }
        let returning = tree.list(id, .returningList)
        if returning.isEmpty { return QueryResult() }
        return self.returning(
            returning, names, target, written, others: Array(scope.entries.dropFirst()), dependsOn: [target.instance])
    }

    func delete(_ id: ParseTree.ID, parent: Scope?) -> QueryResult {
        let names = Scope(parent: parent, level: Level(parent: nil))
        if let with = tree.field(id, .withClause) { readWith(with, names) }
        guard let target = target(id, .delete) else { return QueryResult(isOpen: true) }
        let scope = Scope(parent: names, level: Level(parent: nil), entries: [target.entry])
        for item in tree.list(id, .usingClause) { scope.entries += fromItem(item, scope) }
        if let condition = tree.field(id, .whereClause) { apply(predicate(condition, scope)) }
        let returning = tree.list(id, .returningList)
        if returning.isEmpty { return QueryResult() }
        return self.returning(
            returning, names, target, [:], others: Array(scope.entries.dropFirst()), dependsOn: [target.instance])
    }

    /// The assignments of SET.
    private func assign(
        _ list: [ParseTree.ID], _ scope: Scope, _ target: Target, _ written: inout [ColumnKey: Lineage]
    ) {
        for assignment in list {
            let column = columnKey(tree.string(assignment, .name) ?? "", target)
            mark(column, .write)
            for index in tree.list(assignment, .indirection) where tree.type(index) == .A_Indices {
                _ = root(index, scope)
            }
            guard let value = tree.field(assignment, .val) else { continue }
            let first = literals.count
            let lineage: Lineage
            if tree.type(value) == .MultiAssignRef {
                lineage = assignedPart(value, scope)
            } else {
                lineage = root(value, scope)
            }
            attach([column], to: first..<literals.count)
            write(lineage, to: column, &written)
        }
    }

    /// One column of `(a, b) = (…)`.
    private func assignedPart(_ value: ParseTree.ID, _ scope: Scope) -> Lineage {
        guard let source = tree.field(value, .source) else { return .unknown }
        let index = (tree.integer(value, .colno) ?? 1) - 1
        if tree.type(source) == .RowExpr {
            let items = tree.list(source, .args)
            return items.indices.contains(index) ? root(items[index], scope) : root(source, scope)
        }
        if tree.type(source) == .SubLink, let subselect = tree.field(source, .subselect) {
            let result = query(subselect, parent: scope, level: nil)
            if !result.isOpen, result.columns.indices.contains(index) {
                var lineage = result.columns[index].lineage
                lineage.isConstant = false
                return lineage
            }
            return rowLineage(of: result)
        }
        return root(source, scope)
    }

    // MARK: RETURNING

    /// RETURNING reads the rows as SELECT would, with what was just written to them.
    private func returning(
        _ list: [ParseTree.ID], _ names: Scope, _ target: Target, _ written: [ColumnKey: Lineage], others: [Entry],
        dependsOn: [Int]
    ) -> QueryResult {
        let read = copy(target.instance, .select)
        instances[read].dependsOn = dependsOn
        let entry = Entry(name: target.entry.name, schema: target.entry.schema, columns: .computed([]))
        entry.instance = read
        entry.isOpen = target.entry.isOpen
        entry.openLineage = target.entry.openLineage
        entry.hasSystemColumns = true
        if instances[read].relation == nil {
            entry.columns = .relation(instance: read)
        } else {
            entry.columns = .computed(
                columns(of: target.entry).enumerated().map { index, column in
                    // Through a view, its base columns too.
                    var lineage = column.lineage
                    lineage.replaceKeys(lineage.keys.filter { Int($0.instance) != target.instance })
                    lineage.insert([ColumnKey(read, index)])
                    if let value = written[ColumnKey(target.instance, index)] { lineage.merge(value) }
                    return ResultColumn(name: column.name, lineage: lineage)
                })
        }
        let scope = Scope(parent: names, level: Level(parent: nil), entries: [entry] + others)
        var result = targets(list, scope)
        result.streams = [read]
        return result
    }

    // MARK: MERGE

    func merge(_ id: ParseTree.ID, parent: Scope?) -> QueryResult {
        let names = Scope(parent: parent, level: Level(parent: nil))
        if let with = tree.field(id, .withClause) { readWith(with, names) }
        guard let target = target(id, .merge) else { return QueryResult() }
        let scope = Scope(parent: names, level: Level(parent: nil), entries: [target.entry])
        if let source = tree.field(id, .sourceRelation) { scope.entries += fromItem(source, scope) }
        if let join = tree.field(id, .joinCondition) { apply(predicate(join, scope)) }
        var written: [ColumnKey: Lineage] = [:]
        for clause in tree.list(id, .mergeWhenClauses) {
            if let condition = tree.field(clause, .condition) { _ = predicate(condition, scope) }
            let effect: RelationAccess.Effect
            switch tree.string(clause, .commandType) {
            case "CMD_UPDATE": effect = .update
            case "CMD_INSERT": effect = .insert
            case "CMD_DELETE": effect = .delete
            case "CMD_NOTHING": continue
            default:
                hazards.insert(.unjudged)
                continue
            }
            let instance = copy(target.instance, effect)
            instances[instance].readsNoRows = effect == .insert
            if effect != .insert { instances[instance].dependsOn = [target.instance] }
            let branch = Target(instance: instance, entry: target.entry)
            let list = tree.list(clause, .targetList)
            if effect == .update {
                assign(list, scope, branch, &written)
            } else if effect == .insert {
                let columns = insertColumns(list, branch)
                for (index, value) in tree.list(clause, .values).enumerated() {
                    let first = literals.count
                    let lineage = root(value, scope)
                    guard index < columns.count else { continue }
                    attach([columns[index]], to: first..<literals.count)
                    write(lineage, to: columns[index], &written)
                }
            }
        }
        return QueryResult()
    }
}
