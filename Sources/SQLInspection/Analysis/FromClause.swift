extension Analyzer {
    /// The entries that an item of FROM makes. `scope` holds the items before it, which LATERAL sees.
    func fromItem(_ id: ParseTree.ID, _ scope: Scope) -> [Entry] {
        nested([]) {
            switch tree.type(id) {
            case .RangeVar:
                return [namedEntry(id, scope)]
            case .RangeSubselect:
                return [subqueryEntry(id, scope)]
            case .RangeFunction:
                return [functionEntry(id, scope)]
            case .RangeTableFunc:
                return [xmlTableEntry(id, scope)]
            case .RangeTableSample:
                for argument in tree.list(id, .args) { condition(argument, scope) }
                if let seed = tree.field(id, .repeatable) { condition(seed, scope) }
                return tree.field(id, .relation).map { fromItem($0, scope) } ?? []
            case .JoinExpr:
                return join(id, scope)
            default:
                hazards.formUnion([.unjudged, .unknownLineage])
                let entry = Entry(name: "", columns: .computed([]))
                entry.isOpen = true
                return [entry]
            }
        }
    }

    /// A common table or a relation.
    private func namedEntry(_ id: ParseTree.ID, _ scope: Scope) -> Entry {
        if tree.field(id, .schemaname) == nil, let name = tree.string(id, .relname),
            let table = scope.commonTable(name)
        {
            let entry = commonTableEntry(table, scope)
            return rename(entry, tree.field(id, .alias), name: name)
        }
        return relationEntry(id, effect: .select)
    }

    private func rename(_ entry: Entry, _ alias: ParseTree.ID?, name: String) -> Entry {
        let renamed = Entry(name: alias.flatMap { tree.string($0, .aliasname) } ?? name, columns: entry.columns)
        renamed.isOpen = entry.isOpen
        renamed.openLineage = entry.openLineage
        renamed.streams = entry.streams
        renamed.repeatsRows = entry.repeatsRows
        if let alias { renamed.renames = tree.names(alias, .colnames) }
        return renamed
    }

    private func subqueryEntry(_ id: ParseTree.ID, _ scope: Scope) -> Entry {
        let entry = Entry(name: "", columns: .computed([]))
        if let subquery = tree.field(id, .subquery) {
            let parent = tree.flag(id, .lateral) ? scope : scope.parent
            let result = query(subquery, parent: parent, level: scope.level)
            entry.columns = .computed(result.columns)
            entry.isOpen = result.isOpen
            entry.streams = result.streams
            entry.repeatsRows = result.repeatsRows
        } else {
            entry.isOpen = true
        }
        return rename(entry, tree.field(id, .alias), name: "")
    }

    // MARK: Functions

    private func functionEntry(_ id: ParseTree.ID, _ scope: Scope) -> Entry {
        let alias = tree.field(id, .alias)
        let functions = tree.list(id, .functions)
        var columns: [ResultColumn] = []
        var isOpen = false
        var open = Lineage(isDerived: true)
        var scalarNames = 0
        var name = ""
        for function in functions {
            let parts = tree.list(function, .items)
            guard let call = parts.first else { continue }
            var lineage = root(call, scope)
            lineage.isConstant = false
            if !lineage.keys.isEmpty { lineage.isDerived = true }
            let functionName = tree.names(call, .funcname).last ?? "?column?"
            if name.isEmpty { name = functionName }
            var definitions = parts.count > 1 ? tree.list(parts[1], .items) : []
            if functions.count == 1 { definitions += tree.list(id, .coldeflist) }
            if !definitions.isEmpty {
                columns += definitions.map {
                    ResultColumn(name: tree.string($0, .colname) ?? "", lineage: definedColumn($0, lineage))
                }
            } else if let names = functionColumns(functionName, call) {
                columns += names.map {
                    ResultColumn(name: $0, lineage: functionColumn($0, of: functionName, lineage))
                }
                if names.count == 1 && names[0] == functionName { scalarNames += 1 }
            } else {
                isOpen = true
                open.merge(lineage)
            }
        }
        if tree.flag(id, .ordinality) {
            columns.append(ResultColumn(name: "ordinality", lineage: Lineage()))
        }
        let entry = Entry(
            name: alias.flatMap { tree.string($0, .aliasname) } ?? name, columns: .computed(columns))
        entry.repeatsRows = true
        // A scalar function's column goes by the alias where that names no columns.
        if functions.count == 1, scalarNames == 1, let first = columns.first {
            entry.isScalar = true
            columns[0] = ResultColumn(name: entry.name, lineage: first.lineage)
            entry.columns = .computed(columns)
        }
        entry.isOpen = isOpen
        entry.openLineage = open
        if let alias { entry.renames = tree.names(alias, .colnames) }
        if isOpen { padRenames(entry) }
        return entry
    }

    /// The columns of a function of unknown columns that the alias names are known thereby.
    private func padRenames(_ entry: Entry) {
        guard case .computed(var columns) = entry.columns else { return }
        while columns.count < entry.renames.count {
            columns.append(ResultColumn(name: entry.renames[columns.count], lineage: entry.openLineage))
        }
        entry.columns = .computed(columns)
    }

    /// - Returns: nil where they cannot be told.
    private func functionColumns(_ name: String, _ call: ParseTree.ID) -> [String]? {
        guard tree.type(call) == .FuncCall else { return [name] }
        if tree.names(call, .funcname).first == "information_schema" {
            return name == "_pg_expandarray" ? ["x", "n"] : [name]
        }
        guard let kind = HarmlessFunctions.kinds[name], kind == .plain || kind == .setReturning,
            userFunctions(named: name).isEmpty
        else { return nil }
        // Of the type of its argument.
        if name.hasSuffix("_populate_record") || name.hasSuffix("_populate_recordset") { return nil }
        if name == "unnest" {
            let count = tree.list(call, .args).count
            return Array(repeating: name, count: max(count, 1))
        }
        return TableFunctions.columns[name] ?? [name]
    }

    private func xmlTableEntry(_ id: ParseTree.ID, _ scope: Scope) -> Entry {
        var lineage = Lineage(isDerived: true)
        for key in [ParseTree.Key.docexpr, .rowexpr] {
            if let node = tree.field(id, key) { lineage.merge(root(node, scope)) }
        }
        for node in tree.list(id, .namespaces) { lineage.merge(root(node, scope)) }
        let definitions = tree.list(id, .columns)
        for definition in definitions {
            for key in [ParseTree.Key.colexpr, .coldefexpr] {
                if let node = tree.field(definition, key) { lineage.merge(root(node, scope)) }
            }
        }
        lineage.isDerived = true
        lineage.document?.cut()
        // How many rows there are tells of the document.
        mark(lineage, .predicate)
        let columns = definitions.map { ResultColumn(name: tree.string($0, .colname) ?? "", lineage: lineage) }
        let entry = Entry(name: "", columns: .computed(columns))
        entry.repeatsRows = true
        return rename(entry, tree.field(id, .alias), name: "xmltable")
    }

    // MARK: Joins

    private func join(_ id: ParseTree.ID, _ scope: Scope) -> [Entry] {
        guard let leftNode = tree.field(id, .larg), let rightNode = tree.field(id, .rarg) else { return [] }
        let left = fromItem(leftNode, scope)
        let lateral = Scope(parent: scope.parent, level: scope.level, entries: scope.entries + left)
        let right = fromItem(rightNode, lateral)
        let kind = tree.string(id, .jointype) ?? "JOIN_INNER"
        var entries = left + right

        var merged: [(name: String, left: Lineage, right: Lineage)] = []
        let shared = tree.flag(id, .isNatural) ? commonNames(left, right) : tree.names(id, .usingClause)
        for name in shared {
            merged.append((name, lookUp(name, left), lookUp(name, right)))
        }
        var bounds = Bounds()
        for column in merged {
            mark(column.left, .predicate)
            mark(column.right, .predicate)
            bounds.equate(column.left, column.right)
        }
        if let quals = tree.field(id, .quals) {
            let inner = Scope(parent: scope.parent, level: scope.level, entries: left + right)
            bounds.add(predicate(quals, inner))
        }
        switch kind {
        case "JOIN_INNER": break
        case "JOIN_LEFT": bounds.restrict(to: Set(right.flatMap(\.streams)))
        case "JOIN_RIGHT": bounds.restrict(to: Set(left.flatMap(\.streams)))
        default: bounds = Bounds()
        }
        apply(bounds)

        let alias = tree.field(id, .alias)
        guard alias != nil || !merged.isEmpty else { return entries }
        let result = joinedEntry(merged, left, right, kind, alias)
        if alias != nil { return [result] }
        for entry in entries { entry.isVisible = false }
        if let using = tree.field(id, .join_using_alias), let name = tree.string(using, .aliasname) {
            let count = merged.count
            let only = Entry(name: name, columns: .computed(Array(columns(of: result).prefix(count))))
            only.isVisible = false
            entries.append(only)
        }
        return entries + [result]
    }

    /// The join's own columns: the merged ones first, then the others from left to right.
    private func joinedEntry(
        _ merged: [(name: String, left: Lineage, right: Lineage)], _ left: [Entry], _ right: [Entry], _ kind: String,
        _ alias: ParseTree.ID?
    ) -> Entry {
        var result: [ResultColumn] = merged.map { column in
            var lineage: Lineage
            switch kind {
            case "JOIN_RIGHT": lineage = column.right
            case "JOIN_FULL":
                lineage = column.left
                lineage.merge(column.right)
                lineage.isDerived = true
            default: lineage = column.left
            }
            return ResultColumn(name: column.name, lineage: lineage)
        }
        let names = Set(merged.map(\.name))
        let name = alias.flatMap { tree.string($0, .aliasname) } ?? ""
        let joined = Entry(name: name, columns: .computed([]))
        for entry in left + right where entry.isVisible {
            joined.parts.append(entry)
            result += columns(of: entry).filter { !names.contains($0.name) }
        }
        joined.columns = .computed(result)
        joined.repeatsRows = true
        joined.isNamed = alias != nil
        joined.streams = alias == nil ? [] : (left + right).flatMap(\.streams)
        joined.isOpen = (left + right).contains { $0.isVisible && $0.isOpen }
        if let alias { joined.renames = tree.names(alias, .colnames) }
        return joined
    }

    private func commonNames(_ left: [Entry], _ right: [Entry]) -> [String] {
        let others = Set(right.filter(\.isVisible).flatMap { columns(of: $0).map(\.name) })
        var seen: Set<String> = []
        return left.filter(\.isVisible).flatMap { columns(of: $0).map(\.name) }.filter {
            others.contains($0) && seen.insert($0).inserted
        }
    }

    private func lookUp(_ name: String, _ entries: [Entry]) -> Lineage {
        for entry in entries where entry.isVisible {
            if let lineage = column(name, of: entry) { return lineage }
        }
        hazards.formUnion([.unknownObject, .unknownLineage])
        return .unknown
    }
}
