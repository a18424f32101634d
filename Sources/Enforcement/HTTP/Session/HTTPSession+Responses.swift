import HTTPInspection
import Policy
import WireBytes

/// The upstream's side: heads and bodies on their way to the client.
extension HTTPSession {
    mutating func advanceUpstream() throws(HTTPFault) {
        if let exchange, exchange.stage == .switched { return try passServerMessages(exchange) }
        if let exchange, exchange.stage == .tunnel { return passDown(exchange) }
        while case .open = link, phase == .open {
            let part: HTTPResponsePart?
            do throws(HTTPError) {
                part = try responses.next(in: &upstream)
            } catch {
                guard let exchange, exchange.stage == .running else { return closeUpstream() }
                return fail(
                    exchange, status: 502, message: "The service's answer cannot be taken: \(error.reason).",
                    reason: "server protocol violation: \(error)")
            }
            guard let part else { return }
            guard let exchange, exchange.stage == .running else { return closeUpstream() }
            if case .head(let head, _) = part, head.status == 101 { return try becomeWebSocket(head, exchange) }
            try take(part, of: exchange)
        }
    }

    private mutating func take(_ part: HTTPResponsePart, of exchange: HTTPExchange) throws(HTTPFault) {
        switch part {
        case .interim(let head): try passInterim(head, of: exchange)
        case .head(let head, let framing): try startResponse(head, framing, of: exchange)
        case .body(let range):
            let bytes = upstream.bytes
            try passBody(bytes.span.extracting(range), of: exchange)
        case .trailers(let fields):
            var fields = fields
            if exchange.looksInto {
                ForwardedResponse.removeDigests(of: &fields)
                fields.remove(named: "etag")
            }
            do throws(HTTPError) {
                try ForwardedResponse.mask(&fields, exchange.plan, counts: &exchange.masks)
                try ForwardedResponse.hide(exchange.echo, in: &fields)
            } catch { throw HTTPFault.ofSession(error) }
            exchange.answerTrailers = fields
        case .end: try finishResponse(exchange)
        }
    }

    /// 100 was answered by the session; the others mean something to clients of HTTP/1.1 alone.
    private mutating func passInterim(_ head: HTTPResponseHead, of exchange: HTTPExchange) throws(HTTPFault) {
        guard head.status != 100, exchange.head.version == .http11 else { return }
        do throws(HTTPError) {
            var forwarded = try ForwardedResponse.head(
                head, answering: exchange.head.kind, from: origin(of: exchange), plan: exchange.plan,
                looksInto: exchange.looksInto, isDecoded: false,
                closes: false,
                counts: &exchange.masks)
            try ForwardedResponse.hide(exchange.echo, in: &forwarded.fields)
            recordJudgement(of: exchange)
            try exchange.answer.head(forwarded, .none, answering: .ordinary, into: &output.client)
        } catch { throw HTTPFault.ofSession(error) }
    }

    private mutating func startResponse(
        _ head: HTTPResponseHead, _ framing: HTTPBodyFraming, of exchange: HTTPExchange
    ) throws(HTTPFault) {
        let hasBody = framing != .none && framing != .length(0)
        noteStatus(head.status, of: exchange)
        if exchange.mcp != nil { noteSession(exchange, head) }
        if exchange.looksInto, head.status == 206 || head.fields.contains("content-range") {
            return fail(
                exchange, status: 502, message: "The service answered with a part, which cannot be looked into.",
                reason: "a partial answer that nobody asked for")
        }
        exchange.pendingHead = HTTPPendingHead(head: head, framing: framing)
        exchange.isEventStream = (try? head.fields.mediaType())??.subtype == "event-stream"
        guard hasBody, exchange.looksInto else { return try releaseHead(exchange) }
        do throws(HTTPError) {
            exchange.mask = try answerWork(for: exchange, head)
            // Who follows a stream of events waits for its head, which may come long before the first of them.
            if exchange.isEventStream { try mayRelease(exchange) }
        } catch {
            fail(
                exchange, status: 502, message: "The service's answer is not passed on: \(error.reason).",
                reason: "an answer that is refused: \(error)")
        }
    }

    private mutating func mayRelease(_ exchange: HTTPExchange) throws(HTTPError) {
        guard isAnswerVouched(exchange) else { return }
        do throws(HTTPFault) { try releaseHead(exchange) } catch {
            throw HTTPError(.unexpected, status: 502, error.reason)
        }
    }

    /// Whether an answer may go on as far as its kind goes; else the exchange has failed.
    private mutating func isAnswerVouched(_ exchange: HTTPExchange) -> Bool {
        guard exchange.mask?.isOpaque == true, !exchange.isAnswerOpaque else { return true }
        guard isVouched(.opaqueBody, exchange) else {
            fail(
                exchange, status: 502,
                message:
                    "The service's answer cannot be looked into, and policy does not vouch for such answers (opaqueBody).",
                reason: "an answer that cannot be looked into")
            return false
        }
        exchange.isAnswerOpaque = true
        exchange.keepsSample = false
        exchange.sample?.drop()
        return true
    }

    /// Writes the answer's head, which waits for the first bytes of its body: until then it may turn out that there is no answer.
    mutating func releaseHead(_ exchange: HTTPExchange) throws(HTTPFault) {
        guard let pending = exchange.pendingHead else { return }
        exchange.pendingHead = nil
        let (head, framing) = (pending.head, pending.framing)
        startSample(head, of: exchange)
        exchange.status = head.status
        exchange.hasAnswer = true
        // What is still to come of the request is not waited for beyond the answer.
        exchange.closesClient = exchange.closesClient || !exchange.isRequestRead || isDraining
        let changes = exchange.mask != nil && (!exchange.isAnswerOpaque || exchange.mask?.isDecoding == true)
        var outFraming: HTTPBodyFraming = changes || framing == .untilClose ? .chunked : framing
        if framing == .none { outFraming = .none } else if framing == .length(0) { outFraming = framing }
        if outFraming == .chunked, exchange.head.version == .http10 { exchange.closesClient = true }
        do throws(HTTPError) {
            var forwarded = try ForwardedResponse.head(
                head, answering: exchange.head.kind, from: origin(of: exchange), plan: exchange.plan,
                looksInto: exchange.looksInto,
                isDecoded: exchange.mask?.isDecoding == true, closes: exchange.closesClient, counts: &exchange.masks)
            try ForwardedResponse.hide(exchange.echo, in: &forwarded.fields)
            try exchange.answer.head(
                forwarded, outFraming, answering: exchange.head.kind == .head ? .head : .ordinary,
                version: exchange.head.version, into: &output.client)
        } catch { throw HTTPFault.ofSession(error) }
    }

    /// Policy may ask for the beginning of the answer; that of what is no text is kept by nobody.
    private func startSample(_ head: HTTPResponseHead, of exchange: HTTPExchange) {
        guard let recording = policy?.recording, recording.responses == .masked else { return }
        var sample = HTTPBodySample(maximum: recording.maxResponseBytes)
        let isCoded = head.fields.contains("content-encoding") && exchange.mask?.isDecoding != true
        if isCoded || exchange.isAnswerOpaque { sample.drop() } else { exchange.keepsSample = true }
        exchange.sample = sample
    }

    private mutating func passBody(_ bytes: Span<UInt8>, of exchange: HTTPExchange) throws(HTTPFault) {
        guard let mask = exchange.mask else { return try send(bytes, of: exchange) }
        exchange.meter?.now = now.unixSeconds
        var scratch = output.scratch
        output.scratch = []
        scratch.removeAll(keepingCapacity: true)
        do throws(BodyRefusal) {
            try mask.take(bytes, into: &scratch)
        } catch {
            return failMidway(exchange, error)
        }
        guard isAnswerVouched(exchange), countShown(by: mask, of: exchange) else { return }
        recordNotices(of: exchange)
        try send(scratch.span, of: exchange)
        output.scratch = scratch
        if let ending = mask.ending { try finishEarly(exchange, ending) }
    }

    private mutating func send(_ bytes: Span<UInt8>, of exchange: HTTPExchange) throws(HTTPFault) {
        guard !bytes.isEmpty else { return }
        guard exchange.echo != nil else { return try write(bytes, of: exchange) }
        var shown: [UInt8] = []
        exchange.echo?.take(bytes, into: &shown)
        try write(shown.span, of: exchange)
    }

    mutating func write(_ bytes: Span<UInt8>, of exchange: HTTPExchange) throws(HTTPFault) {
        guard !bytes.isEmpty else { return }
        try releaseHead(exchange)
        exchange.sentBytes += UInt64(bytes.count)
        if exchange.keepsSample { exchange.sample?.append(bytes) }
        do throws(HTTPError) {
            try exchange.answer.body(bytes, into: &output.client)
        } catch { throw HTTPFault.ofSession(error) }
    }

    /// What came before has left; the client sees that this is not all of it.
    private mutating func failMidway(_ exchange: HTTPExchange, _ refusal: BodyRefusal) {
        fail(
            exchange, status: 502, message: "The service's answer is not passed on: \(refusal.message).",
            reason: "an answer that is refused: \(refusal.message)")
    }

    mutating func finishResponse(_ exchange: HTTPExchange) throws(HTTPFault) {
        if let mask = exchange.mask {
            exchange.meter?.now = now.unixSeconds
            var rest: [UInt8] = []
            do throws(BodyRefusal) {
                try mask.finish(into: &rest)
            } catch {
                return failMidway(exchange, error)
            }
            guard isAnswerVouched(exchange), countShown(by: mask, of: exchange) else { return }
            recordNotices(of: exchange)
            if let ending = mask.ending { exchange.refusal = ending }
            try send(rest.span, of: exchange)
        }
        var rest: [UInt8] = []
        exchange.echo?.finish(into: &rest)
        try write(rest.span, of: exchange)
        try releaseHead(exchange)
        complete(exchange)
        do throws(HTTPError) {
            try exchange.answer.end(trailers: exchange.answerTrailers, into: &output.client)
        } catch { throw HTTPFault.ofSession(error) }
        if !exchange.isRequestRead {
            exchange.closesClient = true
            closeUpstream()
        } else if !responses.isReusable {
            closeUpstream()
        }
        endExchange(exchange)
    }
}
