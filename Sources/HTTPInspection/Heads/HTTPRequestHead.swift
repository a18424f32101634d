/// A request line and its fields.
public struct HTTPRequestHead: Sendable, Equatable {
    public let method: HTTPMethod
    public let target: HTTPTarget
    public let version: HTTPVersion
    public var fields: HTTPFields
    /// Whom the request is for: the target's authority or else Host's, which are the same where there are both. nil in a
    /// request of HTTP/1.0 without Host. Changing ``fields`` does not change it.
    public let authority: HTTPAuthority?
    /// What the fields said about the connection. Changing ``fields`` does not change it.
    public let connection: HTTPConnectionOptions

    /// - Throws: where Host is missing (HTTP/1.1), is there twice, is no authority, or is not the target's; where the
    ///   fields of the connection are not what they may be.
    public init(
        method: HTTPMethod, target: HTTPTarget, version: HTTPVersion = .http11, fields: HTTPFields
    ) throws(HTTPError) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
        authority = try HTTPRequestHead.authority(method, target, version, fields)
        connection = try HTTPConnectionOptions(fields)
    }

    /// Whether the connection may be used again once this request is answered, as far as the client is concerned.
    public var keepsConnection: Bool {
        if connection.contains(.close) || method == .connect { return false }
        return version == .http11 || connection.contains(.keepAlive)
    }

    /// Whether the client waits for 100 (Continue) before it sends the body. Who asks in HTTP/1.0 does not wait.
    public var expectsContinue: Bool { version == .http11 && fields.contains("expect") }

    /// What the framing of the response depends on.
    public var kind: HTTPRequestKind {
        switch method {
        case .head: .head
        case .connect: .connect
        default: connection.contains(.upgrade) ? .upgrade : .ordinary
        }
    }

    private static func authority(
        _ method: HTTPMethod, _ target: HTTPTarget, _ version: HTTPVersion, _ fields: HTTPFields
    ) throws(HTTPError) -> HTTPAuthority? {
        guard let index = fields.index(of: "host") else {
            guard version == .http10 else { throw HTTPError(.malformedHost, "a request without Host") }
            return target.authority
        }
        guard fields.index(of: "host", from: index + 1) == nil else {
            throw HTTPError(.malformedHost, "\(fields.count(of: "host")) Hosts")
        }
        let host = try HTTPAuthority(parsing: fields.store.span.extracting(fields.entries[index].value))
        guard let wanted = target.authority else { return host }
        // Some clients leave the port out of the Host of a CONNECT.
        let defaultPort = method == .connect ? wanted.port ?? 0 : target.scheme?.defaultPort ?? 0
        guard host.reachesTheSame(as: wanted, defaultPort: defaultPort) else {
            throw HTTPError(.malformedHost, "a Host that is not the target's")
        }
        return wanted
    }
}
