import Policy

/// Groups patterns, builds a group's automaton and lays the tables out (``DetectorTableLayout``).
struct DetectorTableWriter {
    /// States of one group's automaton: patterns are put into one group as long as their union stays below. It fits the
    /// second-level cache with its transitions.
    private static let groupStates = 1_024

    /// A pattern on its way into a group.
    private struct Member {
        /// Pattern, or detector for context words.
        var index: Int
        var node: RegexNode
    }

    /// What the patterns of a group have in common.
    private struct GroupKey: Hashable {
        var kind: DetectorTableLayout.GroupKind
        var notAfter: ByteSet
        var signal: ByteSet?
        /// Kept apart so that the scan can tell by the digits that follow whether a group need be run.
        var shape: PatternShape?
    }

    private struct Group {
        var key: GroupKey
        var members: [Member]
        var dfa: DFA
    }

    private var detectors = ByteWriter()
    private var patterns = ByteWriter()
    private var patternCount = 0
    private var groups: [Group] = []
    private var signals: [ClosedRange<UInt8>] = []
    private var acceptSets: [[Int]: Int] = [[]: 0]
    private var acceptSetOrder: [[Int]] = [[]]

    /// - Parameter specs: In the order of their names.
    static func write(_ specs: [DetectorSpec]) throws(DetectorCompileError) -> [UInt8] {
        guard specs.count <= DetectorTableLayout.maxDetectors else {
            throw DetectorCompileError(
                code: .tooMany, detector: specs[DetectorTableLayout.maxDetectors].name,
                message: "there are \(specs.count) detectors", mend: "use at most \(DetectorTableLayout.maxDetectors)")
        }
        var writer = DetectorTableWriter()
        var keys: [GroupKey] = []
        var members: [GroupKey: [(member: Member, detector: String)]] = [:]
        let add = { (key: GroupKey, member: Member, detector: String) in
            if members[key] == nil { keys.append(key) }
            members[key, default: []].append((member, detector))
        }
        for (number, spec) in specs.enumerated() {
            writer.detectors.text(spec.name)
            for pattern in spec.patterns {
                let node: RegexNode
                do { node = try RegexParser.parse(pattern.regex) } catch {
                    throw DetectorCompileError(error, in: spec.name)
                }
                let key = GroupKey(
                    kind: pattern.needsContext ? .contextual : .immediate, notAfter: pattern.notAfter,
                    signal: pattern.signal ?? RequiredBytes.of(node), shape: PatternShape(node))
                add(key, Member(index: writer.patternCount, node: node), spec.name)
                writer.patterns.u16(number)
                writer.patterns.byte(pattern.validator.rawValue)
                writer.patterns.byte(pattern.needsContext ? 1 : 0)
                writer.patternCount += 1
            }
            if !spec.context.isEmpty {
                let node = try ContextWords.pattern(spec.context, of: spec.name)
                let key = GroupKey(kind: .contextWords, notAfter: .letters, signal: nil)
                add(key, Member(index: number, node: node), spec.name)
            }
        }
        guard writer.patternCount <= DetectorTableLayout.maxPatterns else {
            throw DetectorCompileError(
                code: .tooMany, detector: specs.last?.name ?? "", message: "there are \(writer.patternCount) patterns",
                mend: "use at most \(DetectorTableLayout.maxPatterns)")
        }
        for key in keys { try writer.group(members[key] ?? [], key) }
        return try writer.finish(specs)
    }

    /// Puts patterns into groups, a new one when the last has grown too large.
    private mutating func group(
        _ patterns: [(member: Member, detector: String)], _ key: GroupKey
    ) throws(DetectorCompileError) {
        var current: Group?
        for (member, detector) in patterns {
            if let group = current {
                let union = group.members + [member]
                let limit = DetectorTableWriter.groupStates
                if let dfa = try? DFABuilder.build(union.map(\.node), limit: 4 * limit), dfa.stateCount <= limit {
                    current = Group(key: key, members: union, dfa: dfa)
                    continue
                }
                groups.append(group)
            }
            do {
                let dfa = try DFABuilder.build([member.node], limit: DetectorTableLayout.maxStates)
                current = Group(key: key, members: [member], dfa: dfa)
            } catch {
                throw DetectorCompileError(error, in: detector)
            }
        }
        if let current { groups.append(current) }
    }

    // MARK: Layout

    private mutating func finish(_ specs: [DetectorSpec]) throws(DetectorCompileError) -> [UInt8] {
        var body = ByteWriter()
        for group in groups { write(group, to: &body) }
        guard groups.count <= DetectorTableLayout.maxGroups, acceptSetOrder.count <= DetectorTableLayout.maxAcceptSets
        else {
            throw DetectorCompileError(
                code: .tooMany, detector: specs.last?.name ?? "",
                message: "the detectors need \(groups.count) groups of patterns",
                mend: "write fewer or simpler patterns: \(DetectorTableLayout.maxGroups) groups are the most")
        }
        var tail = ByteWriter()
        for set in acceptSetOrder {
            tail.u16(set.count)
            for member in set { tail.u16(member) }
        }
        for signal in signals {
            tail.byte(signal.lowerBound)
            tail.byte(signal.upperBound)
        }
        let parts = [detectors.bytes, patterns.bytes, tail.bytes, body.bytes]
        let count = DetectorTableLayout.headerBytes + parts.reduce(0) { $0 + $1.count }
        guard count <= DetectorTableLayout.maxBytes else {
            throw DetectorCompileError(
                code: .tooMany, detector: specs.last?.name ?? "", message: "the tables have \(count) bytes",
                mend: "write fewer or simpler patterns")
        }
        var header = ByteWriter()
        header.u32(DetectorTableLayout.magic)
        header.u32(UInt32(count))
        for number in [specs.count, patternCount, acceptSetOrder.count, groups.count, signals.count] {
            header.u16(number)
        }
        return header.bytes + parts.flatMap { $0 }
    }

    private mutating func write(_ group: Group, to body: inout ByteWriter) {
        let dfa = group.dfa
        // Those that accept go to the end, so that one comparison tells them.
        let accepts = { (state: Int) in !dfa.matchesBeforeWord[state].isEmpty || !dfa.matchesBeforeOther[state].isEmpty
        }
        let order = (0..<dfa.stateCount).filter { !accepts($0) } + (0..<dfa.stateCount).filter(accepts)
        var number = Array(repeating: 0, count: dfa.stateCount)
        for (new, old) in order.enumerated() { number[old] = new }
        let firstAccepting = order.firstIndex(where: accepts) ?? dfa.stateCount
        body.byte(group.key.kind.rawValue)
        body.u16(signalMask(of: group.key.signal))
        for index in 0..<32 {
            var byte: UInt8 = 0
            for bit in 0..<8 where group.key.notAfter.contains(UInt8(index * 8 + bit)) { byte |= 1 << UInt8(bit) }
            body.byte(byte)
        }
        for value in [
            dfa.classCount, dfa.stateCount, firstAccepting, number[dfa.startAfterOther], number[dfa.startAfterWord],
        ] {
            body.u16(value)
        }
        for byteClass in dfa.byteClasses { body.byte(byteClass) }
        for state in order {
            for byteClass in 0..<dfa.classCount {
                body.u16(number[dfa.transitions[state * dfa.classCount + byteClass]])
            }
        }
        for state in order[firstAccepting...] {
            body.u16(acceptSet(dfa.matchesBeforeWord[state].map { group.members[$0].index }))
            body.u16(acceptSet(dfa.matchesBeforeOther[state].map { group.members[$0].index }))
        }
    }

    private mutating func acceptSet(_ members: [Int]) -> Int {
        if let number = acceptSets[members] { return number }
        acceptSets[members] = acceptSetOrder.count
        acceptSetOrder.append(members)
        return acceptSetOrder.count - 1
    }

    /// The bits of the signals that stand for a set of bytes; 0, which wakes the group always, where there is no room.
    private mutating func signalMask(of set: ByteSet?) -> Int {
        guard let set else { return 0 }
        var mask = 0
        for range in set.ranges {
            if let index = signals.firstIndex(of: range) {
                mask |= 1 << index
            } else if signals.count < DetectorTableLayout.maxSignals {
                mask |= 1 << signals.count
                signals.append(range)
            } else {
                return 0
            }
        }
        return mask
    }
}

/// Little-endian numbers, one behind the other.
private struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Numbers here are bounded by the layout's limits, which 16 bits hold.
    mutating func u16(_ value: Int) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func u32(_ value: UInt32) {
        u16(Int(value & 0xFFFF))
        u16(Int(value >> 16))
    }

    mutating func text(_ text: String) {
        u16(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}
