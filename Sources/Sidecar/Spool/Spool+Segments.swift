import Glibc
import Records

// How the spool finds room: which segment takes the next frame.
extension Spool {
    /// Writes a frame into the active segment, or into a new one.
    ///
    /// - Parameter fill: Writes the content, exactly `count` bytes. Not called when there is no room.
    func write(
        _ count: Int, reserved: Bool, now: Int64, to state: inout SpoolState,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(SpoolError) {
        let byteCount = SegmentFrame.byteCount(contentByteCount: count)
        let reserve = reserved ? 0 : configuration.reserveBytes
        if state.active?.hasRoom(for: byteCount, keeping: reserve) != true {
            try startSegment(&state, for: byteCount, reserved: reserved, now: now)
        }
        guard let active = state.active, active.append(count, kind: .record, fill) else {
            throw SpoolError(.full, "spool: \(configuration.directory) has no room for \(byteCount) bytes")
        }
        state.segments[state.segments.count - 1].end = active.end
    }

    /// Makes a new segment the active one.
    ///
    /// When the bound leaves no room for a whole segment, a shorter one is made: the reserve can be used to its end.
    ///
    /// - Throws: ``SpoolError/Code/full``; the active segment is then as it was.
    func startSegment(_ state: inout SpoolState, for byteCount: Int, reserved: Bool, now: Int64) throws(SpoolError) {
        let reserve = reserved ? 0 : configuration.reserveBytes
        let least = SegmentHeader.byteCount + byteCount + reserve
        if let spare = state.spare {
            state.spare = nil
            // There was room for it when it was made, and it has been counted since.
            if spare.capacity >= least { return install(spare, in: &state) }
            try directory.remove(segment: spare.header.number)
        }
        // The active segment gives back what it does not use.
        let unused = state.active.map { $0.capacity - $0.end } ?? 0
        var room = configuration.maximumBytes - reserve - state.fileBytes + unused
        if room < configuration.segmentBytes, !state.doomed.isEmpty {
            try removeDoomed(&state)
            room = configuration.maximumBytes - reserve - state.fileBytes + unused
        }
        let capacity = min(configuration.segmentBytes, room)
        guard capacity >= max(least, SegmentHeader.byteCount + SegmentFrame.alignment) else {
            throw SpoolError(
                .full,
                """
                spool: \(configuration.directory) is full: \(state.fileBytes) of \(configuration.maximumBytes) bytes, \
                \(state.appended - min(state.appended, state.acknowledged.ordinal)) records wait for the collector
                """)
        }
        let header = SegmentHeader(number: state.nextNumber, created: now, salt: .random(in: 1...UInt64.max))
        let segment = try ActiveSegment(header, capacity: capacity, in: directory)
        state.nextNumber += 1
        state.isDirectoryDirty = true
        install(segment, in: &state)
        forgetAcknowledged(&state)
    }

    private func install(_ segment: ActiveSegment, in state: inout SpoolState) {
        sealActive(&state)
        state.active = segment
        state.segments.append(
            SpoolState.Segment(
                number: segment.header.number, end: segment.end, fileBytes: segment.capacity,
                framing: SegmentFraming(segment.header)))
    }

    /// Ends the active segment. The next commit gives back what it does not use.
    func sealActive(_ state: inout SpoolState) {
        guard let active = state.active else { return }
        state.active = nil
        state.sealed.append(active)
        state.segments[state.segments.count - 1].fileBytes = active.end
    }

    /// Makes the segment that follows the active one, when that is half full and there is room. Without the lock, but for
    /// moments; the committer's.
    func makeSpare() {
        let number: UInt64? = state.withLock { state in
            guard state.failure == nil, state.spare == nil, let active = state.active,
                active.end > active.capacity / 2,
                state.fileBytes + configuration.segmentBytes + configuration.reserveBytes <= configuration.maximumBytes
            else { return nil }
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        guard let number else { return }
        let header = SegmentHeader(
            number: number, created: UnixTime.microseconds(), salt: .random(in: 1...UInt64.max))
        // A disk that is full is told to whoever needs the segment, if it still is then.
        guard let spare = try? ActiveSegment(header, capacity: configuration.segmentBytes, in: directory) else {
            return
        }
        let isInOrder = state.withLock { state in
            // Whoever needed a segment meanwhile has made one of a later number.
            guard state.failure == nil, state.nextNumber == number + 1 else { return false }
            state.spare = spare
            state.isDirectoryDirty = true
            return true
        }
        if !isInOrder { try? directory.remove(segment: number) }
    }

    /// Dooms the segments whose records are all acknowledged.
    ///
    /// A session that is open, and of which only a doomed segment tells, has its state kept in the active one: after a
    /// crash its close can still be chained. Without room for that the segment stays, for now.
    func forgetAcknowledged(_ state: inout SpoolState) {
        let acknowledged = state.acknowledged
        while let oldest = state.segments.first, oldest.number != state.active?.header.number,
            oldest.number < acknowledged.segment
                || oldest.number == acknowledged.segment && oldest.end <= acknowledged.offset
        {
            for session in state.openSessions.values where session.segment == oldest.number {
                let kept = session.state.encoded
                guard let active = state.active,
                    active.append(kept.count, kind: .openSession, { $0.copyBytes(from: kept) })
                else { return }
                session.segment = active.header.number
                state.segments[state.segments.count - 1].end = active.end
            }
            state.doomed.append(state.segments.removeFirst())
        }
    }

    /// Removes the files of doomed segments, after what was kept of them is on the disk.
    func removeDoomed(_ state: inout SpoolState) throws(SpoolError) {
        if let active = state.active { try active.file.synchronize() }
        // The oldest first: a kill in between must not leave a session's beginning without its close.
        while let segment = state.doomed.first {
            try directory.remove(segment: segment.number)
            state.doomed.removeFirst()
        }
        state.isDirectoryDirty = true
    }
}
