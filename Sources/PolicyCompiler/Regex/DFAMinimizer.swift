/// Makes an automaton as small as it can be (Hopcroft's partition refinement) and numbers its states canonically, so that
/// equal languages give equal tables.
struct DFAMinimizer {
    private let dfa: DFA
    /// States, ordered by block.
    private var order: [Int]
    private var place: [Int]
    private var blockOf: [Int]
    private var blocks: [Range<Int>]
    /// How many states of a block's beginning are marked.
    private var marked: [Int]

    static func minimize(_ dfa: DFA) -> DFA {
        var minimizer = DFAMinimizer(dfa)
        minimizer.refine()
        return minimizer.quotient()
    }

    private init(_ dfa: DFA) {
        self.dfa = dfa
        struct Signature: Hashable {
            var beforeWord: [Int]
            var beforeOther: [Int]
        }
        var numbers: [Signature: Int] = [:]
        var members: [[Int]] = []
        for state in 0..<dfa.stateCount {
            let signature = Signature(
                beforeWord: dfa.matchesBeforeWord[state], beforeOther: dfa.matchesBeforeOther[state])
            if let number = numbers[signature] {
                members[number].append(state)
            } else {
                numbers[signature] = members.count
                members.append([state])
            }
        }
        order = members.flatMap { $0 }
        place = Array(repeating: 0, count: dfa.stateCount)
        blockOf = Array(repeating: 0, count: dfa.stateCount)
        blocks = []
        for group in members {
            let start = blocks.last?.upperBound ?? 0
            for (offset, state) in group.enumerated() {
                place[state] = start + offset
                blockOf[state] = blocks.count
            }
            blocks.append(start..<start + group.count)
        }
        marked = Array(repeating: 0, count: blocks.count)
    }

    private mutating func refine() {
        let (offsets, sources) = predecessors()
        var pending = Array(blocks.indices)
        var isPending = Array(repeating: true, count: blocks.count)
        while let splitter = pending.popLast() {
            isPending[splitter] = false
            let members = Array(order[blocks[splitter]])
            for byteClass in 0..<dfa.classCount {
                var touched: [Int] = []
                for member in members {
                    let key = byteClass * dfa.stateCount + member
                    for source in sources[offsets[key]..<offsets[key + 1]] { mark(source, touched: &touched) }
                }
                for block in touched {
                    guard let new = splitMarked(block) else { continue }
                    isPending.append(false)
                    let smaller = blocks[new].count < blocks[block].count ? new : block
                    let next = isPending[block] ? new : smaller
                    isPending[next] = true
                    pending.append(next)
                }
            }
        }
    }

    /// For each class and state, the states that lead there: offsets into one list.
    private func predecessors() -> (offsets: [Int], sources: [Int]) {
        let count = dfa.stateCount
        var offsets = Array(repeating: 0, count: dfa.classCount * count + 1)
        for state in 0..<count {
            for byteClass in 0..<dfa.classCount {
                offsets[byteClass * count + dfa.transitions[state * dfa.classCount + byteClass] + 1] += 1
            }
        }
        for index in 1..<offsets.count { offsets[index] += offsets[index - 1] }
        var next = offsets
        var sources = Array(repeating: 0, count: dfa.classCount * count)
        for state in 0..<count {
            for byteClass in 0..<dfa.classCount {
                let key = byteClass * count + dfa.transitions[state * dfa.classCount + byteClass]
                sources[next[key]] = state
                next[key] += 1
            }
        }
        return (offsets, sources)
    }

    private mutating func mark(_ state: Int, touched: inout [Int]) {
        let block = blockOf[state]
        let boundary = blocks[block].lowerBound + marked[block]
        guard place[state] >= boundary else { return }
        if marked[block] == 0 { touched.append(block) }
        let other = order[boundary]
        order.swapAt(boundary, place[state])
        place[other] = place[state]
        place[state] = boundary
        marked[block] += 1
    }

    /// - Returns: The block that the marked states moved to; `nil` when all were marked.
    private mutating func splitMarked(_ block: Int) -> Int? {
        let range = blocks[block]
        let boundary = range.lowerBound + marked[block]
        marked[block] = 0
        guard boundary < range.upperBound else { return nil }
        let new = blocks.count
        blocks.append(range.lowerBound..<boundary)
        marked.append(0)
        blocks[block] = boundary..<range.upperBound
        for index in range.lowerBound..<boundary { blockOf[order[index]] = new }
        return new
    }

    /// One state a block: the dead one first, then by breadth from the starts; classes that are alike become one.
    private func quotient() -> DFA {
        var found = [blockOf[0]]
        var number = Array(repeating: -1, count: blocks.count)
        number[blockOf[0]] = 0
        let visit = { (state: Int, found: inout [Int], number: inout [Int]) in
            let block = blockOf[state]
            guard number[block] < 0 else { return }
            number[block] = found.count
            found.append(block)
        }
        visit(dfa.startAfterOther, &found, &number)
        visit(dfa.startAfterWord, &found, &number)
        var next = 0
        while next < found.count {
            let state = order[blocks[found[next]].lowerBound]
            for byteClass in 0..<dfa.classCount {
                visit(dfa.transitions[state * dfa.classCount + byteClass], &found, &number)
            }
            next += 1
        }
        let states = found.map { order[blocks[$0].lowerBound] }
        let target = { (state: Int, byteClass: Int) in
            number[blockOf[dfa.transitions[state * dfa.classCount + byteClass]]]
        }
        var columns: [[Int]: Int] = [:]
        var kept: [Int] = []
        var renumbered: [Int] = []
        for byteClass in 0..<dfa.classCount {
            // What matches depends on whether a byte is of `\w`; no class may hold both kinds.
            let first = dfa.byteClasses.firstIndex(of: UInt8(truncatingIfNeeded: byteClass)) ?? 0
            let isWord = ByteSet.isWord(UInt8(truncatingIfNeeded: first))
            let column = states.map { target($0, byteClass) } + [isWord ? 1 : 0]
            if columns[column] == nil {
                columns[column] = kept.count
                kept.append(byteClass)
            }
            renumbered.append(columns[column] ?? 0)
        }
        return DFA(
            byteClasses: dfa.byteClasses.map { UInt8(truncatingIfNeeded: renumbered[Int($0)]) },
            classCount: kept.count,
            transitions: states.flatMap { state in kept.map { target(state, $0) } },
            startAfterOther: number[blockOf[dfa.startAfterOther]],
            startAfterWord: number[blockOf[dfa.startAfterWord]],
            matchesBeforeWord: states.map { dfa.matchesBeforeWord[$0] },
            matchesBeforeOther: states.map { dfa.matchesBeforeOther[$0] })
    }
}
