public import Policy
public import SQLInspection

/// From what a statement would do, told in SQL's words, to what policy is asked, told in its own.
public enum OperationMapping {
    /// - Parameters:
    ///   - resource: The resource's name in the policy.
    ///   - keys: Under which keys documents hold what policy classifies.
    ///   - mask: The mask of a column that policy classifies; `nil` for others.
    ///   - isOneOfSeveral: The text holds other statements too.
    public static func operation(
        for analysis: StatementAnalysis, resource: String, isOneOfSeveral: Bool,
        keys: JSONKeyTable? = nil, mask: (BaseColumn) -> Mask?
    ) -> Operation {
        func isClassified(_ column: BaseColumn) -> Bool { mask(column) != nil }
        var features = self.features(of: analysis)
        if isOneOfSeveral { features.insert(.multipleStatements) }
        var accesses = analysis.accesses.map { access(for: $0, isClassified: isClassified) }
        for column in analysis.flows where flowsOut(column, mask: mask) || leavesItsKey(column, keys, mask: mask) {
            features.insert(.relabels)
        }
        if let verb = verb(of: analysis.kind, hasAccesses: !accesses.isEmpty, hazards: analysis.hazards) {
            accesses.append(Access(verb: verb, object: ObjectPath(object(of: analysis.kind))))
        }
        return Operation(
            resource: resource, accesses: accesses, functions: analysis.functions, features: features,
            shownValues: UInt32(clamping: analysis.shownValues), packsRows: analysis.packsRows,
            documentKeys: documentKeys(of: analysis))
    }

    /// A text that cannot be read is one operation that says so.
    public static func unreadable(resource: String) -> Operation {
        Operation(
            resource: resource, accesses: [Access(verb: .other, object: ObjectPath([]))], features: .unparsable)
    }

    private static func access(for access: RelationAccess, isClassified: (BaseColumn) -> Bool) -> Access {
        var features: Features = []
        if access.isUnbounded { features.insert(.unbounded) }
        if access.isAllColumns { features.insert(.allColumns) }
        if access.isUnknown { features.insert(.unknownObject) }
        var columns: [String: ColumnUse] = [:]
        for (name, use) in access.columns {
            columns[name] = ColumnUse(rawValue: use.rawValue)
            let column = BaseColumn(schema: access.schema, relation: access.name, column: name)
            if !use.isDisjoint(with: [.predicate, .lookup]), isClassified(column) { features.insert(.predicate) }
        }
        // Reading the server's catalog is what `\d` does; writing to it is not.
        let verb = access.isCatalog && access.effect == .select ? .describe : verb(of: access.effect)
        // Most partitions of a table are classified by the patterns that it is classified by itself, or not at all.
        let below = access.below.filter { table in
            access.columns.keys.contains {
                isClassified(BaseColumn(schema: table.schema, relation: table.name, column: $0))
            }
        }
        return Access(
            verb: verb, object: ObjectPath([access.schema, access.name]), columns: columns, features: features,
            shownRows: UInt32(clamping: access.occurrences),
            below: below.map { ObjectPath([$0.schema, $0.name]) })
    }

    /// Whether a classified value comes to lie where less of it is hidden: in a column of no classification, of one with a
    /// weaker mask, or changed in one whose mask shows a part, which may then be any part.
    private static func flowsOut(_ flow: ColumnFlow, mask: (BaseColumn) -> Mask?) -> Bool {
        let target = mask(flow.target)
        return flow.sources.contains { source in
            guard let hidden = mask(source) else { return false }
            guard let target else { return true }
            if target.strictness < hidden.strictness { return true }
            return flow.isDerived && !showsNothing(target)
        }
    }

    /// Whether what stands under a key that policy names, or may do so, comes to lie where no key tells of it.
    private static func leavesItsKey(_ flow: ColumnFlow, _ keys: JSONKeyTable?, mask: (BaseColumn) -> Mask?) -> Bool {
        guard let part = flow.document, let keys, !keys.isEmpty else { return false }
        if let target = mask(flow.target), showsNothing(target) { return false }
        return part.isUntold || part.keys.contains { keys.use(of: $0) != nil }
    }

    private static func documentKeys(of analysis: StatementAnalysis) -> [DocumentKeyUse] {
        var found = analysis.documentUses.map {
            DocumentKeyUse(
                column: [$0.column.schema, $0.column.relation, $0.column.column], key: $0.key,
                use: ColumnUse(rawValue: $0.use.rawValue))
        }
        for output in analysis.outputs ?? [] {
            guard let part = output.document else { continue }
            for column in output.sources {
                for key in part.keys {
                    found.append(
                        DocumentKeyUse(
                            column: [column.schema, column.relation, column.column], key: key, use: .output))
                }
            }
        }
        return found
    }

    private static func showsNothing(_ mask: Mask) -> Bool {
        switch mask {
        case .redact, .null, .fixed: true
        case .hash, .truncateDate, .keepFirst, .keepLast: false
        }
    }

    private static func verb(of effect: RelationAccess.Effect) -> Verb {
        switch effect {
        case .select: .select
        case .insert: .insert
        case .update: .update
        case .delete: .delete
        case .merge: .merge
        case .truncate: .truncate
        case .create: .create
        case .alter: .alter
        case .drop: .drop
        case .grant: .grant
        case .maintain: .maintain
        case .lock: .lock
        }
    }

    /// The verb that a statement's kind adds to what it does to relations; `nil`: none.
    private static func verb(of kind: StatementKind, hasAccesses: Bool, hazards: Hazards) -> Verb? {
        switch kind {
        case .begin, .commit, .rollback, .savepoint: .transaction
        case .set, .show, .deallocate, .discardAll, .closeCursor, .empty: .session
        case .listen: .listen
        case .notify: .notify
        case .prepare, .execute, .declareCursor, .fetch, .explain: hasAccesses ? nil : .session
        case .query, .write, .copyOut, .copyIn:
            // `SELECT 1` and `VALUES (1)` touch nothing; what they call is judged by its name.
            if hazards.contains(.procedureCall) { .call } else { hasAccesses ? nil : .session }
        case .utility:
            if hazards.contains(.procedureCall) {
                .call
            } else if hazards.contains(.dynamicCode) {
                .execute
            } else if hazards.contains(.roleChange) || hazards.contains(.pinnedSetting) {
                .session
            } else {
                hasAccesses ? nil : .other
            }
        }
    }

    private static func object(of kind: StatementKind) -> [String] {
        switch kind {
        case .listen(let channel), .notify(let channel): [channel]
        default: []
        }
    }

    private static func features(of analysis: StatementAnalysis) -> Features {
        var features: Features = []
        switch analysis.kind {
        case .copyOut, .copyIn: features.insert(.copy)
        case .explain: features.insert(.explain)
        case .declareCursor, .fetch: features.insert(.cursor)
        case .write where analysis.outputs != nil: features.insert(.returning)
        default: break
        }
        if analysis.collectsRows { features.insert(.collects) }
        // A procedure with a name is vouched for by its name.
        if analysis.hazards.contains(.procedureCall), analysis.functions.isEmpty { features.insert(.dynamicCode) }
        for (hazard, feature) in hazardFeatures where analysis.hazards.contains(hazard) { features.insert(feature) }
        return features
    }

    private static let hazardFeatures: [(Hazards, Features)] = [
        (.serverFiles, .serverFiles), (.secrets, .secrets), (.statistics, .statistics),
        (.otherSessions, .otherSessions), (.roleChange, .roleChange), (.pinnedSetting, .pinnedSetting),
        (.dynamicCode, .dynamicCode), (.largeObjects, .largeObjects), (.foreignData, .foreignData),
        (.relabels, .relabels), (.unknownLineage, .unknownLineage), (.unknownObject, .unknownObject),
        (.unjudged, .unparsable),
    ]
}
