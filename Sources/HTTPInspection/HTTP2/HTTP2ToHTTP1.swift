/// Writes the requests of an HTTP/2 client in HTTP/1.1, which the session reads: one translation a stream.
///
/// Nothing is passed on that HTTP/1.1 would read another way: the head is made of validated parts, and the body has a framing of its own.
public struct HTTP2RequestTranslation: Sendable {
    private var encoder = HTTP1Encoder()
    private var left: UInt64?

    public init() {}

    /// Writes a head.
    ///
    /// - Parameter endsStream: Whether there is no body.
    /// - Returns: What the framing of the response depends on.
    /// - Throws: for a head that is not one by RFC 9113 §8.3.1, and for CONNECT.
    public mutating func head(
        _ section: [HTTP2Field], endsStream: Bool, into output: inout [UInt8]
    ) throws(HTTPError) -> HTTPRequestKind {
        var (pseudo, fields) = try HTTP2FieldRules.split(
            section, allowed: [":method", ":scheme", ":authority", ":path"])
        guard let name = pseudo[":method"], let path = pseudo[":path"], let scheme = pseudo[":scheme"],
            scheme == "http" || scheme == "https"
        else { throw HTTPError(.malformedStartLine, "a request without method, scheme or path, or CONNECT") }
        let method = try HTTPMethod(name.utf8)
        guard method != .connect else {
            throw HTTPError(.malformedStartLine, status: 405, "CONNECT, which is not taken in HTTP/2")
        }
        if let authority = pseudo[":authority"] {
            // A Host beside it must be the same, letter for letter: whatever reads one reads the other.
            for host in fields.all(named: "host") where !host.elementsEqual(authority.utf8) {
                throw HTTPError(.malformedHost, "a Host that is not the authority")
            }
            try fields.replace("host", with: authority)
        }
        let target = try HTTPTarget(path.utf8, for: method)
        guard target.form == .origin || target.form == .asterisk else {
            throw HTTPError(.malformedTarget, "a path that is none")
        }
        let length = try HTTP2FieldRules.length(fields)
        left = length
        let framing: HTTPBodyFraming
        if endsStream {
            guard length ?? 0 == 0 else { throw HTTPError(.ambiguousFraming, "a length without a body") }
            framing = length == nil ? .none : .length(0)
        } else {
            framing = length.map { .length($0) } ?? .chunked
        }
        let head = try HTTPRequestHead(method: method, target: target, fields: fields)
        try encoder.head(head, framing, into: &output)
        if endsStream { try end(into: &output) }
        return head.kind
    }

    /// Writes a piece of the body.
    ///
    /// - Throws: for more of it than its length says.
    public mutating func body(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) {
        try encoder.body(bytes, into: &output)
    }

    /// Writes the body's end, and the trailers where there are some.
    ///
    /// - Throws: for less of a body than its length says, and for trailers that may be none.
    public mutating func end(trailers: [HTTP2Field] = [], into output: inout [UInt8]) throws(HTTPError) {
        let fields = try HTTP2FieldRules.split(trailers, allowed: []).fields
        // A body of known length has no place for them, and nobody waits for them.
        try encoder.end(trailers: left == nil ? fields : HTTPFields(), into: &output)
    }
}

/// Writes the answers of an HTTP/2 server in HTTP/1.1, which the session reads: one translation a stream.
public struct HTTP2ResponseTranslation: Sendable {
    private var encoder = HTTP1Encoder()
    private let kind: HTTPRequestKind
    private var isBodiless = false
    private var hasLength = false

    /// - Parameter kind: Of the request that is answered.
    public init(answering kind: HTTPRequestKind) {
        self.kind = kind
    }

    /// Writes a head: an interim one, or the answer's.
    ///
    /// - Throws: for a head that is not one by RFC 9113 §8.3.2.
    public mutating func head(
        _ section: [HTTP2Field], endsStream: Bool, into output: inout [UInt8]
    ) throws(HTTPError) {
        let (pseudo, fields) = try HTTP2FieldRules.split(section, allowed: [":status"])
        guard let text = pseudo[":status"], text.utf8.count == 3, let status = Int(text), status != 101 else {
            throw HTTPError(.malformedStartLine, status: 502, "an answer without a status of HTTP/2")
        }
        let head = try HTTPResponseHead(status: status, reason: [], fields: fields)
        guard !head.isInterim || !endsStream else {
            throw HTTPError(.truncated, status: 502, "an answer that ends before its head")
        }
        let length = try HTTP2FieldRules.length(fields)
        hasLength = length != nil
        isBodiless = head.hasNoContent || kind == .head
        let framing: HTTPBodyFraming
        if isBodiless {
            framing = .none
        } else if endsStream {
            guard length ?? 0 == 0 else {
                throw HTTPError(.ambiguousFraming, status: 502, "a length without a body")
            }
            framing = .length(0)
        } else {
            framing = length.map { .length($0) } ?? .chunked
        }
        try encoder.head(head, framing, answering: kind, into: &output)
        if endsStream { try end(into: &output) }
    }

    public mutating func body(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) {
        guard !isBodiless || bytes.isEmpty else {
            throw HTTPError(.ambiguousFraming, status: 502, "a body with an answer that has none")
        }
        try encoder.body(bytes, into: &output)
    }

    public mutating func end(trailers: [HTTP2Field] = [], into output: inout [UInt8]) throws(HTTPError) {
        let fields = try HTTP2FieldRules.split(trailers, allowed: []).fields
        try encoder.end(trailers: hasLength || isBodiless ? HTTPFields() : fields, into: &output)
    }
}
