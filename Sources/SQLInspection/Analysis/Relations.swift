extension Analyzer {
    enum Found {
        case relation(CatalogSnapshot.Relation)
        /// One of the system's that the snapshot does not list.
        case catalog(schema: String, name: String)
        case unknown(schema: String, name: String)
    }

    /// Finds a relation as the server would.
    func find(schema: String?, name: String) -> Found {
        if let schema {
            let schema = schema == "pg_temp" ? path.first { $0.hasPrefix("pg_temp") } ?? schema : schema
            return find(inSchema: schema, name) ?? .unknown(schema: schema, name: name)
        }
        for schema in path {
            if let found = find(inSchema: schema, name) { return found }
        }
        return .unknown(schema: "", name: name)
    }

    private func find(inSchema schema: String, _ name: String) -> Found? {
        if let relation = catalog.relation(schema: schema, name: name) { return .relation(relation) }
        return CatalogRelations.isKnown(schema: schema, name: name) ? .catalog(schema: schema, name: name) : nil
    }

    /// The relation that a RangeVar names, which a field may hold with no type around it.
    func find(_ rangeVar: ParseTree.ID) -> Found {
        find(schema: tree.string(rangeVar, .schemaname), name: tree.string(rangeVar, .relname) ?? "")
    }

    /// Notes one occurrence of a relation.
    func occurrence(_ found: Found, _ effect: RelationAccess.Effect) -> Int {
        var instance: Instance
        switch found {
        case .relation(let relation):
            instance = Instance(effect: effect, schema: relation.schema, name: relation.name, relation: relation)
            if relation.kind == .foreignTable { hazards.insert(.foreignData) }
            if relation.kind == .toast { hazards.formUnion([.unknownObject, .unknownLineage]) }
        case .catalog(let schema, let name):
            instance = Instance(effect: effect, schema: schema, name: name, relation: nil)
        case .unknown(let schema, let name):
            instance = Instance(effect: effect, schema: schema, name: name, relation: nil)
            instance.isUnknown = true
            hazards.insert(.unknownObject)
        }
        instance.isCatalog = CatalogRelations.isCatalog(schema: instance.schema)
        hazards.formUnion(CatalogRelations.hazards(schema: instance.schema, name: instance.name))
        if instance.schema.isEmpty {
            hazards.formUnion(CatalogRelations.hazards(schema: "pg_catalog", name: instance.name))
        }
        instances.append(instance)
        return instances.count - 1
    }

    /// Notes an occurrence, and the name where it is nothing's.
    func knownOccurrence(_ rangeVar: ParseTree.ID, _ effect: RelationAccess.Effect) -> Int {
        let found = find(rangeVar)
        if case .unknown = found {
            let names = [tree.string(rangeVar, .schemaname), tree.string(rangeVar, .relname)].compactMap(\.self)
            noteUnknown(.table, names, at: tree.location(rangeVar))
        }
        return occurrence(found, effect)
    }

    /// Keeps the first name that means nothing, to tell whoever wrote it.
    func noteUnknown(_ kind: UnknownName.Kind, _ names: [String], at location: Int) {
        guard views.isEmpty, unknownName == nil else { return }
        unknownName = UnknownName(kind: kind, name: names.joined(separator: "."), location: max(location, -1))
    }

    /// The entry that a relation in FROM makes.
    func relationEntry(_ rangeVar: ParseTree.ID, effect: RelationAccess.Effect) -> Entry {
        let instance = knownOccurrence(rangeVar, effect)
        let relation = instances[instance].relation
        let name = tree.string(rangeVar, .relname) ?? ""
        let alias = tree.field(rangeVar, .alias)
        let entry = Entry(
            name: alias.flatMap { tree.string($0, .aliasname) } ?? name,
            schema: alias == nil ? instances[instance].schema : nil, columns: .relation(instance: instance))
        entry.instance = instance
        entry.streams = [instance]
        entry.isOpen = relation == nil
        entry.openLineage = instances[instance].isCatalog ? Lineage(isDerived: true) : .unknown
        entry.hasSystemColumns = relation?.kind != .view
        if let relation, !instances[instance].isCatalog, relation.kind == .view || relation.kind == .materializedView {
            expandView(relation, instance, entry)
        }
        if let alias { entry.renames = tree.names(alias, .colnames) }
        return entry
    }

    // MARK: Views

    /// Gives a view's columns the lineage that its definition tells, beside their own.
    private func expandView(_ relation: CatalogSnapshot.Relation, _ instance: Int, _ entry: Entry) {
        let result = readView(relation, instance)
        var columns: [ResultColumn] = []
        for (index, column) in relation.columns.enumerated() {
            var lineage: Lineage
            if let result, !result.isOpen, result.columns.count == relation.columns.count {
                lineage = result.columns[index].lineage
            } else {
                lineage = .unknown
            }
            lineage.isConstant = false
            // What a view computes is as good as a column.
            lineage.isGathered = false
            lineage.extent = Extent.column
            if column.holdsDocuments, lineage.document == nil { lineage.document = DocumentPart(column.documentForm) }
            lineage.insert([ColumnKey(instance, index)])
            columns.append(ResultColumn(name: column.name, lineage: lineage))
        }
        if result == nil { hazards.insert(.unknownLineage) }
        entry.columns = .computed(columns)
        viewColumns[instance] = columns.map(\.lineage)
        entry.streams += result?.streams ?? []
    }

    /// - Returns: nil where the definition cannot be read, or the view reads itself.
    private func readView(_ relation: CatalogSnapshot.Relation, _ instance: Int) -> QueryResult? {
        guard !views.contains(relation.oid), views.count < Self.maxViewDepth,
            let definition = catalog.viewDefinition(of: relation, limits: limits), let root = definition.roots.first
        else { return nil }
        let outer = (tree, path)
        let firstInstance = instances.count
        views.append(relation.oid)
        tree = definition.tree
        path = ["pg_catalog"]
        defer {
            (tree, path) = outer
            views.removeLast()
        }
        let result = query(root, parent: nil, level: nil)
        instances[instance].dependsOn = Array(firstInstance..<instances.count)
        return result
    }
}
