import FoundationEssentials
import Policy
import Records
import SQLInspection

/// The session's evidence. A record is handed out before any byte that depends on it.
extension PostgresSession {
    @discardableResult
    private mutating func record(_ event: PBRecord.OneOf_Event) -> RecordID {
        let id = services.makeRecordID(now)
        output.record(SessionRecord(id: id, event: event))
        return id
    }

    private static func subject(_ identity: SessionIdentity) -> PBSubject {
        var subject = PBSubject()
        subject.id = identity.subject.id
        subject.issuer = identity.subject.issuer
        subject.groups = identity.subject.groups
        subject.actors = identity.subject.actors
        subject.expiresUnixS = identity.expiresAtUnixSeconds
        subject.tokenID = identity.tokenID
        return subject
    }

    mutating func recordOpened(refused: String) {
        isOpenRecorded = true
        var opened = PBSessionOpened()
        if let identity { opened.subject = PostgresSession.subject(identity) }
        opened.agent.namespace = configuration.agent.namespace
        opened.agent.workload = configuration.agent.workload
        opened.agent.pod = configuration.agent.pod
        opened.agent.sidecarID = configuration.agent.sidecarID
        opened.resource = configuration.resource.name
        opened.protocol = "postgres"
        opened.client = startup.applicationName
        opened.database = startup.database
        opened.policyDigest = Data(policy?.digest ?? [])
        opened.refused = refused
        record(.sessionOpened(opened))
    }

    /// One record for a text that is refused or held, or for one statement that passes.
    @discardableResult
    mutating func recordJudged(
        _ statements: [JudgedStatement], source: TextAnalysis?, number: UInt64, outcome: Verdict.Outcome,
        verdict: Verdict, message: String, approvalID: String = "", parameters: [String] = [],
        operation: Operation? = nil
    ) -> RecordID {
        var judged = PBStatementJudged()
        judged.statement = number
        if policy?.recording.statements != Recording.Content.none {
            judged.text = maskedText(of: statements, in: source)
            if judged.text.utf8.count > PostgresSession.longestText {
                judged.text = String(judged.text.prefix(PostgresSession.longestText / 4))
                judged.textTruncated = true
            }
            judged.parameters = parameters
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
        return record(.statement(judged))
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

    /// Counts and records a statement that is about to be sent.
    mutating func startRun(
        _ statement: JudgedStatement, parameters: [String], grant: ApprovalGrant?, number: UInt64?
    ) -> StatementRun {
        if number == nil { statementCount += 1 }
        let run = StatementRun(
            number: number ?? statementCount, judged: statement, startedNanoseconds: now.uptimeNanoseconds)
        recordJudged(
            [statement], source: statement.source, number: run.number, outcome: .allow, verdict: statement.verdict,
            message: "", approvalID: grant?.approvalID ?? "", parameters: parameters)
        return run
    }

    /// Records a statement's end, once.
    mutating func complete(_ run: StatementRun, tag: String, sqlState: String, incomplete: Bool = false) {
        guard !run.isCompleted else { return }
        run.isCompleted = true
        rowCount += run.rows
        var completed = PBStatementCompleted()
        completed.statement = run.number
        completed.tag = tag
        completed.rows = run.rows
        completed.bytes = run.bytes
        completed.masks = run.plan.map(PostgresSession.masks) ?? []
        completed.sqlstate = sqlState
        let elapsed = now.uptimeNanoseconds - min(run.startedNanoseconds, now.uptimeNanoseconds)
        completed.durationUs = elapsed / 1_000
        if let sample = run.sample {
            completed.response = Data(sample.bytes)
            completed.responseTruncated = sample.isTruncated
        }
        completed.incomplete = incomplete
        if !withheld.isEmpty {
            completed.withheld = withheld.map { Data($0) }
            withheld.removeAll()
        }
        record(.completed(completed))
    }

    private static func masks(_ plan: ResultPlan) -> [PBMaskApplied] {
        var applied: [PBMaskApplied] = []
        for (index, column) in plan.columns.enumerated() {
            guard plan.masked[index] > 0, case .mask(let mask, let classification) = column.treatment else { continue }
            var entry = PBMaskApplied()
            entry.column = String(decoding: column.name, as: UTF8.self)
            entry.classification = classification
            entry.mask = mask.name
            entry.values = plan.masked[index]
            applied.append(entry)
        }
        let found = plan.found.sorted { ($0.key.column, $0.key.detector) < ($1.key.column, $1.key.detector) }
        for (key, count) in found {
            var entry = PBMaskApplied()
            entry.column = String(decoding: plan.columns[key.column].name, as: UTF8.self)
            entry.classification = key.classification
            entry.mask = key.mask
            entry.detector = key.detector
            entry.values = count
            applied.append(entry)
        }
        return applied
    }

    mutating func recordAsked(
        id: String, number: UInt64, groups: [String], expiresAtUnixSeconds: Int64, binding: [UInt8]
    ) -> RecordID {
        var asked = PBApprovalAsked()
        asked.approvalID = id
        asked.statement = number
        asked.groups = groups
        asked.expiresUnixS = expiresAtUnixSeconds
        asked.binding = Data(binding)
        return record(.approvalAsked(asked))
    }

    mutating func recordAnswered(id: String, number: UInt64, _ outcome: ApprovalDecision.Outcome) {
        var answered = PBApprovalAnswered()
        answered.approvalID = id
        answered.statement = number
        switch outcome {
        case .approved(let approver):
            answered.answer = .approved
            answered.approver = approver
        case .denied(let approver, let reason):
            answered.answer = .denied
            answered.approver = approver
            answered.reason = reason
        case .expired: answered.answer = .expired
        case .unavailable(let reason):
            answered.answer = .abandoned
            answered.reason = reason
        }
        record(.approvalAnswered(answered))
    }

    mutating func recordAbandoned(id: String, number: UInt64) {
        var answered = PBApprovalAnswered()
        answered.approvalID = id
        answered.statement = number
        answered.answer = .abandoned
        record(.approvalAnswered(answered))
    }

    mutating func recordPolicyChanged() {
        var changed = PBPolicyChanged()
        changed.digest = Data(policy?.digest ?? [])
        changed.policy = policy?.name ?? ""
        record(.policyChanged(changed))
    }

    mutating func recordIdentityChanged(_ reason: String) {
        var changed = PBIdentityChanged()
        if let identity { changed.subject = PostgresSession.subject(identity) }
        changed.reason = reason
        record(.identityChanged(changed))
    }

    mutating func recordClosed(_ reason: String) {
        var closed = PBSessionClosed()
        closed.reason = reason
        closed.statements = statementCount
        closed.rows = rowCount
        record(.sessionClosed(closed))
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
        var verbs: Set<String> = []
        var objects: Set<String> = []
        var columns: Set<String> = []
        var classifications: Set<String> = []
        for operation in operations {
            features.formUnion(operation.features)
            for access in operation.accesses {
                features.formUnion(access.features)
                verbs.insert(access.verb.name)
                let path = access.object.components
                if !path.isEmpty { objects.insert(path.joined(separator: ".")) }
                guard path.count == 2 else { continue }
                for column in access.columns.keys {
                    let base = BaseColumn(schema: path[0], relation: path[1], column: column)
                    guard let found = policy?.classification(of: base) else { continue }
                    columns.insert("\(path[0]).\(path[1]).\(column)")
                    classifications.formUnion(found.classifications)
                }
            }
        }
        self.verbs = verbs.sorted()
        self.objects = objects.sorted()
        self.columns = columns.sorted()
        self.classifications = classifications.sorted()
    }
}
