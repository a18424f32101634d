/// Writes one message: its head with a framing that is the encoder's own, its body in pieces, its trailers. It counts, so that
/// a body is never longer or shorter than its head says.
public struct HTTP1Encoder: Sendable {
    private enum State: Equatable {
        case head
        /// Bytes that are still to come.
        case length(UInt64)
        case chunked
        case untilClose
        case end
    }

    private var state = State.head

    public init() {}

    /// Whether all of a message was written that must be.
    public var isComplete: Bool { state == .end || state == .untilClose || state == .length(0) }

    /// Writes a request's head. Content-Length and Transfer-Encoding are the framing's, whatever the fields say.
    ///
    /// - Throws: for a second head, and for a request whose body would end with the connection.
    public mutating func head(
        _ head: HTTPRequestHead, _ framing: HTTPBodyFraming, into output: inout [UInt8]
    ) throws(HTTPError) {
        guard framing != .untilClose else {
            throw HTTPError(.ambiguousFraming, status: 500, "a request whose body ends with the connection")
        }
        try begin(framing)
        output.append(contentsOf: head.method.description.utf8)
        output.append(Octet.space)
        output.append(contentsOf: head.target.bytes)
        output.append(contentsOf: head.version == .http11 ? " HTTP/1.1\r\n".utf8 : " HTTP/1.0\r\n".utf8)
        HTTP1Encoder.fields(head.fields, into: &output, without: .framing)
        HTTP1Encoder.framing(framing, into: &output)
    }

    /// Writes the head of a response. Content-Length and Transfer-Encoding are the framing's, but for a Content-Length that says what a
    /// body would be (HEAD, 304).
    ///
    /// - Parameters:
    ///   - kind: Of the request that is answered.
    ///   - version: The client's. In HTTP/1.0 there are no chunks: a body of unknown length ends with the connection, which the
    ///     caller closes; Connection says so.
    public mutating func head(
        _ head: HTTPResponseHead, _ framing: HTTPBodyFraming, answering kind: HTTPRequestKind,
        version: HTTPVersion = .http11, into output: inout [UInt8]
    ) throws(HTTPError) {
        let hasNoBody = head.hasNoContent || kind == .head || kind == .connect && (200..<300).contains(head.status)
        guard !hasNoBody || framing == .none || framing == .length(0) else {
            throw HTTPError(.ambiguousFraming, status: 500, "a body with a response of \(head.status), which has none")
        }
        var framing = framing
        if hasNoBody { framing = .none } else if framing == .none { framing = .length(0) }
        if version == .http10, framing == .chunked { framing = .untilClose }
        try begin(framing)
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(contentsOf: String(head.status).utf8)
        output.append(Octet.space)
        output.append(contentsOf: head.reason)
        HTTP1Encoder.lineEnd(into: &output)
        let saysLength = kind == .head || head.status == 304
        let closes = framing == .untilClose && !head.connection.contains(.close)
        var fields = head.fields
        if closes {
            // Else the client would wait for the next response.
            fields.remove(named: "connection")
            try fields.append("Connection", "close")
        }
        HTTP1Encoder.fields(fields, into: &output, without: saysLength ? .transferCoding : .framing)
        HTTP1Encoder.framing(framing, into: &output)
        // What follows an interim head is another head.
        if head.isInterim { state = .head }
    }

    /// Writes a piece of the body.
    ///
    /// - Throws: for more bytes than the head says, and for any where there is no body.
    public mutating func body(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) {
        guard !bytes.isEmpty else { return }
        switch state {
        case .length(let left):
            guard left >= UInt64(bytes.count) else {
                throw HTTPError(.unexpected, status: 500, "a body that is longer than its head says")
            }
            state = .length(left - UInt64(bytes.count))
            output.append(bytes)
        case .chunked:
            HTTP1Encoder.hexadecimal(bytes.count, into: &output)
            HTTP1Encoder.lineEnd(into: &output)
            output.append(bytes)
            HTTP1Encoder.lineEnd(into: &output)
        case .untilClose: output.append(bytes)
        case .head, .end: throw HTTPError(.unexpected, status: 500, "a body where there is none")
        }
    }

    /// Ends the message. Trailers are written where there are chunks, and lost elsewhere, as RFC 9110 §6.5.1 has it.
    ///
    /// - Throws: for a body that is shorter than its head says: the connection cannot be used again.
    public mutating func end(trailers: HTTPFields = HTTPFields(), into output: inout [UInt8]) throws(HTTPError) {
        switch state {
        case .chunked:
            output.append(contentsOf: "0\r\n".utf8)
            HTTP1Encoder.fields(trailers, into: &output, without: .forbiddenTrailers)
            HTTP1Encoder.lineEnd(into: &output)
        case .length(0), .untilClose, .end: break
        case .length(let left):
            throw HTTPError(.truncated, status: 500, "a body that is \(left) bytes shorter than its head says")
        case .head: throw HTTPError(.unexpected, status: 500, "the end of a message without a head")
        }
        state = .end
    }

    private mutating func begin(_ framing: HTTPBodyFraming) throws(HTTPError) {
        guard state == .head else { throw HTTPError(.unexpected, status: 500, "a second head") }
        switch framing {
        case .none: state = .end
        case .length(let count): state = .length(count)
        case .chunked: state = .chunked
        case .untilClose: state = .untilClose
        }
    }

    private enum Omission {
        case framing, transferCoding, forbiddenTrailers

        func covers(_ name: ArraySlice<UInt8>) -> Bool {
            switch self {
            case .forbiddenTrailers: TrailerRules.isForbidden(name.lowercasedText)
            case .framing:
                name.count == 14 && name.spellsWithoutCase("content-length")
                    || name.count == 17 && name.spellsWithoutCase("transfer-encoding")
            case .transferCoding: name.count == 17 && name.spellsWithoutCase("transfer-encoding")
            }
        }
    }

    private static func fields(_ fields: HTTPFields, into output: inout [UInt8], without omission: Omission) {
        for index in 0..<fields.count {
            let name = fields.name(at: index)
            if omission.covers(name) { continue }
            output.append(contentsOf: name)
            output.append(UInt8(ascii: ":"))
            output.append(Octet.space)
            output.append(contentsOf: fields.value(at: index))
            lineEnd(into: &output)
        }
    }

    /// The field that says how the body is delimited, and the head's last line.
    private static func framing(_ framing: HTTPBodyFraming, into output: inout [UInt8]) {
        switch framing {
        case .none, .untilClose: break
        case .length(let count):
            output.append(contentsOf: "Content-Length: ".utf8)
            output.append(contentsOf: String(count).utf8)
            lineEnd(into: &output)
        case .chunked: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        lineEnd(into: &output)
    }

    private static func lineEnd(into output: inout [UInt8]) {
        output.append(Octet.carriageReturn)
        output.append(Octet.lineFeed)
    }

    private static func hexadecimal(_ value: Int, into output: inout [UInt8]) {
        output.append(contentsOf: String(value, radix: 16).utf8)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
