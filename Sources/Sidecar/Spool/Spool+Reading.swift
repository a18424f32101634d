import Glibc
import Records
import Synchronization

// The uplink's side: what is there to send, and what is stored.
extension Spool {
    /// The place before the oldest record that is not acknowledged.
    package var start: SpoolPosition { state.withLock(\.acknowledged) }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - position: ``start``, or where a batch ended.
    ///   - maximumRecords: At least 1.
    ///   - maximumBytes: A longer record comes alone.
    /// - Returns: At least one record, unless the end is reached. Damage is passed over and counted.
    package func read(
        from position: SpoolPosition, maximumRecords: Int, maximumBytes: Int
    ) throws(SpoolError) -> SpoolBatch {
        var batch = SpoolBatch(next: position)
        while let segment = segment(at: batch.next) {
            if segment.number != batch.next.segment {
                batch.next.segment = segment.number
                batch.next.offset = SegmentHeader.byteCount
            }
            if batch.next.offset >= segment.end { break }
            try read(
                segment, into: &batch, maximumRecords: maximumRecords, maximumBytes: maximumBytes)
            if !batch.ranges.isEmpty {
                // Behind the end of a segment others may be full.
                if let next = self.segment(at: batch.next), next.number > segment.number { batch.isFull = true }
                break
            }
        }
        return batch
    }

    /// Calls `waiter`, once, at the next ``commit()`` that finds records behind a place. One waits at a time.
    ///
    /// Whoever appends does not pay for it: to wake a thread takes longer than to write a record. Nor is every record
    /// sent by itself, but what has gathered between two commits.
    ///
    /// - Returns: Whether the place is the end now.
    package func wait(after position: SpoolPosition, _ waiter: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            state.waiter = SpoolState.Waiter(position: position, wake: waiter)
            return state.isEnd(position)
        }
    }

    /// Takes note that all records before a place are durably stored elsewhere, and forgets them, segment by segment.
    package func acknowledge(upTo position: SpoolPosition) {
        state.withLock { state in
            guard position > state.acknowledged else { return }
            state.acknowledged = position
            forgetAcknowledged(&state)
        }
    }

    /// The segment to read from: that of the position, or the one behind when it was read to its end.
    private func segment(at position: SpoolPosition) -> SpoolState.Segment? {
        state.withLock { state in
            state.segments.first { segment in
                segment.number > position.segment
                    || segment.number == position.segment && segment.end > position.offset
            }
        }
    }

    private func read(
        _ segment: SpoolState.Segment, into batch: inout SpoolBatch, maximumRecords: Int, maximumBytes: Int
    ) throws(SpoolError) {
        let file = try FileDescriptor(path: directory.path(ofSegment: segment.number), flags: O_RDONLY)
        let offset = batch.next.offset
        let wanted = max(maximumBytes, SegmentFrame.headByteCount)
        batch.content = try SystemCall.read(file, from: offset, count: min(segment.end - offset, wanted))
        if let needed = Self.byteCountOfFirstFrame(in: batch.content), needed > batch.content.count,
            needed <= segment.end - offset
        {
            batch.content = try SystemCall.read(file, from: offset, count: needed)
        }
        batch.isFull = segment.end - offset > batch.content.count
        var position = 0
        while position < batch.content.count {
            guard let frame = segment.framing.frame(in: batch.content, at: position) else {
                // The chunk's last frame, cut off with it; or damage, when it is the first.
                if position == 0 { try skipDamage(in: segment, file, from: &batch.next) }
                return
            }
            if frame.kind == .record {
                guard batch.ranges.count < maximumRecords,
                    batch.ranges.isEmpty || batch.byteCount + frame.content.count <= maximumBytes
                else {
                    batch.isFull = true
                    return
                }
                batch.ranges.append(frame.content)
                batch.byteCount += frame.content.count
                batch.next.ordinal += 1
            }
            position = frame.end
            batch.next.offset = offset + position
        }
    }

    /// Goes to the next whole frame.
    private func skipDamage(
        in segment: SpoolState.Segment, _ file: FileDescriptor, from position: inout SpoolPosition
    ) throws(SpoolError) {
        let rest = try SystemCall.read(file, from: position.offset, count: segment.end - position.offset)
        let recovery = SegmentRecovery(of: rest, framing: segment.framing, from: 0)
        if let first = recovery.frames.first {
            position.offset += first.content.lowerBound - SegmentFrame.headByteCount
        } else {
            position.offset = segment.end
        }
        state.withLock { $0.damages += 1 }
    }

    private static func byteCountOfFirstFrame(in chunk: [UInt8]) -> Int? {
        guard chunk.count >= SegmentFrame.headByteCount else { return nil }
        let head = (0..<SegmentFrame.headByteCount).reduce(UInt64(0)) { $0 | UInt64(chunk[$1]) << (8 * $1) }
        return SegmentFraming.contentByteCount(head: head).map(SegmentFrame.byteCount(contentByteCount:))
    }
}
