public import WireBytes

/// A piece of a response.
public enum HTTPResponsePart: Sendable, Equatable {
    /// 100, 102, 103 and their kin: the response to the same request is still to come.
    case interim(HTTPResponseHead)
    case head(HTTPResponseHead, HTTPBodyFraming)
    /// Indices of the input's bytes, never empty. They hold until more is appended or the decoder is asked again, which takes
    /// them away.
    case body(Range<Int>)
    /// Never empty.
    case trailers(HTTPFields)
    case end
}

/// Reads a server's stream of responses. What a response's framing is depends on its request, so it is told of each request before
/// that is sent; what comes when nothing was asked is refused.
///
/// After 101, and after a success of CONNECT, it finds nothing more and takes nothing more: what is in the input is the other
/// protocol's.
public struct HTTP1ResponseDecoder: Sendable {
    private enum State {
        case head, body
        /// Another protocol has the stream.
        case switched
        case over
        case failed(HTTPError)
    }

    private var state = State.head
    private var section = FieldSectionParser(
        hasStartLine: true,
        tooLong: HTTPError(.oversizedHead, status: 431, "a head of more than \(HTTPLimits.head) bytes"))
    private var body = BodyReader()
    private var given = 0
    private var isLast = false
    private var switches = false
    private var interim = 0
    /// The requests that are not yet answered, in order.
    private var requests: [HTTPRequestKind] = []

    public init() {}

    /// Tells of a request that is sent.
    public mutating func expect(_ kind: HTTPRequestKind) {
        requests.append(kind)
    }

    /// How many requests are not yet answered whole.
    public var unanswered: Int { requests.count }

    /// Whether another protocol has the stream.
    public var hasSwitched: Bool {
        if case .switched = state { true } else { false }
    }

    /// Whether the connection may carry another request: all are answered, and nothing says that it ends.
    public var isReusable: Bool {
        if case .head = state { requests.isEmpty && interim == 0 } else { false }
    }

    /// The next part.
    ///
    /// - Returns: nil where more must come, or nothing will.
    /// - Throws: what ends the connection, the same again each time that it is asked after that.
    public mutating func next(in input: inout InputBuffer) throws(HTTPError) -> HTTPResponsePart? {
        if given > 0 {
            input.consume(given)
            given = 0
        }
        do throws(HTTPError) {
            return try step(&input)
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Tells that the server's stream is over. Ask for parts until there are none before.
    ///
    /// - Returns: The end of a response that ends with its connection; nil where nothing was under way.
    /// - Throws: where the stream ends within a response, or before one that was asked for.
    public mutating func end(in input: inout InputBuffer) throws(HTTPError) -> HTTPResponsePart? {
        input.consume(given)
        given = 0
        switch state {
        case .failed(let error): throw error
        case .switched, .over: return nil
        case .head where input.isEmpty && requests.isEmpty: return nil
        case .body where body.endsWithStream:
            if !requests.isEmpty { requests.removeFirst() }
            state = .over
            return .end
        case .head, .body:
            let error = HTTPError(.truncated, "the stream ends within a response, or before it")
            state = .failed(error)
            throw error
        }
    }

    private mutating func step(_ input: inout InputBuffer) throws(HTTPError) -> HTTPResponsePart? {
        switch state {
        case .failed(let error): throw error
        case .over, .switched: return nil
        case .head:
            guard !input.isEmpty else { return nil }
            guard let kind = requests.first else {
                throw HTTPError(.unexpected, "a response to no request")
            }
            guard let (head, count) = try head(input.bytes, from: input.start) else { return nil }
            let framing = try HTTPBodyFraming(head, answering: kind)
            input.consume(count)
            section.reset()
            if head.isInterim {
                interim += 1
                guard interim <= HTTPLimits.interimResponses else {
                    throw HTTPError(
                        .unexpected, "more than \(HTTPLimits.interimResponses) responses before the response")
                }
                return .interim(head)
            }
            if head.status == 101, kind != .upgrade {
                throw HTTPError(.unexpected, "another protocol, which nobody asked for")
            }
            interim = 0
            body.begin(framing)
            switches = head.status == 101 || kind == .connect && (200..<300).contains(head.status)
            isLast =
                head.connection.contains(.close) || framing == .untilClose
                || head.version == .http10 && !head.connection.contains(.keepAlive)
            state = .body
            return .head(head, framing)
        case .body:
            switch try body.next(in: &input) {
            case nil: return nil
            case .bytes(let range)?:
                given = range.count
                return .body(range)
            case .trailers(let fields)?: return .trailers(fields)
            case .end?:
                if !requests.isEmpty { requests.removeFirst() }
                state = switches ? .switched : isLast ? .over : .head
                return .end
            }
        }
    }

    private mutating func head(_ bytes: [UInt8], from start: Int) throws(HTTPError) -> (HTTPResponseHead, count: Int)? {
        guard let count = try section.parse(bytes.span, from: start), let lineEnd = section.startLineEnd else {
            return nil
        }
        let fields = HTTPFields(
            store: Array(bytes[(start + section.fieldsStart)..<(start + count)]), entries: section.takeEntries())
        let line = try StatusLine(bytes.span, start..<(start + lineEnd))
        let head = try HTTPResponseHead(
            status: line.status, reason: bytes[line.reason], version: line.version, fields: fields)
        return (head, count)
    }
}

/// `HTTP/1.1 200 OK`. Without a reason many leave its space out, too.
private struct StatusLine {
    let version: HTTPVersion
    let status: Int
    let reason: Range<Int>

    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPError) {
        let malformed = HTTPError(.malformedStartLine, "a status line without a version or a status of three digits")
        let digits = line.lowerBound + 9
        guard line.count >= 12, bytes[digits - 1] == Octet.space else { throw malformed }
        version = try HTTPVersion(parsing: bytes.extracting(line.lowerBound..<(digits - 1)))
        var status = 0
        for index in digits..<(digits + 3) {
            guard Octet.isDigit(bytes[index]) else { throw malformed }
            status = status * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        guard line.count == 12 || bytes[digits + 3] == Octet.space else { throw malformed }
        self.status = status
        reason = min(digits + 4, line.upperBound)..<line.upperBound
    }
}
