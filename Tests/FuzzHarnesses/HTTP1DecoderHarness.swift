import HTTPInspection
import WireBytes

/// A stream of HTTP/1, of requests or of responses: however it is cut, the same messages come of it; each, written anew, is read
/// as the same; and what is passed on of it has nothing of its connection.
enum HTTP1DecoderHarness {
    /// - Parameter input: The first byte is the size of the pieces (its lowest five bits), the kind of the requests that are
    ///   answered, and whether the stream is of responses; then the stream.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard let first = input.first else { return }
        let stream = Array(input.dropFirst())
        let size = max(1, Int(first & 0x1F))
        if first & 0x80 == 0 {
            let whole = HTTPRequestRun(stream, pieces: max(1, stream.count))
            try Violation.unless(whole == HTTPRequestRun(stream, pieces: size), "the pieces give other requests")
            for message in whole.messages { try check(message) }
        } else {
            let kind: HTTPRequestKind = [.ordinary, .head, .connect, .upgrade][Int(first >> 5 & 3)]
            let whole = HTTPResponseRun(stream, to: kind, pieces: max(1, stream.count))
            try Violation.unless(
                whole == HTTPResponseRun(stream, to: kind, pieces: size), "the pieces give other responses")
            for message in whole.messages { try check(message, kind) }
        }
    }

    private static func check(_ message: HTTPRequestRun.Message) throws(Violation) {
        let again = HTTPRequestRun(try message.written(), pieces: .max).messages
        try Violation.unless(
            again.count == 1 && again[0].isRead(as: message), "a request is written as another")
        derive(message.head)
        if let authority = message.head.authority {
            let read = try? HTTPAuthority(authority.description.utf8)
            try Violation.unless(read?.host == authority.host && read?.port == authority.port, "a host is another")
            if let address = authority.host.address {
                _ = AddressScope(of: address)
                try Violation.unless(IPAddress(address.description) == address, "an address is written as another")
            }
        }
        guard let forwarded = try? ForwardedHead.request(message.head) else { return }
        for name in ["keep-alive", "upgrade", "transfer-encoding", "content-length", "proxy-authorization"] {
            try Violation.unless(!forwarded.fields.contains(name), "\(name) is passed on")
        }
        try Violation.unless(forwarded.fields.count(of: "host") == 1, "a request goes on without one Host")
        try Violation.unless((try? ForwardedHead.request(forwarded)) == forwarded, "what is passed on changes again")
    }

    private static func check(
        _ message: HTTPResponseRun.Message, _ kind: HTTPRequestKind
    ) throws(Violation) {
        let again = HTTPResponseRun(try message.written(kind), to: kind, pieces: .max).messages
        try Violation.unless(
            again.count == 1 && again[0].isRead(as: message), "a response is written as another")
        _ = try? message.head.fields.mediaType()
        _ = try? message.head.fields.contentCodings()
        _ = try? ForwardedHead.response(message.head, answering: kind)
    }

    /// What policy looks at. No input makes it trap.
    private static func derive(_ head: HTTPRequestHead) {
        _ = head.target.path()
        _ = try? head.target.query()?.pairs()
        _ = try? head.fields.mediaType()
        _ = try? head.fields.contentCodings()
        _ = try? FieldList.weighted(head.fields.all(named: "accept-encoding"))
        _ = try? FieldList.tokens(head.fields.all(named: "upgrade"), allowing: UInt8(ascii: "/"))
    }

    /// The fields that are not the encoder's.
    fileprivate static func own(_ fields: HTTPFields) -> HTTPFields {
        var own = fields
        for name in ["content-length", "transfer-encoding", "connection"] { own.remove(named: name) }
        return own
    }
}

/// What a decoder makes of a client's stream that comes in pieces.
private struct HTTPRequestRun: Equatable {
    struct Message: Equatable {
        let head: HTTPRequestHead
        let framing: HTTPBodyFraming
        var body: [UInt8] = []
        var trailers = HTTPFields()

        func isRead(as other: Message) -> Bool {
            head.method == other.head.method && head.target == other.head.target && head.version == other.head.version
                && head.authority == other.head.authority && head.connection == other.head.connection
                && framing == other.framing && body == other.body && trailers == other.trailers
                && HTTP1DecoderHarness.own(head.fields) == HTTP1DecoderHarness.own(other.head.fields)
        }

        func written() throws(Violation) -> [UInt8] {
            var output: [UInt8] = []
            var encoder = HTTP1Encoder()
            do throws(HTTPError) {
                try encoder.head(head, framing, into: &output)
                try encoder.body(body.span, into: &output)
                try encoder.end(trailers: trailers, into: &output)
            } catch {
                throw Violation("a request that was read cannot be written: \(error)")
            }
            return output
        }
    }

    /// Those that are whole.
    var messages: [Message] = []
    var error: HTTPError?
    var rest: [UInt8] = []

    init(_ stream: [UInt8], pieces: Int) {
        var decoder = HTTP1RequestDecoder()
        var input = InputBuffer()
        var message: Message?
        var offset = 0
        do throws(HTTPError) {
            while offset < stream.count {
                let end = offset + min(pieces, stream.count - offset)
                input.append(stream[offset..<end].span)
                offset = end
                while let part = try decoder.next(in: &input) {
                    switch part {
                    case .head(let head, let framing): message = Message(head: head, framing: framing)
                    case .body(let range): message?.body += input.bytes[range]
                    case .trailers(let fields): message?.trailers = fields
                    case .end:
                        if let message { messages.append(message) }
                        message = nil
                    }
                }
            }
            rest = Array(input.bytes[input.range])
            try decoder.end(input)
        } catch {
            self.error = error
            rest = []
        }
    }
}

/// What a decoder makes of a server's stream that comes in pieces, the answers to requests of one kind.
private struct HTTPResponseRun: Equatable {
    struct Message: Equatable {
        var interim: [HTTPResponseHead] = []
        let head: HTTPResponseHead
        let framing: HTTPBodyFraming
        var body: [UInt8] = []
        var trailers = HTTPFields()

        func isRead(as other: Message) -> Bool {
            head.status == other.head.status && head.reason == other.head.reason && framing == other.framing
                && body == other.body && trailers == other.trailers
                && interim.map(\.status) == other.interim.map(\.status)
                && HTTP1DecoderHarness.own(head.fields) == HTTP1DecoderHarness.own(other.head.fields)
        }

        func written(_ kind: HTTPRequestKind) throws(Violation) -> [UInt8] {
            var output: [UInt8] = []
            var encoder = HTTP1Encoder()
            do throws(HTTPError) {
                for head in interim { try encoder.head(head, .none, answering: kind, into: &output) }
                try encoder.head(head, framing, answering: kind, into: &output)
                try encoder.body(body.span, into: &output)
                try encoder.end(trailers: trailers, into: &output)
            } catch {
                throw Violation("a response that was read cannot be written: \(error)")
            }
            return output
        }
    }

    var messages: [Message] = []
    var error: HTTPError?
    var rest: [UInt8] = []

    init(_ stream: [UInt8], to kind: HTTPRequestKind, pieces: Int) {
        var decoder = HTTP1ResponseDecoder()
        var input = InputBuffer()
        var interim: [HTTPResponseHead] = []
        var message: Message?
        var offset = 0
        decoder.expect(kind)
        do throws(HTTPError) {
            while offset < stream.count {
                let end = offset + min(pieces, stream.count - offset)
                input.append(stream[offset..<end].span)
                offset = end
                while let part = try decoder.next(in: &input) {
                    switch part {
                    case .interim(let head): interim.append(head)
                    case .head(let head, let framing):
                        message = Message(interim: interim, head: head, framing: framing)
                        interim = []
                    case .body(let range): message?.body += input.bytes[range]
                    case .trailers(let fields): message?.trailers = fields
                    case .end:
                        if let message { messages.append(message) }
                        message = nil
                        // The next is asked for once this one is answered.
                        if decoder.isReusable { decoder.expect(kind) }
                    }
                }
            }
            if decoder.unanswered > 0, message == nil, input.isEmpty, !messages.isEmpty { return }
            if case .end? = try decoder.end(in: &input), let message { messages.append(message) }
            rest = Array(input.bytes[input.range])
        } catch {
            self.error = error
        }
    }
}
