import HTTPInspection
import Policy
import WireBytes

/// The upstream's connection, and the request on its way there.
extension HTTPSession {
    /// Sends an exchange's request, as much of it as is here.
    ///
    /// - Returns: Whether it is on its way; else the connection is being made.
    mutating func send(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        if isForward {
            switch try route(exchange) {
            case .ready: break
            case .waiting: return false
            case .over: return true
            }
        }
        let credential: HTTPCredential
        switch services.credential() {
        case .found(let found): credential = found
        case .pending:
            if !isCredentialAwaited {
                isCredentialAwaited = true
                output.perform(.awaitCredential)
            }
            return false
        case .missing(let message, let reason):
            fail(exchange, status: 503, message: message, reason: reason)
            return true
        }
        guard case .open(let isFresh) = link else {
            if case .none = link {
                link = .connecting
                output.perform(.connectUpstream)
            }
            return false
        }
        guard let permission = exchange.permission else { return false }
        if !exchange.onlyReads || !exchange.approvalID.isEmpty { recordJudgement(of: exchange) }
        link = .open(isFresh: false)
        exchange.isOnUsedLink = !isFresh
        exchange.isSent = true
        exchange.lastProgressNanoseconds = now.uptimeNanoseconds
        exchange.credential = credential
        exchange.echo = CredentialFilter(credential)
        exchange.stage = .running
        do throws(HTTPError) {
            let head = try ForwardedRequest.head(
                exchange.mcp?.head ?? exchange.head, to: authority(of: exchange), credential: credential,
                looksInto: exchange.looksInto,
                isDecoded: exchange.screen?.isDecoding == true, isWebSocket: exchange.isWebSocket,
                keepsAuthorization: isForward)
            responses.expect(exchange.isWebSocket ? .upgrade : exchange.head.kind == .head ? .head : .ordinary)
            let framing = framing(of: exchange)
            try output.upstream.write(of: permission) { bytes throws(HTTPError) in
                try exchange.sender.head(head, framing, into: &bytes)
            }
        } catch {
            fail(
                exchange, status: 502, message: "The request cannot be passed on.",
                reason: "a request that cannot be written: \(error)")
            return true
        }
        try sendBody(exchange)
        return true
    }

    /// An answer says that the credential was not taken (RFC 9110 §15.5.2): another may be, of a later request. This one is not sent
    /// again, since nobody knows what the service made of it.
    mutating func noteStatus(_ status: Int, of exchange: HTTPExchange) {
        guard status == 401, let credential = exchange.credential, credential.field != nil else { return }
        output.perform(.credentialRefused(credential))
    }

    /// A body that is here whole has its own length, whatever it came in.
    private func framing(of exchange: HTTPExchange) -> HTTPBodyFraming {
        guard exchange.hasBody else { return exchange.framing }
        if exchange.isRequestRead, exchange.trailers.isEmpty { return .length(UInt64(exchange.body.count)) }
        if case .length = exchange.framing, let screen = exchange.screen,
            screen.isDecoding || policy?.masksOutbound == true
        {
            return .chunked
        }
        return exchange.framing
    }

    /// Sends what is held of a body, and its end.
    mutating func sendBody(_ exchange: HTTPExchange) throws(HTTPFault) {
        guard let permission = exchange.permission, exchange.isSent else { return }
        let body = exchange.body
        do throws(HTTPError) {
            try output.upstream.write(of: permission) { bytes throws(HTTPError) in
                try exchange.sender.body(body.span, into: &bytes)
                if exchange.isRequestRead { try exchange.sender.end(trailers: exchange.trailers, into: &bytes) }
            }
        } catch {
            throw HTTPFault.ofSession(error)
        }
        exchange.lastProgressNanoseconds = now.uptimeNanoseconds
        exchange.body.removeAll(keepingCapacity: exchange.body.capacity <= HTTPLaneLimits.shortBody)
    }

    mutating func upstreamReady() {
        guard case .connecting = link else { return }
        link = .open(isFresh: true)
        upstream.removeAll()
        responses = HTTP1ResponseDecoder()
    }

    mutating func upstreamFailed(_ reason: String) {
        guard case .connecting = link else { return }
        link = .none
        guard let exchange, exchange.stage == .connecting else { return }
        fail(
            exchange, status: 502, message: "The service behind this address cannot be reached.",
            reason: "no upstream: \(reason)")
    }

    mutating func upstreamClosed() throws(HTTPFault) {
        guard case .open = link else { return }
        link = .none
        if let exchange, exchange.stage == .switched { return endSocket(exchange) }
        if let exchange, exchange.stage == .tunnel { return finishTunnel(exchange, "the server closed the tunnel") }
        guard let exchange, exchange.stage == .running else {
            upstream.removeAll()
            return
        }
        let part: HTTPResponsePart?
        do throws(HTTPError) {
            part = try responses.end(in: &upstream)
        } catch {
            let isUnanswered = upstream.isEmpty && !exchange.hasAnswer
            upstream.removeAll()
            if isUnanswered, mayBeSentAgain(exchange) { return sendAgain(exchange) }
            return fail(
                exchange, status: 502,
                message: isUnanswered
                    ? "The service closed the connection without an answer; whether it did what was asked is not known."
                    : "The service's answer ended before its end.",
                reason: "the upstream closed the connection")
        }
        upstream.removeAll()
        if case .end? = part { try finishResponse(exchange) }
    }

    /// A request that has no effect, on a connection that the server may have been about to close (RFC 9110 §9.2.2); once.
    private func mayBeSentAgain(_ exchange: HTTPExchange) -> Bool {
        exchange.onlyReads && exchange.isOnUsedLink && !exchange.wasSentAgain && exchange.approvalID.isEmpty
    }

    private func sendAgain(_ exchange: HTTPExchange) {
        exchange.wasSentAgain = true
        exchange.sender = HTTP1Encoder()
        exchange.isSent = false
        exchange.stage = .connecting
    }
}
