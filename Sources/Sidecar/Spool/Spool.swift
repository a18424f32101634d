package import Records
import Synchronization

/// The records that the collector has not yet stored: a directory of segment files, appended through memory.
///
/// Why a file and not a queue: a record must be safe before the response it tells of is released, at a cost that a
/// query does not feel. An append copies the record into a mapped file under a lock: no system call, and from then on
/// the end of this process, however it comes, loses nothing.
///
/// Whole segments are forgotten when all their records are acknowledged. Where the uplink has come to is not kept on
/// the disk: after a restart all that is there is sent again, and the store, which knows each record by its session and
/// sequence, takes it once.
///
/// Without a collector nothing is acknowledged: the records stay, up to the bound.
package final class Spool: Sendable {
    package let configuration: SpoolConfiguration
    let directory: SpoolDirectory
    let state: Mutex<SpoolState>
    /// Held by whoever commits, over system calls that block; never by whoever appends.
    let committing = Mutex(())

    private init(_ configuration: SpoolConfiguration, _ directory: SpoolDirectory, _ state: SpoolState) {
        self.configuration = configuration
        self.directory = directory
        self.state = Mutex(state)
    }

    /// Opens a spool, and recovers what a process that was killed left in it.
    ///
    /// - Parameter now: Microseconds since 1970.
    /// - Returns: The spool, and what was found. The sessions that were left open want a close:
    ///   ``closeSessions(_:reason:signer:at:)``.
    /// - Throws: ``SpoolError/Code/locked``, ``SpoolError/Code/configuration``, ``SpoolError/Code/io``. A spool that is
    ///   full opens.
    package static func open(_ configuration: SpoolConfiguration, now: Int64) throws(SpoolError) -> (
        spool: Spool, recovery: SpoolRecovery
    ) {
        try configuration.validate()
        let directory = try SpoolDirectory(path: configuration.directory)
        var reader = SpoolRecoverer(directory: directory)
        try reader.run()
        let spool = Spool(configuration, directory, reader.state)
        // So that a first record does not wait for a file. Full now is no fault: acknowledgements make room.
        do throws(SpoolError) {
            try spool.state.withLock { state throws(SpoolError) in
                try spool.startSegment(&state, for: 0, reserved: true, now: now)
            }
        } catch  where error.code != .full {
            throw error
        } catch {}
        return (spool, reader.report)
    }

    /// Appends a record. From the return on, the end of the process does not lose it.
    ///
    /// May be called from any thread. Makes no system call, as long as ``commit()`` is called regularly: that has the next
    /// pages and the next segment ready. Else it takes what those take.
    ///
    /// - Parameters:
    ///   - record: Records of one session in their order.
    ///   - reserved: Whether the record may use the room that is kept for when the spool is full: for the closes of
    ///     sessions and the sidecar's own events, and nothing that an agent can make at will.
    /// - Throws: ``SpoolError/Code/full``: nothing was written, and the response that the record tells of must not be
    ///   released. ``SpoolError/Code/tooLarge``, ``SpoolError/Code/io``, ``SpoolError/Code/closed``.
    package func append(_ record: SealedRecord, reserved: Bool = false) throws(SpoolError) {
        try state.withLock { state throws(SpoolError) in
            try append(record.bytes.count, reserved: reserved, now: record.time, to: &state) {
                $0.copyBytes(from: record.bytes)
            }
            if record.closes {
                state.openSessions[record.sessionID] = nil
            } else {
                let segment = state.segments[state.segments.count - 1].number
                state.openSessions[record.sessionID] = SpoolState.OpenSession(
                    state: ChainState(after: record), segment: segment)
            }
        }
    }

    /// Appends an event as the next record of a chain, written where it stays. The chain is as it was when that fails.
    ///
    /// - Parameters:
    ///   - event: Which event it is; not the close.
    ///   - message: The event's message, encoded.
    ///   - chain: Moves on by the record.
    ///   - session: The same for all records of the chain.
    ///   - id: Where a client was told it.
    ///   - time: Microseconds since 1970.
    ///   - reserved: As in ``append(_:reserved:)``.
    /// - Throws: As ``append(_:reserved:)``.
    func append(
        _ event: RecordEnvelope.Event, message: UnsafeRawBufferPointer, to chain: inout SessionChain,
        of session: SpoolState.OpenSession, id: RecordID?, at time: Int64, reserved: Bool
    ) throws(SpoolError) {
        let count: Int
        do throws(RecordError) {
            count = try chain.byteCount(of: event, message: message.count, id: id, time: time)
        } catch { throw SpoolError(error) }
        try state.withLock { state throws(SpoolError) in
            try append(count, reserved: reserved, now: time, to: &state) {
                chain.seal(event, message: message, id: id, time: time, into: $0)
            }
            if session.segment == 0 { state.openSessions[chain.sessionID] = session }
            session.state = chain.state
            session.segment = state.segments[state.segments.count - 1].number
        }
    }

    private func append(
        _ count: Int, reserved: Bool, now: Int64, to state: inout SpoolState,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(SpoolError) {
        if let failure = state.failure { throw failure }
        guard count <= configuration.maximumRecordBytes else {
            throw SpoolError(
                .tooLarge, "spool: a record of \(count) bytes: the most is \(configuration.maximumRecordBytes)")
        }
        do throws(SpoolError) {
            try write(count, reserved: reserved, now: now, to: &state, fill)
        } catch {
            if error.code == .full {
                state.isFull = true
                state.refused += 1
            }
            throw error
        }
        state.isFull = false
        state.appended += 1
        let last = state.segments.count - 1
        if state.segments[last].firstTime == nil { state.segments[last].firstTime = now }
    }

    /// How full the spool is.
    package var statistics: SpoolStatistics {
        state.withLock { state in
            let pending = state.appended - min(state.appended, state.acknowledged.ordinal)
            let acknowledged = state.acknowledged
            let pendingBytes = state.segments.reduce(0) { sum, segment in
                guard segment.number >= acknowledged.segment else { return sum }
                return sum + segment.end
                    - (segment.number == acknowledged.segment ? acknowledged.offset : SegmentHeader.byteCount)
            }
            return SpoolStatistics(
                bytes: state.fileBytes, maximumBytes: configuration.maximumBytes,
                pendingBytes: pending == 0 ? 0 : max(0, pendingBytes), records: pending,
                oldest: pending == 0 ? nil : state.segments.lazy.compactMap(\.firstTime).first,
                segments: state.segments.count, openSessions: state.openSessions.count, refused: state.refused,
                damages: state.damages, isFull: state.isFull, failure: state.failure)
        }
    }

    /// Forces everything to the disk, gives unused room back, and takes no more records.
    package func close() throws(SpoolError) {
        let spare = state.withLock { state in
            state.failure = SpoolError(.closed, "spool: \(configuration.directory) is closed")
            sealActive(&state)
            defer { state.spare = nil }
            return state.spare
        }
        if let spare { try directory.remove(segment: spare.header.number) }
        try commit()
    }
}
