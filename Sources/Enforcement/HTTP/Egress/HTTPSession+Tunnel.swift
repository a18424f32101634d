import HTTPInspection
import Policy
import WireBytes

/// A tunnel that is passed by name alone. Its bytes are not looked into, but for whom the client's hello is for: that is who was allowed.
extension HTTPSession {
    /// Answers a CONNECT whose server is there, with the host's certificate.
    mutating func openTunnel(_ exchange: HTTPExchange) {
        link = .open(isFresh: false)
        exchange.stage = .tunnel
        exchange.isSent = true
        exchange.hasAnswer = true
        exchange.status = 200
        output.client.append(contentsOf: HTTPSession.connected)
    }

    /// Passes on what the client says.
    ///
    /// - Returns: false: there is nothing more to be done until something happens.
    mutating func passUp(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        while !client.isEmpty, let tunnel = exchange.tunnel {
            let bytes = client.bytes
            let waiting = bytes.span.extracting(client.range)
            switch tunnel.stage {
            case .open: send(waiting.count, of: exchange)
            case .answer: return false
            case .hello:
                guard let count = try checkHello(waiting, of: exchange) else { return false }
                send(count, of: exchange)
                exchange.tunnel?.stage = .answer
            case .secondHello:
                let record: TLSRecord?
                do throws(TLSHelloError) {
                    record = try TLSRecord.read(waiting, at: 0)
                } catch { throw HTTPSession.fault(error.reason) }
                guard let record else { return false }
                if record.type == .changeCipherSpec || record.type == .applicationData {
                    // For old middleboxes, and what was sent too early: neither is heard as a hello.
                    guard let content = record.content else { return false }
                    send(content.upperBound, of: exchange)
                    continue
                }
                guard let count = try checkHello(waiting, of: exchange) else { return false }
                send(count, of: exchange)
                exchange.tunnel?.stage = .open
            }
        }
        return false
    }

    /// - Returns: How many bytes the hello has; nil where more must come.
    private func checkHello(_ bytes: Span<UInt8>, of exchange: HTTPExchange) throws(HTTPFault) -> Int? {
        let found: (hello: TLSClientHello, count: Int)?
        do throws(TLSHelloError) {
            found = try TLSClientHello.read(bytes)
        } catch { throw HTTPSession.fault(error.reason) }
        guard let (hello, count) = found else { return nil }
        guard !hello.hidesAnother else {
            throw HTTPSession.fault("a hello that hides another (encrypted_client_hello)")
        }
        switch exchange.destination?.host {
        case .name(let name)?:
            guard let said = hello.serverName else { throw HTTPSession.fault("a hello without a server's name") }
            guard said == .name(name) else { throw HTTPSession.fault("a hello for another host than CONNECT's") }
        default:
            // An address is nobody's name (RFC 6066 §3).
            guard hello.serverName == nil else { throw HTTPSession.fault("a hello for another host than CONNECT's") }
        }
        return count
    }

    private static func fault(_ reason: String) -> HTTPFault {
        HTTPFault(
            status: 400, message: "The tunnel ends: \(reason).", reason: "tunnel refused: \(reason)", isOfRequest: true)
    }

    /// Sends the first bytes of what waits.
    private mutating func send(_ count: Int, of exchange: HTTPExchange) {
        guard let permission = exchange.permission, count > 0 else { return }
        let bytes = client.bytes
        let range = client.start..<(client.start + count)
        output.upstream.pass(of: permission, bytes.span.extracting(range))
        client.consume(count)
        exchange.tunnel?.sentBytes += UInt64(count)
    }

    /// Passes on what the server says.
    mutating func passDown(_ exchange: HTTPExchange) {
        guard !upstream.isEmpty else { return }
        let bytes = upstream.bytes
        let waiting = bytes.span.extracting(upstream.range)
        if var tunnel = exchange.tunnel, tunnel.stage == .answer {
            tunnel.answer.append(waiting, 0..<min(waiting.count, HTTPSession.answerBytes))
            if let answer = TLSServerAnswer.read(tunnel.answer.span) {
                tunnel.stage = answer == .helloAgain ? .secondHello : .open
                tunnel.answer = []
            }
            exchange.tunnel = tunnel
        }
        exchange.sentBytes += UInt64(waiting.count)
        output.client.append(waiting, 0..<waiting.count)
        upstream.consume(waiting.count)
    }

    /// As many bytes as tell what a server's answer is.
    private static let answerBytes = 64

    /// A side has closed: so does the other.
    mutating func finishTunnel(_ exchange: HTTPExchange, _ reason: String) {
        complete(exchange)
        self.exchange = nil
        close(reason)
    }

    /// Another policy is in force: a tunnel that it does not let pass ends.
    mutating func judgeTunnelAgain() throws(HTTPFault) {
        guard let exchange, exchange.stage == .tunnel, let operation = exchange.reading?.operation, let identity
        else { return }
        let outcome = policy?.decide(operation, for: identity.subject).outcome ?? .deny
        guard outcome == .deny || outcome == .hold && exchange.approvalID.isEmpty else { return }
        throw HTTPFault(
            status: 403, message: "Policy does not permit this tunnel any more.", reason: "policy changed",
            isOfRequest: true)
    }
}
