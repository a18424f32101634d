/// Everything that a scan looks up, in few tables and no reference: a scan that counted some would spend most of its time on
/// that. ``DetectorTables`` keeps the memory.
struct DetectorProgram: Sendable {
    /// Where a group's tables are.
    struct Group: BitwiseCopyable {
        var kind: DetectorTableLayout.GroupKind
        /// Where its first row is in ``DetectorProgram/transitions``.
        var transitions: Int
        var classes: Int
        var classCount: Int
        /// Entries of a row: one a class, and the accept sets before a byte of `\w` and before any other.
        var stride: Int
        var stateCount: Int
        /// Rows from this entry on are of accepting states.
        var firstAccepting: Int
        var startAfterOther: Int
        var startAfterWord: Int
        /// The byte that its matches are found by; -1: none.
        var anchor: Int
    }

    struct Pattern: BitwiseCopyable {
        var detector: Int
        var validator: DetectorValidator
        var needsContext: Bool
    }

    let groups: FrozenTable<Group>
    /// The groups' rows one behind the other. A transition is the entry where the next state's row begins.
    let transitions: FrozenTable<UInt32>
    let classes: FrozenTable<UInt8>
    let patterns: FrozenTable<Pattern>
    /// Accept set → where its members begin; one more than there are sets.
    let acceptSets: FrozenTable<Int>
    /// Patterns, or detectors for groups of context words.
    let acceptMembers: FrozenTable<Int>
    let prefilter: DetectorPrefilter
    /// Groups that are searched around their anchors.
    let anchored: UInt64
    let words: UInt64

    init(
        automata: [DetectorAutomaton], patterns: [Pattern], acceptSets: [[Int]], signals: [ClosedRange<UInt8>]
    ) {
        var groups: [Group] = []
        var transitions: [UInt32] = []
        var classes: [UInt8] = []
        var anchored: UInt64 = 0
        var words: UInt64 = 0
        let profiles = automata.map { DetectorProfile($0, signals: signals) }
        for (number, automaton) in automata.enumerated() {
            let stride = automaton.classCount + 2
            groups.append(
                Group(
                    kind: automaton.kind, transitions: transitions.count, classes: classes.count,
                    classCount: automaton.classCount, stride: stride, stateCount: automaton.stateCount,
                    firstAccepting: automaton.firstAccepting * stride,
                    startAfterOther: Int(automaton.startAfterOther) * stride,
                    startAfterWord: Int(automaton.startAfterWord) * stride, anchor: profiles[number].anchor ?? -1))
            for state in 0..<automaton.stateCount {
                let row = state * automaton.classCount
                transitions += automaton.transitions[row..<row + automaton.classCount].map {
                    UInt32($0) * UInt32(stride)
                }
                let accept = 2 * (state - automaton.firstAccepting)
                transitions += accept < 0 ? [0, 0] : automaton.accepts[accept...accept + 1].map(UInt32.init)
            }
            classes += automaton.byteClasses
            if profiles[number].anchor != nil { anchored |= 1 << UInt64(number) }
            if automaton.kind == .contextWords { words |= 1 << UInt64(number) }
        }
        var offsets = [0]
        for set in acceptSets { offsets.append((offsets.last ?? 0) + set.count) }
        self.groups = FrozenTable(groups)
        self.transitions = FrozenTable(transitions)
        self.classes = FrozenTable(classes)
        self.patterns = FrozenTable(patterns)
        self.acceptSets = FrozenTable(offsets)
        acceptMembers = FrozenTable(acceptSets.flatMap { $0 })
        prefilter = DetectorPrefilter(groups: automata, profiles: profiles, signals: signals)
        self.anchored = anchored
        self.words = words
    }

    func free() {
        groups.free()
        transitions.free()
        classes.free()
        patterns.free()
        acceptSets.free()
        acceptMembers.free()
        prefilter.free()
    }
}

/// Keeps a program's memory for as long as somebody may scan with it.
final class DetectorMemory: Sendable {
    private let program: DetectorProgram

    init(_ program: DetectorProgram) { self.program = program }

    deinit { program.free() }
}
