import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// The client's messages, one at a time.
extension PostgresSession {
    /// - Returns: `false` when the message must wait where it is.
    mutating func takeFrontend(_ frame: Frame) throws(SessionFault) -> Bool {
        let tag = FrontendTag(rawValue: frame.tag)
        if tag == .terminate {
            throw SessionFault(sqlState: "", message: "", reason: "the client ended the session", isSilent: true)
        }
        if case .copyIn(let inQuery) = gate { return try takeCopyData(frame, tag, inQuery: inQuery) }
        if segment.skipsUntilSync, tag != .sync { return true }
        if waitsForMeteredEnd(tag) { return false }
        switch tag {
        case .sync:
            control(frame)
            exchanges.append(.sync)
            gate = .readyForQuery
            return true
        case .flush:
            control(frame)
            return true
        case .copyData, .copyDone, .copyFail:
            // What is left of a COPY that failed; the server drops it too (src/backend/tcop/postgres.c).
            return true
        case .query, .parse, .bind, .describe, .execute, .close, .functionCall: break
        default: throw SessionFault(sqlState: "08P01", message: "This message has no place here.")
        }
        let message: FrontendMessage
        do throws(WireError) {
            message = try FrontendMessage(tag: frame.tag, body: ByteReader(client.bytes, in: frame.body))
        } catch {
            guard error.code == .unsupported else { throw SessionFault.ofClient(error) }
            return refuseExtended(tag == .bind ? "22023" : "08P01", error.reason)
        }
        switch message {
        case .query(let text): return try takeQuery(text, frame)
        case .parse(let name, let text, _): return try takeParse(name, text, frame)
        case .bind(let bind): return try takeBind(bind, frame)
        case .describe(let target, let name): return takeDescribe(target, name, frame)
        case .execute(let portal, _): return try takeExecute(portal, frame)
        case .close(let target, let name): return takeClose(target, name, frame)
        case .functionCall: return refuseFunctionCall()
        default: return true
        }
    }

    /// Forwards a message that asks for nothing that a verdict is needed for.
    mutating func control(_ frame: Frame) {
        output.upstream.append(control: wire(frame))
    }

    func wire(_ frame: Frame) -> FrontendBytes {
        FrontendBytes(client.bytes[frame.whole])
    }

    // MARK: Simple queries

    private mutating func takeQuery(_ text: [UInt8], _ frame: Frame) throws(SessionFault) -> Bool {
        guard var judged = try judge(text[...], byTemplate: true) else { return false }
        // A refusal or an approval is of the text that was sent.
        if judged.source.text != text, budgetVerdict(on: judged.statements, isOneOfSeveral: false) != nil {
            guard let own = try judge(text[...], byTemplate: false) else { return false }
            judged = own
        }
        let statements =
            judged.statements.isEmpty && judged.unreadable != nil ? [unreadable(judged)] : judged.statements
        let request = PermissionRequest(
            statements: statements, verdict: judged.verdict, source: judged.source,
            isHeldOnSeveralTerms: judged.isHeldOnSeveralTerms)
        switch permission(for: request) {
        case .waits: return false
        case .refused(let response):
            output.upstream.append(control: PostgresSession.refusedQuery)
            exchanges.append(.query(QueryExchange(runs: [], refusal: response)))
        case .granted(let grant):
            try sendQuery(judged, statements, text, frame, grant, number: request.heldNumber(hold))
            return true
        }
        hold = nil
        gate = .readyForQuery
        return true
    }

    /// - Parameter number: Of a statement that was held, if it was the only one.
    private mutating func sendQuery(
        _ judged: JudgedText, _ statements: [JudgedStatement], _ text: [UInt8], _ frame: Frame,
        _ grant: ApprovalGrant?, number: UInt64?
    ) throws(SessionFault) {
        guard append(wire(frame), judged.verdict, grant) else { throw PostgresSession.notPermitted }
        // Judged by another text that differs in literals.
        let ownText = judged.source.text == text ? nil : text
        let runs = statements.map { statement in
            startRun(
                statement, text: ownText, parameters: RecordedParameters(), grant: grant,
                number: grant == nil ? nil : number)
        }
        exchanges.append(.query(QueryExchange(runs: runs)))
        for statement in statements { noteSent(statement) }
        if grant == nil, let only = statements.first { remember(only) }
        hold = nil
        gate = .readyForQuery
    }

    /// Something that every server refuses, whatever state it is in, before it does anything: a syntax error.
    static let refusedQuery = FrontendBytes(bytes: FrontendMessage.query(Array("STILE REFUSED".utf8)).encoded)
    static let refusedParse = FrontendBytes(
        bytes: FrontendMessage.parse(
            name: Array("stile_refused".utf8), text: Array("STILE REFUSED".utf8), types: []
        ).encoded)

    static let notPermitted = SessionFault(
        sqlState: "XX000", message: "The statement was not permitted.", reason: "a verdict that does not permit")

    private mutating func append(_ bytes: FrontendBytes, _ verdict: Verdict, _ grant: ApprovalGrant?) -> Bool {
        let permitted =
            if let grant, verdict.outcome == .hold {
                Permitted(bytes, by: verdict, approved: grant)
            } else {
                Permitted(bytes, by: verdict)
            }
        guard let permitted else { return false }
        output.upstream.append(permitted)
        return true
    }

    private mutating func refuseFunctionCall() -> Bool {
        let response = refuse(
            [], source: nil, verdict: Verdict(outcome: .deny),
            message: "Function calls by message are not permitted; call the function in a SELECT.",
            operation: Operation(
                resource: configuration.resource.name,
                accesses: [Access(verb: .other, object: ObjectPath([]))], features: .functionCall))
        output.upstream.append(control: PostgresSession.refusedQuery)
        exchanges.append(.query(QueryExchange(runs: [], refusal: response)))
        gate = .readyForQuery
        return true
    }

    // MARK: The extended protocol

    private mutating func refuseExtended(_ response: ResponseFields) {
        output.upstream.append(control: PostgresSession.refusedParse)
        exchanges.append(.refusal(response))
        segment.isOpen = true
        hold = nil
    }

    /// An error of the server's own kind, for what it would refuse if it knew what the session knows.
    private mutating func refuseExtended(_ sqlState: String, _ message: String) -> Bool {
        refuseExtended(ResponseFields(severity: "ERROR", sqlState: sqlState, message: message))
        return true
    }

    private mutating func takeParse(_ name: WireName, _ text: [UInt8], _ frame: Frame) throws(SessionFault) -> Bool {
        if PostgresSession.isReserved(name) {
            return refuseExtended("42939", "Names that begin with \"stile_\" are reserved.")
        }
        if statements.isFull { return refuseExtended("53400", "Too many prepared statements; close some.") }
        guard let judged = try judge(text[...], byTemplate: false) else { return false }
        let verdict = judged.verdict
        let statement = judged.statements.first ?? unreadable(judged)
        if verdict.outcome == .deny {
            let all = judged.statements.isEmpty ? [statement] : judged.statements
            refuseExtended(refuse(all, source: judged.source, verdict: verdict))
            return true
        }
        if let permitted = Permitted(wire(frame), by: verdict) {
            output.upstream.append(permitted)
        } else {
            // Held: a Parse runs nothing and shows nothing but names. Its Bind will wait.
            output.upstream.append(control: wire(frame))
        }
        let mirror = StatementMirror(text: text, judged: statement, epoch: epoch)
        statements.expect(mirror, for: name)
        exchanges.append(.parse(name: name, mirror))
        segment.isOpen = true
        remember(statement)
        return true
    }

    private mutating func takeBind(_ bind: FrontendMessage.Bind, _ frame: Frame) throws(SessionFault) -> Bool {
        if PostgresSession.isReserved(bind.portal) {
            return refuseExtended("42939", "Names that begin with \"stile_\" are reserved.")
        }
        if portals.isFull { return refuseExtended("53400", "Too many portals; close some.") }
        guard let mirror = statements[bind.statement] else {
            let name = String(decoding: bind.statement, as: UTF8.self)
            return refuseExtended(
                "26000",
                name.isEmpty
                    ? "unnamed prepared statement does not exist" : "prepared statement \"\(name)\" does not exist")
        }
        if bind.parameterFormats.count > 1, bind.parameterFormats.count != bind.parameters.count {
            return refuseExtended(
                "08P01",
                "bind message has \(bind.parameterFormats.count) parameter formats but \(bind.parameters.count) parameters"
            )
        }
        guard let judged = try judgeAgain(mirror) else { return false }
        let parameters = recordedParameters(bind, for: judged)
        if judged.verdict.outcome != .deny, let reason = writtenBack(bind, judged) {
            refuseExtended(
                refuse(
                    [judged], source: judged.source, verdict: Verdict(outcome: .deny), message: reason,
                    hint: WriteBack.hint, parameters: parameters))
            return true
        }
        let request = PermissionRequest(
            statements: [judged], verdict: judged.verdict, source: judged.source, bind: bind, parameters: parameters)
        var grant: ApprovalGrant?
        switch permission(for: request) {
        case .waits: return false
        case .refused(let response):
            refuseExtended(response)
            return true
        case .granted(let given): grant = given
        }
        guard append(wire(frame), judged.verdict, grant) else { throw PostgresSession.notPermitted }
        let portal = PortalMirror(
            statement: mirror, judged: judged, epoch: mirror.epoch, resultFormats: bind.resultFormats,
            recordedParameters: parameters)
        portal.grant = grant
        portal.target = target(of: judged)
        portal.heldNumber = grant == nil ? nil : request.heldNumber(hold)
        hold = nil
        if mirror.isDescribed {
            portal.describeSent = true
            portal.fields = mirror.fields
        }
        portals.expect(portal, for: bind.portal)
        exchanges.append(.bind(name: bind.portal, portal))
        segment.isOpen = true
        return true
    }

    private mutating func takeDescribe(_ target: FrontendMessage.Target, _ name: WireName, _ frame: Frame) -> Bool {
        control(frame)
        switch target {
        case .statement: exchanges.append(.describeStatement(statements[name], visible: true))
        case .portal:
            let portal = portals[name]
            portal?.describeSent = true
            exchanges.append(.describePortal(portal, visible: true))
        }
        segment.isOpen = true
        return true
    }

    private mutating func takeExecute(_ name: WireName, _ frame: Frame) throws(SessionFault) -> Bool {
        guard let portal = portals[name] else {
            return refuseExtended("34000", "portal \"\(String(decoding: name, as: UTF8.self))\" does not exist")
        }
        // The server looks the name up when it runs.
        if portal.judged.isIndirect, target(of: portal.judged) !== portal.target {
            refuseExtended(
                refuse(
                    [portal.judged], source: portal.judged.source, verdict: Verdict(outcome: .deny),
                    message: "What the name stands for has changed since this was bound; bind it again.",
                    parameters: portal.recordedParameters))
            return true
        }
        // The plan is the one that was made at Bind; whether it may run is asked of the policy that is in force now.
        if portal.epoch.policy != policyEpoch {
            try checkTime()
            portal.judged = portal.judged.with(decide(portal.judged.operation))
            portal.epoch.policy = policyEpoch
        }
        let grant = portal.grant
        switch portal.judged.verdict.outcome {
        case .allow: break
        case .hold where grant != nil: break
        case .hold, .deny:
            // Held only now: an approval would have to be bound to parameters, and those came with Bind.
            let isHeld = portal.judged.verdict.outcome == .hold
            refuseExtended(
                refuse(
                    [portal.judged], source: portal.judged.source, verdict: portal.judged.verdict,
                    message: isHeld ? "The policy has changed since this was bound; bind it again." : nil,
                    parameters: portal.recordedParameters))
            return true
        }
        if grant == nil, let spent = budgetVerdict(on: [portal.judged], isOneOfSeveral: false) {
            // Held only now: Bind is where an approval is asked for.
            refuseExtended(
                refuse(
                    [portal.judged], source: portal.judged.source, verdict: spent,
                    hint: spent.outcome == .hold ? "Bind the statement again to ask for an approval." : nil,
                    parameters: portal.recordedParameters))
            return true
        }
        if !portal.describeSent {
            portal.describeSent = true
            output.upstream.append(control: FrontendBytes(bytes: FrontendMessage.describe(.portal, name).encoded))
            exchanges.append(.describePortal(portal, visible: false))
        }
        guard append(wire(frame), portal.judged.verdict, grant) else { throw PostgresSession.notPermitted }
        let run = startRun(
            portal.judged, parameters: portal.recordedParameters, grant: grant, number: portal.heldNumber)
        portal.heldNumber = nil
        hold = nil
        exchanges.append(.execute(ExecuteExchange(portal: portal, run: run)))
        segment.isOpen = true
        noteSent(portal.judged)
        if case .copyIn = portal.judged.analysis.kind { gate = .copyInResponse }
        return true
    }

    private mutating func takeClose(_ target: FrontendMessage.Target, _ name: WireName, _ frame: Frame) -> Bool {
        control(frame)
        switch target {
        case .statement: statements.expect(nil, for: name)
        case .portal: portals.expect(nil, for: name)
        }
        exchanges.append(.close(target, name))
        segment.isOpen = true
        return true
    }

    // MARK: COPY FROM STDIN

    private mutating func takeCopyData(_ frame: Frame, _ tag: FrontendTag, inQuery: Bool) throws(SessionFault) -> Bool {
        switch tag {
        case .copyData where try copyMustNotBeWritten(frame, isEnd: false),
            .copyDone where try copyMustNotBeWritten(frame, isEnd: true):
            failCopy(inQuery: inQuery)
        case .copyData: control(frame)
        case .copyDone, .copyFail:
            control(frame)
            gate = inQuery ? .readyForQuery : .open
        case .flush, .sync: break  // The server ignores them here (protocol 55.2.6).
        default:
            throw SessionFault(
                sqlState: "08P01", message: "unexpected message during COPY from stdin: only data has a place here")
        }
        return true
    }
}
