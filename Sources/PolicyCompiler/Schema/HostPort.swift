/// A host and a port, as policy writes them.
struct HostPort: Hashable, Sendable {
    /// Without the brackets of an IPv6 address.
    var host: String
    var port: UInt16

    /// - Returns: `nil` unless `text` is `host:port` or `[v6]:port` with a port of 1…65,535.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy(\.isDigit), let port = UInt16(digits), port > 0 else { return nil }
        let written = text[..<colon]
        if written.hasPrefix("["), written.hasSuffix("]") {
            host = String(written.dropFirst().dropLast())
            guard host.contains(":"), host.utf8.allSatisfy({ $0.isHexDigit || ":.%".utf8.contains($0) }) else {
                return nil
            }
        } else {
            host = String(written)
            guard !host.isEmpty,
                host.utf8.allSatisfy({ $0.isASCIILetter || $0.isDigit || "-._".utf8.contains($0) })
            else { return nil }
        }
        self.port = port
    }

    /// The host of `host`, `host:port`, `[v6]` or `[v6]:port`.
    static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// Names other than `localhost` are not asked for: what they resolve to can change.
    static func isLoopback(host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy(\.isDigit) }
    }
}
