extension Analyzer {
    /// DDL, and who may do what.
    ///
    /// - Returns: false for statements that are none.
    func define(_ id: ParseTree.ID) -> Bool {
        let first = instances.count
        guard defineRelation(id) || defineOther(id) else { return false }
        if instances.count > first { readExpressions(of: id, over: first) }
        sweep(id)
        return true
    }

    private func defineRelation(_ id: ParseTree.ID) -> Bool {
        let relation = tree.field(id, .relation)
        switch tree.type(id) {
        case .CreateStmt:
            if let relation { _ = created(relation) }
            for parent in tree.list(id, .inhRelations) { object(parent, .alter) }
        case .CreateForeignTableStmt:
            hazards.insert(.foreignData)
            if let name = tree.field(id, .base).flatMap({ tree.field($0, .relation) }) { _ = created(name) }
        case .CreateSeqStmt:
            if let name = tree.field(id, .sequence) { _ = created(name) }
        case .AlterSeqStmt:
            if let name = tree.field(id, .sequence) { object(name, .alter) }
        case .ViewStmt:
            defineView(id)
        case .IndexStmt:
            if let relation { object(relation, .create) }
        case .AlterTableStmt:
            if let relation { object(relation, .alter) }
            for command in tree.list(id, .cmds) { alterTable(command) }
        case .RenameStmt:
            if let relation { object(relation, .alter) } else { object(.alter, name: tree.string(id, .newname) ?? "") }
            hazards.insert(.relabels)
        case .AlterObjectSchemaStmt:
            if let relation { object(relation, .alter) } else { object(.alter) }
            hazards.insert(.relabels)
        case .DropStmt:
            noteKind(tree.string(id, .removeType))
            drop(id)
        case .CreatePolicyStmt, .AlterPolicyStmt:
            if let table = tree.field(id, .table) { object(table, .alter) }
        case .RuleStmt, .CreateTrigStmt:
            hazards.formUnion([.dynamicCode, .relabels])
            if let relation { object(relation, .alter) }
        case .CreateStatsStmt:
            for item in tree.list(id, .relations) where tree.type(item) == .RangeVar { object(item, .alter) }
        case .AlterOwnerStmt:
            noteKind(tree.string(id, .objectType))
            if let relation { object(relation, .grant) } else { object(.grant) }
        case .CommentStmt, .SecLabelStmt:
            comment(id)
        default:
            return false
        }
        return true
    }

    /// Some kinds of objects are a hazard whatever is done to them.
    private func noteKind(_ kind: String?) {
        switch kind {
        case "OBJECT_LARGEOBJECT": hazards.insert(.largeObjects)
        case "OBJECT_FOREIGN_SERVER", "OBJECT_FDW", "OBJECT_PUBLICATION", "OBJECT_SUBSCRIPTION":
            hazards.insert(.foreignData)
        default: break
        }
    }

    private func defineOther(_ id: ParseTree.ID) -> Bool {
        switch tree.type(id) {
        case .CreateFunctionStmt:
            hazards.insert(.dynamicCode)
            object(.create, name: tree.names(id, .funcname).last ?? "")
        case .AlterFunctionStmt:
            hazards.insert(.dynamicCode)
            object(.alter)
        case .CreateSchemaStmt:
            object(.create, schema: tree.string(id, .schemaname) ?? "")
            for element in tree.list(id, .schemaElts) { _ = judge(element) }
        case .GrantStmt:
            noteKind(tree.string(id, .objtype))
            let objects = tree.list(id, .objects).filter { tree.type($0) == .RangeVar }
            for item in objects { object(item, .grant) }
            if objects.isEmpty { object(.grant) }
        case .GrantRoleStmt, .CreateRoleStmt, .AlterRoleStmt, .DropRoleStmt, .AlterDefaultPrivilegesStmt,
            .DropOwnedStmt, .ReassignOwnedStmt:
            object(.grant)
        case .AlterRoleSetStmt, .AlterDatabaseSetStmt:
            hazards.insert(.pinnedSetting)
            object(.grant)
        case .AlterSystemStmt:
            hazards.insert(.pinnedSetting)
            object(.alter)
        case .LoadStmt:
            hazards.formUnion([.serverFiles, .dynamicCode])
            object(.alter)
        case .CreateForeignServerStmt, .CreateFdwStmt, .ImportForeignSchemaStmt, .CreateUserMappingStmt,
            .CreateSubscriptionStmt:
            hazards.insert(.foreignData)
            object(.create)
        case .AlterForeignServerStmt, .AlterFdwStmt, .AlterUserMappingStmt, .AlterSubscriptionStmt:
            hazards.insert(.foreignData)
            object(.alter)
        case .DropUserMappingStmt, .DropSubscriptionStmt:
            hazards.insert(.foreignData)
            object(.drop)
        case .CreateExtensionStmt, .CreatePLangStmt, .CreateEventTrigStmt, .CreateCastStmt, .CreateTransformStmt,
            .CreateConversionStmt, .CreateOpClassStmt, .CreateAmStmt, .DefineStmt:
            // They bring code in, or make values pass through it.
            hazards.insert(.dynamicCode)
            object(.create)
        case .AlterExtensionStmt, .AlterExtensionContentsStmt, .AlterEventTrigStmt:
            hazards.insert(.dynamicCode)
            object(.alter)
        case .CreatePublicationStmt:
            hazards.insert(.foreignData)
            object(.create)
        case .AlterPublicationStmt:
            hazards.insert(.foreignData)
            object(.alter)
        case .CompositeTypeStmt, .CreateDomainStmt, .CreateEnumStmt, .CreateRangeStmt, .CreateOpFamilyStmt,
            .CreateTableSpaceStmt, .CreatedbStmt:
            object(.create)
        case .AlterDatabaseStmt, .AlterDatabaseRefreshCollStmt, .AlterDomainStmt, .AlterEnumStmt,
            .AlterObjectDependsStmt, .AlterOperatorStmt, .AlterOpFamilyStmt, .AlterStatsStmt,
            .AlterTableMoveAllStmt, .AlterTableSpaceOptionsStmt, .AlterTSConfigurationStmt,
            .AlterTSDictionaryStmt, .AlterTypeStmt, .AlterCollationStmt:
            object(.alter)
        case .DropdbStmt, .DropTableSpaceStmt:
            object(.drop)
        default:
            return false
        }
        return true
    }

    // MARK: Relations

    /// The access to a relation that comes to be, in the schema that the server would put it in.
    func created(_ rangeVar: ParseTree.ID) -> Int {
        let name = tree.string(rangeVar, .relname) ?? ""
        let isTemporary = tree.string(rangeVar, .relpersistence) == "t"
        let schema =
            tree.string(rangeVar, .schemaname)
            ?? (isTemporary ? "pg_temp" : path.first { $0 != "pg_catalog" && !$0.hasPrefix("pg_temp") } ?? "")
        var instance = Instance(effect: .create, schema: schema, name: name, relation: nil)
        instance.readsNoRows = true
        instances.append(instance)
        return instances.count - 1
    }

    private func defineView(_ id: ParseTree.ID) {
        hazards.insert(.relabels)
        guard let view = tree.field(id, .view) else { return }
        let instance = created(view)
        guard let inner = tree.field(id, .query) else { return }
        let result = query(inner, parent: nil, level: nil)
        let names = tree.names(id, .aliases)
        for (index, column) in result.columns.enumerated() {
            mark(column.lineage, .output)
            let name = index < names.count ? names[index] : column.name
            guard let key = instances[instance].column(named: name, adding: true) else { continue }
            if !column.lineage.keys.isEmpty || column.lineage.isUnknown {
                flows.append(Flow(target: ColumnKey(instance, key), lineage: column.lineage))
            }
        }
        if result.isOpen { hazards.insert(.unknownLineage) }
    }

    private func alterTable(_ command: ParseTree.ID) {
        let definition = tree.field(command, .def)
        switch tree.string(command, .subtype) {
        case "AT_AttachPartition", "AT_DetachPartition":
            // What its columns inherit changes.
            hazards.insert(.relabels)
            if let name = definition.flatMap({ tree.field($0, .name) }) { object(name, .alter) }
        case "AT_AddInherit", "AT_DropInherit":
            hazards.insert(.relabels)
            if let definition, tree.type(definition) == .RangeVar { object(definition, .alter) }
        case "AT_AddOf", "AT_DropOf":
            hazards.insert(.relabels)
        case "AT_AlterColumnType", "AT_AddColumn":
            // USING and GENERATED compute values from other columns.
            if let definition, computesValues(definition) { hazards.insert(.relabels) }
        case "AT_EnableAlwaysTrig", "AT_EnableTrig", "AT_EnableTrigAll", "AT_EnableTrigUser", "AT_EnableReplicaTrig",
            "AT_EnableRule", "AT_EnableAlwaysRule", "AT_EnableReplicaRule":
            hazards.insert(.dynamicCode)
        case "AT_ChangeOwner", "AT_DisableRowSecurity", "AT_NoForceRowSecurity":
            object(.grant)
        case nil:
            hazards.insert(.unjudged)
        default:
            break
        }
    }

    private func computesValues(_ definition: ParseTree.ID) -> Bool {
        if tree.field(definition, .raw_default) != nil { return true }
        return tree.list(definition, .constraints).contains { tree.string($0, .contype) == "CONSTR_GENERATED" }
    }

    private func drop(_ id: ParseTree.ID) {
        let relations: Set<String> = [
            "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_INDEX", "OBJECT_FOREIGN_TABLE",
        ]
        let isRelation = relations.contains(tree.string(id, .removeType) ?? "")
        for item in tree.list(id, .objects) {
            let names = tree.type(item) == .List ? tree.names(item, .items) : [tree.stringNode(item) ?? ""]
            guard isRelation, let name = names.last else {
                object(.drop, name: names.last ?? "")
                continue
            }
            let schema = names.count >= 2 ? names[names.count - 2] : nil
            let instance = occurrence(find(schema: schema, name: name), .drop)
            instances[instance].readsNoRows = true
        }
    }

    private func comment(_ id: ParseTree.ID) {
        guard let target = tree.field(id, .object), tree.type(target) == .List else {
            object(.alter)
            return
        }
        var names = tree.names(target, .items)
        switch tree.string(id, .objtype) {
        case "OBJECT_COLUMN": names = names.dropLast()
        case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_INDEX", "OBJECT_FOREIGN_TABLE":
            break
        default: names = []
        }
        guard let name = names.last else {
            object(.alter)
            return
        }
        let schema = names.count >= 2 ? names[names.count - 2] : nil
        let instance = occurrence(find(schema: schema, name: name), .alter)
        instances[instance].readsNoRows = true
    }

    // MARK: What stands inside

    /// Judges every function that a definition calls and every query in it, wherever they stand.
    func sweep(_ id: ParseTree.ID) {
        var next = Array(tree.children(id))
        while let node = next.popLast() {
            switch tree.type(node) {
            case .FuncCall:
                let names = tree.names(node, .funcname)
                if let name = names.last {
                    _ = judgeFunction(schema: names.count >= 2 ? names[names.count - 2] : nil, name: name)
                }
                next += tree.children(node)
            case .SelectStmt, .InsertStmt, .UpdateStmt, .DeleteStmt, .MergeStmt:
                // A view's query is read already, with the names of its columns.
                if tree.type(id) != .ViewStmt { _ = query(node, parent: nil, level: nil) }
            default:
                next += tree.children(node)
            }
        }
    }
}
