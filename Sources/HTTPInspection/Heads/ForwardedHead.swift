/// A head as it is passed on: without what is the connection's own (RFC 9110 §7.6.1), whose framing the encoder writes anew.
public enum ForwardedHead {
    /// Whether the fields of a switch to another protocol are passed on.
    public enum Upgrade: Hashable, Sendable {
        case removed
        /// They are, with this protocol and no other: `websocket`. It is a token.
        case allowed(String)
    }

    /// - Parameters:
    ///   - authority: What stands in Host; nil: what the request said, in its usual form.
    ///   - closes: Whether the connection to the server ends with this request.
    /// - Returns: The same method with the target in origin form (that of CONNECT as it is), of HTTP/1.1. The connection's fields, those
    ///   that Connection names and what authenticates to a proxy are gone.
    /// - Throws: where there is no authority, or the protocol to switch to is no token.
    public static func request(
        _ head: HTTPRequestHead, authority: HTTPAuthority? = nil, upgrade: Upgrade = .removed, closes: Bool = false
    ) throws(HTTPError) -> HTTPRequestHead {
        guard let authority = authority ?? head.authority else {
            throw HTTPError(.malformedHost, "a request without a host to pass it on to")
        }
        var fields = head.fields
        let acceptsTrailers = try FieldList.weighted(fields.all(named: "te"))
            .contains { $0.token == "trailers" && $0.weight > 0 }
        try removeConnection(from: &fields, head.connection)
        try fields.replace("Host", with: authority.description)
        var options: [String] = []
        if acceptsTrailers {
            try fields.append("TE", "trailers")
            options.append("TE")
        }
        try appendConnection(to: &fields, options, upgrade, closes)
        return try HTTPRequestHead(
            method: head.method,
            target: HTTPTarget(parsing: head.target.originForm(for: head.method), for: head.method),
            fields: fields)
    }

    /// - Parameters:
    ///   - kind: Of the request that is answered.
    ///   - closes: Whether the client's connection ends with this response.
    /// - Returns: The same status, of HTTP/1.1, without the connection's fields. Content-Length stays where it says what a
    ///   body would be (HEAD, 304): take it out if that is not what a client would get.
    public static func response(
        _ head: HTTPResponseHead, answering kind: HTTPRequestKind, upgrade: Upgrade = .removed, closes: Bool = false
    ) throws(HTTPError) -> HTTPResponseHead {
        var fields = head.fields
        let length = head.status == 304 || kind == .head ? fields.first(named: "content-length") : nil
        try removeConnection(from: &fields, head.connection)
        if let length { try fields.append(name: "Content-Length".utf8, value: length) }
        try appendConnection(to: &fields, [], upgrade, closes)
        return try HTTPResponseHead(status: head.status, reason: head.reason, fields: fields)
    }

    /// Fields that Connection may not name: they frame, route, authenticate or describe the message, for whoever is at its other end.
    static func isEndToEnd(_ name: String) -> Bool {
        switch name {
        case "host", "authorization", "cookie", "set-cookie", "expect", "range", "origin", "referer", "location",
            "cache-control", "accept", "etag", "date", "vary", "transfer-encoding", "forwarded", "www-authenticate":
            true
        default:
            name.hasPrefix("content-") || name.hasPrefix("if-") || name.hasPrefix("x-forwarded-")
                || name.hasPrefix("accept-") || name.hasPrefix("access-control-") || name.hasPrefix("mcp-")
        }
    }

    /// Whether a field belongs to one connection, or to the proxy at its end.
    static func isConnections(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.count {
        case 2: name.spellsWithoutCase("te")
        case 7: name.spellsWithoutCase("upgrade")
        case 10: name.spellsWithoutCase("connection") || name.spellsWithoutCase("keep-alive")
        case 14: name.spellsWithoutCase("content-length") || name.spellsWithoutCase("http2-settings")
        case 16: name.spellsWithoutCase("proxy-connection")
        case 17: name.spellsWithoutCase("transfer-encoding")
        case 18: name.spellsWithoutCase("proxy-authenticate")
        case 19: name.spellsWithoutCase("proxy-authorization")
        case 25: name.spellsWithoutCase("proxy-authentication-info")
        default: false
        }
    }

    private static func removeConnection(
        from fields: inout HTTPFields, _ options: HTTPConnectionOptions
    ) throws(HTTPError) {
        let named =
            options.contains(.namesFields) ? try FieldList.tokens(fields.all(named: "connection")) : []
        fields.removeAll { name, _ in
            isConnections(name) || named.contains { name.spellsWithoutCase($0) }
        }
    }

    private static func appendConnection(
        to fields: inout HTTPFields, _ options: [String], _ upgrade: Upgrade, _ closes: Bool
    ) throws(HTTPError) {
        var options = options
        if case .allowed(let name) = upgrade {
            guard !name.isEmpty, name.utf8.allSatisfy(Octet.isToken) else {
                throw HTTPError(.malformedField, "a protocol to switch to that is no token")
            }
            try fields.append("Upgrade", name)
            options.append("Upgrade")
        }
        if closes { options.append("close") }
        if !options.isEmpty { try fields.append("Connection", options.joined(separator: ", ")) }
    }
}
