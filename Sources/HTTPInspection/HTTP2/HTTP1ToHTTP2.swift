public import WireBytes

/// What a stream of HTTP/2 is sent.
public enum HTTP2Part: Sendable, Equatable {
    /// - Parameter endsStream: Nothing follows.
    case head([HTTP2Field], endsStream: Bool)
    /// Indices of the input's bytes, never empty. They hold until more is appended or the translation is asked again.
    case body(Range<Int>)
    /// The stream's end, with trailers or without.
    case end([HTTP2Field])
}

/// Reads what a session answers in HTTP/1.1, for an HTTP/2 client.
public struct HTTP2AnswerReader: Sendable {
    private var decoder = HTTP1ResponseDecoder()
    private var trailers: [HTTP2Field] = []
    private var isEnded = false

    /// - Parameter kind: Of the request that is answered.
    public init(answering kind: HTTPRequestKind) {
        decoder.expect(kind)
    }

    /// The next part; nil where more must come, or nothing will.
    ///
    /// - Throws: for what is no answer: nothing that a session writes.
    public mutating func next(in input: inout InputBuffer) throws(HTTPError) -> HTTP2Part? {
        while !isEnded {
            switch try decoder.next(in: &input) {
            case nil: return nil
            case .interim(let head)?: return .head(Self.section(head), endsStream: false)
            case .head(let head, let framing)?:
                let endsStream = framing == .none || framing == .length(0)
                isEnded = endsStream
                // The decoder's own end follows at once.
                if endsStream { _ = try decoder.next(in: &input) }
                return .head(Self.section(head), endsStream: endsStream)
            case .body(let range)?: return .body(range)
            case .trailers(let fields)?: trailers = HTTP2FieldRules.section(fields)
            case .end?:
                isEnded = true
                return .end(trailers)
            }
        }
        return nil
    }

    private static func section(_ head: HTTPResponseHead) -> [HTTP2Field] {
        [HTTP2Field(":status", String(head.status))] + HTTP2FieldRules.section(head.fields)
    }
}

/// Reads the requests that a session writes in HTTP/1.1, for an HTTP/2 server.
public struct HTTP2RequestReader: Sendable {
    private var decoder = HTTP1RequestDecoder()
    private let scheme: String
    private var trailers: [HTTP2Field] = []
    private var isBodiless = false
    /// Of the request that was read last.
    public private(set) var kind = HTTPRequestKind.ordinary

    /// - Parameter scheme: `http` or `https`.
    public init(scheme: String) {
        self.scheme = scheme
    }

    /// The next part; nil where more must come.
    ///
    /// - Throws: for what is no request: nothing that a session writes.
    public mutating func next(in input: inout InputBuffer) throws(HTTPError) -> HTTP2Part? {
        while true {
            switch try decoder.next(in: &input) {
            case nil: return nil
            case .head(let head, let framing)?:
                kind = head.kind
                trailers = []
                isBodiless = framing == .none || framing == .length(0)
                var section = [
                    HTTP2Field(":method", head.method.description), HTTP2Field(":scheme", scheme),
                    HTTP2Field(":path", String(decoding: head.target.bytes, as: UTF8.self)),
                ]
                if let host = head.fields.first(named: "host") {
                    section.append(HTTP2Field(":authority", String(decoding: host, as: UTF8.self)))
                }
                section += HTTP2FieldRules.section(head.fields, without: ["host"])
                if isBodiless { _ = try decoder.next(in: &input) }
                return .head(section, endsStream: isBodiless)
            case .body(let range)?: return .body(range)
            case .trailers(let fields)?: trailers = HTTP2FieldRules.section(fields)
            case .end?: return .end(trailers)
            }
        }
    }
}
