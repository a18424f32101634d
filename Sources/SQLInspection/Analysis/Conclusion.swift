extension Analyzer {
    /// Puts together what was noted.
    func conclude(
        _ kind: StatementKind, _ result: QueryResult?, statement: ParsedText.Statement,
        tokens: [TokenScan.LiteralToken]
    ) -> StatementAnalysis {
        if let result {
            for column in result.columns { mark(column.lineage, .output) }
            if result.isOpen || result.columns.contains(where: \.lineage.isUnknown) { hazards.insert(.unknownLineage) }
        }
        noteFillers()
        noteCatalogUses()
        let outputs = result.map(outputColumns)
        return StatementAnalysis(
            kind: kind, accesses: accesses(), functions: functions.sorted(), hazards: hazards, outputs: outputs,
            literals: literals(in: statement.textRange, tokens), flows: columnFlows(), writes: columnWrites(),
            arguments: arguments, collectsRows: collectsRows, shownValues: shownValues, packsRows: packsRows,
            documentUses: documentUseList(), unknownName: unknownName, fingerprint: statement.fingerprint,
            textRange: statement.textRange)
    }

    /// What the columns of the server's catalogs, and changes of them, mean.
    private func noteCatalogUses() {
        for instance in instances where instance.isCatalog {
            switch instance.effect {
            case .insert, .update, .delete, .merge, .truncate:
                // A catalog that is changed by hand is DDL; pg_settings' rule is a SET.
                hazards.formUnion([.unjudged, .relabels])
                if instance.name == "pg_settings" { hazards.formUnion([.pinnedSetting, .roleChange]) }
            default: break
            }
            for (index, use) in instance.uses.enumerated() where !use.isEmpty {
                let column = instance.columnName(Int32(truncatingIfNeeded: index))
                hazards.formUnion(
                    CatalogRelations.hazards(schema: instance.schema, name: instance.name, column: column))
                if instance.name == "pg_settings", !instance.namesSettings,
                    CatalogRelations.settingColumns.contains(column)
                {
                    hazards.insert(.secrets)
                }
            }
        }
    }

    private func outputColumns(_ result: QueryResult) -> [OutputColumn] {
        var outputs = result.columns.map { column in
            OutputColumn(
                name: column.name, sources: baseColumns(column.lineage.keys),
                isDerived: column.lineage.isDerived || column.lineage.keys.contains(where: isGenerated),
                isUnknown: column.lineage.isUnknown, countedBy: counter(of: column, in: result),
                document: column.lineage.document?.shown)
        }
        // It stands for any number of columns, or for none.
        if result.isOpen { outputs.append(OutputColumn(name: "*", isDerived: true, isUnknown: true)) }
        return outputs
    }

    private func isGenerated(_ key: ColumnKey) -> Bool {
        !instances[Int(key.instance)].generatingColumns(key.column).isEmpty
    }

    // MARK: Columns

    func baseColumns(_ keys: [ColumnKey]) -> Set<BaseColumn> {
        var result: Set<BaseColumn> = []
        for key in keys { insertBaseColumns(key, into: &result, depth: 0) }
        return result
    }

    private func insertBaseColumns(_ key: ColumnKey, into result: inout Set<BaseColumn>, depth: Int) {
        let index = Int(key.instance)
        guard index < instances.count, depth < 32 else { return }
        if instances[index].isPlaceholder {
            guard let lineages = placeholders[index], lineages.indices.contains(Int(key.column)) else { return }
            for inner in lineages[Int(key.column)].keys {
                insertBaseColumns(inner, into: &result, depth: depth + 1)
            }
            return
        }
        let instance = instances[index]
        let name = instance.columnName(key.column)
        result.insert(BaseColumn(schema: instance.schema, relation: instance.name, column: name))
        if let relation = instance.relation, relation.columns.indices.contains(Int(key.column)) {
            for source in instance.generatingColumns(key.column) where depth < 8 {
                insertBaseColumns(ColumnKey(index, source), into: &result, depth: depth + 1)
            }
        }
        // What is said of the columns of the tables above holds for its own, and its rows are those of the tables below.
        guard let relation = instance.relation else { return }
        for other in catalog.ancestors(of: relation) + catalog.descendants(of: relation)
        where other.columns.contains(where: { $0.name == name }) {
            result.insert(BaseColumn(schema: other.schema, relation: other.name, column: name))
        }
    }

    // MARK: Accesses

    private func accesses() -> [RelationAccess] {
        let bounded = boundedInstances()
        let multiplicities = multiplicities()
        var result: [RelationAccess] = []
        for (index, instance) in instances.enumerated() where !instance.isPlaceholder {
            var columns: [String: RelationAccess.Use] = [:]
            for (column, use) in instance.uses.enumerated() where !use.isEmpty {
                columns[instance.columnName(Int32(truncatingIfNeeded: column))] = use
            }
            var access = RelationAccess(
                effect: instance.effect, schema: instance.schema, name: instance.name, columns: columns,
                isUnknown: instance.isUnknown, isCatalog: instance.isCatalog, isUnbounded: !bounded[index],
                isAllColumns: instance.isAllColumns,
                occurrences: columns.values.contains { $0.contains(.output) } ? multiplicities[index] ?? 1 : 0)
            access.below =
                instance.relation.map(catalog.descendants)?.map { BaseRelation(schema: $0.schema, name: $0.name) } ?? []
            add(access, to: &result)
            for parent in instance.relation.map(catalog.ancestors) ?? [] {
                var inherited = access
                inherited.below = []
                inherited.schema = parent.schema
                inherited.name = parent.name
                let names = Set(parent.columns.map(\.name))
                inherited.columns = columns.filter { names.contains($0.key) }
                add(inherited, to: &result)
            }
            for written in writesThrough(view: index, columns, bounded) { add(written, to: &result) }
        }
        return result
    }

    /// What is done to a view's rows is done to those of the relations under it.
    private func writesThrough(
        view index: Int, _ columns: [String: RelationAccess.Use], _ bounded: [Bool]
    ) -> [RelationAccess] {
        let view = instances[index]
        guard view.effect != .select, view.effect != .lock, let lineages = viewColumns[index] else { return [] }
        var result: [RelationAccess] = []
        for (column, lineage) in lineages.enumerated() {
            for key in lineage.keys where Int(key.instance) != index {
                let base = instances[Int(key.instance)]
                guard !base.isPlaceholder else { continue }
                var access = RelationAccess(
                    effect: view.effect, schema: base.schema, name: base.name, isUnknown: base.isUnknown,
                    isCatalog: base.isCatalog, isUnbounded: !bounded[index] && !view.readsNoRows)
                if let use = columns[view.columnName(Int32(truncatingIfNeeded: column))], use.contains(.write) {
                    access.columns[base.columnName(key.column)] = .write
                }
                add(access, to: &result)
            }
        }
        return result
    }

    private func add(_ access: RelationAccess, to result: inout [RelationAccess]) {
        guard
            let index = result.firstIndex(where: {
                $0.effect == access.effect && $0.name == access.name && $0.schema == access.schema
            })
        else {
            result.append(access)
            return
        }
        result[index].columns.merge(access.columns) { $0.union($1) }
        for table in access.below where !result[index].below.contains(table) { result[index].below.append(table) }
        result[index].isUnbounded = result[index].isUnbounded || access.isUnbounded
        result[index].isAllColumns = result[index].isAllColumns || access.isAllColumns
        result[index].occurrences = min(result[index].occurrences + access.occurrences, Self.maxInstances)
    }

    /// How often the rows of relations in common tables are read; those that are read once have no entry.
    private func multiplicities() -> [Int: Int] {
        var result: [Int: Int] = [:]
        guard commonTables.contains(where: { $0.references > 1 }) else { return result }
        var known: [ObjectIdentifier: Int] = [:]
        func multiplicity(_ table: CommonTable, _ depth: Int) -> Int {
            if let found = known[ObjectIdentifier(table)] { return found }
            // A table that reads itself, or a chain of tables with no end, is read any number of times.
            guard depth < 64 else { return Self.maxInstances }
            var count = 0
            for reader in table.readers {
                count = min(count + (reader.map { multiplicity($0, depth + 1) } ?? 1), Self.maxInstances)
            }
            known[ObjectIdentifier(table)] = count
            return count
        }
        for table in commonTables {
            let count = multiplicity(table, 0)
            if count > 1 { for instance in table.instances { result[instance] = max(result[instance] ?? 1, count) } }
        }
        return result
    }

    /// Follows equal columns from relations that are bounded to those that are bounded thereby.
    private func boundedInstances() -> [Bool] {
        var bounded = instances.map { $0.sharedSince?.wasBounded ?? $0.isBounded }
        var outgoing: [Int: [Int]] = [:]
        for (index, edge) in edges.enumerated() {
            if let shared = instances[edge.to].sharedSince, index >= shared.edgeCount { continue }
            outgoing[edge.from, default: []].append(edge.to)
        }
        if !outgoing.isEmpty {
            var next = bounded.indices.filter { bounded[$0] }
            while let from = next.popLast() {
                for to in outgoing[from] ?? [] where !bounded[to] {
                    bounded[to] = true
                    next.append(to)
                }
            }
        }
        for (index, instance) in instances.enumerated() {
            let isSummarized = instance.sharedSince?.wasSummarized ?? instance.isSummarized
            if isSummarized || instance.readsNoRows { bounded[index] = true }
        }
        // What others depend on comes before them or just behind; a view's relations may be views.
        for (index, instance) in instances.enumerated().reversed() {
            guard let parts = instance.dependsOn, !bounded[index] else { continue }
            bounded[index] = parts.allSatisfy { $0 < bounded.count && bounded[$0] }
        }
        return bounded
    }

    // MARK: Literals and flows

    private func literals(in range: Range<Int>, _ tokens: [TokenScan.LiteralToken]) -> [Literal] {
        var lower = firstToken(at: range.lowerBound, tokens)
        let first = lower
        let unread = tree.unreadConstants(constantLog)
        var result: [Literal] = []
        while lower < tokens.count, Int(tokens[lower].range.lowerBound) < range.upperBound {
            let token = tokens[lower]
            let place = Int(token.range.lowerBound)..<Int(token.range.upperBound)
            result.append(
                Literal(range: place, isString: token.isString, isUnread: unread.contains(place.lowerBound)))
            lower += 1
        }
        for literal in literals where !literal.keys.isEmpty {
            // The parser places a negative number at its sign, which no token of a literal includes.
            let index = firstToken(at: literal.location, tokens) - first
            if result.indices.contains(index) { result[index].columns.formUnion(baseColumns(literal.keys)) }
        }
        return result
    }

    /// The first literal that starts there or later.
    private func firstToken(at location: Int, _ tokens: [TokenScan.LiteralToken]) -> Int {
        var low = 0
        var high = tokens.count
        while low < high {
            let middle = (low + high) / 2
            if Int(tokens[middle].range.lowerBound) < location { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func columnFlows() -> [ColumnFlow] {
        var result: [ColumnFlow] = []
        for flow in flows {
            let sources = baseColumns(flow.lineage.keys)
            for target in baseColumns([flow.target]) {
                let flow = ColumnFlow(
                    target: target, sources: sources, isDerived: flow.lineage.isDerived,
                    isUnknown: flow.lineage.isUnknown, document: flow.lineage.document?.shown)
                if !result.contains(flow) { result.append(flow) }
            }
        }
        return result
    }
}
