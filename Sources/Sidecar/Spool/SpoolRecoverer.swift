import Glibc
import Records

/// Reads what a former process left in the directory.
struct SpoolRecoverer {
    let directory: SpoolDirectory
    private(set) var state = SpoolState()
    private(set) var report = SpoolRecovery()

    init(directory: SpoolDirectory) {
        self.directory = directory
    }

    mutating func run() throws(SpoolError) {
        for number in try directory.segments() {
            try recover(number)
            state.nextNumber = number + 1
        }
        if let first = state.segments.first {
            state.acknowledged = SpoolPosition(segment: first.number, offset: SegmentHeader.byteCount, ordinal: 0)
        }
        report.segments = state.segments.count
        report.records = state.appended
        report.openSessions = state.openSessions.values.map(\.state).sorted { $0.sessionID < $1.sessionID }
        state.damages = UInt64(report.damages.count)
    }

    private mutating func recover(_ number: UInt64) throws(SpoolError) {
        let file = try FileDescriptor(path: directory.path(ofSegment: number), flags: O_RDWR)
        let bytes = try SystemCall.read(file, from: 0, count: try SystemCall.size(of: file))
        guard let header = SegmentHeader(of: bytes), header.number == number else {
            if bytes.allSatisfy({ $0 == 0 }) {
                // The process was killed between making the file and its first byte.
                try directory.remove(segment: number)
            } else {
                report.unreadable.append(try directory.setAside(segment: number))
            }
            return
        }
        let framing = SegmentFraming(header)
        let recovery = SegmentRecovery(of: bytes, framing: framing)
        report.damages += recovery.damaged.map {
            SpoolRecovery.Damage(segment: file.path, offset: $0.lowerBound, byteCount: $0.count)
        }
        if recovery.tornByteCount > 0 {
            report.torn.append(
                SpoolRecovery.Damage(
                    segment: file.path, offset: recovery.end, byteCount: recovery.tornByteCount))
        }
        guard !recovery.frames.isEmpty || !recovery.damaged.isEmpty else {
            try directory.remove(segment: number)
            return
        }
        // What was allocated and not used counts towards the bound no more.
        guard ftruncate(file.number, recovery.end) == 0 else { throw SystemCall.error("truncate \(file.path)") }
        let firstTime = follow(recovery.frames, in: bytes, segment: number)
        state.segments.append(
            SpoolState.Segment(
                number: number, end: recovery.end, fileBytes: recovery.end, framing: framing, firstTime: firstTime))
        state.unsynchronized.append(file)
    }

    /// Counts the records, and follows which sessions are open.
    ///
    /// - Returns: The time of the first record.
    private mutating func follow(_ frames: [SegmentFrame], in bytes: [UInt8], segment: UInt64) -> Int64? {
        var firstTime: Int64?
        // Only the last record of a session is hashed.
        var last: [RecordID: Range<Int>] = [:]
        for frame in frames {
            let content = Array(bytes[frame.content])
            switch frame.kind {
            case .record:
                state.appended += 1
                guard let envelope = try? RecordEnvelope(of: content) else { continue }
                if firstTime == nil { firstTime = envelope.time }
                if envelope.event == .sessionClosed {
                    last[envelope.sessionID] = nil
                    state.openSessions[envelope.sessionID] = nil
                } else {
                    last[envelope.sessionID] = frame.content
                }
            case .openSession:
                guard let kept = ChainState(encoded: content) else { continue }
                // A record that comes from later in the chain, in a segment that outlived this one, is not undone.
                if let known = state.openSessions[kept.sessionID], known.state.nextSequence > kept.nextSequence {
                    known.segment = segment
                } else if last[kept.sessionID] == nil {
                    state.openSessions[kept.sessionID] = SpoolState.OpenSession(state: kept, segment: segment)
                }
            }
        }
        for (id, range) in last {
            guard let record = try? SealedRecord(bytes: Array(bytes[range])) else { continue }
            state.openSessions[id] = SpoolState.OpenSession(state: ChainState(after: record), segment: segment)
        }
        return firstTime
    }
}
