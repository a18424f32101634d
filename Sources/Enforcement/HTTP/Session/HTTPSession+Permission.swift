import HTTPInspection
import Policy
import Records

/// Requests that policy holds until somebody approves.
extension HTTPSession {
    /// Asks for leave for a request that is here whole.
    ///
    /// - Returns: true: it goes on in another stage.
    mutating func askPermission(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        guard let terms = exchange.verdict.approval else {
            refuse(exchange, status: 403, message: "Nobody can approve this request.")
            return true
        }
        let binding = binding(of: exchange)
        if let mcp = exchange.mcp, let state = mcp.state {
            guard services.mcp.states.redeem(state, for: binding, at: now.unixSeconds) else {
                mcp.failureCode = .invalidParams
                refuse(
                    exchange, status: 403,
                    message: "The request's state is not of this request, has expired or was used before.")
                return true
            }
        }
        switch services.takeGrant(binding) {
        case .granted(let grant): grantPermission(exchange, grant)
        case .denied(let id, let approver, let reason):
            refuse(
                exchange, status: 403,
                message: Wording.denial(of: "request", by: approver, reason), approvalID: id)
        case .pending(let id): comeBack(exchange, approvalID: id)
        case .none:
            let id = services.makeRecordID(now).description
            if terms.mode == .return {
                comeBack(exchange, approvalID: id)
                ask(exchange, terms, id: id, binding: binding)
            } else {
                wait(exchange, terms, id: id, binding: binding)
            }
        }
        return true
    }

    private func grantPermission(_ exchange: HTTPExchange, _ grant: ApprovalGrant) {
        exchange.permission = Permitted(StandingPermission(), by: exchange.verdict, approved: grant)
        beginCounting(exchange, grant: grant)
        exchange.approvalID = grant.approvalID
        exchange.stage = .connecting
    }

    /// The request is refused now; the same one passes once, when the approval has come.
    private mutating func comeBack(_ exchange: HTTPExchange, approvalID: String) {
        if let mcp = exchange.mcp, let terms = exchange.verdict.approval {
            mcp.failureCode = .approvalNeeded
            mcp.prepareInput(
                exchange.verdict, approvalID: approvalID,
                state: services.mcp.states.seal(
                    binding(of: exchange),
                    expiresAtUnixSeconds: now.after(seconds: terms.withinSeconds).unixSeconds))
        }
        refuse(
            exchange, status: 403,
            message: (exchange.verdict.message.map { "\($0) " } ?? "") + "This request needs an approval.",
            hint: "Approval \(approvalID) is asked of \(Wording.approvers(exchange.verdict.approverGroups)). "
                + "Send the identical request again once it is given; it passes once.",
            approvalID: approvalID)
    }

    private mutating func wait(_ exchange: HTTPExchange, _ terms: ApprovalTerms, id: String, binding: [UInt8]) {
        exchange.hold = HoldState(
            approvalID: id, binding: binding,
            deadlineNanoseconds: now.after(seconds: terms.withinSeconds).uptimeNanoseconds,
            number: exchange.number, withinSeconds: terms.withinSeconds)
        exchange.stage = .approval
        recordJudged(exchange, outcome: .hold, message: exchange.verdict.message ?? "")
        ask(exchange, terms, id: id, binding: binding)
    }

    private mutating func ask(_ exchange: HTTPExchange, _ terms: ApprovalTerms, id: String, binding: [UInt8]) {
        let ask = recordAsked(
            id: id, binding: binding, number: exchange.number, exchange.verdict, terms,
            statement: exchange.reading?.text ?? "", parameters: recordedParameters(of: exchange))
        if let ask { output.perform(.askApproval(ask)) }
    }

    mutating func approvalDecided(_ decision: ApprovalDecision) {
        guard let exchange, var hold = exchange.hold, hold.isWaiting, hold.approvalID == decision.approvalID else {
            return
        }
        hold.outcome = decision.outcome
        exchange.hold = hold
        recordAnswered(id: hold.approvalID, number: hold.number, decision.outcome)
        if case .approved(let approver) = decision.outcome {
            // What was approved is judged by the policy of now: it may deny by now what it held. So may a tool be another by now.
            if let message = exchange.mcp?.message, let tool = (try? MCPReading(message))?.tool, pins.isChanged(tool) {
                exchange.reading?.operation.features.insert(.changedTool)
            }
            guard let policy, let identity, let reading = exchange.reading,
                case let verdict = policy.decide(reading.operation, for: identity.subject), verdict.outcome != .deny
            else {
                return refuse(
                    exchange, status: 403, message: "Policy does not permit this request any more.",
                    approvalID: hold.approvalID)
            }
            guard judgeHeldAgain(exchange, verdict, policy) else {
                return refuse(
                    exchange, status: 403,
                    message: "The policy has changed while this waited, and classifies what it would send. Ask again.",
                    approvalID: hold.approvalID)
            }
            return grantPermission(exchange, ApprovalGrant(approvalID: hold.approvalID, approver: approver))
        }
        refuse(
            exchange, status: 403,
            message: decision.outcome.refusal(of: "request", withinSeconds: hold.withinSeconds) ?? "",
            approvalID: hold.approvalID)
    }

    /// What a request that waited shows is masked and counted by the policy of now.
    ///
    /// - Parameter verdict: That policy's.
    /// - Returns: false: that policy lets less of it go out than the one that it was judged by.
    private mutating func judgeHeldAgain(
        _ exchange: HTTPExchange, _ verdict: Verdict, _ policy: any SessionPolicy
    ) -> Bool {
        guard policy.digest != exchange.policyDigest else { return true }
        exchange.policyDigest = policy.digest
        exchange.counted = verdict
        exchange.plan = plan
        exchange.plan.model = ModelProfile(configuration.resource)
        exchange.plan.isCounted = verdict.isCounted
        let outbound = BodyMaskingPlan(scanner: policy.outboundScanner, maskKey: policy.maskKey)
        if outbound.isEmpty { return true }
        if holdsFinding(exchange.head.fields, outbound) { return false }
        if exchange.body.isEmpty { return true }
        do {
            let work = try HTTPBodyWork(exchange.head.fields, outbound)
            var passed: [UInt8] = []
            let body = exchange.body
            try work.take(body.span, into: &passed)
            try work.finish(into: &passed)
            return !work.hasFound && (!work.isOpaque || isVouched(.opaqueBody, exchange))
        } catch {
            return false
        }
    }

    /// Nobody waits any more.
    mutating func abandonHold() {
        guard let exchange, let hold = exchange.hold, hold.isWaiting else { return }
        exchange.hold = nil
        output.perform(.withdrawApproval(id: hold.approvalID))
        recordAbandoned(id: hold.approvalID, number: hold.number)
    }

    /// What an approval is for: resource, subject, destination, method, target, fields and body.
    func binding(of exchange: HTTPExchange) -> [UInt8] {
        var binding = ApprovalBinding("stile http approval 1", resource: configuration.resource.name, identity)
        binding.add((exchange.destination.map { "\($0.scheme) \($0)" } ?? "").utf8)
        for budget in exchange.verdict.budgetDeciders { binding.add(budget.utf8) }
        binding.add(exchange.head.method.description.utf8)
        binding.add(exchange.head.target.originForm(for: exchange.head.method))
        // In the order in which they came: servers that join fields of one name depend on it.
        exchange.head.fields.forEach { name, value in
            guard isSent(name), !HTTPSession.isOfOneTry(name) else { return }
            if exchange.mcp != nil, MCPExchange.isOfOneSession(name) { return }
            binding.add(name)
            binding.add(value)
        }
        // Of a message what it asks for: its id and its client's notes are others each time.
        binding.add(exchange.mcp?.asked ?? exchange.body)
        exchange.trailers.forEach { name, value in
            binding.add(name)
            binding.add(value)
        }
        return binding.finalize()
    }

    /// Fields that are another each time that the same is asked, and that servers do not act upon.
    private static func isOfOneTry(_ name: ArraySlice<UInt8>) -> Bool {
        [
            "traceparent", "tracestate", "user-agent", "date", "x-request-id", "x-correlation-id", "sec-websocket-key",
            "x-b3-traceid",
            "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled",
        ].contains { name.isSpelled($0) }
    }
}
