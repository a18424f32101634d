/// Operators and casts: functions by another name.
extension Analyzer {
    /// Notes an operator that somebody made: it is somebody's own function.
    func noteOperator(_ id: ParseTree.ID, _ key: ParseTree.Key) {
        let names = tree.names(id, key)
        guard let name = names.last else { return }
        if names.count > 1 {
            if names.first != "pg_catalog" { functions.insert(names.joined(separator: ".")) }
            return
        }
        if catalog.operators.isEmpty { return }
        // The server picks by argument types among all of the name.
        for schema in path where schema != "pg_catalog" {
            let candidate = CatalogSnapshot.Function(schema: schema, name: name)
            if catalog.operators.contains(candidate) { functions.insert("\(schema).\(name)") }
        }
    }

    /// Notes the functions behind the casts to a type from those that a value may be of.
    func noteCast(to type: ParseTree.ID, of value: ParseTree.ID, _ lineage: Lineage) {
        guard !catalog.casts.isEmpty, let name = tree.names(type, .names).last, let casts = catalog.casts[name] else {
            return
        }
        for cast in casts where mayBe(cast, value, lineage) {
            functions.insert("\(cast.function.schema).\(cast.function.name)")
        }
    }

    /// Whether a value may be of a cast's source type: it is one of a column's, of a whole row, or was made one.
    private func mayBe(_ cast: CatalogSnapshot.Cast, _ value: ParseTree.ID, _ lineage: Lineage) -> Bool {
        if lineage.isUnknown || tree.type(value) == .ParamRef { return true }
        let isOfColumns = lineage.keys.contains { key in
            let instance = instances[Int(key.instance)]
            if instance.isCatalog { return false }
            guard let relation = instance.relation, relation.columns.indices.contains(Int(key.column)) else {
                return true
            }
            return relation.name == cast.source
                || cast.sourceOIDs.contains(relation.columns[Int(key.column)].typeOID)
        }
        return isOfColumns || makes(cast.source, value)
    }

    private func makes(_ type: String, _ id: ParseTree.ID) -> Bool {
        nested(true) {
            if tree.type(id) == .TypeCast, let name = tree.field(id, .typeName),
                tree.names(name, .names).last == type
            {
                return true
            }
            return tree.children(id).contains { makes(type, $0) }
        }
    }
}
