extension Analyzer {
    /// The name that the server gives a column of no alias (FigureColname in parse_target.c): what is outside refers to
    /// it by that.
    func resultName(of value: ParseTree.ID) -> String {
        nested(Self.nameless) { figuredName(of: value)?.name } ?? "?column?"
    }

    private static let nameless: String? = nil

    /// A weak name gives way to that of a cast or a CASE around it.
    private struct FiguredName {
        var name: String
        var isWeak = false
    }

    private func figuredName(of value: ParseTree.ID) -> FiguredName? {
        switch tree.type(value) {
        case .ColumnRef:
            return tree.names(value, .fields).last.map { FiguredName(name: $0) }
        case .FuncCall:
            return tree.names(value, .funcname).last.map { FiguredName(name: $0) }
        case .A_Indirection:
            if let name = tree.names(value, .indirection).last { return FiguredName(name: name) }
            return argumentName(value, .arg)
        case .A_Expr:
            return tree.string(value, .kind) == "AEXPR_NULLIF" ? FiguredName(name: "nullif") : nil
        case .TypeCast:
            if let inner = argumentName(value, .arg), !inner.isWeak { return inner }
            let type = tree.field(value, .typeName).flatMap { tree.names($0, .names).last }
            return type.map { FiguredName(name: $0, isWeak: true) }
        case .CollateClause:
            return argumentName(value, .arg)
        case .CaseExpr:
            if let inner = argumentName(value, .defresult), !inner.isWeak { return inner }
            return FiguredName(name: "case", isWeak: true)
        case .SubLink:
            return subLinkName(value)
        case .GroupingFunc: return FiguredName(name: "grouping")
        case .CoalesceExpr: return FiguredName(name: "coalesce")
        case .A_ArrayExpr: return FiguredName(name: "array")
        case .RowExpr: return FiguredName(name: "row")
        case .XmlSerialize: return FiguredName(name: "xmlserialize")
        case .MinMaxExpr:
            return FiguredName(name: tree.string(value, .op) == "IS_LEAST" ? "least" : "greatest")
        case .SQLValueFunction, .XmlExpr:
            return operatorName(value)
        default:
            return nil
        }
    }

    private func argumentName(_ value: ParseTree.ID, _ key: ParseTree.Key) -> FiguredName? {
        guard let argument = tree.field(value, key) else { return nil }
        return nested(nil) { figuredName(of: argument) }
    }

    private func subLinkName(_ value: ParseTree.ID) -> FiguredName? {
        switch tree.string(value, .subLinkType) {
        case "EXISTS_SUBLINK": return FiguredName(name: "exists")
        case "ARRAY_SUBLINK": return FiguredName(name: "array")
        case "EXPR_SUBLINK":
            // The first arm of a set operation names its columns.
            guard var select = tree.field(value, .subselect) else { return nil }
            while let left = tree.field(select, .larg) { select = left }
            guard let target = tree.list(select, .targetList).first else { return nil }
            if let name = tree.string(target, .name) { return FiguredName(name: name) }
            return argumentName(target, .val)
        default: return nil
        }
    }

    /// `SVFOP_CURRENT_TIME_N` is current_time, `IS_XMLFOREST` is xmlforest.
    private func operatorName(_ value: ParseTree.ID) -> FiguredName? {
        guard var name = tree.string(value, .op)?.lowercased() else { return nil }
        for prefix in ["svfop_", "is_"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
        if name.hasSuffix("_n") { name.removeLast(2) }
        // IS DOCUMENT has none.
        return name == "document" ? nil : FiguredName(name: name)
    }
}
