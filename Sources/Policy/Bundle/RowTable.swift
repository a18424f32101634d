/// The sets of rules. A row is its summary (a bit for each of its words, set where the word is not zero), and after it
/// the words that are not zero. Combining rows looks at the summaries first, and so visits only the words in which all
/// have something: that is why a decision's cost does not follow the number of rules.
struct RowTable: Sendable {
    let order: RuleOrder
    let rows: BlockSlice
    let index: BlockSlice

    var count: Int { index.count / 4 }

    /// Where the row's summary starts, in words.
    func start(_ row: UInt32) -> Int {
        Int(index.u32(Int(row)))
    }

    /// The row's `position`th word.
    func word(_ row: UInt32, _ position: Int) -> UInt64 {
        let start = start(row)
        var packed = start + order.summaryWords
        for index in 0..<(position / 64) { packed += rows.u64(start + index).nonzeroBitCount }
        let summary = rows.u64(start + position / 64)
        let bit = UInt64(1) << UInt64(position % 64)
        guard summary & bit != 0 else { return 0 }
        return rows.u64(packed + (summary & (bit - 1)).nonzeroBitCount)
    }

    /// Checks that every row lies in the section and has no bit that stands for no rule.
    func validate() throws(BundleError) {
        let size = rows.count / 8
        for row in 0..<count {
            let start = Int(index.u32(row))
            guard start <= size, order.summaryWords <= size - start else {
                throw fault(start, "row \(row) lies outside the section")
            }
            var packed = start + order.summaryWords
            for summaryIndex in 0..<order.summaryWords {
                var summary = rows.u64(start + summaryIndex)
                guard summary & ~order.summaryMask(summaryIndex, 0..<order.words) == 0 else {
                    throw fault(start + summaryIndex, "row \(row) has a word beyond its last")
                }
                while summary != 0 {
                    let word = 64 * summaryIndex + summary.trailingZeroBitCount
                    summary &= summary - 1
                    guard packed < size else { throw fault(packed, "row \(row) lies outside the section") }
                    guard rows.u64(packed) & ~order.validBits(ofWord: word) == 0 else {
                        throw fault(packed, "row \(row) has a rule that does not exist")
                    }
                    packed += 1
                }
            }
        }
    }

    private func fault(_ word: Int, _ reason: String) -> BundleError {
        BundleError(
            .corrupt, section: BundleLayout.Section.rows.name, offset: rows.range.lowerBound + 8 * word, reason)
    }
}

/// Lays rows out, equal ones once. Row 0 is the empty one.
struct RowSink {
    private let order: RuleOrder
    private(set) var words: [UInt64] = []
    private(set) var starts: [UInt32] = []
    private var numbers: [[Int]: UInt32] = [:]

    init(order: RuleOrder) {
        self.order = order
        _ = row([])
    }

    /// - Parameter rules: ordinals, ascending, each once.
    mutating func row(_ rules: [Int]) -> UInt32 {
        if let number = numbers[rules] { return number }
        let number = UInt32(truncatingIfNeeded: starts.count)
        numbers[rules] = number
        starts.append(UInt32(truncatingIfNeeded: words.count))
        var summary = [UInt64](repeating: 0, count: order.summaryWords)
        var packed: [UInt64] = []
        var last = -1
        for rule in rules {
            let bit = order.bit(ofRule: rule)
            if bit / 64 != last {
                last = bit / 64
                summary[last / 64] |= 1 << UInt64(last % 64)
                packed.append(0)
            }
            packed[packed.count - 1] |= 1 << UInt64(bit % 64)
        }
        words += summary + packed
        return number
    }
}
