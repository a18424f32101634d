import FoundationEssentials
import HTTPInspection
import Policy
import Records

extension HTTPSession: SessionRecording {
    var resource: Resource { configuration.resource }
    var agent: AgentDescription { configuration.agent }
    func makeRecordID() -> RecordID { services.makeRecordID(now) }
    mutating func hand(out record: SessionRecord) { output.record(record) }
}

/// The session's evidence. A record is handed out before any byte that depends on it.
extension HTTPSession {
    mutating func recordOpened(refused: String) {
        let name = configuration.resource.protocolName == .mcp ? "mcp" : isForward ? "egress" : "http"
        recordOpened(protocol: name, client: clientName, refused: refused)
    }

    private var clientName: String {
        guard let value = exchange?.head.fields.first(named: "user-agent") else { return "" }
        return String(plan.shown(String(decoding: value, as: UTF8.self)).text.prefix(HTTPLaneLimits.recordedBody / 4))
    }

    // MARK: Exchanges

    /// What a record says of a request.
    private func judged(
        _ exchange: HTTPExchange, outcome: PBOutcome, message: String, approvalID: String
    ) -> PBStatementJudged {
        var judged = PBStatementJudged()
        judged.statement = exchange.number
        if let policy, policy.recording.statements != .none {
            judged.text = exchange.reading?.text ?? ""
            judged.textTruncated = exchange.reading?.isTextTruncated ?? false
            judged.parameters = recordedParameters(of: exchange)
        }
        judged.outcome = outcome
        judged.rules = exchange.verdict.rules
        judged.message = message
        judged.observedRules = exchange.verdict.observed.map(\.name)
        judged.policyDigest = Data(policy?.digest ?? [])
        judged.approvalID = approvalID
        if let operation = exchange.reading?.operation {
            judged.verbs = operation.accesses.map(\.verb.name)
            judged.features = operation.features.names
        }
        if let object = exchange.reading?.object { judged.objects = [object] }
        judged.traceparent = traceparent(of: exchange)
        return judged
    }

    /// The beginning of what a client sent; nothing of what is no text, and of what is looked into nothing until all of it was, or where
    /// something was found: it may be written in other letters than it means.
    func recordedParameters(of exchange: HTTPExchange) -> [String] {
        if let mcp = exchange.mcp {
            return policy?.recording.statements == .masked ? mcp.recordedArguments : []
        }
        guard policy?.recording.statements == .masked, !exchange.recordedBody.isEmpty,
            !exchange.head.fields.contains("content-encoding")
        else { return [] }
        if !exchange.outboundPlan.isEmpty || exchange.looksInto {
            guard let screen = exchange.screen, exchange.isRequestRead, !screen.hasFound, !screen.isOpaque else {
                return []
            }
        }
        // Text that is cut in the middle of a letter has none of it.
        for drop in 0..<min(4, exchange.recordedBody.count) {
            guard let text = String(validating: exchange.recordedBody.dropLast(drop), as: UTF8.self) else { continue }
            // What policy lets go out, it does not let stand in a record: nor a part of it, where the text is cut.
            if !exchange.plan.isEmpty {
                let isWhole = exchange.recordedBody.count < HTTPLaneLimits.recordedBody
                let kept =
                    isWhole ? Substring(text) : text[..<(text.lastIndex { " ,;&\n".contains($0) } ?? text.startIndex)]
                guard !kept.isEmpty, !exchange.plan.shown(text).isMasked else { return [] }
                return [String(kept)]
            }
            return [text]
        }
        return []
    }

    private func traceparent(of exchange: HTTPExchange) -> String {
        guard let value = exchange.head.fields.first(named: "traceparent"), value.count <= HTTPLaneLimits.traceparent,
            value.allSatisfy({ $0 == 0x2D || ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
        else { return "" }
        return String(decoding: value, as: UTF8.self)
    }

    /// - Parameter id: What the client is told, when it is told of the record.
    mutating func recordJudged(
        _ exchange: HTTPExchange, outcome: PBOutcome, message: String, approvalID: String = "", id: RecordID? = nil
    ) {
        record(
            .statement(judged(exchange, outcome: outcome, message: message, approvalID: approvalID)), id: id)
    }

    /// Records that an exchange was let through, once.
    mutating func recordJudgement(of exchange: HTTPExchange) {
        guard !exchange.isJudgementRecorded else { return }
        exchange.isJudgementRecorded = true
        recordJudged(exchange, outcome: .allow, message: "", approvalID: exchange.approvalID)
    }

    /// Call it before bytes are handed out: if an exchange has not ended and they are of its answer, they have to wait for the record of
    /// its judgement.
    mutating func recordBeforeRelease() {
        guard let exchange, exchange.hasAnswer, !exchange.isCompleted, exchange.stage == .running else { return }
        recordJudgement(of: exchange)
    }

    /// A request that cannot be read, or one whose session ends before it was judged.
    mutating func recordFault(_ exchange: HTTPExchange?, _ fault: HTTPFault, id: RecordID) {
        var judged: PBStatementJudged
        if let exchange {
            if exchange.number == 0 {
                exchangeCount += 1
                exchange.number = exchangeCount
            }
            judged = self.judged(exchange, outcome: .deny, message: fault.message, approvalID: "")
            exchange.isJudgementRecorded = true
            exchange.isCompleted = true
        } else {
            exchangeCount += 1
            judged = PBStatementJudged()
            judged.statement = exchangeCount
            judged.outcome = .deny
            judged.message = fault.message
            judged.policyDigest = Data(policy?.digest ?? [])
        }
        if fault.isOfRequest { judged.features = Features.unparsable.names }
        record(.statement(judged), id: id)
    }

    /// Records an exchange's end, once; and with it its judgement, if that has no record yet.
    ///
    /// - Parameter id: What the client is told, when it is told of the record.
    mutating func complete(_ exchange: HTTPExchange, incomplete: Bool = false, id: RecordID? = nil) {
        guard !exchange.isCompleted, exchange.number > 0, exchange.permission != nil else { return }
        exchange.isCompleted = true
        var end = PBStatementCompleted()
        end.tag = exchange.status > 0 ? String(exchange.status) + (exchange.mask?.modelUse?.words ?? "") : ""
        if let tunnel = exchange.tunnel { end.tag += ", \(tunnel.sentBytes) bytes sent" }
        end.bytes = exchange.sentBytes
        end.masks = HTTPSession.applied(
            exchange.masks + (exchange.mask?.counts ?? []) + (exchange.screen?.counts(at: "the request's body") ?? []))
        end.durationUs = (now.uptimeNanoseconds - min(exchange.startedNanoseconds, now.uptimeNanoseconds)) / 1_000
        if let sample = exchange.sample {
            end.response = Data(sample.bytes)
            end.responseTruncated = sample.isTruncated
        }
        end.incomplete = incomplete
        end.refused = exchange.refusal
        end.budget = exchange.meter?.spent?.name ?? ""
        end.rows = exchange.meter?.rows ?? 0
        guard exchange.isJudgementRecorded else {
            exchange.isJudgementRecorded = true
            var run = PBStatementRun()
            run.judged = judged(exchange, outcome: .allow, message: "", approvalID: exchange.approvalID)
            run.completed = end
            return record(.statementRun(run), id: id)
        }
        end.statement = exchange.number
        record(.completed(end), id: id)
    }

    static func applied(_ counts: [HTTPMaskCount]) -> [PBMaskApplied] {
        var values: [HTTPMaskCount: UInt64] = [:]
        for count in counts {
            var kind = count
            kind.values = 0
            values[kind, default: 0] += count.values
        }
        return values.sorted { ($0.key.place, $0.key.classification) < ($1.key.place, $1.key.classification) }.map {
            kind, count in
            var applied = PBMaskApplied()
            applied.column = kind.place
            applied.classification = kind.classification
            applied.mask = kind.mask
            applied.detector = kind.detector
            applied.values = count
            return applied
        }
    }

    // MARK: A WebSocket's messages

    /// What a client sent, as a statement of its own.
    ///
    /// - Parameter shown: Its text; nothing where that may not be shown.
    mutating func recordMessage(_ exchange: HTTPExchange, shown: [UInt8], bytes: Int) {
        var run = PBStatementRun()
        run.judged = judgedMessage(exchange, outcome: .allow, message: "")
        if policy?.recording.statements == .masked, let text = String(validating: shown, as: UTF8.self), !text.isEmpty,
            !plan.shown(text).isMasked
        {
            run.judged.parameters = [String(text.prefix(HTTPLaneLimits.recordedBody / 4))]
        }
        run.completed.tag = "message"
        run.completed.bytes = UInt64(bytes)
        record(.statementRun(run))
    }

    mutating func recordRefusedMessage(_ exchange: HTTPExchange, message: String, id: RecordID) {
        record(.statement(judgedMessage(exchange, outcome: .deny, message: message)), id: id)
    }

    private mutating func judgedMessage(
        _ exchange: HTTPExchange, outcome: PBOutcome, message: String
    ) -> PBStatementJudged {
        exchangeCount += 1
        var judged = PBStatementJudged()
        judged.statement = exchangeCount
        if let policy, policy.recording.statements != .none {
            judged.text = "WebSocket \(exchange.reading?.object ?? "")"
        }
        judged.outcome = outcome
        judged.rules = exchange.verdict.rules
        judged.message = message
        judged.policyDigest = Data(policy?.digest ?? [])
        if let object = exchange.reading?.object { judged.objects = [object] }
        judged.verbs = [Verb.call.name]
        return judged
    }

    // MARK: The rest

    mutating func recordClosed(_ reason: String) {
        recordClosed(reason, statements: exchangeCount)
    }
}
