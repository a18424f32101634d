/// What is wrong with text about how tokens are fetched, and the mend.
enum OAuthFaults {
    typealias Fault = TextKind.Fault

    static func tokenURL(_ text: String) -> Fault? {
        let example = "as in 'https://login.example.com/oauth2/token'"
        let rest: Substring
        let isPlain: Bool
        if text.hasPrefix("https://") {
            (rest, isPlain) = (text.dropFirst(8), false)
        } else if text.hasPrefix("http://") {
            (rest, isPlain) = (text.dropFirst(7), true)
        } else {
            return Fault("'\(text)' is no URL of a token endpoint", example)
        }
        let authority = rest.prefix { !"/?#\\".contains($0) }
        guard !authority.contains("@") else {
            // What may be a secret is not repeated.
            return Fault(
                "a URL holds no user name and no password here",
                "name their files in 'clientIDFile' and 'clientSecretFile'")
        }
        let hasPort = authority.hasPrefix("[") ? !authority.hasSuffix("]") : authority.contains(":")
        guard let address = HostPort(hasPort ? String(authority) : "\(authority):443"),
            // RFC 3986 §2: whatever is not one of these is written percent-encoded.
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) })
        else { return Fault("'\(text)' is no URL of a token endpoint", example) }
        if text.contains("#") {
            return Fault(
                "'\(text)' has a fragment, which a token endpoint never has", "leave out what begins at the '#'")
        }
        if isPlain, !HostPort.isLoopback(host: address.host) {
            return Fault(
                "'\(text)' is not encrypted, so whoever is on the way could read the client's secret",
                "write 'https://\(rest)'; plain http is for loopback alone")
        }
        return nil
    }

    /// RFC 6749 §3.3, scope-token.
    static func scope(_ text: String) -> Fault? {
        let scopes = text.split(separator: " ")
        if scopes.count > 1 {
            return Fault("'\(text)' is more than one scope", "write a list: [\(scopes.joined(separator: ", "))]")
        }
        let isToken = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"\\".utf8.contains($0) }
        return isToken ? nil : Fault("'\(text)' is no scope", "ASCII without spaces, quotes and backslashes")
    }
}
