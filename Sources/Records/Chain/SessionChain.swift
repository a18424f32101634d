import FoundationEssentials
import SwiftProtobuf

/// The chain of one session, from the side that writes it: gives every event its sequence number and the hash of the
/// record before.
///
/// A value: seal on a copy, put the record where it is safe, and keep the copy only then. A record that was refused by
/// a full spool has then left no gap.
///
///     var next = chain
///     let record = try next.seal(event, id: id, time: now)
///     try spool.append(record)
///     chain = next
public struct SessionChain: Hashable, Sendable {
    /// What it takes to go on with the chain after a restart.
    public private(set) var state: ChainState
    /// Whether the close has been sealed: nothing follows it.
    public private(set) var isClosed = false

    public var sessionID: RecordID { state.sessionID }

    /// Whether nothing has been chained yet.
    public var isEmpty: Bool { state.nextSequence == 0 }

    /// Starts a chain.
    public init(sessionID: RecordID) {
        state = ChainState(sessionID: sessionID)
    }

    /// Goes on with a chain that was not closed.
    public init(resuming state: ChainState) {
        self.state = state
    }

    /// Seals an event as the chain's next record.
    ///
    /// - Parameters:
    ///   - event: Not `SessionClosed`, which is signed: ``close(reason:statements:rows:id:time:signer:)`` makes that.
    ///   - id: The record's id, where a client was told it.
    ///   - time: Microseconds since 1970.
    /// - Throws: ``RecordError/Code/closed`` after the close, ``RecordError/Code/tooLarge`` when the record passes
    ///   ``RecordLimits/maximumRecordBytes``; the chain is then as it was.
    public mutating func seal(_ event: PBRecord.OneOf_Event, id: RecordID?, time: Int64) throws(RecordError)
        -> SealedRecord
    {
        if case .sessionClosed = event {
            throw RecordError(.closed, "a session's close must be signed: seal it by close(…)")
        }
        return try append(try encode(event, id: id, time: time), id: id, time: time, closes: false)
    }

    /// Seals the signed close, the chain's last record.
    ///
    /// - Parameters:
    ///   - reason: Why the session ended, for auditors.
    ///   - statements: How many statements it had.
    ///   - rows: How many rows it was sent.
    /// - Throws: ``RecordError/Code/closed`` when it is closed already, ``RecordError/Code/key`` when the signer fails;
    ///   the chain is then as it was.
    public mutating func close(
        reason: String, statements: UInt64, rows: UInt64, id: RecordID? = nil, time: Int64, signer: SessionSigner
    ) throws(RecordError) -> SealedRecord {
        var close = PBSessionClosed()
        close.reason = reason
        close.statements = statements
        close.rows = rows
        close.keyID = Data(signer.keyID.bytes)
        close.algorithm = signer.algorithm.rawValue
        let unsigned = try encode(.sessionClosed(close), id: id, time: time)
        close.signature = Data(try signer.sign(unsigned))
        let signed = try encode(.sessionClosed(close), id: id, time: time)
        let record = try append(signed, id: id, time: time, closes: true)
        isClosed = true
        return record
    }

    private func encode(_ event: PBRecord.OneOf_Event, id: RecordID?, time: Int64) throws(RecordError) -> [UInt8] {
        guard !isClosed else {
            throw RecordError(.closed, "session \(sessionID) is closed: no record may follow")
        }
        var record = PBRecord()
        record.sessionID = Data(sessionID.bytes)
        record.sequence = state.nextSequence
        record.previous = Data(state.previous.bytes)
        record.timeUnixUs = time
        if let id { record.id = Data(id.bytes) }
        record.event = event
        let bytes: [UInt8]
        do {
            bytes = try record.serializedBytes()
        } catch {
            throw RecordError(.tooLarge, "record \(state.nextSequence) cannot be encoded: \(error)")
        }
        try check(byteCount: bytes.count)
        return bytes
    }

    private func check(byteCount: Int) throws(RecordError) {
        guard byteCount <= RecordLimits.maximumRecordBytes else {
            throw RecordError(
                .tooLarge,
                "record \(state.nextSequence) of session \(sessionID) has \(byteCount) bytes: the most is \(RecordLimits.maximumRecordBytes)"
            )
        }
    }

    private mutating func append(_ bytes: [UInt8], id: RecordID?, time: Int64, closes: Bool) throws(RecordError)
        -> SealedRecord
    {
        let record = SealedRecord(
            sessionID: sessionID, sequence: state.nextSequence,
            id: id ?? RecordID(derivedFrom: sessionID, sequence: state.nextSequence), time: time, bytes: bytes,
            hash: RecordHash(of: bytes), closes: closes)
        state = ChainState(after: record)
        return record
    }
}

// Sealing an event that is encoded already, in the memory where the record is to stay.
extension SessionChain {
    /// How many bytes the next record would have.
    ///
    /// - Parameter message: How many the event's message has.
    /// - Throws: As ``seal(_:message:id:time:into:)`` would.
    public func byteCount(
        of event: RecordEnvelope.Event, message: Int, id: RecordID?, time: Int64
    ) throws(RecordError) -> Int {
        guard !isClosed else {
            throw RecordError(.closed, "session \(sessionID) is closed: no record may follow")
        }
        guard event != .sessionClosed else {
            throw RecordError(.closed, "a session's close must be signed: seal it by close(…)")
        }
        // Before anything is added to it.
        try check(byteCount: message)
        let count =
            header(id: id, time: time).byteCount + ProtobufWriter.byteCount(varint: event.field << 3)
            + ProtobufWriter.byteCount(varint: UInt64(message)) + message
        try check(byteCount: count)
        return count
    }

    /// Writes an event as the chain's next record.
    ///
    /// - Parameters:
    ///   - event: Which event it is; not `SessionClosed`.
    ///   - message: The event's message, encoded.
    ///   - id: The record's id, where a client was told it.
    ///   - time: Microseconds since 1970.
    ///   - memory: Exactly ``byteCount(of:message:id:time:)`` bytes, which the record fills.
    public mutating func seal(
        _ event: RecordEnvelope.Event, message: UnsafeRawBufferPointer, id: RecordID?, time: Int64,
        into memory: UnsafeMutableRawBufferPointer
    ) {
        var offset = unsafe header(id: id, time: time).store(to: memory)
        unsafe RecordHeader.store(varint: event.field << 3 | 2, to: memory, at: &offset)
        unsafe RecordHeader.store(varint: UInt64(message.count), to: memory, at: &offset)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyMemory(from: message)
        state = ChainState(
            sessionID: state.sessionID, nextSequence: state.nextSequence &+ 1,
            previous: unsafe RecordHash(of: UnsafeRawBufferPointer(memory)), lastTime: time)
    }

    private func header(id: RecordID?, time: Int64) -> RecordHeader {
        RecordHeader(
            sessionID: state.sessionID, sequence: state.nextSequence, previous: state.previous, time: time, id: id)
    }
}
