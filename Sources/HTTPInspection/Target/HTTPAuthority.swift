/// What a host turned out to be.
public enum HTTPHost: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, without a dot at the end: letters, digits, hyphens and underscores, in labels.
    case name(String)
    case ipv4(IPv4Address)
    case ipv6(IPv6Address)

    /// As it is written in an authority: an address of IPv6 in brackets.
    public var description: String {
        switch self {
        case .name(let name): name
        case .ipv4(let address): address.description
        case .ipv6(let address): "[\(address)]"
        }
    }

    public var address: IPAddress? {
        switch self {
        case .name: nil
        case .ipv4(let address): .v4(address)
        case .ipv6(let address): .v6(address)
        }
    }
}

/// A host and a port, as they stand in Host, in an absolute target and in CONNECT's. Who it is that speaks does not belong there:
/// user information is refused.
public struct HTTPAuthority: Hashable, Sendable, CustomStringConvertible {
    public let host: HTTPHost
    /// nil where none is said: then it is the scheme's.
    public let port: UInt16?
    /// It was written in a form that some read otherwise, or not at all: an address in other than four decimal numbers, a
    /// name that ends in a dot. ``description`` is the usual form.
    public let isUnusual: Bool

    public init(host: HTTPHost, port: UInt16?) {
        self.host = host
        self.port = port
        isUnusual = false
    }

    /// - Throws: for letters that no host name has (NUL, percent signs, anything that is not ASCII), for what ends in a number
    ///   and is no address, for zones, and for ports that are no number from 1 to 65535.
    public init(_ text: some Collection<UInt8>) throws(HTTPError) {
        let text = Array(text)
        try self.init(parsing: text.span)
    }

    init(parsing text: Span<UInt8>) throws(HTTPError) {
        guard !text.isEmpty else { throw HTTPError(.malformedHost, "an empty host") }
        let end: Int
        if text[0] == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")),
                let address = IPv6Address(text.extracting(1..<close))
            else { throw HTTPError(.malformedHost, "brackets without an address of IPv6 in them") }
            host = .ipv6(address)
            isUnusual = false
            end = close + 1
        } else {
            end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.count
            (host, isUnusual) = try HTTPAuthority.nameOrIPv4(text.extracting(0..<end))
        }
        guard end < text.count else {
            port = nil
            return
        }
        guard text[end] == UInt8(ascii: ":") else {
            throw HTTPError(.malformedHost, "something after a host's bracket")
        }
        port = try HTTPAuthority.port(text.extracting((end + 1)..<text.count))
    }

    public var description: String {
        port.map { "\(host):\($0)" } ?? host.description
    }

    /// Whether both are the same host and port.
    ///
    /// - Parameter defaultPort: What stands where no port is said.
    public func reachesTheSame(as other: HTTPAuthority, defaultPort: UInt16) -> Bool {
        host == other.host && (port ?? defaultPort) == (other.port ?? defaultPort)
    }

    private static func nameOrIPv4(_ text: Span<UInt8>) throws(HTTPError) -> (HTTPHost, isUnusual: Bool) {
        switch IPv4Address.reading(text) {
        case .address(let address): return (.ipv4(address), IPv4Address(dotted: text) == nil)
        case .neither: throw HTTPError(.malformedHost, "a host that ends in a number and is no address")
        case .name: break
        }
        var end = text.count
        if end > 0, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        guard (1...HTTPLimits.hostName).contains(end) else {
            throw HTTPError(.malformedHost, "a host name of \(end) bytes")
        }
        var label = 0
        for index in 0..<end {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                guard label > 0 else { throw HTTPError(.malformedHost, "a host name with an empty label") }
                label = 0
                continue
            }
            guard Octet.isLetter(byte) || Octet.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            else { throw HTTPError(.malformedHost, "a host name with a byte that no host name has") }
            label += 1
            guard label <= HTTPLimits.hostLabel else {
                throw HTTPError(.malformedHost, "a host name with a label of more than \(HTTPLimits.hostLabel) bytes")
            }
        }
        guard label > 0 else { throw HTTPError(.malformedHost, "a host name with an empty label") }
        return (.name(text.lowercasedText(0..<end)), end != text.count)
    }

    private static func port(_ text: Span<UInt8>) throws(HTTPError) -> UInt16 {
        var port = 0
        guard (1...5).contains(text.count), text[0] != UInt8(ascii: "0") else {
            throw HTTPError(.malformedHost, "a port that is no number from 1 to 65535")
        }
        for index in text.indices {
            guard Octet.isDigit(text[index]) else {
                throw HTTPError(.malformedHost, "a port that is no number from 1 to 65535")
            }
            port = port * 10 + Int(text[index] - UInt8(ascii: "0"))
        }
        guard let port = UInt16(exactly: port) else {
            throw HTTPError(.malformedHost, "a port that is no number from 1 to 65535")
        }
        return port
    }
}
