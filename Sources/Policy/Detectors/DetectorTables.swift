/// All detectors of a bundle, ready to scan with.
///
/// The tables are copied out of the bundle and checked once, fully; from then on no text and no table content leads a look-up
/// out of them.
public struct DetectorTables: Sendable {
    /// The detectors' names, ascending. A detector's index here is its number everywhere else.
    public let names: [String]

    let program: DetectorProgram
    private let memory: DetectorMemory
    /// For each group the detectors that it serves.
    let detectorsOfGroup: [DetectorSet]

    /// - Throws: When the bytes are no tables that ``DetectorTableLayout`` describes.
    public init(validating bytes: [UInt8]) throws(DetectorTableError) {
        guard bytes.count <= DetectorTableLayout.maxBytes else {
            throw DetectorTableError("they are larger than \(DetectorTableLayout.maxBytes) bytes", at: 0)
        }
        var reader = TableReader(bytes)
        guard try reader.u32() == DetectorTableLayout.magic else { throw DetectorTableError("no magic number", at: 0) }
        guard try reader.u32() == UInt32(bytes.count) else { throw DetectorTableError("wrong length", at: 4) }
        let detectorCount = try reader.u16(upTo: DetectorTableLayout.maxDetectors, "a count of detectors")
        let patternCount = try reader.u16(upTo: DetectorTableLayout.maxPatterns, "a count of patterns")
        let acceptSetCount = try reader.u16(upTo: DetectorTableLayout.maxAcceptSets, "a count of accept sets")
        let groupCount = try reader.u16(upTo: DetectorTableLayout.maxGroups, "a count of groups")
        let signalCount = try reader.u16(upTo: DetectorTableLayout.maxSignals, "a count of signals")
        names = try DetectorTables.names(detectorCount, from: &reader)
        let patterns = try DetectorTables.patterns(patternCount, detectors: detectorCount, from: &reader)
        var acceptSets: [[Int]] = []
        for _ in 0..<acceptSetCount {
            let count = try reader.u16(upTo: DetectorTableLayout.maxPatterns, "a count of patterns")
            var members: [Int] = []
            for _ in 0..<count { members.append(try reader.u16()) }
            acceptSets.append(members)
        }
        guard acceptSetCount > 0, acceptSets[0].isEmpty else {
            throw DetectorTableError("the first accept set must be empty", at: reader.offset)
        }
        var signals: [ClosedRange<UInt8>] = []
        for _ in 0..<signalCount {
            let first = try reader.byte()
            let last = try reader.byte()
            guard first <= last else { throw DetectorTableError("a signal is empty", at: reader.offset) }
            signals.append(first...last)
        }
        var groups: [DetectorAutomaton] = []
        var detectorsOfGroup: [DetectorSet] = []
        for _ in 0..<groupCount {
            let start = reader.offset
            let group = try DetectorAutomaton(
                from: &reader, acceptSetCount: acceptSetCount, signalCount: signalCount)
            let bound = group.kind == .contextWords ? detectorCount : patternCount
            var detectors = DetectorSet()
            for set in Set(group.accepts) {
                for member in acceptSets[Int(set)] {
                    guard member < bound else { throw DetectorTableError("an accept set leads nowhere", at: start) }
                    detectors.insert(group.kind == .contextWords ? member : patterns[member].detector)
                }
            }
            groups.append(group)
            detectorsOfGroup.append(detectors)
        }
        guard reader.isAtEnd else { throw DetectorTableError("something is left over", at: reader.offset) }
        self.detectorsOfGroup = detectorsOfGroup
        program = DetectorProgram(automata: groups, patterns: patterns, acceptSets: acceptSets, signals: signals)
        memory = DetectorMemory(program)
    }

    private static func names(
        _ count: Int, from reader: inout TableReader
    ) throws(DetectorTableError) -> [String] {
        var names: [String] = []
        for _ in 0..<count {
            let start = reader.offset
            let bytes = try reader.bytes(try reader.u16())
            guard !bytes.isEmpty, let name = String(validating: bytes, as: UTF8.self) else {
                throw DetectorTableError("a name is no text", at: start)
            }
            if let last = names.last, last >= name {
                throw DetectorTableError("the names are not ascending", at: start)
            }
            names.append(name)
        }
        return names
    }

    private static func patterns(
        _ count: Int, detectors: Int, from reader: inout TableReader
    ) throws(DetectorTableError) -> [DetectorProgram.Pattern] {
        var patterns: [DetectorProgram.Pattern] = []
        for _ in 0..<count {
            let start = reader.offset
            let detector = try reader.u16()
            guard detector < detectors, let validator = DetectorValidator(rawValue: try reader.byte()) else {
                throw DetectorTableError("a pattern has no detector or validator", at: start)
            }
            let needsContext = try reader.byte()
            guard needsContext <= 1 else { throw DetectorTableError("a flag is neither 0 nor 1", at: start) }
            patterns.append(
                DetectorProgram.Pattern(detector: detector, validator: validator, needsContext: needsContext == 1))
        }
        return patterns
    }

    /// The index of a detector's name.
    public func index(of name: String) -> Int? { names.firstIndex(of: name) }

    /// The detectors of these names. Unknown names are left out.
    public func set(of names: some Sequence<String>) -> DetectorSet {
        DetectorSet(names.compactMap { index(of: $0) })
    }
}
