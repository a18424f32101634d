/// Builds the deterministic automaton by the subset construction.
struct DFABuilder {
    /// A set of states of the NFA, closed over its splits. `\b` stays unresolved until the next byte is known, so the set
    /// carries whether the byte before was of `\w`.
    private struct Subset: Hashable {
        var states: [Int]
        var followsWord: Bool
    }

    private let nfa: NFA
    private let limit: Int
    private var byteClasses: [UInt8] = []
    /// One byte of each class.
    private var representatives: [UInt8] = []
    private var numbers: [Subset: Int] = [:]
    private var subsets: [Subset] = []
    /// Which states of the NFA the set in the making has: the stamp of the last set that took them.
    private var stamps: [Int]
    private var stamp = 0
    private var steps = 0

    /// Compiles patterns into one minimal automaton. The result depends on nothing but the patterns.
    /// - Throws: When it needs more than `limit` states before it is minimized.
    static func build(
        _ patterns: [RegexNode], limit: Int = RegexLimits.dfaStates
    ) throws(RegexError) -> DFA {
        var builder = DFABuilder(nfa: try NFA(patterns), limit: limit)
        return DFAMinimizer.minimize(try builder.build())
    }

    private init(nfa: NFA, limit: Int) {
        self.nfa = nfa
        self.limit = limit
        stamps = Array(repeating: 0, count: nfa.states.count)
        findByteClasses()
    }

    /// Two bytes are of one class when every set of the NFA has both or neither.
    private mutating func findByteClasses() {
        var sets: Set<ByteSet> = [.word]
        for case .bytes(let set, _) in nfa.states { sets.insert(set) }
        byteClasses = Array(repeating: 0, count: 256)
        var count = 1
        for set in sets {
            var split: [UInt8: UInt8] = [:]
            for byte in set.bytes {
                let old = byteClasses[Int(byte)]
                if split[old] == nil {
                    // At the most 256 classes come to be, the first of them being 0.
                    split[old] = UInt8(truncatingIfNeeded: count)
                    count += 1
                }
                byteClasses[Int(byte)] = split[old] ?? old
            }
            compact(&count)
        }
        representatives = (0..<count).map { number in
            UInt8(truncatingIfNeeded: byteClasses.firstIndex(of: UInt8(truncatingIfNeeded: number)) ?? 0)
        }
    }

    /// Numbers the classes by their first bytes, with no number unused.
    private mutating func compact(_ count: inout Int) {
        var renumbered: [UInt8: UInt8] = [:]
        for byte in 0..<256 {
            let old = byteClasses[byte]
            let new = renumbered[old] ?? UInt8(truncatingIfNeeded: renumbered.count)
            renumbered[old] = new
            byteClasses[byte] = new
        }
        count = renumbered.count
    }

    private mutating func build() throws(RegexError) -> DFA {
        _ = try number(of: Subset(states: [], followsWord: false))
        let startAfterOther = try number(of: closed(nfa.starts, followsWord: false))
        let startAfterWord = try number(of: closed(nfa.starts, followsWord: true))
        var transitions: [Int] = []
        var beforeWord: [[Int]] = []
        var beforeOther: [[Int]] = []
        var next = 0
        while next < subsets.count {
            guard steps <= RegexLimits.steps else {
                throw RegexError(
                    code: .tooLarge, column: 1, message: "the pattern takes too long to compile",
                    mend: "write fewer repetitions of wide sets (.*) in it, or several detectors")
            }
            let subset = subsets[next]
            let resolved = (word: resolved(subset, precedesWord: true), other: resolved(subset, precedesWord: false))
            beforeWord.append(matches(in: resolved.word))
            beforeOther.append(matches(in: resolved.other))
            for byte in representatives {
                let isWord = ByteSet.isWord(byte)
                let sources = isWord ? resolved.word : resolved.other
                var targets: [Int] = []
                steps += sources.count
                for state in sources {
                    if case .bytes(let set, let target) = nfa.states[state], set.contains(byte) {
                        targets.append(target)
                    }
                }
                transitions.append(try number(of: closed(targets, followsWord: isWord)))
            }
            next += 1
        }
        return DFA(
            byteClasses: byteClasses, classCount: representatives.count, transitions: transitions,
            startAfterOther: startAfterOther, startAfterWord: startAfterWord, matchesBeforeWord: beforeWord,
            matchesBeforeOther: beforeOther)
    }

    private mutating func number(of subset: Subset) throws(RegexError) -> Int {
        if let number = numbers[subset] { return number }
        guard subsets.count < limit else {
            throw RegexError(
                code: .tooLarge, column: 1, message: "the pattern needs more than \(limit) states",
                mend: "lower the counts of its repetitions, or write several detectors")
        }
        subsets.append(subset)
        numbers[subset] = subsets.count - 1
        return subsets.count - 1
    }

    /// All states that are reached without a byte, `\b` left unresolved.
    private mutating func closed(_ states: [Int], followsWord: Bool) -> Subset {
        let (states, hasBoundary) = closure(of: states, crossing: false)
        // Where nothing asks what came before, sets that differ in nothing else are one.
        return Subset(states: states, followsWord: hasBoundary && followsWord)
    }

    /// The states of a subset once the kind of the next byte is known: `\b` lets through, or does not.
    private mutating func resolved(_ subset: Subset, precedesWord: Bool) -> [Int] {
        guard subset.followsWord != precedesWord else { return subset.states }
        return closure(of: subset.states, crossing: true).states
    }

    /// - Parameter crossing: Whether `\b` lets through; where it does not, it is a member of the closure.
    private mutating func closure(of states: [Int], crossing: Bool) -> (states: [Int], hasBoundary: Bool) {
        stamp += 1
        var result: [Int] = []
        var hasBoundary = false
        var pending = states
        while let state = pending.popLast() {
            steps += 1
            guard stamps[state] != stamp else { continue }
            stamps[state] = stamp
            switch nfa.states[state] {
            case .split(let first, let second):
                pending.append(first)
                pending.append(second)
            case .wordBoundary(let next):
                if crossing {
                    pending.append(next)
                } else {
                    hasBoundary = true
                    result.append(state)
                }
            case .bytes, .match: result.append(state)
            }
        }
        return (result.sorted(), hasBoundary)
    }

    private func matches(in states: [Int]) -> [Int] {
        var result: [Int] = []
        for state in states {
            if case .match(let pattern) = nfa.states[state] { result.append(pattern) }
        }
        return result.sorted()
    }
}
