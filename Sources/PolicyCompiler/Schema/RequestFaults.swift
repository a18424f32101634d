import Policy

/// What is wrong with text about requests over HTTP, and the mend.
enum RequestFaults {
    typealias Fault = TextKind.Fault

    static func fieldName(_ text: String) -> Fault? {
        guard isToken(text) else {
            return Fault("'\(text)' is no name of a header field", "as in 'X-Api-Key', without the ':'")
        }
        let name = text.lowercased()
        if reservedFields.contains(name) || ["content-", "transfer-"].contains(where: name.hasPrefix) {
            return Fault(
                "'\(text)' is for the connection and its framing, which the sidecar sees to",
                "name the field that the upstream expects its key in, as 'Authorization' or 'X-Api-Key'")
        }
        return nil
    }

    /// Fields for one connection alone (RFC 9110 §7.6.1), and those by which a message is framed or routed.
    private static let reservedFields: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
        "proxy-authentication-info", "te", "trailer", "upgrade", "http2-settings", "host", "expect",
    ]

    /// RFC 9110 §5.6.2, token.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0.isASCIILetter || $0.isDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }

    static func method(_ text: String) -> Fault? {
        guard isToken(text), text != "*" else {
            return Fault(
                "'\(text)' is no method", text == "*" ? "leave 'methods' out when every method is meant" : "as in 'GET'"
            )
        }
        guard text == text.uppercased() else {
            return Fault(
                "'\(text)' is not the method '\(text.uppercased())': their case counts",
                "did you mean '\(text.uppercased())'?")
        }
        return nil
    }

    static func hostPattern(_ text: String) -> Fault? {
        if let scheme = text.firstRange(of: "://") {
            let host = text[scheme.upperBound...].prefix { $0 != "/" }
            return Fault("'\(text)' is a URL, and a host is meant", "did you mean '\(host)'?")
        }
        if let slash = text.firstIndex(of: "/") {
            return Fault(
                "'\(text)' has a path, and a host is meant", "write '\(text[..<slash])', and the path under 'paths'")
        }
        if text.hasPrefix("[") {
            guard text.hasSuffix("]"),
                text.dropFirst().dropLast().utf8.allSatisfy({ $0.isHexDigit || ":.*".utf8.contains($0) })
            else { return Fault("'\(text)' is no address of IPv6", "as in '[fd00::1]', without a port") }
            return nil
        }
        if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 1 {
            return Fault("'\(text)' is an address of IPv6 without its brackets", "did you mean '[\(text)]'?")
        }
        if let colon = text.firstIndex(of: ":") {
            return Fault("'\(text)' has a port, and a host is meant", "did you mean '\(text[..<colon])'?")
        }
        guard text.utf8.allSatisfy({ $0.isASCIILetter || $0.isDigit || "-._*".utf8.contains($0) }) else {
            return Fault("'\(text)' holds a letter that no host has", "as in 'api.example.com' or '*.example.com'")
        }
        if text.hasSuffix(".") {
            return Fault(
                "'\(text)' ends in a dot, and hosts are judged without it", "did you mean '\(text.dropLast())'?")
        }
        return TextFaults.subjectGlob(text)
    }

    static func host(_ text: String) -> Fault? {
        text.contains("*") ? Fault("'\(text)' is a pattern, and one host is meant") : hostPattern(text)
    }

    static func requestLine(_ text: String) -> Fault? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            return Fault(
                "'\(text)' is no method and target", "as in 'GET /v1/customers/7', a space within written as '%20'")
        }
        if let fault = method(String(parts[0])) { return fault }
        guard parts[1].hasPrefix("/") || parts[1].hasPrefix("http://") || parts[1].hasPrefix("https://") else {
            return Fault(
                "the target '\(parts[1])' is neither a path nor a URL",
                "as in 'GET /v1/customers/7', and through a forward proxy 'GET https://host/v1/customers/7'")
        }
        return nil
    }

    static func pathPattern(_ text: String) -> Fault? {
        if text.contains("?") || text.contains("#") {
            return Fault(
                "'\(text)' has a query or a fragment, and a path is meant", "leave out what begins at the '?' or '#'")
        }
        if isPercentEncoded(text) {
            return Fault(
                "'\(text)' is percent-encoded, and paths are judged decoded", "write each letter as it reads decoded")
        }
        do throws(GlobError) {
            _ = try Glob(requestPath: text)
            return nil
        } catch {
            return Fault(error.description, mend(of: text, error.code))
        }
    }

    private static func mend(of text: String, _ code: GlobError.Code) -> String? {
        switch code {
        case .noPath: return "did you mean '/\(text)'?"
        case .emptySegment where text.hasSuffix("/") && !text.contains("//"):
            return "did you mean '\(text.dropLast())', or '\(text)**'?"
        case .emptySegment: return "write one slash; a request with two beside each other is 'ambiguousPath'"
        case .misplacedDoubleStar: return "'*' stands for one segment, and '/**' at the end for any number"
        default: return nil
        }
    }

    private static func isPercentEncoded(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.dropLast(2).contains {
            bytes[$0] == UInt8(ascii: "%") && bytes[$0 + 1].isHexDigit && bytes[$0 + 2].isHexDigit
        }
    }
}
