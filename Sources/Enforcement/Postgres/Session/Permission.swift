import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// What permission is asked for: a Query with all its statements, or one portal with its parameters.
struct PermissionRequest {
    var statements: [JudgedStatement]
    var verdict: Verdict
    var source: TextAnalysis
    var bind: FrontendMessage.Bind?
    /// For records and approvers: sensitive values masked.
    var parameters = RecordedParameters()
    var isHeldOnSeveralTerms = false

    /// What an approval is for: resource, subject, text and parameters.
    func binding(_ configuration: PostgresSessionConfiguration, _ identity: SessionIdentity?) -> [UInt8] {
        var binding = ApprovalBinding("stile approval 1", resource: configuration.resource.name, identity)
        for budget in verdict.budgetDeciders { binding.add(budget.utf8) }
        binding.add(source.text)
        if let bind {
            var shape = bind.parameterFormats.map { UInt8(truncatingIfNeeded: $0.rawValue) }
            shape.appendBigEndian(UInt32(truncatingIfNeeded: bind.parameters.count))
            binding.add(raw: shape)
            for parameter in bind.parameters {
                binding.add(raw: [parameter == nil ? 0 : 1])
                binding.add(parameter ?? [])
            }
        }
        return binding.finalize()
    }

    /// A statement that was held keeps its number when it passes, if it was the only one.
    func heldNumber(_ hold: HoldState?) -> UInt64? {
        statements.count == 1 ? hold?.number : nil
    }
}

enum Permission {
    case granted(ApprovalGrant?)
    case refused(ResponseFields)
    /// The gate says for what.
    case waits
}

extension PostgresSession {
    mutating func permission(for request: PermissionRequest) -> Permission {
        var request = request
        if request.verdict.outcome != .deny,
            let spent = budgetVerdict(on: request.statements, isOneOfSeveral: request.statements.count > 1)
        {
            request.verdict = spent.outcome == .deny ? spent : request.verdict.joined(with: spent)
        }
        switch request.verdict.outcome {
        case .allow: return .granted(nil)
        case .deny:
            return .refused(
                refuse(
                    request.statements, source: request.source, verdict: request.verdict, parameters: request.parameters
                ))
        case .hold: return permissionToHold(request)
        }
    }

    private mutating func permissionToHold(_ request: PermissionRequest) -> Permission {
        let binding = request.binding(configuration, identity)
        if let hold, hold.binding == binding, let outcome = hold.outcome { return answered(outcome, hold, request) }
        if request.isHeldOnSeveralTerms {
            return .refused(
                refuse(
                    request.statements, source: request.source, verdict: request.verdict,
                    message: "These statements need different approvals; send them one at a time."))
        }
        guard let terms = request.verdict.approval else {
            return .refused(
                refuse(
                    request.statements, source: request.source, verdict: request.verdict,
                    message: "Nobody can approve this statement."))
        }
        switch services.takeGrant(binding) {
        case .granted(let grant): return .granted(grant)
        case .denied(let id, let approver, let reason):
            return .refused(
                refuse(
                    request.statements, source: request.source, verdict: request.verdict,
                    message: Wording.denial(of: "statement", by: approver, reason), approvalID: id,
                    parameters: request.parameters))
        case .pending(let id): return .refused(comeBack(request, terms, approvalID: id))
        case .none: break
        }
        let mustNotWait =
            terms.inTransaction == .refuse && (transaction != .idle || segment.hasExecuted)
        let id = services.makeRecordID(now).description
        if terms.mode == .return || mustNotWait {
            let response = comeBack(request, terms, approvalID: id)
            ask(request, terms, id: id, binding: binding, number: statementCount)
            return .refused(response)
        }
        wait(request, terms, id: id, binding: binding)
        return .waits
    }

    /// The statement is refused now; the same one passes once, when the approval has come.
    private mutating func comeBack(
        _ request: PermissionRequest, _ terms: ApprovalTerms, approvalID: String
    ) -> ResponseFields {
        refuse(
            request.statements, source: request.source, verdict: request.verdict,
            message: (request.verdict.message.map { "\($0) " } ?? "") + "This statement needs an approval.",
            hint: "Approval \(approvalID) is asked of \(Wording.approvers(request.verdict.approverGroups)). "
                + "Send the identical statement again once it is given; it passes once.",
            approvalID: approvalID, parameters: request.parameters)
    }

    private mutating func wait(_ request: PermissionRequest, _ terms: ApprovalTerms, id: String, binding: [UInt8]) {
        statementCount += 1
        let deadline = now.after(seconds: terms.withinSeconds)
        hold = HoldState(
            approvalID: id, binding: binding, deadlineNanoseconds: deadline.uptimeNanoseconds,
            number: statementCount, withinSeconds: terms.withinSeconds)
        recordJudged(
            request.statements, source: request.source, number: statementCount, outcome: .hold,
            verdict: request.verdict, message: request.verdict.message ?? "", parameters: request.parameters)
        ask(request, terms, id: id, binding: binding, number: statementCount)
        output.toClient(
            .noticeResponse(
                ResponseFields(
                    severity: "NOTICE", sqlState: "00000",
                    message:
                        "This statement waits for an approval by \(Wording.approvers(request.verdict.approverGroups)).",
                    hint: "Approval \(id), at most \(terms.withinSeconds) seconds.")))
        gate = .approval
    }

    private mutating func ask(
        _ request: PermissionRequest, _ terms: ApprovalTerms, id: String, binding: [UInt8], number: UInt64
    ) {
        let ask = recordAsked(
            id: id, binding: binding, number: number, request.verdict, terms,
            statement: maskedText(of: request.statements, in: request.source), parameters: request.parameters.values)
        if let ask { output.perform(.askApproval(ask)) }
    }

    /// The answer has come and the statement is taken up again.
    private mutating func answered(
        _ outcome: ApprovalDecision.Outcome, _ hold: HoldState, _ request: PermissionRequest
    ) -> Permission {
        if case .approved(let approver) = outcome {
            return .granted(ApprovalGrant(approvalID: hold.approvalID, approver: approver))
        }
        return .refused(
            refuse(
                request.statements, source: request.source, verdict: request.verdict,
                message: outcome.refusal(of: "statement", withinSeconds: hold.withinSeconds),
                approvalID: hold.approvalID, parameters: request.parameters, number: hold.number))
    }

    mutating func approvalDecided(_ decision: ApprovalDecision) {
        guard var waiting = hold, waiting.isWaiting, waiting.approvalID == decision.approvalID else { return }
        waiting.outcome = decision.outcome
        hold = waiting
        gate = .open
        recordAnswered(id: waiting.approvalID, number: waiting.number, decision.outcome)
    }

    /// Nobody waits any more.
    mutating func abandonHold() {
        guard let waiting = hold, waiting.isWaiting else { return }
        hold = nil
        output.perform(.withdrawApproval(id: waiting.approvalID))
        recordAbandoned(id: waiting.approvalID, number: waiting.number)
    }
}
