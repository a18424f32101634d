import Policy
import PostgresWire
import SQLInspection

extension PostgresSession {
    var epoch: JudgementEpoch {
        JudgementEpoch(
            policy: policyEpoch, searchPath: resolution.searchPathEpoch, catalog: catalog?.version ?? 0)
    }

    /// Judges a text as it would run now.
    ///
    /// - Returns: `nil` when something must come first; the gate says what.
    ///
    /// - Parameter byTemplate: Whether the judgement of another text will do that differs in literals that nobody looked at.
    mutating func judge(_ text: ArraySlice<UInt8>, byTemplate: Bool) throws(SessionFault) -> JudgedText? {
        try checkTime()
        guard resolve() else { return nil }
        // What the open transaction has made of the catalog is known to nobody else.
        let isShared = !resolution.changedCatalogInTransaction
        if isShared, reading == nil, let known = judgements()?.look(text, byTemplate: byTemplate) { return known }
        guard let judged = try judgeAnew(Array(text)) else { return nil }
        if isShared, let policy { judgements()?.keep(judged, policy) }
        return judged
    }

    private mutating func judgements() -> JudgementScope? {
        let epoch = self.epoch
        if let scope, scope.epoch == epoch { return scope.judgements }
        guard let policy, let identity, let catalog else { return nil }
        let judgements = policy.judgements.scope(
            subject: identity.subject, resource: configuration.resource.name, searchPath: searchPath, catalog: catalog)
        scope = (epoch, judgements)
        return judgements
    }

    private mutating func judgeAnew(_ text: [UInt8]) throws(SessionFault) -> JudgedText? {
        guard let policy, let catalog else { throw SessionFault.unexpected("a statement before there is a policy") }
        let analysis: TextAnalysis
        if let arrived = reading {
            reading = nil
            analysis = services.reader.analyse(
                arrived.reading, text: text, searchPath: searchPath, catalog: catalog)
        } else {
            switch services.reader.read(text, searchPath: searchPath, catalog: catalog) {
            case .analysed(let found): analysis = found
            case .needsLargeStack:
                ticketCount += 1
                let ticket = JudgementTicket(number: ticketCount)
                gate = .judgement(ticket)
                output.perform(
                    .judge(JudgementRequest(ticket: ticket, text: text, reader: services.reader)))
                return nil
            }
        }
        return judged(analysis, policy, catalog)
    }

    /// Whether names mean what the session thinks they mean; else the server, or the catalog's keeper, is asked.
    private mutating func resolve() -> Bool {
        // In a failed transaction the server answers no question, and runs nothing but its end.
        if transaction == .failed { return true }
        if resolution.isSearchPathStale {
            askSearchPath()
            return false
        }
        if resolution.isCatalogStale, transaction == .idle, !segment.isOpen {
            resolution.isCatalogStale = false
            gate = .catalog
            output.perform(.refreshCatalog)
            return false
        }
        return true
    }

    private func judged(_ source: TextAnalysis, _ policy: any SessionPolicy, _ catalog: PostgresCatalog) -> JudgedText {
        if source.failure != nil {
            let operation = OperationMapping.unreadable(resource: configuration.resource.name)
            var verdict = decide(operation)
            if verdict.outcome != .allow, verdict.message == nil {
                verdict.message = "The statement cannot be read (\(source.failure ?? "")), so it cannot be judged."
            }
            return JudgedText(source: source, statements: [], unreadable: verdict)
        }
        var prepared: [WireName: StatementMirror?] = [:]
        var judged: [JudgedStatement] = []
        var changesNames = resolution.changedCatalogInTransaction
        for analysis in source.statements {
            var statement = judge(
                analysis, of: source, prepared: prepared, namesAreUncertain: changesNames, policy, catalog)
            if statement.verdict.outcome != .deny,
                let reason = WriteBack(policy: policy, catalog: catalog.snapshot).refusal(of: statement.analysis)
            {
                statement = statement.with(Verdict(outcome: .deny, message: reason), hint: WriteBack.hint)
            }
            judged.append(statement)
            switch analysis.kind {
            case .prepare(let name): prepared[Array(name.utf8)] = preparedMirror(statement)
            case .deallocate(.some(let name)): prepared[Array(name.utf8)] = .some(nil)
            default: break
            }
            // What a name means after such a statement cannot be told before it has run.
            if analysis.mayChangeSearchPath || analysis.mayChangeCatalog { changesNames = true }
        }
        return JudgedText(source: source, statements: judged)
    }

    private func judge(
        _ analysis: StatementAnalysis, of source: TextAnalysis, prepared: [WireName: StatementMirror?],
        namesAreUncertain: Bool, _ policy: any SessionPolicy, _ catalog: PostgresCatalog
    ) -> JudgedStatement {
        var effective = analysis
        var isIndirect = false
        switch analysis.kind {
        case .execute(let name), .explain(_, .some(let name)):
            let mirror = prepared[Array(name.utf8)] ?? statements[Array(name.utf8)]
            effective = PostgresSession.indirect(analysis, through: mirror.flatMap { effects(of: $0, catalog) })
            isIndirect = true
        case .fetch(let name):
            effective = PostgresSession.indirect(analysis, through: portals[Array(name.utf8)]?.judged.analysis)
            isIndirect = true
        default: break
        }
        if namesAreUncertain, effective.accesses.contains(where: { !$0.isCatalog }) {
            effective.hazards.insert(.unknownObject)
            if effective.outputs != nil { effective.hazards.insert(.unknownLineage) }
        }
        var operation = OperationMapping.operation(
            for: effective, resource: configuration.resource.name, isOneOfSeveral: source.statements.count > 1,
            keys: policy.scanner?.keys
        ) { PostgresSession.mask(of: $0, policy, catalog.snapshot) }
        // Without classified columns there is nothing that a column of unknown origin could hide.
        if !policy.hasClassifiedColumns { operation.features.remove(.unknownLineage) }
        let onlyReads = effective.onlyReads { access in
            switch catalog.snapshot.relation(schema: access.schema, name: access.name)?.kind {
            case .table, .partitionedTable, .materializedView, .sequence: false
            default: true
            }
        }
        return JudgedStatement(
            analysis: effective, operation: operation, verdict: decide(operation),
            text: PostgresSession.part(source.text, analysis.textRange, of: source), source: source,
            isIndirect: isIndirect, onlyReads: onlyReads)
    }

    /// The strictest mask of a column and of those of its name in the tables below, whose rows are read with its own.
    private static func mask(
        of column: BaseColumn, _ policy: any SessionPolicy, _ catalog: CatalogSnapshot
    ) -> Mask? {
        var strictest = policy.classification(of: column)?.mask
        guard policy.hasClassifiedColumns,
            let relation = catalog.relation(schema: column.schema, name: column.relation)
        else { return strictest }
        for below in catalog.descendants(of: relation) {
            let other = BaseColumn(schema: below.schema, relation: below.name, column: column.column)
            guard let mask = policy.classification(of: other)?.mask else { continue }
            strictest = strictest.map { Mask.stricter($0, mask) } ?? mask
        }
        return strictest
    }

    func decide(_ operation: Operation) -> Verdict {
        guard let policy, let identity else { return Verdict(outcome: .deny, defaultReason: .noPolicy) }
        return policy.decide(operation, for: identity.subject)
    }

    /// What a prepared statement would do if it ran now: the server reads it again where what names mean has changed since.
    ///
    /// - Returns: `nil` when that cannot be told.
    private func effects(of mirror: StatementMirror, _ catalog: PostgresCatalog) -> StatementAnalysis? {
        // What stands behind a name behind a name may have been made anew.
        if mirror.judged.isIndirect { return nil }
        if mirror.epoch.searchPath == epoch.searchPath, mirror.epoch.catalog == epoch.catalog,
            !resolution.changedCatalogInTransaction
        {
            return mirror.judged.analysis
        }
        guard
            case .analysed(let source) = services.reader.read(mirror.text, searchPath: searchPath, catalog: catalog),
            source.failure == nil, source.statements.count == 1
        else { return nil }
        return source.statements.first
    }

    /// What stands behind the name that a statement runs, as it is told apart from what may be made under the name later.
    func target(of statement: JudgedStatement) -> JudgedStatement? {
        switch statement.analysis.kind {
        case .execute(let name), .explain(_, .some(let name)): statements[Array(name.utf8)]?.judged
        case .fetch(let name): portals[Array(name.utf8)]?.judged
        default: nil
        }
    }

    /// EXECUTE and FETCH do what the statement behind the name does, and their rows are its rows. EXPLAIN's plan is made of all that
    /// it uses.
    private static func indirect(
        _ analysis: StatementAnalysis, through target: StatementAnalysis?
    ) -> StatementAnalysis {
        var result = analysis
        guard let target else {
            // Made by code that nobody saw, or not at all.
            result.hazards.formUnion([.unknownObject, .unknownLineage])
            return result
        }
        result.accesses += target.accesses
        result.functions = Array(Set(result.functions + target.functions)).sorted()
        result.hazards.formUnion(target.hazards)
        result.outputs = target.outputs
        result.documentUses += target.documentUses
        if case .explain = analysis.kind {
            var sources: Set<BaseColumn> = []
            for access in target.accesses {
                for column in access.columns.keys {
                    sources.insert(BaseColumn(schema: access.schema, relation: access.name, column: column))
                }
            }
            for output in target.outputs ?? [] { sources.formUnion(output.sources) }
            result.outputs = [
                OutputColumn(
                    name: "QUERY PLAN", sources: sources, isDerived: true,
                    isUnknown: target.hazards.contains(.unknownLineage))
            ]
        }
        result.flows += target.flows
        result.writes = target.writes.map { write in
            var write = write
            // What EXECUTE gives for a parameter is written in its place.
            write.constants = write.constants.flatMap { constant -> [WrittenConstant] in
                guard case .parameter(let number) = constant.source, result.arguments.indices.contains(number - 1)
                else {
                    return [constant]
                }
                return result.arguments[number - 1].map { WrittenConstant($0, isWhole: constant.isWhole) }
            }
            return write
        }
        return result
    }

    private static func part(_ text: [UInt8], _ range: Range<Int>, of source: TextAnalysis) -> [UInt8] {
        let clamped = range.clamped(to: 0..<text.count)
        return clamped.isEmpty ? text : Array(text[clamped])
    }

    func planner(
        for statement: JudgedStatement, _ policy: any SessionPolicy, _ catalog: PostgresCatalog
    ) -> ResultPlanner {
        let isVouchedFor = statement.operation.features.contains(.unknownLineage)
        let reader = services.reader
        return ResultPlanner(
            policy: policy, catalog: catalog.snapshot,
            assumesWorst: policy.hasClassifiedColumns && !isVouchedFor
                && !PostgresSession.touchesNothingSensitive(statement, policy),
            redactsUnknownTables: policy.hasClassifiedColumns && !isVouchedFor
                && !statement.operation.features.contains(.unknownObject)
                && !statement.analysis.accesses.contains(where: \.isUnknown)
        ) { relation, column in
            PostgresSession.viewSources(relation, column, catalog, reader)
        }
    }

    /// Whether everything that the statement reads is known and nothing of it is classified.
    static func touchesNothingSensitive(_ statement: JudgedStatement, _ policy: any SessionPolicy) -> Bool {
        let analysis = statement.analysis
        guard analysis.hazards.isEmpty, analysis.functions.isEmpty else { return false }
        for access in analysis.accesses {
            if access.isUnknown { return false }
            for column in access.columns.keys {
                let base = BaseColumn(schema: access.schema, relation: access.name, column: column)
                if policy.classification(of: base) != nil { return false }
            }
        }
        return true
    }

    /// What a view's column is made of: what a query for it would be made of.
    private static func viewSources(
        _ relation: CatalogSnapshot.Relation, _ column: String, _ catalog: PostgresCatalog, _ reader: StatementReader
    ) -> Set<BaseColumn>? {
        func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
        let text = "SELECT \(quoted(column)) FROM \(quoted(relation.schema)).\(quoted(relation.name))"
        guard case .analysed(let analysis) = reader.read(Array(text.utf8), searchPath: [], catalog: catalog),
            let output = analysis.statements.first?.outputs?.first, !output.isUnknown
        else { return nil }
        return output.sources
    }

    /// Judges again what was judged for a name, where policy, path or catalog have changed since.
    ///
    /// - Returns: `nil` when something must come first.
    mutating func judgeAgain(_ mirror: StatementMirror) throws(SessionFault) -> JudgedStatement? {
        guard
            mirror.epoch != epoch || resolution.isSearchPathStale || resolution.isCatalogStale
                || resolution.changedCatalogInTransaction || mirror.judged.isIndirect
        else { return mirror.judged }
        guard let judged = try judge(mirror.text[...], byTemplate: false) else { return nil }
        let statement = judged.statements.first ?? unreadable(judged)
        mirror.judged = statement
        mirror.epoch = epoch
        mirror.isDescribed = false
        mirror.fields = nil
        return statement
    }

    /// A text that cannot be read, as a statement: for policies that let such texts pass.
    func unreadable(_ judged: JudgedText) -> JudgedStatement {
        JudgedStatement(
            analysis: StatementAnalysis(kind: .utility, hazards: [.unjudged, .unknownLineage]),
            operation: OperationMapping.unreadable(resource: configuration.resource.name),
            verdict: judged.unreadable ?? Verdict(outcome: .deny), text: [], source: judged.source)
    }

    func preparedMirror(_ statement: JudgedStatement) -> StatementMirror {
        StatementMirror(text: statement.text, judged: statement, epoch: epoch)
    }

    /// Takes note of what a statement may do to what names mean.
    mutating func noteSent(_ statement: JudgedStatement) {
        segment.hasExecuted = true
        if statement.leavesSessionAlone { return }
        let analysis = statement.analysis
        if analysis.mayChangeSearchPath {
            resolution.isSearchPathStale = true
            resolution.changedPathInTransaction = true
        } else if resolution.changedPathInTransaction {
            // ROLLBACK TO and the end of a transaction undo what SET did in it.
            switch analysis.kind {
            case .rollback, .commit, .savepoint: resolution.isSearchPathStale = true
            default: break
            }
        }
        if analysis.mayChangeCatalog {
            resolution.isCatalogStale = true
            resolution.changedCatalogInTransaction = true
        }
        expectEffects(of: statement)
    }
}
