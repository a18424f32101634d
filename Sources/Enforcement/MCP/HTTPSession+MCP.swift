import HTTPInspection
import Policy

/// Messages to an MCP server over streamable HTTP: the head is of the transport, and what is asked is in the body.
extension HTTPSession {
    /// Judges a request as far as its head goes: where it goes, and what it is on the transport.
    ///
    /// - Returns: true: it goes on in another stage.
    mutating func judgeTransport(_ exchange: HTTPExchange, _ mcp: MCPExchange) throws(HTTPFault) -> Bool {
        guard isEndpoint(exchange.head.target) else {
            refuse(exchange, status: 404, message: "There is one endpoint here: / or \(endpoint).")
            return true
        }
        guard !exchange.isWebSocket else {
            refuse(exchange, status: 501, message: "An MCP server is spoken to by streamable HTTP alone.")
            return true
        }
        if holdsFinding(exchange.head.fields, exchange.outboundPlan) {
            refuseFindings(exchange, in: ["the head"])
            return true
        }
        do throws(HTTPError) {
            mcp.head = try forwarded(exchange.head)
            guard exchange.head.method == .post else { return judgeStream(exchange) }
            let type = try exchange.head.fields.mediaType()
            guard type?.type == "application", type?.subtype == "json", exchange.hasBody,
                (type?.charset ?? "utf-8").lowercased() == "utf-8",
                try exchange.head.fields.contentCodings().allSatisfy({ $0 == "identity" })
            else {
                refuse(exchange, status: 415, message: "A message is application/json, in UTF-8 and without a coding.")
                return true
            }
        } catch {
            throw HTTPFault.ofClient(error)
        }
        exchange.stage = .collecting
        return true
    }

    private var endpoint: String {
        configuration.resource.upstreamPath.isEmpty ? "/" : configuration.resource.upstreamPath
    }

    private func isEndpoint(_ target: HTTPTarget) -> Bool {
        guard target.queryRange == nil else { return false }
        let path = target.bytes[target.pathRange]
        return path.isEmpty || path.elementsEqual("/".utf8) || path.elementsEqual(endpoint.utf8)
    }

    private func forwarded(_ head: HTTPRequestHead) throws(HTTPError) -> HTTPRequestHead {
        var fields = head.fields
        // A stream that is taken up again repeats answers to requests that nobody knows of any more.
        fields.remove(named: "last-event-id")
        return try HTTPRequestHead(
            method: head.method, target: HTTPTarget(Array(endpoint.utf8), for: head.method), version: head.version,
            fields: fields)
    }

    /// GET opens a server's stream, DELETE ends a session.
    private mutating func judgeStream(_ exchange: HTTPExchange) -> Bool {
        guard [.get, .delete].contains(exchange.head.method), !exchange.hasBody else {
            refuse(exchange, status: 405, message: "An MCP server is asked by POST, GET and DELETE.")
            return true
        }
        let operation = Operation(
            resource: configuration.resource.name,
            accesses: [Access(verb: .describe, object: ObjectPath([]), shownRows: 1)], call: CallFacts())
        exchange.reading = HTTPRequestReading(
            operation: operation, text: exchange.head.method == .get ? "stream" : "end of session", object: "")
        guard isOwnSession(exchange) else { return true }
        guard permit(exchange, operation) else { return true }
        exchange.stage = exchange.verdict.outcome == .hold ? .permission : .connecting
        return true
    }

    /// A session of a server's is of whoever began it.
    private mutating func isOwnSession(_ exchange: HTTPExchange) -> Bool {
        let fields = exchange.mcp?.head?.fields ?? exchange.head.fields
        guard let session = fields.first(named: "mcp-session-id"), let identity else { return true }
        guard fields.count(of: "mcp-session-id") == 1,
            services.mcp.sessions.isOwn(
                Array(session), resource: configuration.resource.name, of: identity.subject)
        else {
            // A client begins anew on 404 (2025-11-25, Transports, Session Management).
            exchange.mcp?.message = nil
            refuse(exchange, status: 404, message: "This session is not known here. Begin a new one.")
            return false
        }
        return true
    }

    /// A session of a server's begins with its answer.
    mutating func noteSession(_ exchange: HTTPExchange, _ head: HTTPResponseHead) {
        guard exchange.mcp?.message?.method == "initialize", let identity,
            let session = head.fields.first(named: "mcp-session-id")
        else { return }
        services.mcp.sessions.began(Array(session), resource: configuration.resource.name, by: identity.subject)
    }

    /// Asks policy. What it denies is refused.
    private mutating func permit(_ exchange: HTTPExchange, _ operation: Operation) -> Bool {
        guard let policy, let identity else { return false }
        let verdict = policy.decide(operation, for: identity.subject)
        exchange.verdict = verdict
        if verdict.outcome == .deny {
            refuse(exchange, status: 403, message: verdict.message ?? HTTPSession.message(of: verdict.defaultReason))
            return false
        }
        if let refusal = budgetRefusal(of: exchange) {
            refuse(exchange, status: 403, message: refusal)
            return false
        }
        if let permission = Permitted(StandingPermission(), by: exchange.verdict) {
            exchange.permission = permission
            beginCounting(exchange)
        }
        return true
    }

    // MARK: The message

    /// Judges a message that is here whole. What goes on is written anew from what was judged.
    ///
    /// - Returns: true: it goes on in another stage.
    mutating func judgeMessage(_ exchange: HTTPExchange, _ mcp: MCPExchange) throws(HTTPFault) -> Bool {
        do throws(MCPFault) {
            let message = try readMessage(exchange, mcp)
            guard let message else { return true }
            guard isOwnSession(exchange) else { return true }
            guard let operation = exchange.reading?.operation, permit(exchange, operation) else { return true }
            exchange.body = message.bytes
            exchange.stage = exchange.verdict.outcome == .hold ? .permission : .connecting
        } catch {
            mcp.failureCode = error.code
            refuse(exchange, status: 400, message: error.message)
        }
        return true
    }

    /// - Returns: `nil` when it was refused.
    private mutating func readMessage(
        _ exchange: HTTPExchange, _ mcp: MCPExchange
    ) throws(MCPFault) -> MCPMessage? {
        guard let policy else { return nil }
        let read = try MCPMessage(exchange.body, isOfClient: true)
        mcp.message = read
        guard exchange.trailers.isEmpty else {
            throw MCPFault(code: .invalidRequest, "A message has no trailers.", id: read.id)
        }
        let incoming = try MCPIncoming(
            read, MCPIncoming.Screen(outboundPlan: exchange.outboundPlan, policy: policy, pins: pins))
        let message = incoming.message
        mcp.message = message
        mcp.state = incoming.state
        exchange.masks += incoming.masks
        let shown = incoming.shown(by: exchange.plan)
        exchange.reading = HTTPRequestReading(
            operation: incoming.reading.operation(resource: configuration.resource.name), text: shown.text,
            object: shown.object)
        mcp.recordedArguments = shown.arguments
        if incoming.holdsFindings {
            refuseFindings(exchange, in: ["the message"])
            return nil
        }
        let revision = try MCPHeaders.check(exchange.head.fields, message, incoming.reading)
        mcp.takesInput = MCPRevision.isStateless(revision) && message.takesInput
        // A stateless revision has no sessions.
        if MCPRevision.isStateless(revision) { mcp.head?.fields.remove(named: "mcp-session-id") }
        mcp.asked = message.asked
        return message
    }

    var pins: ToolPins {
        ToolPins(
            resource: configuration.resource.name, required: policy?.toolPins ?? [:], memory: services.mcp.pins)
    }

    // MARK: The answer

    /// What looks into an answer.
    func answerWork(for exchange: HTTPExchange, _ head: HTTPResponseHead) throws(HTTPError) -> any AnswerWork {
        guard let mcp = exchange.mcp else { return try HTTPBodyWork(head.fields, exchange.plan) }
        let (policy, subject, resource) = (policy, identity?.subject, configuration.resource.name)
        func decide(_ operation: Operation) -> Bool {
            guard let policy, let subject else { return false }
            return policy.decide(operation, for: subject).outcome != .deny
        }
        let answers = MCPAnswers(
            id: mcp.message?.id, method: mcp.message?.method ?? "", plan: exchange.plan, pins: pins,
            meter: exchange.meter,
            judge: MCPAnswers.Judge(
                shows: { kind, name, features in
                    decide(MCPReading.listing(kind, name, features, resource: resource))
                },
                vouchesServerRequests: {
                    decide(
                        Operation(
                            resource: resource, accesses: [Access(verb: .describe, object: ObjectPath([]))],
                            features: .serverRequest, call: CallFacts()))
                }))
        return try MCPAnswerWork(head, answers)
    }

    /// Ends an answer of which the client has got the last that it gets.
    mutating func finishEarly(_ exchange: HTTPExchange, _ reason: String) throws(HTTPFault) {
        exchange.refusal = reason
        closeUpstream()
        var rest: [UInt8] = []
        exchange.echo?.finish(into: &rest)
        try write(rest.span, of: exchange)
        try releaseHead(exchange)
        complete(exchange)
        do throws(HTTPError) { try exchange.answer.end(trailers: HTTPFields(), into: &output.client) } catch {
            throw HTTPFault.ofSession(error)
        }
        exchange.isRequestRead = true
        endExchange(exchange)
    }
}

extension HTTPRequestReading {
    /// What is asked, where that is not in the head.
    init(operation: Operation, text: String, object: String) {
        self.operation = operation
        isTextTruncated = text.utf8.count > HTTPLaneLimits.recordedText
        self.text = isTextTruncated ? String(text.prefix(HTTPLaneLimits.recordedText / 4)) : text
        self.object = object
        foundIn = []
    }
}
