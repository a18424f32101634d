/// Which constants and parameters a statement puts into which columns.
extension Analyzer {
    struct Write {
        var target: ColumnKey
        var lineage: Lineage
    }

    func constant(_ id: ParseTree.ID) -> Lineage {
        guard tracksConstants, views.isEmpty, let text = constantText(id) else { return .constant }
        constants.append(.literal(text))
        return Lineage(constant: constants.count - 1, extent: Extent.literal)
    }

    func parameter(_ id: ParseTree.ID) -> Lineage {
        let number = tree.integer(id, .number) ?? 0
        let extent = parameters.insert(number).inserted ? Extent.literal : Extent.parameter
        guard tracksConstants, views.isEmpty else { return Lineage(isConstant: true, extent: extent) }
        constants.append(.parameter(number))
        return Lineage(constant: constants.count - 1, extent: extent)
    }

    /// A constant as it would be given to its type's input function; nil for NULL.
    private func constantText(_ id: ParseTree.ID) -> [UInt8]? {
        if let value = tree.field(id, .sval) { return Array((tree.string(value, .sval) ?? "").utf8) }
        if let value = tree.field(id, .ival) { return Array(String(tree.integer(value, .ival) ?? 0).utf8) }
        if let value = tree.field(id, .fval) { return Array((tree.string(value, .fval) ?? "").utf8) }
        return nil
    }

    func note(_ lineage: Lineage, writtenTo column: ColumnKey) {
        guard tracksConstants, !lineage.constants.isEmpty || lineage.isUnknown else { return }
        writes.append(Write(target: column, lineage: lineage))
    }

    /// What was noted, a column and effect at a time.
    func columnWrites() -> [ColumnWrite] {
        if !copied.isEmpty { return copied.map { ColumnWrite(targets: writtenColumns($0), changesRows: false) } }
        var result: [ColumnWrite] = []
        var places: [ColumnKey: Int] = [:]
        for write in writes {
            let index: Int
            if let known = places[write.target] {
                index = known
            } else {
                let effect = instances[Int(write.target.instance)].effect
                index = result.count
                places[write.target] = index
                result.append(ColumnWrite(targets: writtenColumns(write.target), changesRows: effect == .update))
            }
            // A value of unknown origin may hold any of them.
            let all = write.lineage.isUnknown ? Array(constants.indices) : write.lineage.constants.map(Int.init)
            let isWhole = write.lineage.keys.isEmpty && !write.lineage.isDerived
            result[index].constants += all.map { WrittenConstant(constants[$0], isWhole: isWhole) }
        }
        return result
    }

    /// The column, what it is called in the tables above, and through a view the columns below.
    func writtenColumns(_ key: ColumnKey) -> Set<BaseColumn> {
        let lineages = viewColumns[Int(key.instance)] ?? []
        let below = lineages.indices.contains(Int(key.column)) ? lineages[Int(key.column)].keys : []
        return baseColumns([key] + below)
    }
}
