import Policy
import Records

/// What a client says, and what policy says of it.
extension MCPStreamSession {
    var plan: BodyMaskingPlan { BodyMaskingPlan(scanner: policy?.scanner, maskKey: policy?.maskKey) }

    var pins: ToolPins {
        ToolPins(resource: configuration.resource.name, required: policy?.toolPins ?? [:], memory: services.mcp.pins)
    }

    mutating func takeFromClient(_ line: [UInt8]) {
        guard let policy else { return }
        requestCount += 1
        let number = requestCount
        let message: MCPMessage
        let incoming: MCPIncoming
        do throws(MCPFault) {
            message = try MCPMessage(line, isOfClient: true)
            try check(message)
            incoming = try MCPIncoming(
                message,
                MCPIncoming.Screen(
                    outboundPlan: BodyMaskingPlan(scanner: policy.outboundScanner, maskKey: policy.maskKey),
                    policy: policy, pins: pins))
        } catch {
            let record = services.makeRecordID(now)
            recordFault(number, error.message, id: record)
            write(
                MCPErrorMessage(id: error.id, code: error.code, message: error.message, record: record.description)
                    .bytes)
            return
        }
        let request = MCPStreamRequest(
            number: number, id: incoming.message.id ?? .null, incoming, Verdict(outcome: .deny),
            shown: incoming.shown(by: plan), startedNanoseconds: now.uptimeNanoseconds)
        if incoming.holdsFindings {
            return refuse(
                request, "What policy classifies may not be sent there: it was found in the message.")
        }
        judge(request, incoming, policy)
    }

    /// What HTTP's fields say elsewhere is said in the message alone here.
    private func check(_ message: MCPMessage) throws(MCPFault) {
        let meta = message.params?["_meta"]?["io.modelcontextprotocol/protocolVersion"]
        if let meta {
            guard case .string(let version) = meta, MCPRevision.known.contains(version) else {
                throw MCPFault(code: .unsupportedVersion, "Unsupported protocol version.", id: message.id)
            }
        }
        if message.method == "initialize" {
            guard let version = message.params?["protocolVersion"]?.stringValue, MCPRevision.known.contains(version),
                !MCPRevision.isStateless(version)
            else { throw MCPFault(code: .unsupportedVersion, "Unsupported protocol version.", id: message.id) }
        }
        if let id = message.id, pending[id] != nil {
            throw MCPFault(code: .invalidRequest, "A request of this id is under way.", id: nil)
        }
        guard message.id == nil || pending.count < Self.concurrent else {
            throw MCPFault(
                code: .unavailable, "\(Self.concurrent) requests are under way, and no more are taken.", id: message.id)
        }
    }

    private mutating func judge(_ request: MCPStreamRequest, _ incoming: MCPIncoming, _ policy: any SessionPolicy) {
        guard let identity else { return }
        if case .result(let id, _) = incoming.message.kind, asked.remove(id) == nil {
            return refuse(request, "The server asked nothing of that id.")
        }
        if case .error(let id, _) = incoming.message.kind, id.flatMap({ asked.remove($0) }) == nil {
            return refuse(request, "The server asked nothing of that id.")
        }
        let verdict = policy.decide(
            incoming.reading.operation(resource: configuration.resource.name), for: identity.subject)
        request.verdict = verdict
        if verdict.outcome == .deny {
            return refuse(request, verdict.message ?? HTTPSession.message(of: verdict.defaultReason))
        }
        request.counted = verdict
        if verdict.isCounted, let fault = subjectBudgets.fault(in: verdict) {
            request.verdict = fault.outcome == .hold ? verdict.joined(with: fault) : fault
            if fault.outcome == .deny { return refuse(request, fault.message ?? "") }
        }
        if request.verdict.outcome == .hold { return askPermission(request, incoming) }
        request.permission = Permitted(StandingPermission(), by: verdict)
        if incoming.message.method == "notifications/cancelled" { cancel(incoming.message.params?["requestId"]) }
        send(request, grant: nil)
    }

    /// Forgets a request that its client does not want any more: servers do not answer it.
    private mutating func cancel(_ id: ArgumentValue?) {
        guard let id, let request = pending.removeValue(forKey: id) else { return }
        if let hold = request.hold {
            request.hold = nil
            output.perform(.withdrawApproval(id: hold.approvalID))
            recordAbandoned(id: hold.approvalID, number: hold.number)
        }
        complete(request, refusal: "cancelled by the client", incomplete: true)
    }

    private var subjectBudgets: SubjectBudgets {
        SubjectBudgets(
            keeper: services.budgets, subject: identity?.subject, now: now.unixSeconds)
    }

    private mutating func send(_ request: MCPStreamRequest, grant: ApprovalGrant?) {
        guard let permission = request.permission else { return }
        record(request, .allow, "")
        if request.message.id != nil {
            request.meter = AnswerMeter.counting(
                in: subjectBudgets, by: request.counted, grant: grant, asked: request.verdict.rules)
            request.answers = answers(to: request)
            pending[request.id] = request
        } else {
            complete(request)
        }
        let line = request.message.bytes + [0x0A]
        // Nothing of the kind that this throws happens to bytes that are only appended.
        try? output.upstream.write(of: permission) { bytes in bytes += line }
    }

    /// - Parameter request: `nil`: what a server says unasked.
    func answers(to request: MCPStreamRequest?) -> MCPAnswers {
        let (policy, subject, resource) = (policy, identity?.subject, configuration.resource.name)
        func decide(_ operation: Operation) -> Bool {
            guard let policy, let subject else { return false }
            return policy.decide(operation, for: subject).outcome != .deny
        }
        var plan = plan
        let meter = request == nil ? unaskedMeter() : request?.meter
        plan.isCounted = meter != nil
        return MCPAnswers(
            id: request?.id, method: request?.message.method ?? "", plan: plan, pins: pins, meter: meter,
            judge: MCPAnswers.Judge(
                shows: { decide(MCPReading.listing($0, $1, $2, resource: resource)) },
                vouchesServerRequests: {
                    decide(
                        Operation(
                            resource: resource, accesses: [Access(verb: .describe, object: ObjectPath([]))],
                            features: .serverRequest, call: CallFacts()))
                }))
    }

    /// What counts the values in what a server says unasked.
    private func unaskedMeter() -> AnswerMeter? {
        guard let policy, let subject = identity?.subject else { return nil }
        let verdict = policy.decide(
            Operation(
                resource: configuration.resource.name,
                accesses: [Access(verb: .describe, object: ObjectPath([]), shownRows: 1)], call: CallFacts()),
            for: subject)
        let meter = AnswerMeter.counting(in: subjectBudgets, by: verdict, grant: nil, asked: [])
        meter?.now = subjectBudgets.now
        return meter
    }

    /// Answers in the server's place. A notification has no answer.
    mutating func refuse(
        _ request: MCPStreamRequest, _ message: String, code: MCPFault.Code = .denied, hint: String? = nil,
        approvalID: String = ""
    ) {
        let id = services.makeRecordID(now)
        pending[request.id] = nil
        record(request, .deny, message, approvalID: approvalID, id: id)
        request.isCompleted = true
        guard request.message.id != nil else { return }
        write(
            MCPErrorMessage(
                id: request.id, code: code, message: message, hint: hint, record: id.description, approval: approvalID
            ).bytes)
    }

    // MARK: Approvals

    private mutating func askPermission(_ request: MCPStreamRequest, _ incoming: MCPIncoming) {
        guard let terms = request.verdict.approval, request.message.id != nil else {
            return refuse(request, "Nobody can approve this request.")
        }
        let binding = binding(of: request)
        if let state = incoming.state {
            guard services.mcp.states.redeem(state, for: binding, at: now.unixSeconds) else {
                return refuse(
                    request, "The request's state is not of this request, has expired or was used before.",
                    code: .invalidParams)
            }
        }
        switch services.takeGrant(binding) {
        case .granted(let grant): grantPermission(request, grant)
        case .denied(let id, let approver, let reason):
            refuse(
                request, Wording.denial(of: "request", by: approver, reason), approvalID: id)
        case .pending(let id): comeBack(request, terms, binding, approvalID: id)
        case .none:
            let id = services.makeRecordID(now).description
            if terms.mode == .return {
                comeBack(request, terms, binding, approvalID: id)
            } else {
                request.hold = HoldState(
                    approvalID: id, binding: binding,
                    deadlineNanoseconds: now.after(seconds: terms.withinSeconds).uptimeNanoseconds,
                    number: request.number, withinSeconds: terms.withinSeconds)
                pending[request.id] = request
                record(request, .hold, request.verdict.message ?? "")
                request.isRecorded = false
            }
            ask(request, terms, id: id, binding: binding)
        }
    }

    private mutating func grantPermission(_ request: MCPStreamRequest, _ grant: ApprovalGrant) {
        request.permission = Permitted(StandingPermission(), by: request.verdict, approved: grant)
        request.approvalID = grant.approvalID
        request.hold = nil
        send(request, grant: grant)
    }

    private mutating func comeBack(
        _ request: MCPStreamRequest, _ terms: ApprovalTerms, _ binding: [UInt8], approvalID: String
    ) {
        let state = services.mcp.states.seal(
            binding, expiresAtUnixSeconds: now.after(seconds: terms.withinSeconds).unixSeconds)
        let message = (request.verdict.message.map { "\($0) " } ?? "") + "This request needs an approval."
        if request.message.takesInput, let state {
            let id = services.makeRecordID(now)
            record(request, .deny, message, approvalID: approvalID, id: id)
            request.isCompleted = true
            let result = MCPExchange.input(
                request.verdict, approvalID: approvalID, state: state, record: id.description)
            return write(MCPEnvelope.bytes([("id", request.id.json), ("result", result.json)]))
        }
        refuse(
            request, message, code: .approvalNeeded,
            hint: "Approval \(approvalID) is asked of \(Wording.approvers(request.verdict.approverGroups)). "
                + "Send the identical request again once it is given; it passes once.", approvalID: approvalID)
    }

    private mutating func ask(_ request: MCPStreamRequest, _ terms: ApprovalTerms, id: String, binding: [UInt8]) {
        let ask = recordAsked(
            id: id, binding: binding, number: request.number, request.verdict, terms, statement: request.shown.text,
            parameters: request.shown.arguments)
        if let ask { output.perform(.askApproval(ask)) }
    }

    mutating func approvalDecided(_ decision: ApprovalDecision) {
        guard
            let request = pending.values.first(where: { $0.hold?.approvalID == decision.approvalID }),
            let hold = request.hold
        else { return }
        recordAnswered(id: hold.approvalID, number: hold.number, decision.outcome)
        request.hold = nil
        if case .approved(let approver) = decision.outcome {
            // What was approved is judged by the policy of now: it may deny by now what it held. So may a tool be another by now.
            var operation = request.reading.operation(resource: configuration.resource.name)
            if let tool = request.reading.tool, pins.isChanged(tool) { operation.features.insert(.changedTool) }
            guard let policy, let identity,
                case let verdict = policy.decide(operation, for: identity.subject), verdict.outcome != .deny
            else {
                return refuse(
                    request, "Policy does not permit this request any more.", approvalID: decision.approvalID)
            }
            // What it shows is counted by the policy of now.
            request.counted = verdict
            return grantPermission(
                request, ApprovalGrant(approvalID: decision.approvalID, approver: approver))
        }
        refuse(
            request, decision.outcome.refusal(of: "request", withinSeconds: hold.withinSeconds) ?? "",
            approvalID: decision.approvalID)
    }

    /// What an approval is for: resource, subject and what is asked.
    private func binding(of request: MCPStreamRequest) -> [UInt8] {
        var binding = ApprovalBinding("stile mcp approval 1", resource: configuration.resource.name, identity)
        for budget in request.verdict.budgetDeciders { binding.add(budget.utf8) }
        binding.add(request.message.asked)
        return binding.finalize()
    }
}
