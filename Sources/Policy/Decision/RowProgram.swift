/// What a rule must satisfy: to be in one row at least of each dimension, and in no excluded row.
struct RowProgram {
    /// Every dimension's rows, one dimension after the other.
    private var rows: [UInt32] = []
    /// Where each dimension ends in `rows`.
    private var ends: [Int] = []
    private var excluded: [UInt32] = []

    /// Adds a dimension. Rows may come more than once; without any, nothing satisfies the program.
    mutating func require(anyOf rows: [UInt32]) {
        for row in rows where !self.rows[(ends.last ?? 0)...].contains(row) { self.rows.append(row) }
        ends.append(self.rows.count)
    }

    mutating func exclude(_ row: UInt32) {
        if row != 0 { excluded.append(row) }
    }

    /// Finds the rules that satisfy the program and lie in `range`, a range of a row's words.
    ///
    /// Only words that the summaries of all dimensions have in common are looked at.
    ///
    /// - Parameter filter: rules beyond this set are not looked for; `nil`: none is left out.
    func run(on table: RowTable, words range: Range<Int>, filter: RuleSet? = nil) -> RuleSet {
        var result = RuleSet()
        let required = rows.map { Cursor($0, table) }
        var cursors = required + excluded.map { Cursor($0, table) }
        var filterBase = 0
        for index in 0..<table.order.summaryWords {
            var candidates = table.order.summaryMask(index, range)
            for cursor in cursors.indices { cursors[cursor].load(index, table) }
            var first = 0
            for end in ends {
                var dimension: UInt64 = 0
                for cursor in first..<end { dimension |= cursors[cursor].summary }
                candidates &= dimension
                first = end
            }
            let filterSummary = filter.map { index < $0.summary.count ? $0.summary[index] : 0 } ?? .max
            candidates &= filterSummary
            while candidates != 0 {
                let bit = candidates & (~candidates &+ 1)
                var word = UInt64.max
                if let filter { word = filter.words[filterBase + (filterSummary & (bit - 1)).nonzeroBitCount] }
                word = evaluate(bit, word, cursors, table)
                if word != 0 { result.append(word, at: 64 * index + candidates.trailingZeroBitCount) }
                candidates &= candidates - 1
            }
            for cursor in cursors.indices { cursors[cursor].advance() }
            if filter != nil { filterBase += filterSummary.nonzeroBitCount }
        }
        return result
    }

    private func evaluate(_ bit: UInt64, _ start: UInt64, _ cursors: [Cursor], _ table: RowTable) -> UInt64 {
        var word = start
        var first = 0
        for end in ends {
            var dimension: UInt64 = 0
            for cursor in first..<end { dimension |= cursors[cursor].word(bit, table) }
            word &= dimension
            if word == 0 { return 0 }
            first = end
        }
        for cursor in rows.count..<cursors.count { word &= ~cursors[cursor].word(bit, table) }
        return word
    }

    /// A row that is gone through, a summary word at a time.
    private struct Cursor {
        private let start: Int
        private var packed: Int
        private(set) var summary: UInt64 = 0

        init(_ row: UInt32, _ table: RowTable) {
            start = table.start(row)
            packed = start + table.order.summaryWords
        }

        mutating func load(_ index: Int, _ table: RowTable) {
            summary = table.rows.u64(start + index)
        }

        mutating func advance() {
            packed += summary.nonzeroBitCount
        }

        func word(_ bit: UInt64, _ table: RowTable) -> UInt64 {
            guard summary & bit != 0 else { return 0 }
            return table.rows.u64(packed + (summary & (bit - 1)).nonzeroBitCount)
        }
    }
}
