public import WireBytes

/// A piece of a request: its head, its body in pieces, its trailers if it has some, its end.
public enum HTTPRequestPart: Sendable, Equatable {
    case head(HTTPRequestHead, HTTPBodyFraming)
    /// Indices of the input's bytes, never empty. They hold until more is appended or the decoder is asked again, which takes
    /// them away.
    case body(Range<Int>)
    /// Never empty.
    case trailers(HTTPFields)
    case end
}

/// Reads a client's stream of requests, as RFC 9112 has them and no other way: what two recipients could read differently is refused.
///
/// After a request that switches protocols was sent, do not ask for the next until it is known whether the server agreed: what comes
/// may be of the other protocol. After CONNECT, and after a request that closes the connection, it finds nothing more and takes
/// nothing more: what is in the input is the tunnel's, or nobody's.
public struct HTTP1RequestDecoder: Sendable {
    private enum State {
        case head, body, over
        case failed(HTTPError)
    }

    private var state = State.head
    private var section = FieldSectionParser(
        hasStartLine: true,
        tooLong: HTTPError(.oversizedHead, status: 431, "a head of more than \(HTTPLimits.head) bytes"))
    private var body = BodyReader()
    /// Bytes of the input that the last part gave out.
    private var given = 0
    private var isLast = false
    /// Clients of old end a body with an empty line that is no part of it; RFC 9112 §2.2 has servers skip one.
    private var maySkipLine = true

    public init() {}

    /// The next part.
    ///
    /// - Returns: nil where more must come, or nothing will.
    /// - Throws: what ends the connection, the same again each time that it is asked after that.
    public mutating func next(in input: inout InputBuffer) throws(HTTPError) -> HTTPRequestPart? {
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

    /// Tells that the client's stream is over.
    ///
    /// - Throws: where it ends within a request. Ask for parts until there are none before.
    public mutating func end(_ input: borrowing InputBuffer) throws(HTTPError) {
        switch state {
        case .over: break
        case .head where input.count == given: break
        case .head, .body:
            let error = HTTPError(.truncated, "the stream ends within a request")
            state = .failed(error)
            throw error
        case .failed(let error): throw error
        }
    }

    private mutating func step(_ input: inout InputBuffer) throws(HTTPError) -> HTTPRequestPart? {
        switch state {
        case .failed(let error): throw error
        case .over: return nil
        case .head:
            if maySkipLine {
                guard let first = input.bytes[input.range].first else { return nil }
                if first == Octet.carriageReturn {
                    guard input.count > 1 else { return nil }
                    // Anything but a line feed is for the parser to refuse.
                    if input.bytes[input.start + 1] == Octet.lineFeed { input.consume(2) }
                }
                maySkipLine = false
            }
            guard let (head, count) = try head(input.bytes, from: input.start) else { return nil }
            let framing = try HTTPBodyFraming(head)
            input.consume(count)
            section.reset()
            body.begin(framing)
            isLast = !head.keepsConnection
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
                state = isLast ? .over : .head
                maySkipLine = true
                return .end
            }
        }
    }

    private mutating func head(_ bytes: [UInt8], from start: Int) throws(HTTPError) -> (HTTPRequestHead, count: Int)? {
        guard let count = try section.parse(bytes.span, from: start), let lineEnd = section.startLineEnd else {
            return nil
        }
        let fields = HTTPFields(
            store: Array(bytes[(start + section.fieldsStart)..<(start + count)]), entries: section.takeEntries())
        let line = try RequestLine(bytes.span, start..<(start + lineEnd))
        let target = try HTTPTarget(parsing: Array(bytes[line.target]), for: line.method)
        let head = try HTTPRequestHead(method: line.method, target: target, version: line.version, fields: fields)
        if head.version == .http11, let expectation = fields.first(named: "expect") {
            guard expectation.spellsWithoutCase("100-continue"), fields.count(of: "expect") == 1 else {
                throw HTTPError(.unsupportedExpectation, status: 417, "an expectation other than 100-continue")
            }
        }
        return (head, count)
    }
}

/// `GET /path HTTP/1.1`: two single spaces (RFC 9112 §3).
private struct RequestLine {
    let method: HTTPMethod
    let target: Range<Int>
    let version: HTTPVersion

    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPError) {
        let malformed = HTTPError(
            .malformedStartLine, "a request line that is not three parts with a space between them")
        // A version has eight bytes.
        let versionStart = line.upperBound - 8
        guard versionStart - 1 > line.lowerBound, bytes[versionStart - 1] == Octet.space else { throw malformed }
        var space = line.lowerBound
        while space < versionStart - 1, bytes[space] != Octet.space { space += 1 }
        guard space + 1 < versionStart - 1 else { throw malformed }
        target = (space + 1)..<(versionStart - 1)
        method = try HTTPMethod(parsing: bytes.extracting(line.lowerBound..<space))
        version = try HTTPVersion(parsing: bytes.extracting(versionStart..<line.upperBound))
    }
}

extension HTTPVersion {
    init(parsing text: Span<UInt8>) throws(HTTPError) {
        if text.spells("HTTP/1.1") {
            self = .http11
        } else if text.spells("HTTP/1.0") {
            self = .http10
        } else if text.count == 8, text.extracting(0..<5).spells("HTTP/"), Octet.isDigit(text[5]),
            text[6] == UInt8(ascii: "."), Octet.isDigit(text[7])
        {
            throw HTTPError(.unsupportedVersion, status: 505, "a version other than 1.0 and 1.1")
        } else {
            throw HTTPError(.malformedStartLine, "a start line without a version")
        }
    }
}
