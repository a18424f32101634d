extension Analyzer {
    /// Reads WITH: its tables become visible in `scope`, and its writes take effect whether anybody reads them or not.
    func readWith(_ with: ParseTree.ID, _ scope: Scope) {
        let tables = tree.list(with, .ctes).map { node in
            CommonTable(
                name: tree.string(node, .ctename) ?? "", node: node, isRecursive: tree.flag(with, .recursive))
        }
        if tree.flag(with, .recursive) {
            // Each sees all of them, itself included.
            scope.commonTables = tables
            for table in tables { read(table, scope) }
        } else {
            for table in tables {
                // Each sees those before it.
                read(table, scope)
                scope.commonTables.append(table)
            }
        }
    }

    /// What a reference to a common table gives.
    func commonTableEntry(_ table: CommonTable, _ scope: Scope) -> Entry {
        if case .pending = table.state { read(table, home(of: table, scope)) }
        let entry = Entry(name: table.name, columns: .computed([]))
        switch table.state {
        case .done(let result):
            table.references += 1
            table.readers.append(readingTables.last)
            entry.columns = .computed(result.columns.map { ResultColumn(name: $0.name, lineage: $0.lineage) })
            entry.isOpen = result.isOpen
            entry.streams = result.streams
            entry.repeatsRows = result.repeatsRows
            if table.references == 2 { share(table) }
            if table.references > 1 { entry.streams = [] }
        case .reading(let placeholder?):
            let instance = instances[placeholder]
            let documents = placeholderDocuments[placeholder] ?? []
            entry.columns = .computed(
                instance.otherColumns.enumerated().map { index, name -> ResultColumn in
                    var lineage = Lineage(key: ColumnKey(placeholder, index))
                    // Each round may make it longer.
                    lineage.isGathered = true
                    lineage.document = documents.indices.contains(index) ? documents[index] : nil
                    return ResultColumn(name: name, lineage: lineage)
                })
            entry.repeatsRows = true
        case .reading, .pending:
            // The server refuses it: recursion in the first arm.
            entry.isOpen = true
            hazards.insert(.unknownLineage)
        }
        return entry
    }

    private func home(of table: CommonTable, _ scope: Scope) -> Scope {
        var current: Scope? = scope
        while let level = current {
            if level.commonTables.contains(where: { $0 === table }) { return level }
            current = level.parent
        }
        return scope
    }

    /// With a second reference, what is said of one reference's rows bounds no relation below: the other may read all
    /// of them.
    private func share(_ table: CommonTable) {
        for instance in table.instances where instances[instance].sharedSince == nil {
            instances[instance].sharedSince = .init(
                wasBounded: table.bounded.contains(instance), wasSummarized: table.summarized.contains(instance),
                edgeCount: table.edgeCount)
        }
    }

    private func read(_ table: CommonTable, _ scope: Scope) {
        guard case .pending = table.state else { return }
        table.state = .reading(placeholder: nil)
        commonTables.append(table)
        readingTables.append(table)
        defer { readingTables.removeLast() }
        guard let node = tree.field(table.node, .ctequery) else {
            table.state = .done(QueryResult(isOpen: true))
            return
        }
        let names = tree.names(table.node, .aliascolnames)
        let first = instances.count
        var result: QueryResult
        if table.isRecursive, tree.type(node) == .SelectStmt {
            result = readRecursive(table, node, scope, names)
        } else {
            result = query(node, parent: scope, level: nil)
        }
        rename(&result, names)
        addSearchAndCycle(table.node, &result)
        // What bounds the relations inside holds for every reference.
        table.instances = first..<instances.count
        table.bounded = Set(table.instances.filter { instances[$0].isBounded })
        table.summarized = Set(table.instances.filter { instances[$0].isSummarized })
        table.edgeCount = edges.count
        table.state = .done(result)
    }

    private func rename(_ result: inout QueryResult, _ names: [String]) {
        for (index, name) in names.enumerated() where index < result.columns.count { result.columns[index].name = name }
    }

    // MARK: Recursion

    /// The rows of the table itself are a placeholder while its recursive arm is read; then the sources of its columns
    /// are the least fixed point of both arms.
    private func readRecursive(
        _ table: CommonTable, _ node: ParseTree.ID, _ scope: Scope, _ names: [String]
    ) -> QueryResult {
        var initial: QueryResult?
        var placeholder: Int?
        var result = select(node, parent: scope, level: nil) { left in
            var left = left
            self.rename(&left, names)
            var instance = Instance(effect: .select, schema: "", name: table.name, relation: nil)
            instance.isPlaceholder = true
            instance.otherColumns = left.columns.map(\.name)
            instance.uses = Array(repeating: [], count: left.columns.count)
            self.instances.append(instance)
            placeholder = self.instances.count - 1
            self.placeholderDocuments[self.instances.count - 1] = left.columns.map(\.lineage.document)
            initial = left
            table.state = .reading(placeholder: placeholder)
        }
        guard let placeholder, let initial else { return result }
        var lineages = result.columns.prefix(initial.columns.count).map(\.lineage)
        let longest = lineages.map(\.extent).max() ?? 0
        var changed = true
        var rounds = 0
        while changed {
            changed = false
            rounds += 1
            if rounds > Self.maxRounds {
                // Columns that feed each other in a long chain: each may come from any of them.
                var all = Lineage(isDerived: true)
                for lineage in lineages { all.merge(lineage) }
                for index in lineages.indices { lineages[index] = all }
                break
            }
            for index in lineages.indices {
                var next = lineages[index]
                for key in next.keys where Int(key.instance) == placeholder {
                    guard lineages.indices.contains(Int(key.column)) else { continue }
                    next.merge(lineages[Int(key.column)])
                }
                if next.keys.count != lineages[index].keys.count || next.isDerived != lineages[index].isDerived
                    || next.isUnknown != lineages[index].isUnknown
                    || next.constants.count != lineages[index].constants.count
                    || next.document != lineages[index].document
                {
                    lineages[index] = next
                    changed = true
                }
            }
        }
        noteRecursion(of: placeholder, &lineages)
        for index in lineages.indices {
            let hasItself = lineages[index].keys.contains { Int($0.instance) == placeholder }
            lineages[index].replaceKeys(lineages[index].keys.filter { Int($0.instance) != placeholder })
            // Each round adds to what the one before made: one value of the last may hold those of all rows.
            if hasItself, lineages[index].isDerived, !lineages[index].keys.isEmpty { collectsRows = true }
            lineages[index].extent = longest
            lineages[index].isGathered = hasItself && lineages[index].isDerived
            gathersValues = gathersValues || views.isEmpty && lineages[index].isGathered
            lineages[index].isConstant = false
            result.columns[index].lineage = lineages[index]
        }
        placeholders[placeholder] = lineages
        for (index, use) in instances[placeholder].uses.enumerated() where index < lineages.count {
            mark(lineages[index], use)
        }
        // How many rows the recursion gives is anybody's guess.
        result.streams.removeAll { $0 == placeholder }
        result.repeatsRows = true
        return result
    }

    /// The recursive arm was read with what the other one makes of documents. Where it makes something else of them, what
    /// the next round reads of that was not told.
    private func noteRecursion(of placeholder: Int, _ lineages: inout [Lineage]) {
        guard lineages.contains(where: { $0.document != nil }) else { return }
        let first = (placeholderDocuments[placeholder] ?? []).map { $0?.form }
        guard
            lineages.map({ $0.document?.form }) != first || lineages.contains(where: { $0.document?.isUntold == true })
        else { return }
        for index in lineages.indices where lineages[index].document != nil {
            lineages[index].document?.form = .json
            lineages[index].document?.cut()
        }
    }

    /// SEARCH and CYCLE add columns.
    private func addSearchAndCycle(_ node: ParseTree.ID, _ result: inout QueryResult) {
        func lineage(of names: [String]) -> Lineage {
            var lineage = Lineage(isDerived: true)
            for column in result.columns where names.contains(column.name) { lineage.merge(column.lineage) }
            lineage.isDerived = true
            // The values of all rows on the way.
            if !lineage.keys.isEmpty { collectsRows = true }
            return lineage
        }
        if let search = tree.field(node, .search_clause), let name = tree.string(search, .search_seq_column) {
            let source = lineage(of: tree.names(search, .search_col_list))
            result.columns.append(ResultColumn(name: name, lineage: source))
        }
        if let cycle = tree.field(node, .cycle_clause) {
            let source = lineage(of: tree.names(cycle, .cycle_col_list))
            for key in [ParseTree.Key.cycle_mark_column, .cycle_path_column] {
                guard let name = tree.string(cycle, key) else { continue }
                result.columns.append(ResultColumn(name: name, lineage: source))
            }
        }
    }
}
