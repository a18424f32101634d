/// System columns, which every table has and no catalog lists. They tell where a row lies and who wrote it, and
/// nothing of what it says.
private let systemColumns: Set<String> = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"]

extension Analyzer {
    // MARK: Names

    func columnReference(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        let fields = tree.list(id, .fields)
        let names = fields.compactMap { tree.stringNode($0) }
        if fields.count > names.count { return starRow(names, scope) }
        let before = hazards
        hazards.remove(.unknownObject)
        callsField = false
        defer {
            if hazards.contains(.unknownObject) || callsField { noteUnknown(.column, names, at: tree.location(id)) }
            hazards.formUnion(before)
        }
        switch names.count {
        case 1: return unqualified(names[0], scope)
        case 2: return qualified(names[0], schema: nil, names[1], scope)
        case 3: return qualified(names[1], schema: names[0], names[2], scope)
        case 4: return qualified(names[2], schema: names[1], names[3], scope)
        default: return unknownColumn()
        }
    }

    private func unknownColumn() -> Lineage {
        hazards.formUnion([.unknownObject, .unknownLineage])
        return .unknown
    }

    /// A column of the nearest level that has one of the name; then a row of FROM's that goes by it.
    private func unqualified(_ name: String, _ scope: Scope) -> Lineage {
        var current: Scope? = scope
        while let level = current {
            var found: Lineage?
            for entry in level.entries where entry.isVisible {
                guard let lineage = knownColumn(name, of: entry) else { continue }
                if found == nil { found = lineage } else { found?.merge(lineage) }
            }
            if let found { return found }
            if level.entries.contains(where: { $0.isVisible && $0.isOpen }) {
                return openColumn(name, level)
            }
            if systemColumns.contains(name), level.entries.contains(where: { $0.isVisible && $0.hasSystemColumns }) {
                return Lineage()
            }
            current = level.parent
        }
        if let entry = entry(named: name, schema: nil, scope) {
            return entry.isScalar ? rowOf(entry, asScalar: true) : rowOf(entry)
        }
        return unknownColumn()
    }

    /// A column that one of several relations of unknown columns must have, or else something outside of them.
    private func openColumn(_ name: String, _ scope: Scope) -> Lineage {
        var result = Lineage(isUnknown: true)
        let open = scope.entries.filter { $0.isVisible && $0.isOpen }
        for entry in open {
            if let lineage = column(name, of: entry) { result.merge(lineage) }
        }
        // One catalog alone, whose columns are merely not listed, is no riddle.
        if open.count == 1, let entry = open.first, let lineage = column(name, of: entry) { result = lineage }
        if result.isUnknown { hazards.insert(.unknownLineage) }
        if let entry = entry(named: name, schema: nil, scope) { result.merge(rowOf(entry)) }
        return result
    }

    private func qualified(_ relation: String, schema: String?, _ name: String, _ scope: Scope) -> Lineage {
        guard let entry = entry(named: relation, schema: schema, scope) else {
            return unknownColumn()
        }
        if let lineage = column(name, of: entry) { return lineage }
        if systemColumns.contains(name), entry.hasSystemColumns { return Lineage() }
        // c.f may be f(c), and is neither where there is no such function.
        callsField =
            userFunctions(named: name).isEmpty && HarmlessFunctions.kinds[name] == nil
            && !DangerousFunctions.isBuiltIn(name)
        noteFieldFunction(name)
        return rowOf(entry)
    }

    /// The nearest entry of the name.
    func entry(named name: String, schema: String?, _ scope: Scope) -> Entry? {
        var current: Scope? = scope
        while let level = current {
            if let entry = level.entries.last(where: {
                $0.isNamed && $0.name == name && (schema == nil || $0.schema == schema)
            }) {
                return entry
            }
            current = level.parent
        }
        return nil
    }

    /// The entry whose row an expression is, if it is one.
    func wholeRow(_ id: ParseTree.ID, _ scope: Scope) -> Entry? {
        guard tree.type(id) == .ColumnRef else { return nil }
        let fields = tree.list(id, .fields)
        let names = fields.compactMap { tree.stringNode($0) }
        guard let last = names.last, names.count <= 2 else { return nil }
        let schema = names.count == 2 ? names[0] : nil
        if fields.count == 1 {
            // A column of the name comes before a row of it.
            var current: Scope? = scope
            while let level = current {
                for entry in level.entries where entry.isVisible && knownColumn(last, of: entry) != nil { return nil }
                current = level.parent
            }
        } else if fields.count == names.count, entry(named: names[0], schema: nil, scope) != nil {
            return nil
        }
        return entry(named: last, schema: schema, scope)
    }

    // MARK: Columns of an entry

    private func knownColumn(_ name: String, of entry: Entry) -> Lineage? {
        if let index = entry.renames.firstIndex(of: name) { return columnAt(index, of: entry) }
        switch entry.columns {
        case .relation(let instance):
            guard let relation = instances[instance].relation,
                let index = relation.columns.firstIndex(where: { $0.name == name }), index >= entry.renames.count
            else { return nil }
            return columnLineage(instance, index)
        case .computed(let columns):
            var found: Lineage?
            for (index, column) in columns.enumerated() where column.name == name && index >= entry.renames.count {
                if found == nil { found = column.lineage } else { found?.merge(column.lineage) }
            }
            return found
        }
    }

    /// A column by name, which an entry of unknown columns always has.
    func column(_ name: String, of entry: Entry) -> Lineage? {
        if let lineage = knownColumn(name, of: entry) { return lineage }
        guard entry.isOpen else { return nil }
        if case .relation(let instance) = entry.columns,
            let index = instances[instance].column(named: name, adding: true)
        {
            var lineage = Lineage(key: ColumnKey(instance, index))
            lineage.isUnknown = instances[instance].isUnknown
            return lineage
        }
        return entry.openLineage
    }

    private func columnAt(_ index: Int, of entry: Entry) -> Lineage? {
        switch entry.columns {
        case .relation(let instance):
            guard index < instances[instance].relation?.columns.count ?? 0 else {
                return entry.isOpen ? entry.openLineage : nil
            }
            return columnLineage(instance, index)
        case .computed(let columns):
            return index < columns.count ? columns[index].lineage : entry.isOpen ? entry.openLineage : nil
        }
    }

    /// All columns of an entry, as `*` gives them.
    func columns(of entry: Entry) -> [ResultColumn] {
        var result: [ResultColumn]
        switch entry.columns {
        case .relation(let instance):
            result = (instances[instance].relation?.columns ?? []).enumerated().map { index, column in
                ResultColumn(name: column.name, lineage: columnLineage(instance, index))
            }
        case .computed(let columns):
            result = columns
        }
        for (index, name) in entry.renames.enumerated() where index < result.count { result[index].name = name }
        for index in result.indices {
            result[index].literals = 0..<0
            // What counted the rows may come to stand beside another row's.
            result[index].summary = nil
        }
        return result
    }

    func noteAllColumns(of entry: Entry) {
        if let instance = entry.instance { instances[instance].isAllColumns = true }
        for part in entry.parts { noteAllColumns(of: part) }
    }

    /// The whole row as one value.
    func rowOf(_ entry: Entry, asScalar: Bool = false) -> Lineage {
        if asScalar, !entry.isOpen, let only = columns(of: entry).first { return only.lineage }
        noteAllColumns(of: entry)
        var result = Lineage(isDerived: true)
        for column in columns(of: entry) { result.merge(column.lineage) }
        if result.document != nil { result.document?.reshape(.record) }
        if entry.isOpen {
            result.merge(entry.openLineage)
            hazards.insert(.unknownLineage)
            result.isUnknown = true
        }
        result.isDerived = true
        return result
    }

    /// `c.*` or `*` inside an expression.
    private func starRow(_ names: [String], _ scope: Scope) -> Lineage {
        var result = Lineage(isDerived: true)
        guard let entries = starEntries(names, scope) else { return unknownColumn() }
        for entry in entries { result.merge(rowOf(entry)) }
        return result
    }

    /// The entries that `*`, `c.*` or `s.c.*` stands for.
    func starEntries(_ names: [String], _ scope: Scope) -> [Entry]? {
        guard let last = names.last else { return scope.entries.filter(\.isVisible) }
        let schema = names.count >= 2 ? names[names.count - 2] : nil
        return entry(named: last, schema: schema, scope).map { [$0] }
    }
}
