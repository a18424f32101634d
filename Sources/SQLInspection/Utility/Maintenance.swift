extension Analyzer {
    /// An access to a relation that reads no rows of it.
    @discardableResult
    func object(_ rangeVar: ParseTree.ID, _ effect: RelationAccess.Effect) -> Int {
        let instance = knownOccurrence(rangeVar, effect)
        instances[instance].readsNoRows = true
        return instance
    }

    /// An access to what is no relation, or is not known to be one.
    func object(_ effect: RelationAccess.Effect, schema: String = "", name: String = "") {
        var instance = Instance(effect: effect, schema: schema, name: name, relation: nil)
        instance.readsNoRows = true
        instances.append(instance)
    }

    /// Statements that tend to tables, take locks or throw rows away.
    ///
    /// - Returns: false for others.
    func maintain(_ id: ParseTree.ID) -> Bool {
        switch tree.type(id) {
        case .LockStmt:
            for relation in tree.list(id, .relations) { object(relation, .lock) }
        case .TruncateStmt:
            for relation in tree.list(id, .relations) { object(relation, .truncate) }
        case .VacuumStmt:
            let relations = tree.list(id, .rels)
            for relation in relations {
                if let name = tree.field(relation, .relation) { object(name, .maintain) }
            }
            if relations.isEmpty { object(.maintain) }
        case .ReindexStmt, .ClusterStmt, .RefreshMatViewStmt:
            guard let relation = tree.field(id, .relation) else {
                object(.maintain, name: tree.string(id, .name) ?? "")
                break
            }
            object(relation, .maintain)
        case .CheckPointStmt:
            object(.maintain)
        default:
            return false
        }
        return true
    }
}
