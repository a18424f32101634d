import FoundationEssentials
import Policy
import Records
import SQLInspection

extension PostgresSession: SessionRecording {
    var resource: Resource { configuration.resource }
    var agent: AgentDescription { configuration.agent }
    func makeRecordID() -> RecordID { services.makeRecordID(now) }
    mutating func hand(out record: SessionRecord) { output.record(record) }
}

/// The session's evidence. A record is handed out before any byte that depends on it.
extension PostgresSession {
    mutating func recordOpened(refused: String) {
        recordOpened(
            protocol: "postgres", client: startup.applicationName, database: startup.database, refused: refused)
    }

    /// One record for a text that is refused or held.
    ///
    /// - Parameter id: What the client is told, when it is told of the record.
    mutating func recordJudged(
        _ statements: [JudgedStatement], source: TextAnalysis?, number: UInt64, outcome: Verdict.Outcome,
        verdict: Verdict, message: String, approvalID: String = "", parameters: RecordedParameters,
        operation: Operation? = nil, id: RecordID? = nil
    ) {
        var judged = PBStatementJudged()
        judged.statement = number
        if policy?.recording.statements != Recording.Content.none {
            (judged.text, judged.textTruncated) = recordedText(of: statements, in: source)
            judged.parameters = parameters.values
        }
        judged.fingerprint = statements.first?.analysis.fingerprint ?? 0
        judged.outcome = PostgresSession.outcome(outcome)
        judged.rules = verdict.rules
        judged.message = message
        judged.observedRules = verdict.observed.map(\.name)
        judged.policyDigest = Data(policy?.digest ?? [])
        judged.approvalID = approvalID
        let summary = OperationSummary(statements.map(\.operation) + (operation.map { [$0] } ?? []), policy)
        judged.verbs = summary.verbs
        judged.objects = summary.objects
        judged.columns = summary.columns
        judged.classifications = summary.classifications
        judged.features = summary.features.names
        record(.statement(judged), id: id)
    }

    private func recordedText(of statements: [JudgedStatement], in source: TextAnalysis?) -> (String, Bool) {
        let text = maskedText(of: statements, in: source)
        guard text.utf8.count > PostgresSession.longestText else { return (text, false) }
        return (String(text.prefix(PostgresSession.longestText / 4)), true)
    }

    /// A record keeps this much of a statement's text.
    private static let longestText = 64 << 10

    private static func outcome(_ outcome: Verdict.Outcome) -> PBOutcome {
        switch outcome {
        case .allow: .allow
        case .hold: .hold
        case .deny: .deny
        }
    }

    // MARK: Statements that pass

    /// What a record says of a statement whenever it passes.
    func evidence(of statement: JudgedStatement) -> StatementEvidence {
        let isShown = policy?.recording.statements != Recording.Content.none
        let (text, isTruncated) = isShown ? recordedText(of: [statement], in: statement.source) : ("", false)
        let summary = OperationSummary([statement.operation], policy)
        return StatementEvidence(
            StatementEvidence.Text(text, isTruncated: isTruncated, fingerprint: statement.analysis.fingerprint),
            StatementEvidence.Judgement(
                verbs: summary.verbs, objects: summary.objects, columns: summary.columns,
                classifications: summary.classifications, outcome: .allow, rules: statement.verdict.rules,
                observedRules: statement.verdict.observed.map(\.name), policyDigest: policy?.digest ?? [],
                features: summary.features.names))
    }

    /// The same of one that is under way, with its own text.
    private func evidence(of run: StatementRun) -> StatementEvidence {
        let known = run.judged.evidence { evidence(of: $0) }
        guard let text = run.text, policy?.recording.statements != Recording.Content.none else { return known }
        return StatementEvidence(
            StatementEvidence.Text(
                utf8: maskedText(text), isTruncated: false, fingerprint: run.judged.analysis.fingerprint),
            known.judgement)
    }

    /// Counts a statement that is about to be sent, and records it if it may have an effect. One that was allowed outright and
    /// only reads may wait: its record comes with its end, or before the first byte of its answer is released.
    ///
    /// - Parameter text: Its own, where it was judged by another that differs in literals (``JudgementScope``).
    mutating func startRun(
        _ statement: JudgedStatement, text: [UInt8]? = nil, parameters: RecordedParameters, grant: ApprovalGrant?,
        number: UInt64?
    ) -> StatementRun {
        if number == nil { statementCount += 1 }
        let run = StatementRun(
            number: number ?? statementCount, judged: statement, text: text, parameters: parameters,
            startedNanoseconds: now.uptimeNanoseconds)
        run.meter = meter(for: statement, grant: grant)
        if let grant {
            recordJudgement(of: run, approvalID: grant.approvalID)
        } else if !statement.onlyReads {
            recordJudgement(of: run)
        }
        return run
    }

    private mutating func recordJudgement(of run: StatementRun, approvalID: String = "") {
        run.isJudgementRecorded = true
        let event = output.events.appendJudged(
            evidence(of: run), number: run.number, parameters: run.parameters,
            approvalID: approvalID)
        output.record(SessionRecord(event: .encoded(event, StatementTally(isJudged: true))))
    }

    /// Call it before bytes are handed out: if a statement has not ended and they may be of its answer, they have to wait for
    /// the record of its judgement.
    mutating func recordBeforeRelease() {
        guard !output.client.isEmpty, let run = currentRun, !run.isJudgementRecorded, !run.isCompleted else { return }
        recordJudgement(of: run)
    }

    /// Records a statement's end, once; and with it its judgement, if that has no record yet.
    mutating func complete(
        _ run: StatementRun, tag: ArraySlice<UInt8> = [], sqlState: String, incomplete: Bool = false
    ) {
        guard !run.isCompleted else { return }
        run.isCompleted = true
        segment.lastCompleted = run.number
        rowCount += run.rows
        var end = Completion()
        end.tag = tag
        end.rows = run.rows
        end.bytes = run.bytes
        if let plan = run.plan, !plan.passesRows { end.masks = PostgresSession.masks(plan) }
        end.sqlState = sqlState
        let elapsed = now.uptimeNanoseconds - min(run.startedNanoseconds, now.uptimeNanoseconds)
        end.durationMicroseconds = elapsed / 1_000
        if let sample = run.sample {
            end.response = sample.bytes
            end.isResponseTruncated = sample.isTruncated
        }
        end.isIncomplete = incomplete
        end.budget = run.spentBudget
        if !withheld.isEmpty {
            end.withheld = withheld
            withheld.removeAll()
        }
        let tally = StatementTally(
            isJudged: !run.isJudgementRecorded, durationMicroseconds: end.durationMicroseconds,
            maskedValues: end.masks.reduce(0) { $0 &+ $1.values })
        let event =
            run.isJudgementRecorded
            ? output.events.appendCompleted(number: run.number, end)
            : output.events.appendRun(
                evidence(of: run), number: run.number, parameters: run.parameters, end)
        output.record(SessionRecord(event: .encoded(event, tally)))
    }

    /// Records a statement that the server refused to read, bind or describe: it was not run, but somebody tried.
    mutating func recordNotRun(_ statement: JudgedStatement, _ sqlState: String) {
        guard statement.verdict.outcome == .allow else {
            statementCount += 1
            recordJudged(
                [statement], source: statement.source, number: statementCount, outcome: statement.verdict.outcome,
                verdict: statement.verdict, message: "The database refused it (SQLSTATE \(sqlState)).",
                parameters: RecordedParameters())
            return
        }
        complete(
            startRun(statement, parameters: RecordedParameters(), grant: nil, number: nil), sqlState: sqlState)
    }

    /// Records that what the last statement did came to nothing at the transaction's end. Where none has ended since the last
    /// ReadyForQuery there is nothing that could: the error is one of the server's own, or of a server that is out of step.
    mutating func recordFailureAtEnd(_ sqlState: String) {
        guard let number = segment.lastCompleted else {
            withheld.removeAll()
            return
        }
        var end = Completion()
        end.sqlState = sqlState
        end.withheld = withheld
        withheld.removeAll()
        let event = output.events.appendCompleted(number: number, end)
        output.record(SessionRecord(event: .encoded(event, StatementTally(isJudged: false))))
    }

    static func masks(_ plan: ResultPlan) -> [Completion.Mask] {
        var applied: [Completion.Mask] = []
        for (index, column) in plan.columns.enumerated() {
            guard plan.masked[index] > 0, case .mask(let mask, let classification) = column.treatment else {
                continue
            }
            applied.append(
                Completion.Mask(
                    column: column.name, classification: classification, mask: mask.name,
                    values: plan.masked[index]))
        }
        let found = plan.found.sorted { ($0.key.column, $0.key.detector) < ($1.key.column, $1.key.detector) }
        for (key, count) in found {
            applied.append(
                Completion.Mask(
                    column: plan.columns[key.column].name, classification: key.classification, mask: key.mask,
                    values: count, detector: key.detector))
        }
        return applied
    }

    // MARK: The rest

    mutating func recordClosed(_ reason: String) {
        recordClosed(reason, statements: statementCount, rows: rowCount)
    }
}

/// What records say of operations.
private struct OperationSummary {
    var verbs: [String] = []
    var objects: [String] = []
    var columns: [String] = []
    var classifications: [String] = []
    var features: Features = []

    init(_ operations: [Operation], _ policy: (any SessionPolicy)?) {
        for operation in operations {
            features.formUnion(operation.features)
            for access in operation.accesses {
                features.formUnion(access.features)
                OperationSummary.insert(access.verb.name, into: &verbs)
                let path = access.object.components
                if !path.isEmpty { OperationSummary.insert(path.joined(separator: "."), into: &objects) }
                guard path.count == 2, let policy, policy.hasClassifiedColumns else { continue }
                for column in access.columns.keys {
                    let base = BaseColumn(schema: path[0], relation: path[1], column: column)
                    guard let found = policy.classification(of: base) else { continue }
                    OperationSummary.insert("\(path[0]).\(path[1]).\(column)", into: &columns)
                    for name in found.classifications { OperationSummary.insert(name, into: &classifications) }
                }
            }
        }
        verbs.sort()
        objects.sort()
        columns.sort()
        classifications.sort()
    }

    /// There are a few of each: looking through them costs less than a set.
    private static func insert(_ name: String, into names: inout [String]) {
        if !names.contains(name) { names.append(name) }
    }
}
