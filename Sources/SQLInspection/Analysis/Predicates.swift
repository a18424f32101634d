/// What a condition says of how many rows of each relation can meet it.
struct Bounds {
    /// A column of theirs equals a given value.
    var instances: Set<Int> = []
    var edges: [(from: Int, to: Int)] = []
    /// Those of pg_settings whose rows are of settings that are named, and no secrets.
    var settings: Set<Int> = []

    mutating func add(_ other: Bounds) {
        instances.formUnion(other.instances)
        settings.formUnion(other.settings)
        edges += other.edges
    }

    /// Columns of the two are equal: a bound of one side's rows bounds the other's.
    mutating func equate(_ a: Lineage, _ b: Lineage) {
        guard a.isDirect, b.isDirect else { return }
        for left in a.keys {
            for right in b.keys where left.instance != right.instance {
                edges.append((Int(left.instance), Int(right.instance)))
                edges.append((Int(right.instance), Int(left.instance)))
            }
        }
    }

    /// An outer join's condition says nothing of the rows on its preserved side.
    mutating func restrict(to side: Set<Int>) {
        instances.formIntersection(side)
        settings.formIntersection(side)
        edges.removeAll { !side.contains($0.to) }
    }
}

extension Analyzer {
    func apply(_ bounds: Bounds) {
        for instance in bounds.instances { instances[instance].isBounded = true }
        for instance in bounds.settings { instances[instance].namesSettings = true }
        edges += bounds.edges
    }

    /// Reads a condition of WHERE or ON: its columns are predicates, and its conjuncts may bound relations.
    func predicate(_ id: ParseTree.ID, _ scope: Scope) -> Bounds {
        nested(Bounds()) {
            switch tree.type(id) {
            case .BoolExpr where tree.string(id, .boolop) == "AND_EXPR":
                var bounds = Bounds()
                for arg in tree.list(id, .args) { bounds.add(predicate(arg, scope)) }
                return bounds
            case .BoolExpr where tree.string(id, .boolop) == "OR_EXPR":
                // What every arm bounds is bounded. An arm's joins hold in that arm alone.
                var common: Bounds?
                for arg in tree.list(id, .args) {
                    let arm = predicate(arg, scope)
                    common = Bounds(
                        instances: common?.instances.intersection(arm.instances) ?? arm.instances,
                        settings: common?.settings.intersection(arm.settings) ?? arm.settings)
                }
                return common ?? Bounds()
            case .BoolExpr:
                for arg in tree.list(id, .args) { _ = predicate(arg, scope) }
                return Bounds()
            case .A_Expr:
                return comparison(id, scope)
            case .SubLink:
                return membership(id, scope)
            default:
                condition(id, scope)
                return Bounds()
            }
        }
    }

    private func comparison(_ id: ParseTree.ID, _ scope: Scope) -> Bounds {
        noteOperator(id, .name)
        let name = tree.names(id, .name)
        if name.last == "@>", tree.string(id, .kind) == "AEXPR_OP", let bounds = containment(id, scope) {
            return bounds
        }
        guard name.last == "=", name.count == 1 || name.first == "pg_catalog", let left = tree.field(id, .lexpr),
            let right = tree.field(id, .rexpr)
        else {
            if tree.string(id, .kind) == "AEXPR_NOT_DISTINCT" { return notDistinct(id, scope) }
            condition(id, scope)
            return Bounds()
        }
        switch tree.string(id, .kind) {
        case "AEXPR_OP":
            return equality(left, right, scope)
        case "AEXPR_NOT_DISTINCT":
            return notDistinct(id, scope)
        case "AEXPR_IN":
            let items = tree.type(right) == .List ? tree.list(right, .items) : Array(tree.children(right))
            let first = literals.count
            let column = expression(left, scope)
            var isConstant = items.count <= limits.boundedRows
            var all = column
            for item in items {
                let value = expression(item, scope)
                isConstant = isConstant && value.isConstant
                all.merge(value)
            }
            if isConstant { markLookup(column, values: items.count) } else { mark(all, .predicate) }
            attach(all.keys, to: first..<literals.count)
            return isConstant ? bounded(by: column, values: items) : Bounds()
        case "AEXPR_OP_ANY":
            let first = literals.count
            let column = expression(left, scope)
            let values = expression(right, scope)
            mark(column, .predicate)
            mark(values, .predicate)
            attach(column.keys + values.keys, to: first..<literals.count)
            return isShortList(right) && values.isConstant ? bounded(by: column) : Bounds()
        default:
            condition(id, scope)
            return Bounds()
        }
    }

    /// `document @> constant` compares what is under the constant's keys with given values.
    ///
    /// - Returns: `nil` where it is another containment.
    private func containment(_ id: ParseTree.ID, _ scope: Scope) -> Bounds? {
        guard let left = tree.field(id, .lexpr), let right = tree.field(id, .rexpr),
            let keys = tree.documentKeys(right)
        else { return nil }
        let first = literals.count
        var document = expression(left, scope)
        _ = expression(right, scope)
        attach(document.keys, to: first..<literals.count)
        mark(document, .predicate)
        if var part = document.document, part.form == .json, !part.isUntold {
            for key in keys { part.insert(key) }
            document.document = part
            noteContained(document, values: max(1, keys.count))
        } else if document.document != nil {
            document.document?.cut()
            noteDocument(document, .predicate)
        }
        return Bounds()
    }

    private func notDistinct(_ id: ParseTree.ID, _ scope: Scope) -> Bounds {
        guard let left = tree.field(id, .lexpr), let right = tree.field(id, .rexpr) else { return Bounds() }
        return equality(left, right, scope)
    }

    private func equality(_ left: ParseTree.ID, _ right: ParseTree.ID, _ scope: Scope) -> Bounds {
        if tree.type(left) == .RowExpr, tree.type(right) == .RowExpr {
            let lefts = tree.list(left, .args)
            let rights = tree.list(right, .args)
            if lefts.count == rights.count {
                var bounds = Bounds()
                for (a, b) in zip(lefts, rights) { bounds.add(equality(a, b, scope)) }
                return bounds
            }
        }
        let first = literals.count
        let a = expression(left, scope)
        let b = expression(right, scope)
        var both = a
        both.merge(b)
        if a.isConstant || b.isConstant { markLookup(both, values: 1) } else { mark(both, .predicate) }
        attach(both.keys, to: first..<literals.count)
        var bounds = Bounds()
        if b.isConstant { bounds.add(bounded(by: a, values: [right])) }
        if a.isConstant { bounds.add(bounded(by: b, values: [left])) }
        bounds.equate(a, b)
        return bounds
    }

    /// `column IN (SELECT …)`: a join with rows that nobody sees.
    private func membership(_ id: ParseTree.ID, _ scope: Scope) -> Bounds {
        guard tree.string(id, .subLinkType) == "ANY_SUBLINK", let test = tree.field(id, .testexpr),
            let subselect = tree.field(id, .subselect),
            tree.field(id, .operName) == nil || tree.names(id, .operName).last == "="
        else {
            condition(id, scope)
            return Bounds()
        }
        noteOperator(id, .operName)
        let first = literals.count
        let column = expression(test, scope)
        attach(column.keys, to: first..<literals.count)
        let result = query(subselect, parent: scope, level: scope.level)
        summarize(result.streams)
        mark(column, .predicate)
        for inner in result.columns { mark(inner.lineage, .predicate) }
        guard let inner = result.columns.first, result.columns.count == 1, column.isDirect, inner.lineage.isDirect
        else {
            return Bounds()
        }
        var bounds = Bounds()
        for from in inner.lineage.keys {
            for to in column.keys { bounds.edges.append((Int(from.instance), Int(to.instance))) }
        }
        return bounds
    }

    /// The relations of a column that equals one of the values, where they are told.
    private func bounded(by column: Lineage, values: [ParseTree.ID] = []) -> Bounds {
        guard column.isDirect else { return Bounds() }
        var bounds = Bounds(instances: Set(column.keys.map { Int($0.instance) }))
        if let key = column.keys.first, column.keys.count == 1, !values.isEmpty {
            let instance = instances[Int(key.instance)]
            let isName =
                instance.isCatalog && instance.name == "pg_settings" && instance.columnName(key.column) == "name"
            if isName, values.allSatisfy({ constantString($0).map(Settings.isReadable) ?? false }) {
                bounds.settings = [Int(key.instance)]
            }
        }
        return bounds
    }

    /// The right side of `= ANY`: a parameter, or constants that can be counted.
    private func isShortList(_ id: ParseTree.ID) -> Bool {
        switch tree.type(id) {
        case .ParamRef:
            return true
        case .TypeCast:
            return tree.field(id, .arg).map(isShortList) ?? false
        case .A_ArrayExpr:
            return tree.list(id, .elements).count <= limits.boundedRows
        case .A_Const:
            return (constantString(id)?.utf8.count { $0 == UInt8(ascii: ",") } ?? 0) < limits.boundedRows
        default:
            return false
        }
    }
}
