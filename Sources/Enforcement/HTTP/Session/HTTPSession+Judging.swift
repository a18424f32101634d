import HTTPInspection
import Policy

/// What policy says of a request.
extension HTTPSession {
    /// What records do not show.
    var plan: BodyMaskingPlan { BodyMaskingPlan(scanner: policy?.scanner, maskKey: policy?.maskKey) }

    /// Judges a request by its head.
    ///
    /// - Returns: true: it goes on in another stage.
    mutating func judge(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        guard let policy, let identity else { return false }
        exchangeCount += 1
        exchange.number = exchangeCount
        exchange.plan = plan
        exchange.policyDigest = policy.digest
        exchange.plan.model = ModelProfile(configuration.resource)
        exchange.outboundPlan = BodyMaskingPlan(scanner: policy.outboundScanner, maskKey: policy.maskKey)
        let misdirected = isForward ? settleDestination(exchange) : nil
        if configuration.resource.protocolName == .mcp { exchange.mcp = MCPExchange() }
        let reading: HTTPRequestReading
        do throws(HTTPError) {
            reading = try HTTPRequestReading(
                exchange.head, exchange.framing, resource: configuration.resource.name,
                host: authority(of: exchange).host.description, through: exchange.destination,
                besides: egress.opened?.isPrivate == true ? .privateAddress : [], plan: exchange.plan,
                outbound: exchange.outboundPlan)
        } catch {
            throw HTTPFault.ofClient(error)
        }
        exchange.reading = reading
        if !exchange.hasBody { try takeEnd(exchange) }
        let isConnect = isForward && egress.opened == nil && exchange.head.method == .connect
        let refusal =
            misdirected
            ?? (isConnect
                ? nil
                : HTTPRequestRules.refusal(of: exchange.head, credential: configuration.resource.headerName))
        if let refusal {
            refuse(exchange, status: refusal.status, message: refusal.message)
            return true
        }
        if let mcp = exchange.mcp { return try judgeTransport(exchange, mcp) }
        if exchange.isWebSocket, let fault = WebSocketHandshake.fault(of: exchange.head, exchange.framing) {
            refuse(exchange, status: 400, message: fault)
            return true
        }
        let verdict =
            isConnect
            ? judgeConnect(exchange, policy, identity.subject)
            : policy.decide(reading.operation, for: identity.subject)
        exchange.verdict = verdict
        if verdict.outcome == .deny {
            refuse(exchange, status: 403, message: verdict.message ?? HTTPSession.message(of: verdict.defaultReason))
            return true
        }
        if exchange.tunnel != nil, verdict.isCounted {
            refuse(exchange, status: 403, message: "What this shows is counted, and a tunnel is not looked into.")
            return true
        }
        if !isConnect, let refusal = budgetRefusal(of: exchange) {
            refuse(exchange, status: 403, message: refusal)
            return true
        }
        var found = reading.foundIn
        if holdsFinding(exchange.head.fields, exchange.outboundPlan) { found.append("the head") }
        if isForward, holdsFindingInCredentials(exchange) { found.append("the credentials") }
        if isForward, let place = placeOfToken(in: exchange) {
            refuse(
                exchange, status: 403,
                message: "The token that says who asks may not be sent on: it was found in \(place).")
            return true
        }
        guard found.isEmpty else {
            refuseFindings(exchange, in: found)
            return true
        }
        guard screenBody(exchange) else { return true }
        let isShort: Bool =
            if case .length(let count) = exchange.framing { count <= HTTPLaneLimits.shortBody } else { false }
        if exchange.verdict.outcome == .hold {
            if case .length(let count) = exchange.framing, count > HTTPLaneLimits.heldBody {
                refuse(
                    exchange, status: 413,
                    message:
                        "What needs an approval may have a body of \(HTTPLaneLimits.heldBody >> 20) MiB at the most.")
                return true
            }
            exchange.stage = .collecting
            return true
        }
        exchange.permission = Permitted(StandingPermission(), by: verdict)
        beginCounting(exchange)
        exchange.stage = exchange.hasBody && (isShort || exchange.screen != nil) ? .collecting : .connecting
        return true
    }

    /// Prepares to look into the body.
    ///
    /// - Returns: Whether it can be told what it is said to be; else the request was refused.
    private mutating func screenBody(_ exchange: HTTPExchange) -> Bool {
        guard exchange.hasBody, !exchange.outboundPlan.isEmpty else { return true }
        do throws(HTTPError) {
            exchange.screen = try HTTPBodyWork(exchange.head.fields, exchange.outboundPlan)
        } catch {
            refuse(exchange, status: error.status, message: "The body is not taken: \(error.reason).")
            return false
        }
        return true
    }

    /// Whether an exchange that was let through would be as well if this were true of it, too.
    func isVouched(_ feature: Features, _ exchange: HTTPExchange) -> Bool {
        guard let policy, let identity, var operation = exchange.reading?.operation else { return false }
        operation.features.formUnion(feature)
        let verdict = policy.decide(operation, for: identity.subject)
        return verdict.outcome == .allow || verdict.outcome == .hold && exchange.verdict.outcome == .hold
    }

    /// Whether fields that are sent hold what policy classifies. Those are left out that do not go on.
    func holdsFinding(_ fields: HTTPFields, _ plan: BodyMaskingPlan) -> Bool {
        guard !plan.isEmpty else { return false }
        var isFound = false
        fields.forEach { name, value in
            guard !isFound, isSent(name) else { return }
            isFound =
                plan.shown(String(decoding: value, as: UTF8.self), under: String(decoding: name, as: UTF8.self))
                .isMasked
                || plan.shown(String(decoding: name, as: UTF8.self)).isMasked
        }
        return isFound
    }

    /// Whether a field of the client's goes on as it is: so does what it says to a service on the other side of a forward proxy.
    func isSent(_ name: ArraySlice<UInt8>) -> Bool {
        !ForwardedRequest.isReplaced(name) || isForward && name.isSpelled("authorization")
    }

    static func message(of reason: Verdict.Default?) -> String {
        switch reason {
        case .notAllowed(let access): return "No rule of the policy allows \(access.verb.name) here."
        case .notVouched(let features):
            return "Policy does not vouch for what this request does: \(features.names.joined(separator: ", "))."
        case .functionsNotVouched, nil: return "Policy does not permit this request."
        case .noPolicy: return "No policy is in force, so nothing is permitted."
        }
    }
}
