/// A request's method (RFC 9110 §9). Methods are compared with their case: `get` is not GET.
public enum HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    case get, head, post, put, patch, delete, options, connect, trace
    /// Any other token.
    case other([UInt8])

    /// - Throws: for what is no token, or longer than ``HTTPLimits/method``.
    public init(_ name: some Collection<UInt8>) throws(HTTPError) {
        let name = Array(name)
        try self.init(parsing: name.span)
    }

    init(parsing name: Span<UInt8>) throws(HTTPError) {
        switch name.count {
        case 3 where name.spells("GET"): self = .get
        case 3 where name.spells("PUT"): self = .put
        case 4 where name.spells("POST"): self = .post
        case 4 where name.spells("HEAD"): self = .head
        case 5 where name.spells("PATCH"): self = .patch
        case 5 where name.spells("TRACE"): self = .trace
        case 6 where name.spells("DELETE"): self = .delete
        case 7 where name.spells("OPTIONS"): self = .options
        case 7 where name.spells("CONNECT"): self = .connect
        case 1...HTTPLimits.method:
            for index in name.indices where !Octet.isToken(name[index]) {
                throw HTTPError(.malformedStartLine, "a method that is no token")
            }
            self = .other(name.array)
        default:
            throw HTTPError(.malformedStartLine, "a method of \(name.count) bytes")
        }
    }

    /// As it is written. It is ASCII.
    public var description: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other(let name): String(decoding: name, as: UTF8.self)
        }
    }
}

/// The versions that are spoken here as text. HTTP/2 comes by another codec.
public enum HTTPVersion: Hashable, Sendable, Comparable {
    case http10, http11
}

/// What a response's framing depends on in its request (RFC 9112 §6.3).
public enum HTTPRequestKind: Hashable, Sendable {
    case ordinary
    /// HEAD: there is no body, whatever the head says.
    case head
    /// CONNECT: with a success, what follows is the tunnel.
    case connect
    /// A request that may be answered with 101.
    case upgrade
}
