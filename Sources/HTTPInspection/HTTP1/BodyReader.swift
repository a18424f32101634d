import WireBytes

/// Follows a message's framing: which of the bytes that came are its body, and where it ends (RFC 9112 §6, §7.1).
struct BodyReader: Sendable {
    enum Part {
        /// Indices of the input's bytes.
        case bytes(Range<Int>)
        case trailers(HTTPFields)
        case end
    }

    private enum State {
        case data(UInt64), untilClose
        case chunkSize, chunkData(UInt64), chunkEnd, trailers
        case end
    }

    private var state = State.end
    /// Bytes of extensions so far.
    private var extensions = 0
    private var section = FieldSectionParser(
        hasStartLine: false,
        tooLong: HTTPError(
            .oversizedTrailers, status: 431, "a trailer section of more than \(HTTPLimits.head) bytes"))

    mutating func begin(_ framing: HTTPBodyFraming) {
        extensions = 0
        switch framing {
        case .none, .length(0): state = .end
        case .length(let count): state = .data(count)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the end of the stream is the body's.
    var endsWithStream: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// - Returns: nil where more must come. A part's bytes are in the input until the caller consumes them.
    mutating func next(in input: inout InputBuffer) throws(HTTPError) -> Part? {
        while true {
            switch state {
            case .end:
                return .end
            case .untilClose:
                return input.isEmpty ? nil : .bytes(input.range)
            case .data(let left):
                guard let range = BodyReader.range(of: left, in: input) else { return nil }
                state = left == UInt64(range.count) ? .end : .data(left - UInt64(range.count))
                return .bytes(range)
            case .chunkSize:
                guard let (size, line, extensionBytes) = try BodyReader.chunkHead(input.bytes, from: input.start) else {
                    return nil
                }
                extensions += extensionBytes
                guard extensions <= HTTPLimits.chunkExtensions else { throw BodyReader.longExtensions }
                input.consume(line)
                if size == 0 { section.reset() }
                state = size == 0 ? .trailers : .chunkData(size)
            case .chunkData(let left):
                guard let range = BodyReader.range(of: left, in: input) else { return nil }
                state = left == UInt64(range.count) ? .chunkEnd : .chunkData(left - UInt64(range.count))
                return .bytes(range)
            case .chunkEnd:
                guard try BodyReader.isLineEnd(input.bytes, at: input.start) else { return nil }
                input.consume(2)
                state = .chunkSize
            case .trailers:
                guard let (fields, count) = try trailers(input.bytes, from: input.start) else { return nil }
                input.consume(count)
                state = .end
                if !fields.isEmpty { return .trailers(fields) }
            }
        }
    }

    private static func range(of left: UInt64, in input: InputBuffer) -> Range<Int>? {
        guard !input.isEmpty else { return nil }
        let count = Int(min(left, UInt64(input.count)))
        return input.start..<(input.start + count)
    }

    /// `1F;extension=ignored` and the line's end.
    ///
    /// - Returns: The chunk's size, the line's bytes, and those of its extensions.
    private static func chunkHead(
        _ bytes: [UInt8], from start: Int
    ) throws(HTTPError) -> (size: UInt64, line: Int, extensions: Int)? {
        let bytes = bytes.span
        var position = start
        var size: UInt64 = 0
        while position < bytes.count, let digit = Octet.hexadecimal(bytes[position]) {
            guard position - start < HTTPLimits.chunkSizeDigits else {
                throw HTTPError(.malformedChunk, "a chunk size of more than \(HTTPLimits.chunkSizeDigits) digits")
            }
            size = size << 4 | UInt64(digit)
            position += 1
        }
        guard position < bytes.count else { return nil }
        guard position > start, size <= UInt64(Int64.max) else {
            throw HTTPError(.malformedChunk, "a chunk size that is no hexadecimal number of 63 bits")
        }
        let extensionStart = position
        if bytes[position] == UInt8(ascii: ";") {
            while position < bytes.count, Octet.isFieldContent(bytes[position]) {
                position += 1
                guard position - extensionStart <= HTTPLimits.chunkExtension else { throw longExtensions }
            }
            guard position < bytes.count else { return nil }
        }
        guard bytes[position] == Octet.carriageReturn else {
            throw HTTPError(.malformedChunk, "a chunk size with something behind it")
        }
        guard position + 1 < bytes.count else { return nil }
        guard bytes[position + 1] == Octet.lineFeed else {
            throw HTTPError(.malformedChunk, "a carriage return that ends no line")
        }
        return (size, position + 2 - start, position - extensionStart)
    }

    private static func isLineEnd(_ bytes: [UInt8], at start: Int) throws(HTTPError) -> Bool {
        guard start < bytes.count else { return false }
        guard bytes[start] == Octet.carriageReturn, start + 1 == bytes.count || bytes[start + 1] == Octet.lineFeed
        else {
            throw HTTPError(.malformedChunk, "a chunk that is longer than it says")
        }
        return start + 1 < bytes.count
    }

    private mutating func trailers(_ bytes: [UInt8], from start: Int) throws(HTTPError) -> (HTTPFields, count: Int)? {
        guard let count = try section.parse(bytes.span, from: start) else { return nil }
        let fields = HTTPFields(
            store: section.entries.isEmpty ? [] : Array(bytes[start..<(start + count)]), entries: section.takeEntries())
        for index in 0..<fields.count {
            guard !TrailerRules.isForbidden(fields.name(at: index).lowercasedText) else {
                throw HTTPError(
                    .forbiddenTrailer, "a trailer that frames, routes, authenticates or describes the message")
            }
        }
        return (fields, count)
    }

    private static let longExtensions = HTTPError(.oversizedChunkExtensions, "chunk extensions of too many bytes")
}

/// What may not stand in a trailer section (RFC 9110 §6.5.1): who merges it into the head would read another message.
enum TrailerRules {
    /// - Parameter name: In lower case.
    static func isForbidden(_ name: String) -> Bool {
        switch name {
        case "host", "te", "trailer", "transfer-encoding", "connection", "keep-alive", "upgrade", "http2-settings",
            "authorization", "www-authenticate", "cookie", "set-cookie", "cache-control", "expect", "max-forwards",
            "range", "age", "date", "expires", "location", "retry-after", "vary", "pragma", "warning", "forwarded",
            "via", "origin", "mcp-session-id":
            true
        // Content-MD5 and Content-Digest are what trailers are for.
        case "content-md5", "content-digest":
            false
        default:
            name.hasPrefix("content-") || name.hasPrefix("if-") || name.hasPrefix("proxy-")
                || name.hasPrefix("x-forwarded-") || name.hasPrefix("access-control-")
        }
    }
}
