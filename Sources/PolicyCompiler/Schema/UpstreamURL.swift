/// Where an API is, as policy writes it: `https://host`, `http://host`, with a port or without; an MCP server with its endpoint's path.
struct UpstreamURL: Hashable, Sendable {
    var isEncrypted: Bool
    /// `host:port`, the host in lower case and the port written out.
    var hostPort: String
    /// `/` where there is none.
    var path = "/"

    /// - Throws: what is wrong with `text`, and the mend. What may be a secret in it is not repeated.
    init(_ text: String, takesPath: Bool = false) throws(TextKind.Fault) {
        guard let separator = text.firstRange(of: "://") else {
            let scheme = text.hasSuffix(":80") || text.hasSuffix(":8080") ? "http" : "https"
            let isAddress = HostPort(text) != nil || HostPort("\(text):1") != nil
            throw TextKind.Fault(
                isAddress ? "'\(text)' does not say whether the way is encrypted" : "'\(text)' is no URL",
                isAddress ? "did you mean '\(scheme)://\(text)'?" : "as in 'https://api.internal'")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        var rest = text[separator.upperBound...]
        guard scheme == "https" || scheme == "http" else {
            throw TextKind.Fault("'\(scheme)' is not spoken here", "as in 'https://api.internal'")
        }
        isEncrypted = scheme == "https"
        if takesPath, let slash = rest.firstIndex(of: "/") {
            path = try Self.endpoint(rest[slash...])
            rest = rest[..<slash]
        }
        let authority = rest.prefix { !"/?#\\".contains($0) }
        guard !authority.contains("@") else {
            throw TextKind.Fault(
                "a URL holds no user name and no password here", "name their files under 'credentials'")
        }
        guard authority.endIndex == rest.endIndex || authority.isEmpty else {
            let what = rest[authority.endIndex...].hasPrefix("/") ? "a path" : "more than a host and a port"
            throw TextKind.Fault(
                "the URL has \(what), and what is asked for is each request's own", "write '\(scheme)://\(authority)'")
        }
        let written = authority.lowercased()
        let hasPort = written.hasPrefix("[") ? !written.hasSuffix("]") : written.contains(":")
        guard let address = HostPort(hasPort ? written : "\(written):\(isEncrypted ? 443 : 80)"),
            !address.host.contains("%")
        else {
            throw TextKind.Fault(
                "'\(text)' names no host, or no port that there is", "as in 'https://api.internal:8443'")
        }
        hostPort = address.host.contains(":") ? "[\(address.host)]:\(address.port)" : "\(address.host):\(address.port)"
    }

    /// The path of an endpoint: one that every server reads alike.
    private static func endpoint(_ text: Substring) throws(TextKind.Fault) -> String {
        guard text.utf8.allSatisfy({ $0.isASCIILetter || $0.isDigit || "-._~/".utf8.contains($0) }),
            !text.contains("//"), !text.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else {
            throw TextKind.Fault(
                "the URL has a query, a fragment or a path that servers may read differently",
                "as in 'https://tools.internal/mcp': letters, digits, '-', '.', '_' and '~' between single slashes")
        }
        return String(text)
    }
}
