import Records

/// What the spool's lock guards.
struct SpoolState: Sendable {
    /// One segment file.
    struct Segment: Sendable {
        var number: UInt64
        /// Where its last frame ends.
        var end: Int
        /// The file's length, which counts towards the bound.
        var fileBytes: Int
        var framing: SegmentFraming
        /// When its first record was made.
        var firstTime: Int64?
    }

    /// The last that the spool saw of a session that is open.
    ///
    /// Unchecked: the spool's lock guards every use. An object, so that whoever records the session finds it at once.
    final class OpenSession: @unchecked Sendable {
        var state: ChainState
        /// The segment that tells of it, by a record or by a kept state; 0 before there is one.
        var segment: UInt64

        init(state: ChainState, segment: UInt64) {
            self.state = state
            self.segment = segment
        }
    }

    /// Whoever waits for records.
    struct Waiter: Sendable {
        /// Up to here it has read.
        var position: SpoolPosition
        var wake: @Sendable () -> Void
    }

    /// Ascending; the last is ``active``'s, when there is one.
    var segments: [Segment] = []
    var active: ActiveSegment?
    /// What becomes the active segment when that is full, made ahead of time: making one takes some hundred microseconds,
    /// and where the file system's journal is busy, milliseconds.
    var spare: ActiveSegment?
    /// Full segments whose files are not yet cut to their length and forced to the disk.
    var sealed: [ActiveSegment] = []
    /// Acknowledged segments whose files go at the next commit.
    var doomed: [Segment] = []
    /// Files of a former process, not yet forced to the disk.
    var unsynchronized: [FileDescriptor] = []
    var openSessions: [RecordID: OpenSession] = [:]
    var nextNumber: UInt64 = 1
    /// Records so far, those recovered included.
    var appended: UInt64 = 0
    var acknowledged = SpoolPosition(segment: 0, offset: 0, ordinal: 0)
    var isDirectoryDirty = false
    var isFull = false
    var refused: UInt64 = 0
    var damages: UInt64 = 0
    var failure: SpoolError?
    /// Set while a reader waits.
    var waiter: Waiter?

    /// Whether there are frames behind a place.
    func isEnd(_ position: SpoolPosition) -> Bool {
        // The newest first: a reader is seldom far behind.
        for segment in segments.reversed() {
            if segment.number < position.segment { break }
            let start = segment.number == position.segment ? position.offset : SegmentHeader.byteCount
            if segment.end > start { return false }
        }
        return true
    }

    var fileBytes: Int {
        segments.reduce(spare?.capacity ?? 0) { $0 + $1.fileBytes } + doomed.reduce(0) { $0 + $1.fileBytes }
    }
}
