/// Sums and averages that stand beside the count of what they were made of.
extension Analyzer {
    /// What a target of SELECT is, if it is a summary of one column: `sum(c)`, `avg(c)`, `count(c)`, `count(DISTINCT c)`,
    /// as it is or rounded.
    func summary(_ value: ParseTree.ID, _ scope: Scope) -> Summary? {
        guard tree.type(value) == .FuncCall, tree.field(value, .over) == nil else { return nil }
        let names = tree.names(value, .funcname)
        guard let name = names.last, names.count == 1 || names.first == "pg_catalog", isOnlyBuiltIn(name) else {
            return nil
        }
        let args = tree.list(value, .args)
        switch name {
        case "round", "trunc", "ceil", "ceiling", "floor":
            guard let inner = args.first, args.dropFirst().allSatisfy({ tree.type($0) == .A_Const }),
                let summary = summary(inner, scope), summary.kind == .total
            else { return nil }
            return summary
        case "count", "sum", "avg":
            let others: [ParseTree.Key] = [.agg_filter, .agg_order, .agg_within_group, .func_variadic]
            guard args.count == 1, others.allSatisfy({ tree.field(value, $0) == nil }),
                tree.type(args[0]) == .ColumnRef
            else { return nil }
            let isDistinct = tree.flag(value, .agg_distinct)
            if isDistinct && name != "count" { return nil }
            let lineage = columnReference(args[0], scope)
            guard lineage.isDirect, lineage.keys.count == 1 else { return nil }
            return Summary(kind: name == "count" && !isDistinct ? .count : .total, key: lineage.keys[0])
        default:
            return nil
        }
    }

    /// What a sum, or what is computed like one, tells of the rows that it is made of.
    enum Packing {
        /// What one column comes to, and no single value.
        case total
        /// The same, of rows that an expression picks.
        case chosen
        /// The values of many rows, where each was multiplied into digits of its own: `sum(v * 1000 ^ id)`.
        case many
    }

    private static let adding = Set(
        """
        avg bit_and bit_or bit_xor corr covar_pop covar_samp regr_avgx regr_avgy regr_intercept regr_r2 regr_slope \
        regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp sum var_pop var_samp variance
        """.split(separator: " ").map(String.init))

    /// - Returns: `nil` for aggregates that compute nothing, or nothing of columns.
    func packs(_ name: String, _ args: [ParseTree.ID], _ arguments: Lineage, _ scope: Scope) -> Packing? {
        guard Self.adding.contains(name), !arguments.keys.isEmpty else { return nil }
        if arguments.extent <= Extent.column { return .total }
        return args.count == 1 && isChoice(args[0], scope) ? .chosen : .many
    }

    /// Whether an expression is, in each row, a column's own value, or 0, 1 or NULL: `CASE WHEN … THEN c ELSE 0 END`.
    private func isChoice(_ id: ParseTree.ID, _ scope: Scope) -> Bool {
        nested(false) {
            switch tree.type(id) {
            case .ColumnRef: columnReference(id, scope).extent <= Extent.column
            case .A_Const: tree.field(id, .isnull) != nil || [0, 1].contains(constantInteger(id))
            case .TypeCast: tree.field(id, .arg).map { isChoice($0, scope) } ?? false
            case .CoalesceExpr: tree.list(id, .args).allSatisfy { isChoice($0, scope) }
            case .CaseExpr:
                tree.list(id, .args).allSatisfy { tree.field($0, .result).map { isChoice($0, scope) } ?? false }
                    && (tree.field(id, .defresult).map { isChoice($0, scope) } ?? true)
            default: false
            }
        }
    }

    /// A count is of rows only where every row of the one table counts once: no join multiplies them, no function that gives
    /// many rows from one does (`GROUP BY 0 * generate_series(1, 100)`), and no grouping set gives a row that another one's
    /// count would stand beside.
    func keepSummaries(of select: ParseTree.ID, _ scope: Scope, _ result: inout QueryResult) {
        guard result.columns.contains(where: { $0.summary != nil }) else { return }
        let from = tree.list(select, .fromClause)
        let isPlain =
            from.count == 1 && tree.type(from[0]) == .RangeVar && scope.entries.count == 1
            && !scope.level.multipliesRows
            && !tree.list(select, .groupClause).contains { tree.type($0) == .GroupingSet }
        if isPlain, let instance = scope.entries.first?.instance {
            let kind = instances[instance].relation?.kind
            if kind == .table || kind == .partitionedTable { return }
        }
        for index in result.columns.indices { result.columns[index].summary = nil }
    }

    /// The result's column that counts what a total is made of.
    func counter(of column: ResultColumn, in result: QueryResult) -> Int? {
        guard let summary = column.summary, summary.kind == .total, !result.isOpen else { return nil }
        return result.columns.firstIndex { $0.summary?.kind == .count && $0.summary?.key == summary.key }
    }
}
