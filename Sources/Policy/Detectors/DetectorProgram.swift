/// Everything that a scan looks up, in few arrays: a scan passes one reference around and counts no others.
final class DetectorProgram: Sendable {
    /// Where a group's tables are.
    struct Group: BitwiseCopyable {
        var kind: DetectorTableLayout.GroupKind
        var transitions: Int
        var classes: Int
        var accepts: Int
        var classCount: Int
        var stateCount: Int
        var firstAccepting: Int
        var startAfterOther: UInt16
        var startAfterWord: UInt16
    }

    struct Pattern: BitwiseCopyable {
        var detector: Int
        var validator: DetectorValidator
        var needsContext: Bool
    }

    let groups: FrozenTable<Group>
    /// The groups' tables one behind the other.
    let transitions: FrozenTable<UInt16>
    let classes: FrozenTable<UInt8>
    let accepts: FrozenTable<UInt16>
    let patterns: FrozenTable<Pattern>
    /// Accept set → where its members begin; one more than there are sets.
    let acceptSets: FrozenTable<Int>
    /// Patterns, or detectors for groups of context words.
    let acceptMembers: FrozenTable<Int>
    let prefilter: DetectorPrefilter

    init(
        automata: [DetectorAutomaton], patterns: [Pattern], acceptSets: [[Int]], signals: [ClosedRange<UInt8>]
    ) {
        var groups: [Group] = []
        var transitions: [UInt16] = []
        var classes: [UInt8] = []
        var accepts: [UInt16] = []
        for automaton in automata {
            groups.append(
                Group(
                    kind: automaton.kind, transitions: transitions.count, classes: classes.count,
                    accepts: accepts.count,
                    classCount: automaton.classCount, stateCount: automaton.stateCount,
                    firstAccepting: automaton.firstAccepting, startAfterOther: automaton.startAfterOther,
                    startAfterWord: automaton.startAfterWord))
            transitions += automaton.transitions
            classes += automaton.byteClasses
            accepts += automaton.accepts
        }
        var offsets = [0]
        for set in acceptSets { offsets.append((offsets.last ?? 0) + set.count) }
        self.groups = FrozenTable(groups)
        self.transitions = FrozenTable(transitions)
        self.classes = FrozenTable(classes)
        self.accepts = FrozenTable(accepts)
        self.patterns = FrozenTable(patterns)
        self.acceptSets = FrozenTable(offsets)
        acceptMembers = FrozenTable(acceptSets.flatMap { $0 })
        prefilter = DetectorPrefilter(groups: automata, signals: signals)
    }

    deinit {
        groups.free()
        transitions.free()
        classes.free()
        accepts.free()
        patterns.free()
        acceptSets.free()
        acceptMembers.free()
        prefilter.free()
    }
}
