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
        if head.connection.contains(.upgrade), !isIgnorable(head.fields.all(named: "upgrade")) {
            return Refusal(status: 501, message: "Other protocols than HTTP are not taken here.")
        }
        for index in 0..<head.fields.count {
            let written = head.fields.name(at: index)
            // Servers of the CGI family read an underscore as a hyphen: what the one may not say, the other may not either.
            let name = String(decoding: written.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self).lowercased()
            let isAlias = written.contains(0x5F) && (own.contains(name) || name == credential?.lowercased())
            guard isAlias || overrides.contains(name) else { continue }
            return Refusal(
                status: 400,
                message: "The field \(name) is not taken: a server may read another request than was judged.")
        }
        return nil
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
        "x-forwarded-prefix", "x-forwarded-host", "x-host",
    ]

    /// Fields that frame, route or authenticate, which the session writes or leaves out.
    private static let own: Set<String> = [
        "host", "authorization", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect",
        "range",
        "content-type", "content-encoding", "accept-encoding", "proxy-authorization", "via",
    ]
}
