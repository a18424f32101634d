extension ParseTree {
    /// The names in libpg_query's JSON that the inspector knows: node types, fields, and the values of enumerations.
    /// What has no case here is read as `.unknown`, and judged as such.
    enum Key: UInt16, CaseIterable, Sendable {
        case none, unknown

        // Node types: expressions.
        case A_ArrayExpr, A_Const, A_Expr, A_Indices, A_Indirection, A_Star, BitString, Boolean, BoolExpr, BooleanTest
        case CaseExpr, CaseWhen, CoalesceExpr, CollateClause, ColumnRef, CurrentOfExpr, Float, FuncCall, GroupingFunc
        case GroupingSet, Integer, List, MinMaxExpr, MultiAssignRef, NamedArgExpr, NullTest, ParamRef, ResTarget
        case RowExpr, SetToDefault, SortBy, SQLValueFunction, String, SubLink, TypeCast, TypeName, WindowDef, XmlExpr
        case XmlSerialize

        // Node types: FROM and clauses.
        case Alias, ColumnDef, CommonTableExpr, Constraint, DefElem, JoinExpr, LockingClause, MergeWhenClause
        case ObjectWithArgs, PartitionCmd, RangeFunction, RangeSubselect, RangeTableFunc, RangeTableFuncCol
        case RangeTableSample, RangeVar, TableLikeClause, VacuumRelation, WithClause, AlterTableCmd, RoleSpec

        // Node types: statements.
        case AlterDatabaseSetStmt, AlterDatabaseStmt, AlterDefaultPrivilegesStmt, AlterDomainStmt, AlterEnumStmt
        case AlterEventTrigStmt, AlterExtensionContentsStmt, AlterExtensionStmt, AlterFdwStmt, AlterForeignServerStmt
        case AlterFunctionStmt, AlterObjectDependsStmt, AlterObjectSchemaStmt, AlterOperatorStmt, AlterOpFamilyStmt
        case AlterOwnerStmt, AlterPolicyStmt, AlterPublicationStmt, AlterRoleSetStmt, AlterRoleStmt, AlterSeqStmt
        case AlterStatsStmt, AlterSubscriptionStmt, AlterSystemStmt, AlterTableMoveAllStmt
        case AlterTableSpaceOptionsStmt, AlterTableStmt, AlterTSConfigurationStmt, AlterTSDictionaryStmt
        case AlterTypeStmt, AlterUserMappingStmt, AlterCollationStmt, AlterDatabaseRefreshCollStmt
        case CallStmt, CheckPointStmt, ClosePortalStmt, ClusterStmt, CommentStmt, CompositeTypeStmt
        case ConstraintsSetStmt, CopyStmt, CreateAmStmt, CreateCastStmt, CreateConversionStmt, CreatedbStmt
        case CreateDomainStmt, CreateEnumStmt, CreateEventTrigStmt, CreateExtensionStmt, CreateFdwStmt
        case CreateForeignServerStmt, CreateForeignTableStmt, CreateFunctionStmt, CreateOpClassStmt
        case CreateOpFamilyStmt, CreatePLangStmt, CreatePolicyStmt, CreatePublicationStmt, CreateRangeStmt
        case CreateRoleStmt, CreateSchemaStmt, CreateSeqStmt, CreateStatsStmt, CreateStmt, CreateSubscriptionStmt
        case CreateTableAsStmt, CreateTableSpaceStmt, CreateTransformStmt, CreateTrigStmt, CreateUserMappingStmt
        case DeallocateStmt, DeclareCursorStmt, DefineStmt, DeleteStmt, DiscardStmt, DoStmt, DropdbStmt
        case DropOwnedStmt, DropRoleStmt, DropStmt, DropSubscriptionStmt, DropTableSpaceStmt, DropUserMappingStmt
        case ExecuteStmt, ExplainStmt, FetchStmt, GrantRoleStmt, GrantStmt, ImportForeignSchemaStmt, IndexStmt
        case InsertStmt, ListenStmt, LoadStmt, LockStmt, MergeStmt, NotifyStmt, PrepareStmt, ReassignOwnedStmt
        case RefreshMatViewStmt, ReindexStmt, RenameStmt, RuleStmt, SecLabelStmt, SelectStmt, TransactionStmt
        case TruncateStmt, UnlistenStmt, UpdateStmt, VacuumStmt, VariableSetStmt, VariableShowStmt, ViewStmt

        // Fields.
        case agg_distinct, agg_filter, agg_order, agg_star, agg_within_group, alias, aliascolnames, aliases
        case aliasname, all, alterTable, arg, args, attlist, actions, base
        case boolop, boolval, bsval, catalogname, cmds, coldeflist, coldefexpr, colexpr, colname, colnames, colno
        case cols, columns, commandType, condition, conditionname, constraints, content, ctename, ctequery, ctes
        case cycle_clause, cycle_col_list, cycle_mark_column, cycle_path_column, def, defname, defresult
        case distinctClause, docexpr, elements, endOffset, expr, fields, filename, fromClause, func_variadic, funccall
        case functions, funcname, fval, groupClause, grant_option, havingClause, indirection, indexParams, inh
        case inhRelations, into, intoClause, is_from, is_grant, is_lateral, is_local, is_program, is_slice
        case isNatural, isconstraint, items, ismove, ival, isnull, joinCondition, join_using_alias, jointype, kind
        case larg, lateral, lexpr, lidx, limitCount, limitOffset, limitOption, location, lockedRels, lockingClause
        case matched, mergeWhenClauses, method, name, named_args, names, namespaces, ncolumns, newname, newschema, node,
            number
        case object, objects, objtype, onConflictClause, op, operName, options, orderClause, ordinality, over, params
        case partitionClause, payload, pktable, portalname, quals, query, raw_expr, rarg, recursive, refname, relation
        case relations, relationType, rel, relname, relpersistence, rels, remoteSchema, removeType, renameType
        case repeatable, result, returningList, rexpr, role, roles, rowexpr, row_format, savepoint_name, schemaElts
        case schemaname
        case search_clause, search_col_list, search_seq_column, selectStmt, server_name, sortClause, sortby_dir
        case source, sourceRelation, stmt, stmt_len, stmt_location, stmts, subLinkType, subname, subquery, subselect
        case startOffset, subtype, sval, table, tableElts, targetList, testexpr, typeName, uidx, usingClause, val
        case contype, raw_default, values, valuesLists, version, view, view_query, viewQuery, whereClause, windowClause,
            withClause
        case colNames, sequence, for_ordinality, local_schema, cycle_mark_value, cycle_mark_default, window, xpr
        case infer, indexElems, setof, target, stmt_type, typevar, sql_body, transformed, is_select_into, objectType
        case winref, defnames, exprs, qual, with_check, oldtablespace, bound, skipData, typmods, arrayBounds
        case loc, partbound, partspec, ofTypename, conname, oncommit, tablespacename, accessMethod, if_not_exists
        case setstmt, extname, schemaName, nulltesttype, booltesttype, is_procedure, whenClause, idxname, base_stmt
        case group_distinct, domainname, publication, subid, behavior, missing_ok, useOp, where_clause, unique,
            exclusions

        // Values of enumerations.
        case AND_EXPR, OR_EXPR, NOT_EXPR
    }
}

extension ParseTree.Key {
    private struct Slot: Sendable {
        var name: [UInt8]
        var key: ParseTree.Key
    }

    private static let mask = 2047

    /// Open addressing; the names are the cases' own.
    private static let slots: [Slot?] = {
        var table = [Slot?](repeating: nil, count: mask + 1)
        for key in allCases where key != .none && key != .unknown {
            let name = Array("\(key)".utf8)
            var index = Int(truncatingIfNeeded: unsafe name.withUnsafeBufferPointer { unsafe hash($0) }) & mask
            while table[index] != nil { index = (index + 1) & mask }
            table[index] = Slot(name: name, key: key)
        }
        return table
    }()

    /// FNV-1a: the names are few, short and not the client's.
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for index in 0..<name.count { hash = unsafe (hash ^ UInt32(name[index])) &* 16_777_619 }
        return hash ^ (hash >> 15)
    }

    init(_ name: UnsafeBufferPointer<UInt8>) {
        var index = Int(truncatingIfNeeded: unsafe Self.hash(name)) & Self.mask
        while let slot = Self.slots[index] {
            if unsafe slot.name.elementsEqual(name) {
                self = slot.key
                return
            }
            index = (index + 1) & Self.mask
        }
        self = .unknown
    }
}
