import FoundationEssentials
import Policy
import Records

extension MCPStreamSession: SessionRecording {
    var resource: Resource { configuration.resource }
    var agent: AgentDescription { configuration.agent }
    func makeRecordID() -> RecordID { services.makeRecordID(now) }
    mutating func hand(out record: SessionRecord) { output.record(record) }
}

/// The session's evidence. A record is handed out before any byte that depends on it.
extension MCPStreamSession {
    mutating func recordOpened(refused: String) {
        recordOpened(protocol: "mcp", client: "stdio", refused: refused)
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
        end.budget = request.meter?.spent?.name ?? ""
        end.rows = request.meter?.rows ?? 0
        record(.completed(end))
    }

    mutating func recordClosed(_ reason: String) {
        recordClosed(reason, statements: requestCount)
    }
}
