import PostgresWire
import WireBytes

/// A server's stream: however it is cut, the same messages come of it, and each is written as it was read.
enum BackendDecoderHarness {
    /// - Parameter input: The first byte is the size of the pieces (0: one piece); then the stream.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard let size = input.first else { return }
        let stream = Array(input.dropFirst())
        let whole = FrameRun(stream, pieces: max(1, stream.count), rules: .backend)
        let pieces = FrameRun(stream, pieces: max(1, Int(size)), rules: .backend)
        try Violation.unless(whole == pieces, "the pieces of a stream give other messages than the whole")
        for frame in whole.frames {
            let body = ByteReader(frame, in: 5..<frame.count)
            guard let message = try? BackendMessage(tag: frame[0], body: body) else { continue }
            if case .authentication(.sasl) = message { continue }  // Names of mechanisms become text.
            try Violation.unless(message.encoded == frame, "a message is written as another: \(frame[0])")
            if case .dataRow(let values) = message { try walk(body, values) }
        }
        try streams(stream, pieces: max(1, Int(size)))
    }

    /// The reader that rows are masked with sees the values that the message has.
    private static func walk(_ body: ByteReader, _ values: [[UInt8]?]) throws(Violation) {
        do throws(WireError) {
            var reader = try DataRowReader(body)
            var index = 0
            while let range = try reader.next() {
                guard index < values.count else { throw WireError(.trailing, "too many values") }
                let count = range.map(\.count)
                guard count == values[index]?.count else { throw WireError(.malformed, "another length") }
                index += 1
            }
            guard index == values.count else { throw WireError(.truncated, "too few values") }
        } catch {
            throw Violation("a row is walked as it is not: \(error)")
        }
    }

    /// A message that is streamed comes out as it went in, and not one byte of the next.
    private static func streams(_ stream: [UInt8], pieces: Int) throws(Violation) {
        var decoder = FrameDecoder(.backend)
        var out: [UInt8] = []
        var offset = 0
        var expected: Int?
        while offset < stream.count {
            let end = min(offset + pieces, stream.count)
            decoder.append(stream[offset..<end].span)
            offset = end
            if expected == nil {
                guard let head = try? decoder.head() else { continue }
                expected = head.count
                out += (try? decoder.beginStreaming()) ?? []
            } else if decoder.isStreaming {
                out += decoder.streamed() ?? []
            }
        }
        guard let expected else { return }
        try Violation.unless(
            out == Array(stream.prefix(expected)), "\(out.count) bytes were streamed of a message of \(expected)")
    }
}

/// What a decoder makes of a stream that comes in pieces.
struct FrameRun: Equatable {
    var frames: [[UInt8]] = []
    var error: WireError?

    init(_ stream: [UInt8], pieces: Int, rules: FrameRules) {
        var decoder = FrameDecoder(rules)
        var offset = 0
        do throws(WireError) {
            while offset < stream.count {
                let end = min(offset + pieces, stream.count)
                decoder.append(stream[offset..<end].span)
                offset = end
                while let frame = try decoder.peek() {
                    let next = try? decoder.peek(after: frame)
                    frames.append(Array(decoder.bytes[frame.whole]))
                    decoder.consume(frame)
                    // What was seen behind it is what comes next.
                    if let next, try decoder.peek() != next { throw WireError(.unexpected, "another frame was seen") }
                }
            }
        } catch {
            self.error = error
        }
    }
}
