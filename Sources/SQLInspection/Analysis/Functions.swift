/// Aggregates whose one value is no row's, or one row's alone.
private let summaries: Set<String> = [
    "count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor", "stddev",
    "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "corr", "covar_pop", "covar_samp", "regr_avgx",
    "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy",
    "any_value", "mode",
]

/// Those of them that are one row's.
private let showing: Set<String> = ["min", "max", "any_value", "mode"]

extension Analyzer {
    func functionCall(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        let names = tree.names(id, .funcname)
        guard let name = names.last else { return .unknown }
        let schema = names.count >= 2 ? names[names.count - 2] : nil
        let args = tree.list(id, .args)
        if schema == nil, args.count == 1, let lineage = attribute(name, of: args[0], scope) { return lineage }

        var result = Lineage(isConstant: true)
        var first: Lineage?
        var others = Lineage()
        for arg in args {
            let lineage = expression(arg, scope)
            if first == nil { first = lineage } else { others.merge(lineage) }
            result.merge(lineage)
        }
        let arguments = result
        let hasConstantArguments = result.isConstant
        for order in tree.list(id, .agg_order) {
            let lineage = expression(order, scope)
            mark(lineage, .predicate)
            result.merge(lineage)
        }
        if let filter = tree.field(id, .agg_filter) {
            let lineage = expression(filter, scope)
            mark(lineage, .predicate)
            result.merge(lineage)
        }
        let over = tree.field(id, .over)
        if let over { result.merge(window(over, scope)) }

        let judged = judgeFunction(schema: schema, name: name)
        noteLevel(judged, name: name, isWindow: over != nil, scope.level)
        // What an ordered-set aggregate shows stands behind WITHIN GROUP.
        let shown = tree.flag(id, .agg_within_group) ? result : arguments
        noteShown(
            judged, name: name, args, shown, scope, isWindow: over != nil,
            isFiltered: tree.field(id, .agg_filter) != nil)
        measureCall(
            name, judged, args, first: first?.extent ?? 0, others: others.extent, &result)
        noteGrowth(ofCall: name, judged, result, arguments, scope)
        if !arguments.keys.isEmpty {
            if name == "count", over == nil, judged.kind == .aggregate, isOnlyBuiltIn(name),
                !tree.flag(id, .agg_distinct)
            {
                // How many rows have a value is nobody's value.
                mark(arguments, .output)
                return Lineage(isDerived: true)
            }
            noteSteering(name, args, first ?? Lineage(), others)
            noteSelection(name, arguments)
            // Rows are no arrays, whatever is in them.
            if name == "array_agg", args.first.flatMap({ wholeRow($0, scope) }) == nil, mayBeArray(arguments) {
                mark(arguments, .predicate)
            }
        }
        if name == "set_config", judged.isBuiltIn { judgeSetConfig(args, isConstant: hasConstantArguments) }
        if name == "current_setting", judged.isBuiltIn {
            // Only a name that is told is known to be no secret's.
            if !(args.first.flatMap(constantString).map(Settings.isReadable) ?? false) { hazards.insert(.secrets) }
        }
        // How many rows it gives tells of its arguments.
        if judged.kind == .setReturning || judged.kind == nil { mark(result, .predicate) }
        // A function of somebody's own may have the name of one that gives one row.
        if judged.kind == .setReturning || !isOnlyBuiltIn(name) { scope.level.multipliesRows = true }
        // What random() gives next would tell the seed.
        if name == "setseed", judged.isBuiltIn, !hasConstantArguments { hazards.insert(.pinnedSetting) }
        if !result.keys.isEmpty { callDocument(id, name, args, isBuiltIn: judged.isBuiltIn, &result) }
        result.isDerived = result.isDerived || !result.keys.isEmpty
        result.isConstant = result.isConstant && judged.kind == .plain && over == nil
        result.isUnknown = result.isUnknown || judged.isUnknown
        if judged.isUnknown { hazards.insert(.unknownLineage) }
        return result
    }

    /// `ssn(c)` is `c.ssn` where c is a row of FROM's and no function of the name takes rows.
    private func attribute(_ name: String, of arg: ParseTree.ID, _ scope: Scope) -> Lineage? {
        guard let entry = wholeRow(arg, scope), !entry.isOpen, let lineage = column(name, of: entry) else {
            return nil
        }
        if HarmlessFunctions.kinds[name] != nil || !userFunctions(named: name).isEmpty { return nil }
        return lineage
    }

    /// `c.f` calls f where c has no column of the name.
    func noteFieldFunction(_ name: String) {
        _ = judgeFunction(schema: nil, name: name)
    }

    /// `(x).f` takes a field of a value whose type is not known here, or calls f: only a name that is known to be a
    /// function's is one.
    func noteFieldOrFunction(_ name: String) {
        if !userFunctions(named: name).isEmpty || DangerousFunctions.isBuiltIn(name) { noteFieldFunction(name) }
    }

    /// A window's partition and order decide what a window function gives.
    func window(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = Lineage()
        for key in [ParseTree.Key.name, .refname] {
            if let name = tree.string(id, key), let lineage = scope.level.windows[name] { result.merge(lineage) }
        }
        for node in tree.list(id, .partitionClause) + tree.list(id, .orderClause) {
            let lineage = expression(node, scope)
            mark(lineage, .predicate)
            result.merge(lineage)
        }
        for key in [ParseTree.Key.startOffset, .endOffset] {
            // One that is NULL or negative fails.
            if let offset = tree.field(id, key) { result.merge(condition(offset, scope)) }
        }
        result.isDerived = true
        return result
    }

    /// Whether no function of the user's can be meant by the name.
    func isOnlyBuiltIn(_ name: String) -> Bool {
        HarmlessFunctions.kinds[name] != nil && userFunctions(named: name).isEmpty
    }

    private func noteShown(
        _ judged: JudgedFunction, name: String, _ args: [ParseTree.ID], _ arguments: Lineage, _ scope: Scope,
        isWindow: Bool, isFiltered: Bool
    ) {
        guard !arguments.keys.isEmpty else { return }
        switch judged.kind {
        case .aggregate where !summaries.contains(name): collectsRows = true
        case .aggregate where isWindow:
            if packs(name, args, arguments, scope) == .many { packsRows = true }
            shownValues += 1
        case .aggregate where showing.contains(name):
            if hasShownGroup { shownValues += 1 }
            hasShownGroup = true
        case .aggregate:
            switch packs(name, args, arguments, scope) {
            case .many: packsRows = true
            case .total where !isFiltered: break
            case .total, .chosen:
                // The rows that a condition picks may be one, and another one in each such sum.
                if hasShownGroup { shownValues += 1 }
                hasShownGroup = true
            case nil: break
            }
        case .window: shownValues += 1
        default: break
        }
    }

    /// Whether an aggregate's one value may hold those of many rows.
    func collects(_ name: String) -> Bool { !summaries.contains(name) }

    private func noteLevel(_ judged: JudgedFunction, name: String, isWindow: Bool, _ level: Level) {
        if isWindow { level.hasWindowFunction = true }
        let mayCollect: Bool
        switch judged.kind {
        case .aggregate:
            let isSummary = summaries.contains(name)
            if isSummary && !isWindow { level.summarizes = true }
            mayCollect = !isSummary
        case .plain, .setReturning, .window:
            mayCollect = false
        case nil:
            // It may be somebody's aggregate.
            mayCollect = true
        }
        // An aggregate of outer columns alone belongs to an outer level.
        var current: Level? = mayCollect ? level : nil
        while let level = current {
            level.collects = true
            current = level.parent
        }
    }

    // MARK: Judgement

    struct JudgedFunction {
        /// nil for one that is not known.
        var kind: HarmlessFunctions.Kind?
        var isBuiltIn = false
        /// What it gives has sources that its arguments do not tell.
        var isUnknown = false
    }

    func userFunctions(named name: String) -> [CatalogSnapshot.Function] {
        if catalog.functions.isEmpty { return [] }
        return path.lazy.filter { $0 != "pg_catalog" && !$0.hasPrefix("pg_temp") }
            .map { CatalogSnapshot.Function(schema: $0, name: name) }
            .filter { self.catalog.functions.contains($0) }
    }

    /// Notes a call, and tells what is known of the function.
    func judgeFunction(schema: String?, name: String) -> JudgedFunction {
        if let schema, schema != "pg_catalog" {
            if schema == "information_schema", let kind = informationSchemaFunctions[name] {
                return JudgedFunction(kind: kind, isBuiltIn: true)
            }
            functions.insert("\(schema).\(name)")
            return dangers(of: name, builtIn: false)
        }
        let known = HarmlessFunctions.kinds[name]
        if schema == nil {
            // The server picks by argument types among all of them.
            let others = userFunctions(named: name)
            for function in others { functions.insert("\(function.schema).\(function.name)") }
            if !others.isEmpty && known == nil && !DangerousFunctions.isBuiltIn(name) {
                return dangers(of: name, builtIn: false)
            }
            if !others.isEmpty {
                if known == nil { functions.insert(name) }
                var judged = dangers(of: name, builtIn: true)
                judged.kind = known
                return judged
            }
        }
        if let known { return JudgedFunction(kind: known, isBuiltIn: true) }
        functions.insert(name)
        return dangers(of: name, builtIn: true)
    }

    private func dangers(of name: String, builtIn: Bool) -> JudgedFunction {
        let danger = DangerousFunctions.judge(name)
        hazards.formUnion(danger.hazards)
        return JudgedFunction(kind: danger.kind, isBuiltIn: builtIn, isUnknown: danger.isUnknown)
    }

    /// set_config(name, value, local): a SET in an expression.
    ///
    /// A setting that takes a column's value would give it back unmasked to SHOW and current_setting.
    private func judgeSetConfig(_ args: [ParseTree.ID], isConstant: Bool) {
        guard isConstant, let arg = args.first, let name = constantString(arg)?.lowercased() else {
            hazards.insert(.pinnedSetting)
            return
        }
        hazards.formUnion(Settings.hazards(ofSetting: name, value: args.dropFirst().first.flatMap(constantString)))
        // A statement of its own, which the session's state follows, says so by its kind.
        if name == "search_path" && !isSettingSelect { hazards.insert(.pinnedSetting) }
        if Settings.isHarmless(name) { functions.remove("set_config") }
    }

    /// The value of a string constant, cast or not.
    func constantString(_ id: ParseTree.ID) -> String? {
        switch tree.type(id) {
        case .A_Const:
            return tree.field(id, .sval).flatMap { tree.string($0, .sval) ?? "" }
        case .TypeCast:
            return tree.field(id, .arg).flatMap(constantString)
        default:
            return nil
        }
    }
}

/// Those that drivers' introspection calls.
private let informationSchemaFunctions: [String: HarmlessFunctions.Kind] = [
    "_pg_expandarray": .setReturning, "_pg_truetypid": .plain, "_pg_truetypmod": .plain, "_pg_char_max_length": .plain,
    "_pg_char_octet_length": .plain, "_pg_numeric_precision": .plain, "_pg_numeric_precision_radix": .plain,
    "_pg_numeric_scale": .plain, "_pg_datetime_precision": .plain, "_pg_interval_type": .plain,
    "_pg_index_position": .plain,
]
