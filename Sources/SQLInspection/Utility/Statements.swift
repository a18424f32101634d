extension Analyzer {
    /// Judges one statement.
    func analyze(
        _ root: ParseTree.ID, statement: ParsedText.Statement, tokens: [TokenScan.LiteralToken]
    ) -> StatementAnalysis {
        let (kind, result) = judge(root)
        return conclude(kind, result, statement: statement, tokens: tokens)
    }

    /// - Returns: What the session must know of the statement, and the rows that it gives.
    func judge(_ id: ParseTree.ID) -> (StatementKind, QueryResult?) {
        nested((.utility, nil)) {
            switch tree.type(id) {
            case .SelectStmt:
                return judgeSelect(id)
            case .InsertStmt, .UpdateStmt, .DeleteStmt, .MergeStmt:
                let result = query(id, parent: nil, level: nil)
                return (.write, tree.list(id, .returningList).isEmpty ? nil : result)
            case .CopyStmt:
                return copyStatement(id)
            case .ExplainStmt:
                return explain(id)
            case .PrepareStmt:
                let inner = tree.field(id, .query).map { judge($0) }
                return (.prepare(name: tree.string(id, .name) ?? ""), inner?.1)
            case .ExecuteStmt:
                execute(id)
                return (.execute(name: tree.string(id, .name) ?? ""), nil)
            case .DeallocateStmt:
                return (.deallocate(name: tree.string(id, .name)), nil)
            case .DeclareCursorStmt:
                let inner = tree.field(id, .query).map { judge($0) }
                return (.declareCursor(name: tree.string(id, .portalname) ?? ""), inner?.1)
            case .FetchStmt:
                return (.fetch(cursor: tree.string(id, .portalname) ?? ""), nil)
            case .ClosePortalStmt:
                return (.closeCursor(name: tree.string(id, .portalname)), nil)
            case .TransactionStmt:
                return (transaction(id), nil)
            case .VariableSetStmt:
                return (variableSet(id), nil)
            case .VariableShowStmt:
                let name = tree.string(id, .name)?.lowercased() ?? ""
                if !Settings.isReadable(name) || name == "all" { hazards.insert(.secrets) }
                return (.show(name: name), shown(name))
            case .DiscardStmt:
                if tree.string(id, .target) == "DISCARD_ALL" { return (.discardAll, nil) }
                return (.set(name: "discard", value: nil, isLocal: false), nil)
            case .ListenStmt:
                return (.listen(channel: tree.string(id, .conditionname) ?? ""), nil)
            case .UnlistenStmt:
                return (.set(name: "unlisten", value: nil, isLocal: false), nil)
            case .NotifyStmt:
                return (.notify(channel: tree.string(id, .conditionname) ?? ""), nil)
            case .CallStmt:
                return (.utility, call(id))
            case .DoStmt:
                hazards.insert(.dynamicCode)
                return (.utility, nil)
            case .ConstraintsSetStmt:
                return (.set(name: "set constraints", value: nil, isLocal: true), nil)
            case .CreateTableAsStmt:
                createTableAs(id)
                return (.utility, nil)
            default:
                if !maintain(id) && !define(id) {
                    hazards.formUnion([.unjudged, .unknownLineage])
                    sweep(id)
                }
                return (.utility, nil)
            }
        }
    }

    // MARK: SELECT

    private func judgeSelect(_ id: ParseTree.ID) -> (StatementKind, QueryResult?) {
        if let kind = settingSelect(id) {
            return (kind, query(id, parent: nil, level: nil))
        }
        let result = query(id, parent: nil, level: nil)
        // In a set operation INTO stands in the leftmost arm.
        var first = id
        while let left = tree.field(first, .larg) { first = left }
        if let into = tree.field(first, .intoClause) {
            copyInto(into, result)
            return (.write, nil)
        }
        let isWrite = instances.contains { instance in
            switch instance.effect {
            case .insert, .update, .delete, .merge: true
            default: false
            }
        }
        return (isWrite ? .write : .query, result)
    }

    /// `SELECT set_config('search_path', …, false)` and nothing else is a SET that answers.
    private func settingSelect(_ id: ParseTree.ID) -> StatementKind? {
        let plain: Set<ParseTree.Key> = [.targetList, .limitOption, .op]
        guard tree.children(id).allSatisfy({ plain.contains(tree.node($0).key) }),
            tree.list(id, .targetList).count == 1,
            let value = tree.field(tree.list(id, .targetList)[0], .val), tree.type(value) == .FuncCall,
            tree.names(value, .funcname) == ["set_config"]
                || tree.names(value, .funcname) == ["pg_catalog", "set_config"],
            userFunctions(named: "set_config").isEmpty
        else { return nil }
        let args = tree.list(value, .args)
        guard args.count == 3, let name = constantString(args[0])?.lowercased(),
            let setting = constantString(args[1]), let isLocal = constantFlag(args[2])
        else { return nil }
        isSettingSelect = true
        return .set(name: name, value: setting, isLocal: isLocal)
    }

    private func constantFlag(_ id: ParseTree.ID) -> Bool? {
        guard tree.type(id) == .A_Const else {
            return tree.type(id) == .TypeCast ? tree.field(id, .arg).flatMap(constantFlag) : nil
        }
        if let value = tree.field(id, .boolval) { return tree.flag(value, .boolval) }
        switch constantString(id)?.lowercased() {
        case "t", "true", "on", "1", "yes": return true
        case "f", "false", "off", "0", "no": return false
        default: return nil
        }
    }

    // MARK: Statements that hold a query

    private func createTableAs(_ id: ParseTree.ID) {
        guard let inner = tree.field(id, .query) else {
            hazards.insert(.unjudged)
            return
        }
        let result: QueryResult
        if tree.type(inner) == .ExecuteStmt {
            execute(inner)
            hazards.insert(.unknownLineage)
            result = QueryResult(isOpen: true)
        } else {
            result = query(inner, parent: nil, level: nil)
        }
        if let into = tree.field(id, .into) { copyInto(into, result) }
    }

    /// The rows of a query become a table's, under names of the statement's own choice.
    func copyInto(_ into: ParseTree.ID, _ result: QueryResult) {
        hazards.insert(.relabels)
        guard let relation = tree.field(into, .rel) else { return }
        let instance = created(relation)
        let names = tree.names(into, .colNames)
        for (index, column) in result.columns.enumerated() {
            mark(column.lineage, .output)
            let name = index < names.count ? names[index] : column.name
            guard let key = instances[instance].column(named: name, adding: true) else { continue }
            mark(ColumnKey(instance, key), .write)
            if !column.lineage.keys.isEmpty || column.lineage.isUnknown {
                flows.append(Flow(target: ColumnKey(instance, key), lineage: column.lineage))
                // They are shown from there.
                collectsRows = true
            }
        }
        if result.isOpen { hazards.insert(.unknownLineage) }
    }

    private func explain(_ id: ParseTree.ID) -> (StatementKind, QueryResult?) {
        var isAnalyze = false
        var executes: String?
        for option in tree.list(id, .options) where tree.string(option, .defname) == "analyze" {
            isAnalyze = flag(of: option)
        }
        if let inner = tree.field(id, .query) {
            let (kind, result) = judge(inner)
            // The plan shows, and ANALYZE runs, what stands behind the name.
            if case .execute(let name) = kind { executes = name }
            for column in result?.columns ?? [] { mark(column.lineage, .output) }
        }
        // The plan quotes conditions, and estimates that come from what the columns hold.
        var lineage = Lineage(isDerived: true)
        for (index, instance) in instances.enumerated() where !instance.isPlaceholder {
            lineage.insert(
                instance.uses.enumerated().filter { !$0.element.isEmpty }.map { ColumnKey(index, $0.offset) })
        }
        let plan = ResultColumn(name: "QUERY PLAN", lineage: lineage)
        return (.explain(analyze: isAnalyze, executes: executes), QueryResult(columns: [plan]))
    }

    /// The text was judged when it was prepared; the arguments are new.
    private func execute(_ id: ParseTree.ID) {
        let scope = Scope(parent: nil, level: Level(parent: nil))
        for argument in tree.list(id, .params) {
            arguments.append(root(argument, scope).constants.map { constants[Int($0)] })
        }
    }

    private func call(_ id: ParseTree.ID) -> QueryResult? {
        hazards.insert(.procedureCall)
        guard let function = tree.field(id, .funccall) else { return nil }
        let scope = Scope(parent: nil, level: Level(parent: nil))
        _ = functionCall(function, scope)
        // Its OUT parameters come back as a row.
        return QueryResult(isOpen: true)
    }

    // MARK: Transactions

    private func transaction(_ id: ParseTree.ID) -> StatementKind {
        switch tree.string(id, .kind) {
        case "TRANS_STMT_BEGIN", "TRANS_STMT_START": return .begin
        case "TRANS_STMT_COMMIT", "TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_PREPARE": return .commit
        case "TRANS_STMT_ROLLBACK", "TRANS_STMT_ROLLBACK_PREPARED": return .rollback
        case "TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO": return .savepoint
        default:
            hazards.insert(.unjudged)
            return .utility
        }
    }

    /// A DefElem that is a switch: on with no argument.
    func flag(of option: ParseTree.ID) -> Bool {
        guard let argument = tree.field(option, .arg) else { return true }
        switch tree.type(argument) {
        case .Boolean: return tree.flag(argument, .boolval)
        case .Integer: return tree.integer(argument, .ival) ?? 0 != 0
        default: return !["false", "off", "0", "f", "no", "n"].contains(tree.stringNode(argument)?.lowercased() ?? "")
        }
    }
}
