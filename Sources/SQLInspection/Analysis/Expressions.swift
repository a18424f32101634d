extension Analyzer {
    /// The lineage of an expression; everything that it touches on the way is noted.
    func expression(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        nested(.unknown) { expressionBody(id, scope) }
    }

    private func expressionBody(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        switch tree.type(id) {
        case .ColumnRef:
            return columnReference(id, scope)
        case .A_Const:
            recordLiteral(at: tree.location(id))
            return constant(id)
        case .ParamRef:
            return parameter(id)
        case .SQLValueFunction, .SetToDefault:
            return .constant
        case .CurrentOfExpr:
            return Lineage()
        case .TypeCast:
            guard let arg = tree.field(id, .arg) else { return .unknown }
            var lineage = expression(arg, scope)
            if let type = tree.field(id, .typeName) {
                noteCast(to: type, of: arg, lineage)
                if pads(type) { lineage.extent = Extent.sum(lineage.extent, Extent.padding) }
            }
            if lineage.keys.isEmpty { return lineage }
            if !isQuietCast(id, of: lineage) { mark(lineage, .predicate) }
            var cast = lineage.derived
            castDocument(id, &cast)
            return cast
        case .CollateClause, .NamedArgExpr:
            // Neither changes the value.
            return tree.field(id, .arg).map { expression($0, scope) } ?? .unknown
        case .A_Expr:
            return operation(id, scope)
        case .FuncCall:
            return functionCall(id, scope)
        case .SubLink:
            return subLink(id, scope)
        case .A_Indirection:
            return indirection(id, scope)
        case .CaseExpr:
            return caseExpression(id, scope)
        case .BoolExpr, .MinMaxExpr, .BooleanTest:
            // NULL beside them, or a value to measure by, tells which they are.
            let lineage = shapedParts(id, scope)
            mark(lineage, .predicate)
            return lineage
        case .XmlExpr:
            let lineage = shapedParts(id, scope)
            if !isQuietXML(id) { mark(lineage, .predicate) }
            noteGrowth(lineage)
            return lineage
        case .SortBy:
            noteOperator(id, .useOp)
            return shapedParts(id, scope)
        case .A_ArrayExpr, .RowExpr, .XmlSerialize:
            var lineage = shapedParts(id, scope)
            lineage.extent = withoutRepeats(id, lineage.extent)
            noteGrowth(lineage)
            return lineage
        case .CoalesceExpr, .NullTest, .List, .GroupingFunc, .A_Indices,
            .ResTarget, .GroupingSet, .CaseWhen, .MultiAssignRef,
            .WindowDef:
            return shapedParts(id, scope)
        case .TypeName, .String, .Integer, .Float, .Boolean, .BitString, .A_Star:
            return .constant
        case .SelectStmt, .InsertStmt, .UpdateStmt, .DeleteStmt, .MergeStmt:
            // No grammar rule puts one here without a SubLink around it.
            _ = query(id, parent: scope, level: scope.level)
            hazards.insert(.unjudged)
            return .unknown
        default:
            hazards.insert(.unjudged)
            return unknownParts(id, scope)
        }
    }

    /// A value computed from all that stands in the node.
    private func parts(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = Lineage(isConstant: true)
        for child in tree.children(id) { mergePart(child, scope, into: &result) }
        result.isDerived = result.isDerived || !result.keys.isEmpty
        return result
    }

    private func shapedParts(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = parts(id, scope)
        if var part = result.document {
            shapeParts(tree.type(id), &part)
            result.document = part
        }
        return result
    }

    private func mergePart(_ id: ParseTree.ID, _ scope: Scope, into result: inout Lineage) {
        let node = tree.node(id)
        switch node.value {
        case .list:
            for child in tree.children(id) { mergePart(child, scope, into: &result) }
        case .object:
            if node.type != .none {
                result.merge(expression(id, scope))
            } else if node.key != .typeName {
                for child in tree.children(id) { mergePart(child, scope, into: &result) }
            }
        default:
            break
        }
    }

    private func unknownParts(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = parts(id, scope)
        result.isUnknown = true
        result.isDerived = true
        result.isConstant = false
        return result
    }

    private func operation(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = Lineage(isConstant: true)
        for key in [ParseTree.Key.lexpr, .rexpr] {
            guard let side = tree.field(id, key) else { continue }
            if tree.node(side).type == .none {
                mergePart(side, scope, into: &result)
            } else {
                result.merge(expression(side, scope))
            }
        }
        result.isDerived = result.isDerived || !result.keys.isEmpty
        noteOperator(id, .name)
        let operatorName = tree.names(id, .name)
        let isQuiet = isQuietOperator(id, operatorName)
        if isQuiet {
            noteGrowth(result)
            if views.isEmpty { changed.formUnion(result.keys) }
        }
        if result.keys.isEmpty { return result }
        let isStep = Self.isPathOperator(operatorName.last)
        if !isStep, var part = result.document {
            operate(id, operatorName.last ?? "", on: &part)
            result.document = part
        }
        if !isQuiet || mayBeArray(result) { mark(result, .predicate) }
        if isStep { takeStep(id, operatorName.last ?? "", of: &result) }
        return result
    }

    private func caseExpression(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        var result = Lineage(isConstant: true)
        if let arg = tree.field(id, .arg) {
            var lineage = expression(arg, scope)
            mark(lineage, .predicate)
            lineage.document?.reshape(DocumentPart.Form.none)
            result.merge(lineage)
        }
        for branch in tree.list(id, .args) {
            if let test = tree.field(branch, .expr) {
                let lineage = expression(test, scope)
                mark(lineage, .predicate)
                result.merge(lineage)
            }
            if let value = tree.field(branch, .result) { result.merge(expression(value, scope)) }
        }
        if let value = tree.field(id, .defresult) { result.merge(expression(value, scope)) }
        if result.document != nil { result.document?.reshape() }
        result.isDerived = result.isDerived || !result.keys.isEmpty
        return result
    }

    /// `(x).field`, `(x).*`, `x[1]`.
    private func indirection(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        guard let arg = tree.field(id, .arg) else { return .unknown }
        let steps = tree.list(id, .indirection)
        // (c).ssn is c.ssn where c is a row of FROM's.
        if let name = steps.first.flatMap({ tree.stringNode($0) }), let entry = wholeRow(arg, scope),
            let lineage = column(name, of: entry)
        {
            if steps.count == 1 { return lineage }
            var part = lineage.derived
            takeSubscripts(steps.dropFirst(), &part)
            return part
        }
        var result = expression(arg, scope)
        for step in steps where tree.type(step) == .A_Indices {
            result.merge(expression(step, scope))
            // Whether there is something at the place that it names tells of both.
            mark(result, .predicate)
        }
        for name in steps.compactMap({ tree.stringNode($0) }) {
            noteFieldOrFunction(name)
        }
        takeSubscripts(steps[...], &result)
        return result.keys.isEmpty ? result : result.derived
    }

    /// A sub-query in an expression.
    private func subLink(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        guard let subselect = tree.field(id, .subselect) else { return .unknown }
        noteOperator(id, .operName)
        let test = tree.field(id, .testexpr).map { expression($0, scope) }
        let result = query(subselect, parent: scope, level: scope.level)
        switch tree.string(id, .subLinkType) {
        case "EXISTS_SUBLINK":
            summarize(result.streams)
            return Lineage(isDerived: true)
        case "ANY_SUBLINK", "ALL_SUBLINK", "ROWCOMPARE_SUBLINK":
            summarize(result.streams)
            var lineage = test ?? Lineage()
            lineage.isConstant = false
            for column in result.columns {
                mark(column.lineage, .predicate)
                lineage.merge(column.lineage)
            }
            if let test { mark(test, .predicate) }
            lineage.isUnknown = lineage.isUnknown || result.isOpen
            if var part = lineage.document {
                // Whole values are compared, unless by another operator.
                if tree.field(id, .operName) == nil || ["=", "<>"].contains(tree.names(id, .operName).last) {
                    part.reshape(DocumentPart.Form.none)
                } else {
                    part.cut()
                }
                lineage.document = part
            }
            return lineage.derived
        case "EXPR_SUBLINK":
            guard result.columns.count == 1, !result.isOpen, let column = result.columns.first else {
                return rowLineage(of: result)
            }
            var lineage = column.lineage
            lineage.isConstant = false
            return lineage
        case "ARRAY_SUBLINK":
            collectsRows = true
            gathersValues = gathersValues || views.isEmpty
            var lineage = rowLineage(of: result)
            noteGrowth(lineage, rowsRepeat: result.repeatsRows)
            if mayBeArray(lineage) { mark(lineage, .predicate) }
            lineage.isGathered = true
            return lineage
        case "MULTIEXPR_SUBLINK":
            collectsRows = true
            return rowLineage(of: result)
        default:
            hazards.insert(.unjudged)
            return .unknown
        }
    }

    func rowLineage(of result: QueryResult) -> Lineage {
        var lineage = Lineage(isDerived: true, isUnknown: result.isOpen)
        for column in result.columns { lineage.merge(column.lineage) }
        if let part = lineage.document, part.form != .none {
            lineage.document?.reshape(result.columns.count > 1 || part.form == .pairs ? .record : .array)
        }
        return lineage
    }

    /// Rows that are only counted or looked for are no bulk read.
    func summarize(_ streams: [Int]) {
        for instance in streams { instances[instance].isSummarized = true }
    }
}
