import HTTPInspection
import Policy
import WireBytes

/// The client's side: heads, and bodies on their way to the upstream.
extension HTTPSession {
    /// - Returns: Whether a request has begun.
    mutating func takeHead() throws(HTTPFault) -> Bool {
        let part: HTTPRequestPart?
        do throws(HTTPError) {
            part = try requests.next(in: &client)
        } catch {
            throw HTTPFault.ofClient(error)
        }
        guard case .head(let head, let framing)? = part else { return false }
        exchange = HTTPExchange(head, framing, startedNanoseconds: now.uptimeNanoseconds)
        return true
    }

    /// The next part of the request that is under way.
    private mutating func nextPart() throws(HTTPFault) -> HTTPRequestPart? {
        do throws(HTTPError) {
            return try requests.next(in: &client)
        } catch {
            throw HTTPFault.ofClient(error)
        }
    }

    /// Takes the end of a request without a body, which is there with its head.
    mutating func takeEnd(_ exchange: HTTPExchange) throws(HTTPFault) {
        if case .end? = try nextPart() { exchange.isRequestRead = true }
    }

    /// Who waits to be told to go on is told, once.
    private mutating func sayContinue(_ exchange: HTTPExchange) {
        guard exchange.head.expectsContinue, !exchange.saidContinue else { return }
        exchange.saidContinue = true
        output.client.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }

    /// Takes the body of a request that must be known before it may go.
    ///
    /// - Returns: Whether enough of it is here.
    mutating func collect(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        while !exchange.isRequestRead {
            switch try nextPart() {
            case nil:
                sayContinue(exchange)
                return false
            case .head?: throw HTTPFault.ofSession(HTTPError(.unexpected, "a head within a request"))
            case .body(let range)?:
                let bytes = client.bytes
                guard take(bytes.span.extracting(range), of: exchange) else { return true }
            case .trailers(let fields)?: exchange.trailers = fields
            case .end?: finishRequest(exchange)
            }
            if exchange.stage == .refused { return true }
            guard exchange.body.count > HTTPLaneLimits.heldBody else { continue }
            if exchange.mcp != nil {
                refuse(
                    exchange, status: 413,
                    message: "A message may have \(MCPLimits.request >> 20) MiB at the most.")
                return true
            }
            if exchange.verdict.outcome == .hold {
                refuse(
                    exchange, status: 413,
                    message:
                        "What needs an approval may have a body of \(HTTPLaneLimits.heldBody >> 20) MiB at the most.")
                return true
            }
            exchange.hasLongBody = true
            break
        }
        if let mcp = exchange.mcp { return try judgeMessage(exchange, mcp) }
        exchange.stage = exchange.verdict.outcome == .hold ? .permission : .connecting
        return true
    }

    /// Looks into a piece of a body and keeps it for the upstream.
    ///
    /// - Returns: Whether it may go; else the request was refused.
    private mutating func take(_ bytes: Span<UInt8>, of exchange: HTTPExchange) -> Bool {
        note(bytes, of: exchange)
        guard let screen = exchange.screen else {
            exchange.body.append(bytes, 0..<bytes.count)
            return true
        }
        do throws(BodyRefusal) {
            try screen.take(bytes, into: &exchange.body)
        } catch {
            refuse(exchange, error)
            return false
        }
        return judgeFindings(exchange, screen)
    }

    /// The beginning of what a client sends, for the record.
    private func note(_ bytes: Span<UInt8>, of exchange: HTTPExchange) {
        let room = HTTPLaneLimits.recordedBody - exchange.recordedBody.count
        if room > 0 { exchange.recordedBody.append(bytes, 0..<min(room, bytes.count)) }
    }

    private mutating func finishRequest(_ exchange: HTTPExchange) {
        exchange.isRequestRead = true
        if !exchange.trailers.isEmpty {
            if holdsFinding(exchange.trailers, exchange.outboundPlan) {
                return refuseFindings(exchange, in: ["the trailers"])
            }
            if let refusal = HTTPRequestRules.refusal(
                of: exchange.trailers, areTrailers: true, credential: configuration.resource.headerName)
            {
                return refuse(exchange, status: refusal.status, message: refusal.message)
            }
        }
        guard let screen = exchange.screen else { return }
        do throws(BodyRefusal) {
            try screen.finish(into: &exchange.body)
        } catch {
            return refuse(exchange, error)
        }
        _ = judgeFindings(exchange, screen)
    }

    /// - Returns: Whether the body may go on.
    private mutating func judgeFindings(_ exchange: HTTPExchange, _ screen: HTTPBodyWork) -> Bool {
        if screen.isOpaque, !exchange.isBodyOpaque {
            guard isVouched(.opaqueBody, exchange) else {
                refuse(
                    exchange, status: 415,
                    message: "The body cannot be looked into, and policy does not vouch for such bodies (opaqueBody).")
                return false
            }
            exchange.isBodyOpaque = true
        }
        guard let policy, screen.kinds.contains(where: { policy.outbound(of: $0) == .deny }) else { return true }
        refuseFindings(exchange, in: ["the body"])
        return false
    }

    /// Passes on what comes of a body whose request is under way.
    ///
    /// - Returns: Whether the exchange is over.
    mutating func forward(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        while !exchange.isRequestRead {
            switch try nextPart() {
            case nil:
                sayContinue(exchange)
                return false
            case .head?: throw HTTPFault.ofSession(HTTPError(.unexpected, "a head within a request"))
            case .body(let range)?:
                let bytes = client.bytes
                guard take(bytes.span.extracting(range), of: exchange) else { return true }
            case .trailers(let fields)?: exchange.trailers = fields
            case .end?: finishRequest(exchange)
            }
            if exchange.stage == .refused { return true }
            try sendBody(exchange)
        }
        return false
    }

    /// Takes what is left of a request that was refused, so that the connection can go on; where that is much, it ends.
    mutating func drop(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        while !exchange.isRequestRead, !exchange.closesClient {
            switch try nextPart() {
            case nil: return false
            case .body(let range)?:
                exchange.droppedBytes += range.count
                if exchange.droppedBytes > HTTPLaneLimits.droppedBody { exchange.closesClient = true }
            case .end?: exchange.isRequestRead = true
            case .head?, .trailers?: break
            }
        }
        endExchange(exchange)
        return true
    }

    /// The exchange is over: the next may begin, or the connection ends with it.
    mutating func endExchange(_ exchange: HTTPExchange) {
        self.exchange = nil
        if exchange.closesClient { close("the exchange was the connection's last") }
    }
}
