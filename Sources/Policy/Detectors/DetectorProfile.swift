/// What all matches of a group have in common, read off its automaton: what tells cheaply that none begins at a place.
struct DetectorProfile: Sendable {
    /// Bytes at the beginning of a match that are told apart.
    static let window = 6
    /// So many of them at every place; the others where these let something begin.
    static let nearWindow = 4
    /// The index that stands for the end of the text.
    static let endOfText = 256

    /// For each of the first places, the bytes that a match can have there, and at ``endOfText`` whether it can be over by then.
    let leading: [[Bool]]
    let run: DetectorRun
    /// Digits of a match at the least.
    let digits: Int
    /// Bytes of a match at the least.
    let length: Int
    /// A byte that every match has, where looking for it first is best: where a match can begin with most bytes.
    let anchor: Int?
    /// The bytes that a match can have before its first anchor.
    let beforeAnchor: [Bool]

    /// With this many first bytes a group would be run at every word of every text.
    private static let manyStarts = 32

    init(_ automaton: DetectorAutomaton, signals: [ClosedRange<UInt8>]) {
        leading = DetectorProfile.leading(
            automaton, from: [Int(automaton.startAfterOther), Int(automaton.startAfterWord)])
        let bytes = DetectorProfile.bytes(automaton, without: nil)
        run = DetectorRun(of: (UInt8.min...UInt8.max).filter { bytes[Int($0)] })
        digits = DetectorProfile.least(automaton) { $0.isDigit ? 1 : 0 }
        length = DetectorProfile.least(automaton) { _ in 1 }
        let own = signals.indices.filter { automaton.signals >> UInt16($0) & 1 != 0 }.map { signals[$0] }
        let starts = leading[0][..<256].count { $0 }
        if automaton.kind == .immediate, own.count == 1, own[0].count == 1, starts >= DetectorProfile.manyStarts {
            anchor = Int(own[0].lowerBound)
            beforeAnchor = DetectorProfile.bytes(automaton, without: own[0].lowerBound)
        } else {
            anchor = nil
            beforeAnchor = []
        }
    }

    private static func leading(
        _ automaton: DetectorAutomaton, from start: Set<Int>, mayHaveEnded: Bool = false
    ) -> [[Bool]] {
        var result: [[Bool]] = []
        var states = start.subtracting([0])
        var mayHaveEnded = mayHaveEnded
        for _ in 0..<window {
            var flags = Array(repeating: mayHaveEnded, count: 257)
            var next: Set<Int> = []
            for state in states {
                for byte in 0..<256 {
                    let target = automaton.next(state, byte)
                    guard target != 0 else { continue }
                    flags[byte] = true
                    next.insert(target)
                }
            }
            result.append(flags)
            mayHaveEnded = mayHaveEnded || next.contains { $0 >= automaton.firstAccepting }
            states = next
        }
        return result
    }

    /// Tables of first bytes in which what begins with the same two bytes has a bit to itself, as far as there are bits.
    static func wordStarts(_ automata: [DetectorAutomaton]) -> [UInt64] {
        var result = Array(repeating: UInt64(0), count: 257 * window)
        var bit = 0
        for automaton in automata {
            var numbers: [Int: Int] = [:]
            for first in 0..<256 {
                for start in [automaton.startAfterOther, automaton.startAfterWord] {
                    let middle = automaton.next(Int(start), first)
                    guard middle != 0 else { continue }
                    let mayEnd = middle >= automaton.firstAccepting
                    for second in 0...256 {
                        let state = second < 256 ? automaton.next(middle, second) : 0
                        guard state != 0 || mayEnd else { continue }
                        let isNew = numbers[state] == nil
                        let number = numbers[state] ?? bit
                        if isNew {
                            numbers[state] = number
                            bit = (bit + 1) % 64
                        }
                        let mask: UInt64 = 1 << UInt64(number)
                        result[first] |= mask
                        result[257 + second] |= mask
                        guard isNew else { continue }
                        let rest = leading(
                            automaton, from: [state], mayHaveEnded: mayEnd || state >= automaton.firstAccepting)
                        for (place, flags) in rest.prefix(window - 2).enumerated() {
                            for byte in 0...256 where flags[byte] { result[(place + 2) * 257 + byte] |= mask }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The bytes of all transitions, or of those that can be taken before `stop` was.
    private static func bytes(_ automaton: DetectorAutomaton, without stop: UInt8?) -> [Bool] {
        let members = DetectorProfile.members(automaton)
        var classes = Array(repeating: false, count: automaton.classCount)
        var seen = Array(repeating: false, count: automaton.stateCount)
        var waiting = [Int(automaton.startAfterOther), Int(automaton.startAfterWord)]
        while let state = waiting.popLast() {
            guard state != 0, !seen[state] else { continue }
            seen[state] = true
            for byteClass in 0..<automaton.classCount {
                let target = Int(automaton.transitions[state * automaton.classCount + byteClass])
                guard target != 0, !members[byteClass].allSatisfy({ $0 == stop }) else { continue }
                classes[byteClass] = true
                waiting.append(target)
            }
        }
        return (0..<256).map { classes[Int(automaton.byteClasses[$0])] && stop.map(Int.init) != $0 }
    }

    /// The least sum of weights, 0 or 1, on a way from a start to a state that accepts.
    private static func least(_ automaton: DetectorAutomaton, weight: (UInt8) -> Int) -> Int {
        let weights = DetectorProfile.members(automaton).map { $0.map(weight).min() ?? 0 }
        var best = Array(repeating: Int.max, count: automaton.stateCount)
        var now = [Int(automaton.startAfterOther), Int(automaton.startAfterWord)]
        var sum = 0
        while !now.isEmpty {
            var later: [Int] = []
            while let state = now.popLast() {
                guard state != 0, best[state] == .max else { continue }
                best[state] = sum
                if state >= automaton.firstAccepting { return sum }
                for byteClass in 0..<automaton.classCount {
                    let target = Int(automaton.transitions[state * automaton.classCount + byteClass])
                    guard target != 0, best[target] == .max else { continue }
                    if weights[byteClass] == 0 { now.append(target) } else { later.append(target) }
                }
            }
            now = later
            sum += 1
        }
        return 0
    }

    /// The bytes of each class.
    private static func members(_ automaton: DetectorAutomaton) -> [[UInt8]] {
        var members = Array(repeating: [UInt8](), count: automaton.classCount)
        for byte in UInt8.min...UInt8.max { members[Int(automaton.byteClasses[Int(byte)])].append(byte) }
        return members
    }
}

extension DetectorAutomaton {
    /// The state behind a byte.
    func next(_ state: Int, _ byte: Int) -> Int {
        Int(transitions[state * classCount + Int(byteClasses[byte])])
    }
}
