import FoundationEssentials
import Policy
import Records

/// What every session records in the same way, whatever its protocol. A record is handed out before any byte that depends on it.
protocol SessionRecording: ~Copyable {
    var resource: Resource { get }
    var agent: AgentDescription { get }
    var identity: SessionIdentity? { get }
    var policy: (any SessionPolicy)? { get }
    var now: SessionInstant { get }
    var isOpenRecorded: Bool { get set }

    /// A record's id, of now.
    func makeRecordID() -> RecordID
    mutating func hand(out record: SessionRecord)
}

extension SessionRecording where Self: ~Copyable {
    /// - Parameter id: What the client is told, when it is told of the record.
    mutating func record(_ event: PBRecord.OneOf_Event, id: RecordID? = nil) {
        hand(out: SessionRecord(id: id, event: .message(event)))
    }

    /// - Parameters:
    ///   - client: What the client calls itself.
    ///   - refused: Why it was not let in; empty when it was.
    mutating func recordOpened(protocol name: String, client: String, database: String = "", refused: String) {
        isOpenRecorded = true
        var opened = PBSessionOpened()
        if let identity { opened.subject = PBSubject(identity) }
        opened.agent.namespace = agent.namespace
        opened.agent.workload = agent.workload
        opened.agent.pod = agent.pod
        opened.agent.sidecarID = agent.sidecarID
        opened.resource = resource.name
        opened.protocol = name
        opened.client = client
        opened.database = database
        opened.policyDigest = Data(policy?.digest ?? [])
        opened.refused = refused
        record(.sessionOpened(opened))
    }

    /// Records that an approval is asked for.
    ///
    /// - Parameters:
    ///   - number: Of the statement that is held.
    ///   - statement: As approvers see it, and parameters likewise: masked.
    /// - Returns: What approvers are asked; nil where it is not known who asks.
    mutating func recordAsked(
        id: String, binding: [UInt8], number: UInt64, _ verdict: Verdict, _ terms: ApprovalTerms, statement: String,
        parameters: [String]
    ) -> ApprovalAsk? {
        guard let identity else { return nil }
        let expires = now.after(seconds: terms.withinSeconds).unixSeconds
        var asked = PBApprovalAsked()
        asked.approvalID = id
        asked.statement = number
        asked.groups = terms.groups
        asked.approverGroups = verdict.approverGroups.map(PBApproverGroups.init)
        asked.expiresUnixS = expires
        asked.binding = Data(binding)
        let recordID = makeRecordID()
        record(.approvalAsked(asked), id: recordID)
        return ApprovalAsk(
            id: id, binding: binding, resource: resource.name, subject: identity.subject, statement: statement,
            parameters: parameters, rules: verdict.rules, message: verdict.message, terms: terms,
            approverGroups: verdict.approverGroups, expiresAtUnixSeconds: expires, recordID: recordID)
    }

    mutating func recordAnswered(id: String, number: UInt64, _ outcome: ApprovalDecision.Outcome) {
        record(.approvalAnswered(PBApprovalAnswered(id: id, number: number, outcome)))
    }

    mutating func recordAbandoned(id: String, number: UInt64) {
        var answered = PBApprovalAnswered()
        answered.approvalID = id
        answered.statement = number
        answered.answer = .abandoned
        record(.approvalAnswered(answered))
    }

    /// - Note: Of a session that was not let in its opening says by which policy.
    mutating func recordPolicyChanged() {
        guard isOpenRecorded else { return }
        var changed = PBPolicyChanged()
        changed.digest = Data(policy?.digest ?? [])
        changed.policy = policy?.name ?? ""
        record(.policyChanged(changed))
    }

    /// - Note: Of a session that was not let in its opening says why.
    mutating func recordIdentityChanged(_ reason: String) {
        guard isOpenRecorded else { return }
        var changed = PBIdentityChanged()
        if let identity { changed.subject = PBSubject(identity) }
        changed.reason = reason
        record(.identityChanged(changed))
    }

    mutating func recordClosed(_ reason: String, statements: UInt64, rows: UInt64 = 0) {
        var closed = PBSessionClosed()
        closed.reason = reason
        closed.statements = statements
        closed.rows = rows
        record(.sessionClosed(closed))
    }
}
