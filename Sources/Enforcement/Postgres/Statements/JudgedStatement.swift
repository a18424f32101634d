import Policy
import Records
import SQLInspection
import Synchronization

/// What a judgement depends on besides the text: when one of these changes, it is made again.
struct JudgementEpoch: Hashable {
    /// Of policy and identity.
    var policy: UInt64
    var searchPath: UInt64
    var catalog: UInt64
}

/// A statement, what it would do, and what policy says of it. Judged once, for every time that it runs and for every session
/// that it is the same for (``JudgementScope``).
final class JudgedStatement: Sendable {
    let analysis: StatementAnalysis
    let operation: Operation
    /// What policy says of the operation and the subject, whenever it is asked. What depends on time or on what went before is no
    /// part of it, and is asked every time (``PostgresSession/permission(for:)``).
    let verdict: Verdict
    /// Its part of the text.
    let text: [UInt8]
    /// Literals to hide and text to show are in terms of the whole text.
    let source: TextAnalysis
    /// It runs what stands behind a name: a cursor or a prepared statement.
    let isIndirect: Bool
    /// What to do instead, for the client of a refused statement.
    let hint: String?
    /// It leaves the session as it is: names, path, catalog, prepared statements, cursors.
    let leavesSessionAlone: Bool
    /// Whether it does nothing on the server but read.
    let onlyReads: Bool
    let results = ResultMemory()
    private let kept = Mutex<StatementEvidence?>(nil)
    private let keptFacts = Mutex<FastFacts?>(nil)

    init(
        analysis: StatementAnalysis, operation: Operation, verdict: Verdict, text: [UInt8], source: TextAnalysis,
        isIndirect: Bool = false, hint: String? = nil, onlyReads: Bool = false
    ) {
        self.analysis = analysis
        self.operation = operation
        self.verdict = verdict
        self.text = text
        self.source = source
        self.isIndirect = isIndirect
        self.hint = hint
        self.onlyReads = onlyReads
        leavesSessionAlone =
            (analysis.kind == .query || analysis.kind == .write) && !analysis.mayChangeSearchPath
            && !analysis.mayChangeCatalog
    }

    /// The same statement with another verdict.
    func with(_ verdict: Verdict, hint: String? = nil) -> JudgedStatement {
        JudgedStatement(
            analysis: analysis, operation: operation, verdict: verdict, text: text, source: source,
            isIndirect: isIndirect, hint: hint, onlyReads: onlyReads)
    }

    /// What a record says of it when it passes.
    ///
    /// - Parameter make: Told once.
    func evidence(_ make: (JudgedStatement) -> StatementEvidence) -> StatementEvidence {
        if let known = kept.withLock({ $0 }) { return known }
        let evidence = make(self)
        kept.withLock { $0 = evidence }
        return evidence
    }

    /// What the fast lane wants to know of it.
    ///
    /// - Parameter make: Told once.
    func facts(_ make: (JudgedStatement) -> FastFacts?) -> FastFacts? {
        if let known = keptFacts.withLock({ $0 }) { return known }
        guard let facts = make(self) else { return nil }
        keptFacts.withLock { $0 = facts }
        return facts
    }
}

extension JudgedStatement {
    /// The columns of whose documents something decides that policy names the key of, or that may be so.
    func columnsWithClassifiedKeys(_ policy: any SessionPolicy) -> Set<BaseColumn> {
        if analysis.documentUses.isEmpty { return [] }
        guard let keys = policy.scanner?.keys, !keys.isEmpty else { return [] }
        return Set(
            analysis.documentUses.filter { $0.key.map { keys.use(of: $0) != nil } ?? true }.map(\.column))
    }

    func usesClassifiedKey(_ policy: any SessionPolicy) -> Bool { !columnsWithClassifiedKeys(policy).isEmpty }
}

/// A whole text, judged.
final class JudgedText: Sendable {
    let source: TextAnalysis
    let statements: [JudgedStatement]
    /// When the text cannot be read: what policy says of that.
    let unreadable: Verdict?
    /// The verdict on all of it: deny beats hold, hold beats allow.
    let verdict: Verdict

    init(source: TextAnalysis, statements: [JudgedStatement], unreadable: Verdict? = nil) {
        self.source = source
        self.statements = statements
        self.unreadable = unreadable
        var worst = unreadable ?? Verdict(outcome: .allow)
        for statement in statements where statement.verdict.outcome > worst.outcome || worst.rules.isEmpty {
            if statement.verdict.outcome >= worst.outcome { worst = statement.verdict }
        }
        verdict = worst
    }

    /// Statements of one text that are held on different terms cannot be put to one approver.
    var isHeldOnSeveralTerms: Bool {
        guard verdict.outcome == .hold else { return false }
        let held = statements.map(\.verdict).filter { $0.outcome == .hold }
        guard let first = held.first else { return false }
        return held.contains { $0.approval != first.approval || $0.approverGroups != first.approverGroups }
    }
}

extension StatementAnalysis {
    /// Whether unqualified names may mean something else after it.
    var mayChangeSearchPath: Bool {
        switch kind {
        case .set(let name, _, _):
            return ["search_path", "role", "session_authorization", "all"].contains(name.lowercased())
        case .discardAll: return true
        case .utility: return runsUnknownCode || !leavesNamesAlone
        default: return runsUnknownCode || changesSchema
        }
    }

    /// Whether the catalog may be another after it.
    var mayChangeCatalog: Bool {
        if changesSchema || kind == .discardAll { return true }
        if !hazards.isDisjoint(with: [.dynamicCode, .procedureCall, .unjudged]) { return true }
        guard kind == .utility else { return false }
        return !leavesNamesAlone
    }

    /// LOCK, VACUUM, TRUNCATE and GRANT leave names and columns as they are.
    private var leavesNamesAlone: Bool {
        !accesses.isEmpty && accesses.allSatisfy { [.lock, .maintain, .truncate, .grant].contains($0.effect) }
    }

    private var runsUnknownCode: Bool {
        !functions.isEmpty
            || !hazards.isDisjoint(with: [.dynamicCode, .procedureCall, .unjudged, .pinnedSetting, .roleChange])
    }

    /// Whether it does nothing on the server but read, or what only the session itself notices.
    ///
    /// A view's own functions are nobody's to vouch for here, and what they do is not known: a statement that reads one is
    /// taken to have an effect. So is one that locks rows, or changes settings.
    ///
    /// - Parameter isView: Whether a relation is one.
    func onlyReads(isView: (RelationAccess) -> Bool) -> Bool {
        switch kind {
        case .query, .copyOut, .explain, .execute, .fetch, .declareCursor, .closeCursor, .prepare, .deallocate, .show,
            .begin, .empty:
            break
        case .write, .utility, .commit, .rollback, .savepoint, .set, .discardAll, .copyIn, .listen, .notify:
            return false
        }
        return functions.isEmpty && hazards.isSubset(of: [.unknownLineage, .secrets, .statistics, .otherSessions])
            && accesses.allSatisfy { $0.effect == .select && ($0.isCatalog || !$0.isUnknown && !isView($0)) }
    }

    private var changesSchema: Bool {
        accesses.contains { [.create, .alter, .drop].contains($0.effect) }
    }
}
