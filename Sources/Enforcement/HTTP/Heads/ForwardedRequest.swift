import HTTPInspection

/// A request's head as the upstream gets it.
enum ForwardedRequest {
    /// Whether a field of the client's is not passed on, but replaced or left out.
    static func isReplaced(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.count {
        case 2: name.isSpelled("te")
        case 4: name.isSpelled("host")
        case 6: name.isSpelled("expect")
        case 7: name.isSpelled("upgrade")
        case 10: name.isSpelled("connection") || name.isSpelled("keep-alive")
        case 13: name.isSpelled("authorization")
        case 14: name.isSpelled("content-length") || name.isSpelled("http2-settings")
        case 15: name.isSpelled("accept-encoding")
        case 16: name.isSpelled("proxy-connection")
        case 17: name.isSpelled("transfer-encoding")
        case 19: name.isSpelled("proxy-authorization")
        default: false
        }
    }

    /// - Parameters:
    ///   - credential: In place of the client's own, which is for the sidecar.
    ///   - looksInto: The response will be looked into: it must come whole, and in a coding that can be opened.
    ///   - isDecoded: The body goes on without its coding.
    ///   - isWebSocket: It asks to become one.
    ///   - keepsAuthorization: What the client says there is for the service.
    static func head(
        _ head: HTTPRequestHead, to upstream: HTTPAuthority, credential: HTTPCredential, looksInto: Bool,
        isDecoded: Bool, isWebSocket: Bool = false, keepsAuthorization: Bool = false
    ) throws(HTTPError) -> HTTPRequestHead {
        var head = head
        if !keepsAuthorization { head.fields.remove(named: "authorization") }
        head.fields.remove(named: "expect")
        if looksInto {
            head.fields.remove(named: "range")
            head.fields.remove(named: "if-range")
            try head.fields.replace("Accept-Encoding", with: try codings(of: head))
        }
        if isDecoded {
            for name in ["content-encoding", "content-md5", "content-digest", "digest", "repr-digest"] {
                head.fields.remove(named: name)
            }
        }
        // Compressed messages are not taken: none is offered.
        head.fields.remove(named: "sec-websocket-extensions")
        var forwarded = try ForwardedHead.request(
            head, authority: upstream, upgrade: isWebSocket ? .allowed("websocket") : .removed)
        // Behind what Connection takes away, which the client says.
        if let field = credential.field { try forwarded.fields.replace(field, with: credential.value) }
        try forwarded.fields.append("Via", "1.1 stile")
        return forwarded
    }

    /// Of what the client takes, what can be opened. What was opened goes on without a coding, which everybody takes.
    private static func codings(of head: HTTPRequestHead) throws(HTTPError) -> String {
        let wanted = try FieldList.weighted(head.fields.all(named: "accept-encoding"))
        let known = ["gzip", "br", "zstd", "deflate"]
        let taken = known.filter { name in wanted.contains { $0.token == name && $0.weight > 0 } }
        return taken.isEmpty ? "identity" : taken.joined(separator: ", ")
    }
}

extension ArraySlice<UInt8> {
    /// Whether this is a text, which is in lower case, when its case does not count.
    func isSpelled(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        return zip(self, text.utf8).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
    }
}
