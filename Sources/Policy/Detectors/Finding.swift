/// Something that a detector found in a text.
public struct Finding: Hashable, Sendable {
    /// Byte offsets.
    public var range: Range<Int>
    /// The detector that it counts for: of all that found something here, the one with the longest match, and then the
    /// one that is hardest to satisfy by accident.
    public var detector: Int
    /// Every detector whose match is in the range and not within a longer one. The strictest of their masks is due.
    public var detectors: DetectorSet

    public init(range: Range<Int>, detector: Int, detectors: DetectorSet) {
        self.range = range
        self.detector = detector
        self.detectors = detectors
    }
}

/// What a scan found, and the memory that it worked in. Reuse it: a scan that finds nothing then allocates nothing.
public struct DetectorFindings: Sendable {
    /// Ascending; none overlaps another.
    public internal(set) var findings: [Finding] = []

    /// One match of one detector, before overlaps are resolved.
    struct Match {
        var range: Range<Int>
        var detector: Int
        var rank: UInt8
    }

    /// A context word, and the detectors that it speaks for.
    struct ContextWord {
        var range: Range<Int>
        var detectors: DetectorSet
    }

    /// Where an automaton matched on its way, and what.
    struct Accept {
        var end: Int
        var set: Int
    }

    var matches: [Match] = []
    var words: [ContextWord] = []
    /// Ends of matches that are kept of one run: more than any pattern with a validator has.
    private static let maxAccepts = 64

    /// The ends of the run under way are its first ``acceptCount``.
    private(set) var accepts = Array(repeating: Accept(end: 0, set: 0), count: maxAccepts)
    var acceptCount = 0
    /// Checkpoints of the run under way: indices into `hopeless`.
    var checkpoints: [Int] = []
    /// For each group, the states at the checkpoints of the text from which nothing is found any more. See `DetectorProgram.search`.
    var hopeless: [[UInt64]] = []
    /// For each group, where it may start again after a long match.
    var resume: [Int] = []
    private(set) var isResumeInUse = false
    /// Where the first of the runs began that the text's end stopped: what is found from there on is known when more of the text is.
    private(set) var open = Int.max

    public init() {}

    /// A run came to the end of the text and could have gone on.
    @inline(__always)
    mutating func leaveOpen(_ start: Int) {
        if start < open { open = start }
    }

    @inline(__always)
    mutating func accept(_ accept: Accept) {
        if acceptCount == DetectorFindings.maxAccepts {
            accepts.removeFirst(DetectorFindings.maxAccepts / 2)
            accepts += Array(repeating: Accept(end: 0, set: 0), count: DetectorFindings.maxAccepts / 2)
            acceptCount -= DetectorFindings.maxAccepts / 2
        }
        accepts[acceptCount] = accept
        acceptCount += 1
        if !checkpoints.isEmpty { checkpoints.removeAll(keepingCapacity: true) }
    }

    /// Has a group go on behind a long match.
    mutating func skip(_ group: Int, to end: Int) {
        if !isResumeInUse {
            for other in resume.indices { resume[other] = 0 }
            isResumeInUse = true
        }
        resume[group] = max(resume[group], end)
    }

    mutating func reset(groups: Int) {
        if !findings.isEmpty { findings.removeAll(keepingCapacity: true) }
        if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
        if !words.isEmpty { words.removeAll(keepingCapacity: true) }
        if !hopeless.isEmpty { hopeless.removeAll(keepingCapacity: true) }
        isResumeInUse = false
        open = .max
        if resume.count != groups { resume = Array(repeating: 0, count: groups) }
    }
}
