public import HTTPInspection

/// Where a request through a forward proxy goes.
public struct HTTPDestination: Hashable, Sendable, CustomStringConvertible {
    public var host: HTTPHost
    public var port: UInt16
    /// Whether the way there is TLS, by whomever.
    public var isEncrypted: Bool

    public init(host: HTTPHost, port: UInt16, isEncrypted: Bool) {
        self.host = host
        self.port = port
        self.isEncrypted = isEncrypted
    }

    var scheme: HTTPTarget.Scheme { isEncrypted ? .https : .http }

    /// As it stands in Host: the scheme's own port is left out.
    var authority: HTTPAuthority { HTTPAuthority(host: host, port: port == scheme.defaultPort ? nil : port) }

    /// As CONNECT writes it.
    public var description: String { "\(host):\(port)" }
}

/// A connection that the session wants made.
public struct HTTPRoute: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Requests go as they are.
        case plain
        /// Within TLS of the sidecar's own, whose certificate must be the host's.
        case tls
        /// Whatever the client says goes as it is. Before that, somebody with the host's certificate must have answered there.
        case tunnel
    }

    public var destination: HTTPDestination
    /// What the host's name stood for when it was judged, in the order in which they are to be tried: nothing else may be dialled.
    public var addresses: [IPAddress]
    public var kind: Kind

    public init(destination: HTTPDestination, addresses: [IPAddress], kind: Kind) {
        self.destination = destination
        self.addresses = addresses
        self.kind = kind
    }
}
