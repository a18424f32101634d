/// Thompson's nondeterministic automaton of one or more patterns, over bytes.
struct NFA: Sendable {
    enum State: Hashable, Sendable {
        /// One byte of the set, then `next`.
        case bytes(ByteSet, next: Int)
        case split(Int, Int)
        /// A border between a byte of `\w` and one that is not.
        case wordBoundary(next: Int)
        /// The pattern of that index matches here.
        case match(Int)
    }

    private(set) var states: [State] = []
    private(set) var starts: [Int] = []

    /// - Throws: When the patterns need more than ``RegexLimits/nfaStates`` states.
    init(_ patterns: [RegexNode]) throws(RegexError) {
        for (index, pattern) in patterns.enumerated() {
            let match = try add(.match(index))
            starts.append(try add(pattern, next: match))
        }
    }

    private mutating func add(_ state: State) throws(RegexError) -> Int {
        guard states.count < RegexLimits.nfaStates else {
            throw RegexError(
                code: .tooLarge, column: 1, message: "the pattern needs more than \(RegexLimits.nfaStates) states",
                mend: "lower the counts of its repetitions")
        }
        states.append(state)
        return states.count - 1
    }

    /// Builds from the end: the automaton of `node` that goes on at `next`.
    /// - Returns: Its first state.
    private mutating func add(_ node: RegexNode, next: Int) throws(RegexError) -> Int {
        switch node {
        case .wordBoundary: return try add(.wordBoundary(next: next))
        case .scalar(let set): return try add(set, next: next)
        case .sequence(let parts):
            var first = next
            for part in parts.reversed() { first = try add(part, next: first) }
            return first
        case .alternatives(let branches):
            var first: Int?
            for branch in branches.reversed() {
                let start = try add(branch, next: next)
                if let other = first { first = try add(.split(start, other)) } else { first = start }
            }
            return first ?? next
        case .repetition(let body, let min, let max):
            var first = next
            if let max {
                for _ in min..<max {
                    let start = try add(body, next: first)
                    first = try add(.split(start, next))
                }
            } else {
                let loop = try add(.split(next, next))
                let start = try add(body, next: loop)
                states[loop] = .split(start, next)
                first = loop
            }
            for _ in 0..<min { first = try add(body, next: first) }
            return first
        }
    }

    private mutating func add(_ set: ScalarSet, next: Int) throws(RegexError) -> Int {
        var single = ByteSet()
        var starts: [Int] = []
        for sequence in UTF8Sequences.of(set) {
            if sequence.count == 1, let range = sequence.first {
                single.formUnion(ByteSet(range))
                continue
            }
            var first = next
            for range in sequence.reversed() { first = try add(.bytes(ByteSet(range), next: first)) }
            starts.append(first)
        }
        if !single.isEmpty || starts.isEmpty { starts.append(try add(.bytes(single, next: next))) }
        var first = starts.removeLast()
        for start in starts.reversed() { first = try add(.split(start, first)) }
        return first
    }
}
