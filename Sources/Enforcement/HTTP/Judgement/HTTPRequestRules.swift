import HTTPInspection

/// Requests that are refused whatever policy says, since what arrives would not be what was judged.
enum HTTPRequestRules {
    struct Refusal {
        var status: Int
        var message: String
    }

    /// - Parameter credential: The field that the sidecar's own credential goes in.
    static func refusal(of head: HTTPRequestHead, credential: String?) -> Refusal? {
        switch head.method {
        case .connect:
            return Refusal(status: 405, message: "There are no tunnels here: CONNECT is not taken.")
        case .trace:
            // It would show the client what the sidecar adds, its credential among it.
            return Refusal(status: 405, message: "TRACE is not taken here.")
        default: break
        }
        // Frameworks put a method into capitals, where policy would have judged another; and a method may carry a value out.
        guard head.method.description.utf8.allSatisfy({ 0x41...0x5A ~= $0 || $0 == 0x2D }) else {
            return Refusal(status: 400, message: "A method is of capital letters and hyphens here.")
        }
        if head.connection.contains(.upgrade), !WebSocketHandshake.isAsked(by: head),
            !isIgnorable(head.fields.all(named: "upgrade"))
        {
            return Refusal(status: 501, message: "Other protocols than HTTP and WebSocket are not taken here.")
        }
        return refusal(of: head.fields, credential: credential)
    }

    /// Of a request's fields, or of its trailers, which some servers add to them.
    static func refusal(
        of fields: HTTPFields, areTrailers: Bool = false, credential: String?
    ) -> Refusal? {
        for index in 0..<fields.count {
            let written = fields.name(at: index)
            // Servers of the CGI family read whatever is no letter and no digit as the same: what the one may not say, the other may not
            // either.
            let name = String(decoding: written.map { isWordByte($0) ? $0 : 0x2D }, as: UTF8.self).lowercased()
            let isAlias = areTrailers || written.contains { !isWordByte($0) && $0 != 0x2D }
            let isOwn = isAlias && (own.contains(name) || name == credential?.lowercased())
            guard isOwn || overrides.contains(name) else { continue }
            return Refusal(
                status: 400,
                message: "The field \(name) is not taken: a server may read another request than was judged.")
        }
        return nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
    }

    /// Servers may stay with the protocol that they have (RFC 9110 §7.8); clients offer HTTP/2 and TLS this way, and do without.
    private static func isIgnorable(_ protocols: [ArraySlice<UInt8>]) -> Bool {
        protocols.allSatisfy { value in
            value.elementsEqual("h2c".utf8) || value.starts(with: "TLS/".utf8)
        }
    }

    /// Fields by which frameworks let a request be of another method or for another path than its first line says.
    private static let overrides: Set<String> = [
        "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
        "x-original-uri", "x-original-method", "x-forwarded-uri", "x-forwarded-method", "x-forwarded-path",
        "x-forwarded-prefix", "x-forwarded-host", "x-forwarded-server", "x-host", "x-original-host", "x-override-url",
        "x-method",
        "method-override", "x-envoy-original-path",
    ]

    /// Fields that frame, route or authenticate, which the session writes or leaves out.
    private static let own: Set<String> = [
        "host", "authorization", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect",
        "range",
        "content-type", "content-encoding", "accept-encoding", "proxy-authorization", "via",
    ]
}
