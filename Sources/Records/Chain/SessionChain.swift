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
    ///   - id: The record's id, which clients may see.
    ///   - time: Microseconds since 1970.
    /// - Throws: ``RecordError/Code/closed`` after the close, ``RecordError/Code/tooLarge`` when the record passes
    ///   ``RecordLimits/maximumRecordBytes``; the chain is then as it was.
    public mutating func seal(_ event: PBRecord.OneOf_Event, id: RecordID, time: Int64) throws(RecordError)
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
        reason: String, statements: UInt64, rows: UInt64, id: RecordID, time: Int64, signer: SessionSigner
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

    private func encode(_ event: PBRecord.OneOf_Event, id: RecordID, time: Int64) throws(RecordError) -> [UInt8] {
        guard !isClosed else {
            throw RecordError(.closed, "session \(sessionID) is closed: no record may follow")
        }
        var record = PBRecord()
        record.sessionID = Data(sessionID.bytes)
        record.sequence = state.nextSequence
        record.previous = Data(state.previous.bytes)
        record.timeUnixUs = time
        record.id = Data(id.bytes)
        record.event = event
        let bytes: [UInt8]
        do {
            bytes = try record.serializedBytes()
        } catch {
            throw RecordError(.tooLarge, "record \(id) cannot be encoded: \(error)")
        }
        guard bytes.count <= RecordLimits.maximumRecordBytes else {
            throw RecordError(
                .tooLarge,
                "record \(id) has \(bytes.count) bytes: the most is \(RecordLimits.maximumRecordBytes)")
        }
        return bytes
    }

    private mutating func append(_ bytes: [UInt8], id: RecordID, time: Int64, closes: Bool) throws(RecordError)
        -> SealedRecord
    {
        let record = SealedRecord(
            sessionID: sessionID, sequence: state.nextSequence, id: id, time: time, bytes: bytes,
            hash: RecordHash(of: bytes), closes: closes)
        state = ChainState(after: record)
        return record
    }
}
