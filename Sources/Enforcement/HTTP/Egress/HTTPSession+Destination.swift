import FoundationEssentials
import HTTPInspection
import Policy

/// Where requests through a forward proxy go, and who sends them there.
extension HTTPSession {
    var isForward: Bool { configuration.resource.protocolName == .egress }

    /// What stands in Host.
    func authority(of exchange: HTTPExchange) -> HTTPAuthority {
        exchange.destination?.authority ?? configuration.upstream
    }

    /// Whose URLs are the sidecar's own to whoever follows them: those of the upstream, and nobody's behind a forward proxy.
    func origin(of exchange: HTTPExchange) -> HTTPOrigin? {
        guard !isForward else { return nil }
        return HTTPOrigin(
            scheme: configuration.resource.tls == .disable ? .http : .https, authority: configuration.upstream)
    }

    /// Finds out where a request goes.
    ///
    /// - Returns: why it goes nowhere.
    func settleDestination(_ exchange: HTTPExchange) -> HTTPRequestRules.Refusal? {
        let head = exchange.head
        if let opened = egress.opened { return settle(exchange, within: opened.destination) }
        guard let authority = head.target.authority else {
            return HTTPRequestRules.Refusal(
                status: 400,
                message:
                    "This is a forward proxy: it takes CONNECT, and requests that say http://host in their first line.")
        }
        if case .connect = head.method {
            guard let port = authority.port else {
                return HTTPRequestRules.Refusal(status: 400, message: "CONNECT needs a port.")
            }
            exchange.destination = HTTPDestination(host: authority.host, port: port, isEncrypted: true)
            return exchange.hasBody
                ? HTTPRequestRules.Refusal(status: 400, message: "CONNECT with a body is not taken.") : nil
        }
        guard let scheme = head.target.scheme else {
            return HTTPRequestRules.Refusal(status: 400, message: "The target says no scheme.")
        }
        exchange.destination = HTTPDestination(
            host: authority.host, port: authority.port ?? scheme.defaultPort, isEncrypted: scheme == .https)
        return nil
    }

    /// A request within TLS that is opened here is for the host that the connection is for, whatever it says.
    private func settle(
        _ exchange: HTTPExchange, within destination: HTTPDestination
    ) -> HTTPRequestRules.Refusal? {
        exchange.destination = destination
        if case .connect = exchange.head.method {
            return HTTPRequestRules.Refusal(status: 405, message: "There are no tunnels within tunnels.")
        }
        if let scheme = exchange.head.target.scheme, scheme != .https {
            return HTTPRequestRules.Refusal(status: 400, message: "A request within TLS is for https.")
        }
        guard let said = exchange.head.authority else { return nil }
        guard said.reachesTheSame(as: destination.authority, defaultPort: destination.scheme.defaultPort) else {
            return HTTPRequestRules.Refusal(
                status: 421, message: "This connection is for \(destination.authority) and for no other host.")
        }
        return nil
    }

    // MARK: Who asks

    /// The token of `Proxy-Authorization`: Bearer (RFC 6750), or Basic's password, since that is what clients make of
    /// `http://any:TOKEN@proxy`; its user name where there is no password.
    func proxyToken(of head: HTTPRequestHead) throws(HTTPFault) -> ClientToken {
        let missing = HTTPFault(
            status: 407,
            message: "A token is needed: Proxy-Authorization, Bearer, or Basic with the token as the password.",
            reason: "no token")
        guard let value = head.fields.first(named: "proxy-authorization"),
            head.fields.count(of: "proxy-authorization") == 1,
            let text = String(validating: value, as: UTF8.self),
            let space = text.firstIndex(of: " ")
        else { throw missing }
        let rest = text[space...].drop { $0 == " " }
        var token = String(rest)
        switch text[..<space].lowercased() {
        case "bearer": break
        case "basic":
            guard let pair = HTTPSession.basicPair(rest) else { throw missing }
            token = pair.password.isEmpty ? pair.user : pair.password
        default: throw missing
        }
        guard !token.isEmpty else { throw missing }
        return ClientToken(token)
    }

    private static func basicPair(_ text: Substring) -> (user: String, password: String)? {
        guard let data = Data(base64Encoded: String(text)), let pair = String(validating: data, as: UTF8.self),
            let colon = pair.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (String(pair[..<colon]), String(pair[pair.utf8.index(after: colon)...]))
    }

    /// Where in a request the token stands that says who asks: that is for the sidecar alone.
    func placeOfToken(in exchange: HTTPExchange) -> String? {
        guard let token, !token.value.isEmpty else { return nil }
        let word = Array(token.value.utf8)
        if HTTPSession.holds(exchange.head.target.bytes[...], word) { return "the target" }
        var place: String?
        exchange.head.fields.forEach { name, value in
            guard place == nil, !name.isSpelled("proxy-authorization") else { return }
            var isThere = HTTPSession.holds(value, word)
            if !isThere, name.isSpelled("authorization"), let text = String(validating: value, as: UTF8.self),
                let space = text.firstIndex(of: " "),
                let pair = HTTPSession.basicPair(text[space...].drop { $0 == " " })
            {
                isThere = HTTPSession.holds(Array("\(pair.user):\(pair.password)".utf8)[...], word)
            }
            if isThere { place = "the field \(String(decoding: name, as: UTF8.self).lowercased())" }
        }
        return place
    }

    /// Whether a user name or a password for a service (Basic) is what policy classifies.
    func holdsFindingInCredentials(_ exchange: HTTPExchange) -> Bool {
        let plan = exchange.outboundPlan
        guard !plan.isEmpty, let value = exchange.head.fields.first(named: "authorization"),
            let text = String(validating: value, as: UTF8.self), let space = text.firstIndex(of: " "),
            let pair = HTTPSession.basicPair(text[space...].drop { $0 == " " })
        else { return false }
        return [pair.user, pair.password, "\(pair.user) \(pair.password)"].contains { plan.shown($0).isMasked }
    }

    private static func holds(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard let first = word.first, bytes.count >= word.count else { return false }
        for start in bytes.startIndex...(bytes.endIndex - word.count)
        where bytes[start] == first && bytes[start..<(start + word.count)].elementsEqual(word) {
            return true
        }
        return false
    }
}

extension HTTPFault {
    /// As a proxy says it: 401 is the word of the service behind it (RFC 9110 §15.5.8).
    func saidByProxy(isOpened: Bool) -> HTTPFault {
        guard status == 401 else { return self }
        var fault = self
        fault.status = isOpened ? 403 : 407
        return fault
    }
}
