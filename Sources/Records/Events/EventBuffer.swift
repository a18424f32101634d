/// Encodes the events of statements one behind the other into one buffer, which is used again and again: once it has grown,
/// an event costs no allocation.
public struct EventBuffer: Sendable {
    /// An event that stands in the buffer.
    public struct Event: Hashable, Sendable {
        /// Which of `Record`'s events it is.
        public let kind: RecordEnvelope.Event
        /// Where its message lies in ``EventBuffer/bytes``.
        public let range: Range<Int>
    }

    public private(set) var bytes: [UInt8] = []
    private var completion: [UInt8] = []
    private var scratch: [UInt8] = []

    public init() {}

    /// Hands out the message of an event.
    public func withMessage<Result, Failure: Error>(
        of event: Event, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.extracting(event.range))
    }

    /// Forgets the events, and gives back a buffer that has grown large.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        completion.removeAll(keepingCapacity: completion.capacity <= Self.keptCapacity)
    }

    /// The events of a full read of a socket.
    private static let keptCapacity = 64 << 10

    /// A `StatementRun`.
    public mutating func appendRun(
        _ evidence: StatementEvidence, number: UInt64, parameters: RecordedParameters, _ end: Completion
    ) -> Event {
        let start = bytes.count
        completion.removeAll(keepingCapacity: true)
        end.encode(statement: 0, scratch: &scratch, into: &completion)
        ProtobufWriter.append(
            headOf: 1, byteCount: Self.byteCount(evidence, number: number, parameters: parameters), to: &bytes)
        append(evidence, number: number, parameters: parameters, approvalID: "")
        ProtobufWriter.append(headOf: 2, byteCount: completion.count, to: &bytes)
        bytes.append(contentsOf: completion)
        return Event(kind: .statementRun, range: start..<bytes.count)
    }

    /// A `StatementRun` that ended well.
    ///
    /// - Parameters:
    ///   - ownText: ASCII, in place of the evidence's text; empty: that one.
    ///   - tag: The server's command tag, ASCII.
    ///   - response: What was kept of it.
    public mutating func appendRun(
        _ evidence: StatementEvidence, ownText: Span<UInt8>, fingerprint: UInt64, number: UInt64,
        parameters: RecordedParameters, _ end: RunEnd, tag: Span<UInt8>, response: Span<UInt8>
    ) -> Event {
        let start = bytes.count
        completion.removeAll(keepingCapacity: true)
        end.encode(tag: tag, response: response, scratch: &scratch, into: &completion)
        let fingerprintCount = fingerprint == 0 ? 0 : 9
        let textCount =
            ownText.isEmpty
            ? evidence.text.bytes.count
            : 1 + ProtobufWriter.byteCount(varint: UInt64(ownText.count)) + ownText.count + fingerprintCount
        ProtobufWriter.append(
            headOf: 1,
            byteCount: ProtobufWriter.byteCount(field: 1, varint: number) + textCount + parameters.bytes.count
                + evidence.judgement.bytes.count, to: &bytes)
        ProtobufWriter.append(field: 1, varint: number, to: &bytes)
        if ownText.isEmpty {
            ProtobufWriter.append(evidence.text.bytes.span, to: &bytes)
        } else {
            ProtobufWriter.append(field: 2, span: ownText, to: &bytes)
            ProtobufWriter.append(field: 4, fixed64: fingerprint, to: &bytes)
        }
        ProtobufWriter.append(parameters.bytes.span, to: &bytes)
        ProtobufWriter.append(evidence.judgement.bytes.span, to: &bytes)
        ProtobufWriter.append(headOf: 2, byteCount: completion.count, to: &bytes)
        bytes.append(contentsOf: completion)
        return Event(kind: .statementRun, range: start..<bytes.count)
    }

    /// A `StatementJudged`.
    ///
    /// - Parameter approvalID: Of the approval that let the statement pass, or it was refused for; empty without one.
    public mutating func appendJudged(
        _ evidence: StatementEvidence, number: UInt64, parameters: RecordedParameters, approvalID: String = ""
    ) -> Event {
        let start = bytes.count
        append(evidence, number: number, parameters: parameters, approvalID: approvalID)
        return Event(kind: .statement, range: start..<bytes.count)
    }

    /// A `StatementCompleted`.
    public mutating func appendCompleted(number: UInt64, _ end: Completion) -> Event {
        let start = bytes.count
        end.encode(statement: number, scratch: &scratch, into: &bytes)
        return Event(kind: .completed, range: start..<bytes.count)
    }

    private mutating func append(
        _ evidence: StatementEvidence, number: UInt64, parameters: RecordedParameters, approvalID: String
    ) {
        ProtobufWriter.append(field: 1, varint: number, to: &bytes)
        bytes.append(contentsOf: evidence.text.bytes)
        bytes.append(contentsOf: parameters.bytes)
        bytes.append(contentsOf: evidence.judgement.bytes)
        ProtobufWriter.append(field: 16, text: approvalID, to: &bytes)
    }

    private static func byteCount(
        _ evidence: StatementEvidence, number: UInt64, parameters: RecordedParameters
    ) -> Int {
        ProtobufWriter.byteCount(field: 1, varint: number) + evidence.text.bytes.count + parameters.bytes.count
            + evidence.judgement.bytes.count
    }
}
