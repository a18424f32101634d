import Crypto
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

    /// What an approval is for: SHA-256 over resource, subject, text and parameters, each with its length before it.
    func binding(_ configuration: PostgresSessionConfiguration, _ identity: SessionIdentity?) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ part: some Collection<UInt8>) {
            bytes.appendBigEndian(UInt64(part.count))
            bytes.append(contentsOf: part)
        }
        add("stile approval 1".utf8)
        add(configuration.resource.name.utf8)
        add((identity?.subject.issuer ?? "").utf8)
        add((identity?.subject.id ?? "").utf8)
        for actor in identity?.subject.actors ?? [] { add(actor.utf8) }
        add(source.text)
        if let bind {
            bytes.append(contentsOf: bind.parameterFormats.map { UInt8(truncatingIfNeeded: $0.rawValue) })
            bytes.appendBigEndian(UInt32(truncatingIfNeeded: bind.parameters.count))
            for parameter in bind.parameters {
                bytes.append(parameter == nil ? 0 : 1)
                add(parameter ?? [])
            }
        }
        return Array(SHA256.hash(data: bytes))
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
                    message: "\(approver) denied this statement: \(reason)", approvalID: id,
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
            hint: "Approval \(approvalID) is asked of \(PostgresSession.names(request.verdict.approverGroups)). "
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
                        "This statement waits for an approval by \(PostgresSession.names(request.verdict.approverGroups)).",
                    hint: "Approval \(id), at most \(terms.withinSeconds) seconds.")))
        gate = .approval
    }

    private mutating func ask(
        _ request: PermissionRequest, _ terms: ApprovalTerms, id: String, binding: [UInt8], number: UInt64
    ) {
        guard let identity else { return }
        let expires = now.after(seconds: terms.withinSeconds).unixMicroseconds / 1_000_000
        let recordID = recordAsked(
            id: id, number: number, terms: terms, approverGroups: request.verdict.approverGroups,
            expiresAtUnixSeconds: expires,
            binding: binding)
        output.perform(
            .askApproval(
                ApprovalAsk(
                    id: id, binding: binding, resource: configuration.resource.name, subject: identity.subject,
                    statement: maskedText(of: request.statements, in: request.source),
                    parameters: request.parameters.values, rules: request.verdict.rules,
                    message: request.verdict.message,
                    terms: terms, approverGroups: request.verdict.approverGroups, expiresAtUnixSeconds: expires,
                    recordID: recordID)))
    }

    /// The answer has come and the statement is taken up again.
    private mutating func answered(
        _ outcome: ApprovalDecision.Outcome, _ hold: HoldState, _ request: PermissionRequest
    ) -> Permission {
        let message: String
        switch outcome {
        case .approved(let approver):
            return .granted(ApprovalGrant(approvalID: hold.approvalID, approver: approver))
        case .denied(let approver, let reason):
            message = "\(approver) denied this statement" + (reason.isEmpty ? "." : ": \(reason)")
        case .expired: message = "Nobody approved this statement within \(hold.withinSeconds) seconds."
        case .unavailable(let reason): message = "No approver can be asked: \(reason)"
        }
        return .refused(
            refuse(
                request.statements, source: request.source, verdict: request.verdict, message: message,
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

    /// `a or b`, or `one person in a or b who is also in c`; every list must have somebody.
    static func names(_ lists: [[String]]) -> String {
        guard !lists.isEmpty, !lists.contains(where: \.isEmpty) else { return "nobody (a rule names no group)" }
        let names = lists.map { $0.sorted().joined(separator: " or ") }
        if names.count == 1 { return names[0] }
        return "one person in \(names[0]) who is also in \(names.dropFirst().joined(separator: " and in "))"
    }
}
