import HTTPInspection
import Policy
import Records

/// WebSockets: after the handshake each message is looked into, judged and recorded as a request's body is, and written anew.
extension HTTPSession {
    /// Passes on a server's word that the connection is a WebSocket from here on.
    mutating func becomeWebSocket(_ head: HTTPResponseHead, _ exchange: HTTPExchange) throws(HTTPFault) {
        guard exchange.isWebSocket, WebSocketHandshake.isAnswered(by: head, to: exchange.head) else {
            return fail(
                exchange, status: 502, message: "The service's answer is no WebSocket's.",
                reason: "a switch to what nobody asked for")
        }
        recordJudgement(of: exchange)
        exchange.status = head.status
        exchange.hasAnswer = true
        exchange.stage = .switched
        exchange.webSocket = WebSocketLink()
        exchange.closesClient = true
        do throws(HTTPError) {
            var fields = try ForwardedHead.response(head, answering: .upgrade, upgrade: .allowed("websocket")).fields
            try ForwardedResponse.mask(&fields, exchange.plan, counts: &exchange.masks)
            try ForwardedResponse.hide(exchange.echo, in: &fields)
            try fields.append("Via", "1.1 stile")
            let forwarded = try HTTPResponseHead(
                status: head.status, reason: HTTPStatus.reason(of: head.status).utf8, fields: fields)
            try exchange.answer.head(forwarded, .none, answering: .upgrade, into: &output.client)
        } catch { throw HTTPFault.ofSession(error) }
        try passServerMessages(exchange)
    }

    // MARK: From the client

    /// - Returns: Whether the exchange is over.
    mutating func passClientMessages(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        while exchange.stage == .switched {
            let part: WebSocketPart?
            do throws(HTTPError) {
                part = try exchange.webSocket?.fromClient.next(in: &client)
            } catch {
                closeSocket(exchange, code: UInt16(clamping: error.status), message: "It is \(error.reason).")
                return true
            }
            guard let part else { return false }
            switch part {
            case .text(let bytes): takeMessage(bytes, isText: true, exchange)
            case .binary(let bytes): takeMessage(bytes, isText: false, exchange)
            // What keeps a connection could carry anything: nothing of it goes from one side to the other.
            case .ping(let bytes):
                sendClient(.pong(bytes))
                sendUpstream(.ping([]), exchange)
            case .pong: break
            case .close(let code, _):
                exchange.webSocket?.clientHasClosed = true
                sendUpstream(.close(code: code, reason: []), exchange)
            }
        }
        return true
    }

    private func isStillPermitted(
        _ exchange: HTTPExchange, _ operation: Operation, _ policy: any SessionPolicy, _ subject: Subject
    ) -> Bool {
        let outcome = policy.decide(operation, for: subject).outcome
        return outcome == .allow || outcome == .hold && !exchange.approvalID.isEmpty
    }

    /// Ends a WebSocket that the policy of now does not permit: its server may go on speaking without a word of the client's.
    mutating func judgeSocketAgain() {
        guard let exchange, exchange.stage == .switched, let operation = exchange.reading?.operation, let policy,
            let identity
        else { return }
        guard isStillPermitted(exchange, operation, policy, identity.subject) else {
            return closeSocket(exchange, code: 1008, message: "Policy does not permit this connection any more.")
        }
        exchange.counted = policy.decide(operation, for: identity.subject)
        beginCounting(exchange)
    }

    /// Judges a message by the policy of now, as the request that it came behind.
    private mutating func takeMessage(_ bytes: [UInt8], isText: Bool, _ exchange: HTTPExchange) {
        guard let policy, let identity, let reading = exchange.reading else { return }
        guard isStillPermitted(exchange, reading.operation, policy, identity.subject) else {
            return closeSocket(exchange, code: 1008, message: "Policy does not permit this connection any more.")
        }
        let plan = BodyMaskingPlan(scanner: policy.outboundScanner, maskKey: policy.maskKey)
        var passed: [UInt8] = []
        var shown = bytes
        if plan.isEmpty {
            passed = bytes
        } else {
            do {
                let work = try HTTPBodyWork(HTTPFields(), plan)
                try work.take(bytes.span, into: &passed)
                try work.finish(into: &passed)
                if work.isOpaque {
                    guard !isText, isVouched(.opaqueBody, exchange) else {
                        return closeSocket(
                            exchange, code: 1003,
                            message: "A message that cannot be looked into needs a rule that vouches for opaqueBody.")
                    }
                    shown = []
                }
                if work.kinds.contains(where: { policy.outbound(of: $0) == .deny }) {
                    return closeSocket(
                        exchange, code: 1008,
                        message: "What policy classifies may not be sent there: it was found in a message.")
                }
                if work.hasFound { shown = [] }
                exchange.note(work.counts(at: "a message to the service"))
            } catch {
                return closeSocket(exchange, code: 1007, message: "The message cannot be looked into.")
            }
        }
        recordMessage(exchange, shown: isText ? shown : [], bytes: passed.count)
        sendUpstream(isText ? .text(passed) : .binary(passed), exchange)
    }

    private mutating func sendUpstream(_ part: WebSocketPart, _ exchange: HTTPExchange) {
        guard let permission = exchange.permission else { return }
        // What a client's frames are masked with keeps scripts from writing requests of HTTP/1 into a stream that a proxy
        // misreads (RFC 6455 §10.3); a record's id is random in its last bytes.
        let key = Array(services.makeRecordID(now).bytes.suffix(4))
        output.upstream.write(part, of: permission, key: key)
    }

    // MARK: From the server

    mutating func passServerMessages(_ exchange: HTTPExchange) throws(HTTPFault) {
        while exchange.stage == .switched {
            let part: WebSocketPart?
            do throws(HTTPError) {
                part = try exchange.webSocket?.fromServer.next(in: &upstream)
            } catch {
                return closeSocket(
                    exchange, code: 1011, message: "The service sent \(error.reason).", isOfServer: true)
            }
            guard let part else { return }
            switch part {
            case .text(let bytes): show(bytes, isText: true, exchange)
            case .binary(let bytes): show(bytes, isText: false, exchange)
            case .ping(let bytes):
                sendUpstream(.pong(bytes), exchange)
                sendClient(.ping([]))
            case .pong: break
            case .close(let code, let reason):
                exchange.webSocket?.serverHasClosed = true
                sendClient(.close(code: code, reason: maskedText(reason, exchange)))
                return endSocket(exchange)
            }
        }
    }

    private func maskedText(_ bytes: [UInt8], _ exchange: HTTPExchange) -> [UInt8] {
        // Of a close, which is short: what is masked in it goes whole.
        exchange.plan.maskText(bytes) != nil || exchange.echo?.hide(in: bytes) != nil ? [] : bytes
    }

    private mutating func show(_ bytes: [UInt8], isText: Bool, _ exchange: HTTPExchange) {
        var shown: [UInt8] = []
        var plan = plan
        plan.isCounted = exchange.meter != nil
        if plan.isEmpty {
            shown = bytes
        } else {
            do {
                let work = try HTTPBodyWork(HTTPFields(), plan)
                try work.take(bytes.span, into: &shown)
                try work.finish(into: &shown)
                if work.isOpaque, isText || !isVouched(.opaqueBody, exchange) {
                    return closeSocket(
                        exchange, code: 1003,
                        message:
                            "The service sent a message that cannot be looked into, and policy does not vouch for such.",
                        isOfServer: true)
                }
                exchange.note(work.counts(at: "a message from the service"))
                exchange.meter?.now = now.unixSeconds
                if let refusal = exchange.meter?.refusal(of: work.takeShown()) {
                    return closeSocket(exchange, code: 1008, message: refusal, isOfServer: true)
                }
            } catch {
                return closeSocket(
                    exchange, code: 1011, message: "The service sent a message that cannot be looked into.",
                    isOfServer: true)
            }
        }
        if let hidden = exchange.echo?.hide(in: shown) { shown = hidden }
        exchange.sentBytes += UInt64(shown.count)
        sendClient(isText ? .text(shown) : .binary(shown))
    }

    private mutating func sendClient(_ part: WebSocketPart) {
        WebSocketEncoder.write(part, key: nil, into: &output.client)
    }

    // MARK: The end

    /// Ends a WebSocket that may not go on, with a record and a reason for either side.
    mutating func closeSocket(_ exchange: HTTPExchange, code: UInt16, message: String, isOfServer: Bool = false) {
        guard exchange.stage == .switched else { return }
        var reason = message
        if isOfServer {
            exchange.refusal = message
        } else {
            let id = services.makeRecordID(now)
            recordRefusedMessage(exchange, message: message, id: id)
            reason += " Record \(id)."
        }
        // A reason has 123 bytes at the most; the record's id says the rest.
        while reason.utf8.count > 123 { reason.removeFirst() }
        sendClient(.close(code: code, reason: Array(reason.utf8)))
        if exchange.webSocket?.clientHasClosed != true { sendUpstream(.close(code: 1001, reason: []), exchange) }
        endSocket(exchange, incomplete: !isOfServer)
    }

    /// The upstream's connection has ended, in order or not.
    mutating func endSocket(_ exchange: HTTPExchange, incomplete: Bool = false) {
        let isInOrder = exchange.webSocket?.serverHasClosed == true || exchange.webSocket?.clientHasClosed == true
        complete(exchange, incomplete: incomplete || !isInOrder)
        // What was said last is still to go.
        if exchange.webSocket?.serverHasClosed == true, exchange.webSocket?.clientHasClosed == false {
            sendUpstream(.close(code: 1000, reason: []), exchange)
        }
        exchange.stage = .refused
        exchange.isRequestRead = true
        endExchange(exchange)
    }
}
