/// Values that are taken out of documents: under which keys they stood is told from the operators and functions.
extension Analyzer {
    /// A column's own value.
    func columnLineage(_ instance: Int, _ index: Int) -> Lineage {
        var lineage = Lineage(key: ColumnKey(instance, index))
        if let column = instances[instance].relation?.columns[index], column.holdsDocuments {
            lineage.document = DocumentPart(column.documentForm)
        }
        return lineage
    }

    /// Notes that what is under keys of documents decides something.
    func noteDocument(_ lineage: Lineage, _ use: RelationAccess.Use) {
        guard let part = lineage.document, views.isEmpty, !part.keys.isEmpty || part.isUntold else { return }
        for column in lineage.keys {
            for key in part.keys { documentUses[DocumentKey(column: column, key: key), default: []].formUnion(use) }
            if part.isUntold { documentUses[DocumentKey(column: column, key: nil), default: []].formUnion(use) }
        }
    }

    /// A column, and a key of the documents in it; `nil`: any.
    struct DocumentKey: Hashable {
        var column: ColumnKey
        var key: String?
    }

    /// What is under which key decides, by base columns.
    func documentUseList() -> [DocumentUse] {
        if documentUses.isEmpty { return [] }
        var result: Set<DocumentUse> = []
        for (place, use) in documentUses {
            for column in baseColumns([place.column]) {
                result.insert(DocumentUse(column: column, key: place.key, use: use))
            }
        }
        return Array(result)
    }

    /// Rows come in the order of the value: where it may be a document, of all that is in it.
    func markOrder(_ lineage: Lineage) {
        var lineage = lineage
        lineage.document?.cut()
        mark(lineage, .predicate)
    }

    // MARK: Operators

    static func isPathOperator(_ name: String?) -> Bool {
        switch name {
        case "->", "->>", "#>", "#>>": true
        default: false
        }
    }

    /// `document -> key` and its kin.
    func takeStep(_ id: ParseTree.ID, _ name: String, of lineage: inout Lineage) {
        var part = lineage.document ?? DocumentPart(.json)
        let path = tree.field(id, .rexpr).flatMap { tree.documentPath($0, isPath: name.hasPrefix("#")) }
        part.take(path, as: name.hasSuffix(">>") ? .text : .json)
        lineage.document = part
    }

    /// Any other operator, with a part of a document on some side.
    func operate(_ id: ParseTree.ID, _ name: String, on part: inout DocumentPart) {
        part.key = nil
        switch tree.string(id, .kind) {
        case "AEXPR_IN", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
            part.form = .none
        case "AEXPR_NULLIF":
            break
        case "AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_OP_ALL":
            switch name {
            // The whole is compared, or keys are asked for.
            case "=", "<>", "!=", "?", "?|", "?&": part.form = .none
            // Documents that are joined keep their keys, and the rest of one does.
            case "||", "-", "#-": if part.form != .json, part.form != .pairs { part.cut() }
            case "@>", "<@":
                if part.form != .pairs, let keys = containedKeys(id) {
                    for key in keys { part.insert(key) }
                    part.form = .none
                } else {
                    part.cut()
                }
            default: part.cut()
            }
        default: part.cut()
        }
    }

    /// The keys that `@>` compares what is under.
    func containedKeys(_ id: ParseTree.ID) -> [String]? {
        [ParseTree.Key.rexpr, .lexpr].lazy.compactMap { self.tree.field(id, $0) }.compactMap(tree.documentKeys).first
    }

    // MARK: Casts, subscripts and other nodes

    func castDocument(_ id: ParseTree.ID, _ lineage: inout Lineage) {
        guard let type = tree.field(id, .typeName), let name = tree.names(type, .names).last else { return }
        let isArray = !tree.list(type, .arrayBounds).isEmpty
        if DocumentFunctions.isDocument(name), !(isArray && lineage.document == nil) {
            if lineage.document == nil { lineage.document = DocumentPart(.json) }
            lineage.document?.form = isArray ? .array : name == "hstore" ? .pairs : .json
            return
        }
        guard var part = lineage.document else { return }
        if isArray {
            if part.form != .array || !["text", "varchar"].contains(name) { part.cut() }
        } else if DocumentFunctions.plainTypes.contains(name) {
            part.reshape(DocumentPart.Form.none)
        } else if ["text", "varchar", "bpchar"].contains(name), tree.list(type, .typmods).isEmpty,
            [.none, .json, .text].contains(part.form)
        {
            if part.form == .json { part.form = .text }
        } else {
            part.cut()
        }
        lineage.document = part
    }

    /// `x['key']`, and `(x).field` of a record.
    func takeSubscripts(_ steps: ArraySlice<ParseTree.ID>, _ lineage: inout Lineage) {
        guard !lineage.keys.isEmpty else { return }
        for step in steps {
            if let name = tree.stringNode(step) {
                lineage.document?.take([name], as: .text)
                continue
            }
            guard tree.type(step) == .A_Indices else { continue }
            let index = tree.field(step, .uidx)
            let path = index.map { tree.documentPath($0, isPath: false) } ?? []
            if lineage.document == nil {
                // Of a type that is not known, with a key: hstore.
                guard let path, !path.isEmpty else { continue }
                lineage.document = DocumentPart(.json)
            }
            // An element of an array, or the value under a key.
            var form = lineage.document?.form ?? .json
            if form == .array, !tree.flag(step, .is_slice) { form = .json }
            lineage.document?.take(path, as: form)
        }
    }

    /// A value made of all that stands in a node.
    func shapeParts(_ type: ParseTree.Key, _ part: inout DocumentPart) {
        switch type {
        case .RowExpr: part.reshape(.record)
        case .NullTest, .GroupingFunc: part.reshape(DocumentPart.Form.none)
        case .A_ArrayExpr:
            part.reshape(part.form == .none ? nil : part.form == .record || part.form == .pairs ? .record : .array)
        case .CoalesceExpr, .List, .ResTarget, .CaseWhen, .MultiAssignRef, .WindowDef: part.reshape()
        default: part.cut()
        }
    }

    // MARK: Functions

    /// What a call makes of the documents among its arguments.
    func callDocument(
        _ id: ParseTree.ID, _ name: String, _ args: [ParseTree.ID], isBuiltIn: Bool, _ result: inout Lineage
    ) {
        guard var part = result.document ?? pathCall(name) else { return }
        switch isBuiltIn ? DocumentFunctions.kinds[name] : nil {
        case .path(let form): part.take(pathArguments(id, args), as: form)
        case .elements(let form): part.reshape(form)
        case .tellsNone: part.reshape(DocumentPart.Form.none)
        case .record: part.reshape(.record)
        case .keeps(let form):
            if part.form == .record {
                part.reshape(DocumentFunctions.takesRows.contains(name) ? .json : .record)
            } else if part.form == .none {
                part.reshape()
            } else {
                part.reshape(form)
            }
        case .array:
            switch part.form {
            case .none, .record: part.reshape()
            case .pairs: part.reshape(.record)
            case .json, .text, .array: part.reshape(.array)
            }
        case .unnest: part.reshape(part.form == .array ? .json : nil)
        case nil:
            part.cut()
            result.document = part
            // What there is none for, it tells.
            if !isQuiet(name, args), part.isUntold { noteDocument(result, .predicate) }
        }
        result.document = part
    }

    private func pathCall(_ name: String) -> DocumentPart? {
        if case .path? = DocumentFunctions.kinds[name] { return DocumentPart(.json) }
        return nil
    }

    private func pathArguments(_ id: ParseTree.ID, _ args: [ParseTree.ID]) -> [String]? {
        let isVariadic = tree.flag(id, .func_variadic)
        var path: [String] = []
        for arg in args.dropFirst() {
            guard let step = tree.documentPath(arg, isPath: isVariadic) else { return nil }
            path += step
        }
        return path
    }

    /// The columns of a function in FROM that takes documents apart.
    func functionColumn(_ name: String, of function: String, _ lineage: Lineage) -> Lineage {
        var lineage = lineage
        // Which keys there are is told anyway.
        if name == "key", function.hasSuffix("_each") || function.hasSuffix("_each_text") { lineage.document = nil }
        return lineage
    }

    /// A column that a column definition gives to what a function makes of a document.
    func definedColumn(_ definition: ParseTree.ID, _ lineage: Lineage) -> Lineage {
        guard var part = lineage.document, part.form == .record else { return lineage }
        var lineage = lineage
        part.take([tree.string(definition, .colname) ?? ""], as: .text)
        lineage.document = part
        castDocument(definition, &lineage)
        return lineage
    }
}
