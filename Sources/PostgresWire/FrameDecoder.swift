public import WireBytes

/// One message in a decoder's buffer. The ranges are indices of ``FrameDecoder/bytes`` and hold until the frame is consumed
/// or more bytes come.
public struct Frame: Hashable, Sendable {
    public let tag: UInt8
    /// Tag, length and body.
    public let whole: Range<Int>
    public let body: Range<Int>
}

/// Which messages there are in one direction, and how long each may be.
public struct FrameRules: Sendable {
    /// Maxima by tag; -1: no such message. One table for all decoders of a direction: each session has two.
    let maxima: [Int]

    private init(_ maximum: (UInt8) -> Int?) {
        maxima = (UInt8.min...UInt8.max).map { maximum($0) ?? -1 }
    }

    public static let frontend = FrameRules { tag in
        let tag = FrontendTag(rawValue: tag)
        return FrontendTag.all.contains(tag) ? PostgresLimits.frontend(tag) : nil
    }

    public static let backend = FrameRules { tag in
        let tag = BackendTag(rawValue: tag)
        return BackendTag.all.contains(tag) ? PostgresLimits.backend(tag) : nil
    }
}

/// Cuts a stream into messages. It keeps what has come of the next one, and copies nothing.
public struct FrameDecoder: Sendable {
    private var input = InputBuffer()
    /// Maxima by tag; -1: no such message.
    private let maxima: [Int]
    /// Bytes of the frame under way that are still to be streamed.
    private var streaming = 0

    public init(_ rules: FrameRules) {
        maxima = rules.maxima
    }

    /// What ranges of frames index.
    public var bytes: [UInt8] { input.bytes }
    /// How many bytes wait.
    public var buffered: Int { input.count }

    /// Bytes of memory that what waits takes.
    public var capacity: Int { input.capacity }

    public mutating func append(_ span: Span<UInt8>) {
        if input.count + span.count > FrameDecoder.longFrame { makeRoom(for: span.count) }
        input.append(span)
    }

    /// Drops what waits, and gives its memory back.
    public mutating func removeAll() {
        input.removeAll()
        streaming = 0
    }

    /// Shorter messages grow the buffer as they come.
    private static let longFrame = 128 << 10

    private mutating func makeRoom(for more: Int) {
        guard let head = try? head(), head.count > input.count, head.count - 5 <= maxima[Int(head.tag)] else { return }
        input.makeRoom(for: more, of: head.count)
    }

    /// The next message if it is here whole.
    ///
    /// - Throws: for a tag that is no message and for a length that cannot be or is more than its maximum. The stream
    ///   cannot be followed after that.
    public func peek() throws(WireError) -> Frame? {
        guard let head = try head() else { return nil }
        guard head.count - 5 <= maxima[Int(head.tag)] else {
            throw WireError(
                .oversized,
                "a message '\(Unicode.Scalar(head.tag))' of \(head.count - 5) bytes; the most is "
                    + "\(maxima[Int(head.tag)])")
        }
        guard input.count >= head.count else { return nil }
        let start = input.start
        return Frame(tag: head.tag, whole: start..<(start + head.count), body: (start + 5)..<(start + head.count))
    }

    /// The next message and the one after it, if whole: what stands at `offset` from the beginning of what waits.
    public func peek(after frame: Frame) throws(WireError) -> Frame? {
        let start = frame.whole.upperBound
        guard input.bytes.count - start >= 5 else { return nil }
        let (tag, count) = try FrameDecoder.header(input.bytes, at: start, maxima: maxima)
        guard input.bytes.count - start >= count else { return nil }
        return Frame(tag: tag, whole: start..<(start + count), body: (start + 5)..<(start + count))
    }

    public mutating func consume(_ frame: Frame) {
        input.consume(frame.whole.upperBound - input.start)
    }

    /// Consumes everything before an index of ``bytes``, which is where a message ends.
    public mutating func consume(upTo end: Int) {
        input.consume(end - input.start)
    }

    /// The tag of the message that has begun to arrive, whole or not, and how many bytes it has in all.
    public func head() throws(WireError) -> (tag: UInt8, count: Int)? {
        guard streaming == 0, input.count >= 5 else { return nil }
        return try FrameDecoder.header(input.bytes, at: input.start, maxima: maxima)
    }

    /// Whether a message is being streamed: its rest comes by ``streamed()`` before anything else.
    public var isStreaming: Bool { streaming > 0 }

    /// Takes what is here of a message that is to pass without being looked at, whatever its length.
    ///
    /// - Returns: Header and body as far as they have come. The rest comes by ``streamed()``.
    public mutating func beginStreaming() throws(WireError) -> [UInt8]? {
        guard let head = try head() else { return nil }
        streaming = head.count
        return streamed()
    }

    /// Takes what is here of the message that is being streamed.
    public mutating func streamed() -> [UInt8]? {
        let count = Swift.min(streaming, input.count)
        guard count > 0 else { return nil }
        let part = Array(input.bytes[input.start..<(input.start + count)])
        streaming -= count
        input.consume(count)
        return part
    }

    private static func header(_ bytes: [UInt8], at start: Int, maxima: [Int]) throws(WireError) -> (UInt8, Int) {
        let tag = bytes[start]
        guard maxima[Int(tag)] >= 0 else {
            throw WireError(.malformed, "no message begins with byte \(tag)")
        }
        let length =
            Int(bytes[start + 1]) << 24 | Int(bytes[start + 2]) << 16 | Int(bytes[start + 3]) << 8
            | Int(bytes[start + 4])
        guard length >= 4, length <= PostgresLimits.protocolMaximum else {
            throw WireError(.malformed, "a message '\(Unicode.Scalar(tag))' that says it is \(length) bytes long")
        }
        return (tag, length + 1)
    }
}
