/// One group of patterns, as one automaton that starts where it is put. Checked when it is read: every transition leads to
/// a state, every byte has a class, every accept set exists.
struct DetectorAutomaton: Sendable {
    var kind: DetectorTableLayout.GroupKind
    /// Signals of which one must be near; 0: none needed.
    var signals: UInt16
    /// 256 flags: bytes behind which no match starts.
    var notAfter: [Bool]
    var classCount: Int
    var stateCount: Int
    /// States from this one on accept.
    var firstAccepting: Int
    var startAfterOther: UInt16
    var startAfterWord: UInt16
    var byteClasses: [UInt8]
    var transitions: [UInt16]
    /// For each accepting state the accept sets before a byte of `\w` and before any other; 0: none.
    var accepts: [UInt16]

    init(from reader: inout TableReader, acceptSetCount: Int, signalCount: Int) throws(DetectorTableError) {
        let start = reader.offset
        guard let kind = DetectorTableLayout.GroupKind(rawValue: try reader.byte()) else {
            throw DetectorTableError("a group is of an unknown kind", at: start)
        }
        self.kind = kind
        signals = UInt16(truncatingIfNeeded: try reader.u16(upTo: 1 << signalCount - 1, "a group's signal"))
        let forbidden = try reader.bytes(32)
        notAfter = (0..<256).map { forbidden[forbidden.startIndex + $0 >> 3] >> UInt8($0 & 7) & 1 != 0 }
        classCount = try reader.u16(upTo: 256, "a count of classes")
        stateCount = try reader.u16(upTo: DetectorTableLayout.maxStates, "a count of states")
        guard classCount > 0, stateCount > 0 else { throw DetectorTableError("a group is empty", at: start) }
        firstAccepting = try reader.u16(upTo: stateCount, "a first accepting state")
        guard firstAccepting > 0 else { throw DetectorTableError("the dead state accepts", at: start) }
        startAfterOther = UInt16(truncatingIfNeeded: try reader.u16(upTo: stateCount - 1, "a start"))
        startAfterWord = UInt16(truncatingIfNeeded: try reader.u16(upTo: stateCount - 1, "a start"))
        byteClasses = Array(try reader.bytes(256))
        guard let highest = byteClasses.max(), Int(highest) < classCount else {
            throw DetectorTableError("a byte has no class", at: start)
        }
        transitions = try DetectorAutomaton.numbers(
            stateCount * classCount, below: stateCount, "a transition", from: &reader)
        guard transitions[..<classCount].allSatisfy({ $0 == 0 }) else {
            throw DetectorTableError("the dead state is alive", at: start)
        }
        accepts = try DetectorAutomaton.numbers(
            2 * (stateCount - firstAccepting), below: acceptSetCount, "an accept set", from: &reader)
    }

    private static func numbers(
        _ count: Int, below bound: Int, _ what: String, from reader: inout TableReader
    ) throws(DetectorTableError) -> [UInt16] {
        let start = reader.offset
        let bytes = try reader.bytes(2 * count)
        var result: [UInt16] = []
        result.reserveCapacity(count)
        var position = bytes.startIndex
        for _ in 0..<count {
            let value = UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8
            guard Int(value) < bound else { throw DetectorTableError("\(what) leads nowhere", at: start) }
            result.append(value)
            position += 2
        }
        return result
    }
}
