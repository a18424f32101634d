import FoundationEssentials
import Policy
import Records

/// The session's evidence. A record is handed out before any byte that depends on it.
extension MCPStreamSession {
    private mutating func record(_ event: PBRecord.OneOf_Event, id: RecordID? = nil) {
        output.record(SessionRecord(id: id, event: .message(event)))
    }

    mutating func recordOpened(refused: String) {
        isOpenRecorded = true
        var opened = PBSessionOpened()
        if let identity { opened.subject = PBSubject(identity) }
        opened.agent.namespace = configuration.agent.namespace
        opened.agent.workload = configuration.agent.workload
        opened.agent.pod = configuration.agent.pod
        opened.agent.sidecarID = configuration.agent.sidecarID
        opened.resource = configuration.resource.name
        opened.protocol = "mcp"
        opened.client = "stdio"
        opened.policyDigest = Data(policy?.digest ?? [])
        opened.refused = refused
        record(.sessionOpened(opened))
    }

    private func judged(_ number: UInt64, _ outcome: PBOutcome, _ message: String) -> PBStatementJudged {
        var judged = PBStatementJudged()
        judged.statement = number
        judged.outcome = outcome
        judged.message = message
        judged.policyDigest = Data(policy?.digest ?? [])
        return judged
    }

    /// Records what became of a request. What was let through is recorded once.
    mutating func record(
        _ request: MCPStreamRequest, _ outcome: PBOutcome, _ message: String, approvalID: String = "",
        id: RecordID? = nil
    ) {
        guard !request.isRecorded else { return }
        request.isRecorded = true
        var judged = judged(request.number, outcome, message)
        if let policy, policy.recording.statements != Recording.Content.none {
            judged.text = request.shown.text
            judged.parameters = request.shown.arguments
        }
        judged.rules = request.verdict.rules
        judged.observedRules = request.verdict.observed.map(\.name)
        judged.approvalID = approvalID.isEmpty ? request.approvalID : approvalID
        judged.verbs = request.reading.accesses.map(\.verb.name)
        judged.features = request.reading.features.names
        judged.objects = [request.shown.object]
        record(.statement(judged), id: id)
    }

    mutating func recordFault(_ number: UInt64, _ message: String, id: RecordID) {
        var judged = judged(number, .deny, message)
        judged.features = Features.unparsable.names
        record(.statement(judged), id: id)
    }

    /// Something of a server's that goes nowhere.
    mutating func noteDropped(_ text: String, _ why: String) {
        requestCount += 1
        var judged = judged(requestCount, .deny, why)
        judged.text = text
        record(.statement(judged))
    }

    mutating func recordNotices(of answers: MCPAnswers) {
        for notice in answers.takeNotices() {
            requestCount += 1
            var judged = judged(requestCount, notice.isAllowed ? .allow : .deny, notice.message)
            if policy?.recording.statements != Recording.Content.none { judged.text = notice.text }
            judged.features = notice.features.names
            judged.objects = notice.objects
            record(.statement(judged))
        }
    }

    mutating func complete(_ request: MCPStreamRequest, refusal: String = "", incomplete: Bool = false) {
        guard !request.isCompleted, request.permission != nil else { return }
        request.isCompleted = true
        var end = PBStatementCompleted()
        end.statement = request.number
        end.bytes = request.sentBytes
        end.masks = HTTPSession.applied(request.masks)
        end.durationUs = (now.uptimeNanoseconds - min(request.startedNanoseconds, now.uptimeNanoseconds)) / 1_000
        end.response = Data(request.sample)
        end.responseTruncated = UInt64(request.sample.count) < request.sentBytes
        end.incomplete = incomplete
        end.refused = refusal
        record(.completed(end))
    }

    mutating func recordAsked(
        _ request: MCPStreamRequest, id: String, terms: ApprovalTerms, expiresAtUnixSeconds: Int64, binding: [UInt8]
    ) -> RecordID {
        var asked = PBApprovalAsked()
        asked.approvalID = id
        asked.statement = request.number
        asked.groups = terms.groups
        asked.approverGroups = request.verdict.approverGroups.map(PBApproverGroups.init)
        asked.expiresUnixS = expiresAtUnixSeconds
        asked.binding = Data(binding)
        let record = services.makeRecordID(now)
        self.record(.approvalAsked(asked), id: record)
        return record
    }

    mutating func recordAnswered(_ hold: HoldState, abandoned: Bool = false) {
        if !abandoned, let outcome = hold.outcome {
            return record(.approvalAnswered(PBApprovalAnswered(id: hold.approvalID, number: hold.number, outcome)))
        }
        var answered = PBApprovalAnswered()
        answered.approvalID = hold.approvalID
        answered.statement = hold.number
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
        guard isOpenRecorded else { return }
        var changed = PBIdentityChanged()
        if let identity { changed.subject = PBSubject(identity) }
        changed.reason = reason
        record(.identityChanged(changed))
    }

    mutating func recordClosed(_ reason: String) {
        var closed = PBSessionClosed()
        closed.reason = reason
        closed.statements = requestCount
        record(.sessionClosed(closed))
    }
}
