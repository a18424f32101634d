extension Analyzer {
    func copyStatement(_ id: ParseTree.ID) -> (StatementKind, QueryResult?) {
        let isFrom = tree.flag(id, .is_from)
        let format = copyFormat(tree.list(id, .options))
        var result: QueryResult?
        if let inner = tree.field(id, .query) {
            result = query(inner, parent: nil, level: nil)
        } else if let relation = tree.field(id, .relation) {
            result = copyRelation(id, relation, isFrom: isFrom)
        } else {
            hazards.insert(.unjudged)
        }
        if tree.flag(id, .is_program) || tree.field(id, .filename) != nil {
            hazards.insert(.serverFiles)
            for column in result?.columns ?? [] { mark(column.lineage, .output) }
            return (.utility, nil)
        }
        return isFrom ? (.copyIn(format), nil) : (.copyOut(format), result)
    }

    private func copyRelation(_ id: ParseTree.ID, _ relation: ParseTree.ID, isFrom: Bool) -> QueryResult? {
        let entry = relationEntry(relation, effect: isFrom ? .insert : .select)
        guard let instance = entry.instance else { return nil }
        let names = tree.names(id, .attlist)
        let scope = Scope(parent: nil, level: Level(parent: nil), entries: [entry])
        if isFrom {
            instances[instance].readsNoRows = true
            let all = (instances[instance].relation?.columns ?? []).map(\.name)
            for name in names.isEmpty ? all : names {
                guard let index = instances[instance].column(named: name, adding: true) else { continue }
                mark(ColumnKey(instance, index), .write)
                copied.append(ColumnKey(instance, index))
            }
            if names.isEmpty { instances[instance].isAllColumns = true }
            if let filter = tree.field(id, .whereClause) { condition(filter, scope) }
            return nil
        }
        if names.isEmpty {
            noteAllColumns(of: entry)
            if entry.isOpen { hazards.insert(.unknownLineage) }
            return QueryResult(columns: columns(of: entry), isOpen: entry.isOpen)
        }
        var result = QueryResult()
        for name in names {
            let lineage = column(name, of: entry)
            if lineage == nil { hazards.formUnion([.unknownObject, .unknownLineage]) }
            result.columns.append(ResultColumn(name: name, lineage: lineage ?? .unknown))
        }
        return result
    }

    private func copyFormat(_ options: [ParseTree.ID]) -> CopyFormat {
        var format = "text"
        var values: [String: String] = [:]
        var hasHeader = false
        for option in options {
            let name = tree.string(option, .defname) ?? ""
            let value = tree.field(option, .arg).flatMap { tree.stringNode($0) }
            switch name {
            case "format": format = value?.lowercased() ?? format
            case "header": hasHeader = value?.lowercased() == "match" || flag(of: option)
            case "delimiter", "null", "quote", "escape": values[name] = value
            case "freeze", "force_quote", "force_not_null", "force_null", "on_error", "log_verbosity", "default",
                "reject_limit", "convert_selectively":
                break
            case "encoding":
                hazards.formUnion(Settings.hazards(ofSetting: "client_encoding", value: value))
            default:
                hazards.insert(.unjudged)
            }
        }
        func byte(_ name: String, _ standard: UInt8) -> UInt8 { values[name]?.utf8.first ?? standard }
        switch format {
        case "text":
            return .text(
                delimiter: byte("delimiter", 0x09), null: values["null"] ?? "\\N", header: hasHeader)
        case "csv":
            let quote = byte("quote", UInt8(ascii: "\""))
            return .csv(
                delimiter: byte("delimiter", UInt8(ascii: ",")), null: values["null"] ?? "", header: hasHeader,
                quote: quote, escape: byte("escape", quote))
        case "binary":
            return .binary
        default:
            hazards.insert(.unjudged)
            return .binary
        }
    }
}
