import HTTPInspection
import Policy
import WireBytes

/// The way of a request through a forward proxy: CONNECT, the address that is dialled, and the connection to it.
extension HTTPSession {
    /// Judges a CONNECT, which asks for a tunnel that nobody looks into; where policy does not vouch for that, for a connection whose
    /// requests are judged one by one.
    func judgeConnect(_ exchange: HTTPExchange, _ policy: any SessionPolicy, _ subject: Subject) -> Verdict {
        guard var operation = exchange.reading?.operation else { return Verdict(outcome: .deny) }
        operation.features.insert(.tunnel)
        let tunnel = policy.decide(operation, for: subject)
        if tunnel.outcome != .deny {
            exchange.tunnel = EgressTunnel()
            exchange.reading?.operation = operation
            return tunnel
        }
        operation.features.remove(.tunnel)
        // Whoever may ask for anything there may connect; what a rule holds is held when it is asked for.
        operation.accesses = [Access(verb: .session, object: ObjectPath([]))]
        exchange.reading?.operation = operation
        var verdict = policy.decide(operation, for: subject)
        if verdict.outcome == .hold { verdict.outcome = .allow }
        return verdict
    }

    enum Routing { case ready, waiting, over }

    /// Sees to it that the upstream's connection is the one that an exchange's request may go on.
    mutating func route(_ exchange: HTTPExchange) throws(HTTPFault) -> Routing {
        guard let destination = exchange.destination else { return .waiting }
        var isOther = egress.linked != destination
        // A tunnel's is a connection of its own: one that carried requests is within TLS of the sidecar's.
        if exchange.tunnel != nil, case .open(isFresh: false) = link { isOther = true }
        if isOther {
            closeUpstream()
            egress.linked = destination
        }
        switch link {
        case .open:
            guard exchange.tunnel != nil else {
                // Another rule may allow this request than the one that vouched.
                guard !egress.isLinkPrivate || isVouched(.privateAddress, exchange) else {
                    refusePrivate(exchange)
                    return .over
                }
                return .ready
            }
            openTunnel(exchange)
            return .over
        case .connecting: return .waiting
        case .none: break
        }
        link = .connecting
        if let opened = egress.opened {
            egress.isLinkPrivate = opened.isPrivate
            connect(exchange, to: opened.addresses)
        } else if let address = destination.host.address {
            try resolved([address])
            return exchange.stage == .connecting && self.exchange === exchange ? .waiting : .over
        } else {
            output.perform(.resolve(destination.host))
        }
        return .waiting
    }

    /// A host's name stands for these addresses. They are judged, and no other is dialled.
    mutating func resolved(_ addresses: [IPAddress]) throws(HTTPFault) {
        guard case .connecting = link, let exchange, exchange.stage == .connecting,
            let destination = exchange.destination
        else { return }
        guard !addresses.isEmpty else {
            return upstreamFailed("the host's name does not resolve")
        }
        let scopes = addresses.map { AddressScope(of: $0) }
        let isPrivate = scopes.contains { $0 != .global }
        // Where credentials are handed out, and what is no one place, is meant only where it is written.
        let isForbidden =
            destination.host.address == nil
            && scopes.contains { [.metadata, .unspecified, .multicast, .reserved].contains($0) }
        if isPrivate {
            guard !isForbidden, isVouched(.privateAddress, exchange) else {
                link = .none
                return refusePrivate(exchange)
            }
            exchange.reading?.operation.features.insert(.privateAddress)
        }
        egress.isLinkPrivate = isPrivate
        if case .connect = exchange.head.method, exchange.tunnel == nil {
            return try open(
                exchange, .init(destination: destination, addresses: addresses, isPrivate: isPrivate))
        }
        connect(exchange, to: addresses)
    }

    private mutating func refusePrivate(_ exchange: HTTPExchange) {
        exchange.reading?.operation.features.insert(.privateAddress)
        refuse(
            exchange, status: 403,
            message:
                "The host's address is not one of the internet's, and policy does not vouch for it (privateAddress).")
    }

    private mutating func connect(_ exchange: HTTPExchange, to addresses: [IPAddress]) {
        guard let destination = exchange.destination else { return }
        let kind: HTTPRoute.Kind =
            if exchange.tunnel != nil { .tunnel } else { destination.isEncrypted ? .tls : .plain }
        // What becomes of a tunnel is not seen, so it is recorded before there is one.
        if kind == .tunnel { recordJudgement(of: exchange) }
        output.perform(.connect(HTTPRoute(destination: destination, addresses: addresses, kind: kind)))
    }

    /// Answers a CONNECT whose TLS is opened here.
    private mutating func open(_ exchange: HTTPExchange, _ opened: EgressState.Opened) throws(HTTPFault) {
        link = .none
        guard client.isEmpty else {
            // They were sent before there was anybody to hear them.
            throw HTTPFault(
                status: 400, message: "Nothing may follow a CONNECT before its answer.", isOfRequest: true)
        }
        egress.opened = opened
        exchange.status = 200
        complete(exchange)
        output.client.append(contentsOf: HTTPSession.connected)
        output.perform(.startClientTLS(opened.destination.host))
        requests = HTTP1RequestDecoder()
        self.exchange = nil
        if isDraining { close("stopping") }
    }

    static let connected = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
}
