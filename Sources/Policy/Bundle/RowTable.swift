/// Where rules stand in a row: allow rules first, then hold, then deny, each part starting at a word of its own, and each
/// part in the order of the rules' names.
struct RuleOrder: Hashable, Sendable {
    let allowRules: Int
    let holdRules: Int
    let denyRules: Int

    static func words(_ rules: Int) -> Int { (rules + 63) / 64 }

    var rules: Int { allowRules + holdRules + denyRules }
    var holdStart: Int { RuleOrder.words(allowRules) }
    var denyStart: Int { holdStart + RuleOrder.words(holdRules) }
    /// Words of a row.
    var words: Int { denyStart + RuleOrder.words(denyRules) }
    /// Words of a row's summary: a bit for each of its words.
    var summaryWords: Int { (words + 63) / 64 }

    func effect(ofWord word: Int) -> Rule.Effect {
        word < holdStart ? .allow : word < denyStart ? .hold : .deny
    }

    /// The bit of the `ordinal`th rule.
    func bit(ofRule ordinal: Int) -> Int {
        if ordinal < allowRules { return ordinal }
        if ordinal < allowRules + holdRules { return ordinal - allowRules + 64 * holdStart }
        return ordinal - allowRules - holdRules + 64 * denyStart
    }

    /// The inverse of ``bit(ofRule:)``.
    func rule(atBit bit: Int) -> Int {
        let word = bit / 64
        if word < holdStart { return bit }
        if word < denyStart { return bit - 64 * holdStart + allowRules }
        return bit - 64 * denyStart + allowRules + holdRules
    }

    func effect(ofRule ordinal: Int) -> Rule.Effect {
        ordinal < allowRules ? .allow : ordinal < allowRules + holdRules ? .hold : .deny
    }

    /// The bits of a word that stand for rules.
    func validBits(ofWord word: Int) -> UInt64 {
        let (start, rules) =
            switch effect(ofWord: word) {
            case .allow: (0, allowRules)
            case .hold: (holdStart, holdRules)
            case .deny: (denyStart, denyRules)
            }
        let remaining = rules - 64 * (word - start)
        return remaining >= 64 ? .max : remaining <= 0 ? 0 : (1 << UInt64(remaining)) - 1
    }

    /// The words of `effects` that the `index`th summary word stands for.
    func summaryMask(_ index: Int, _ range: Range<Int>) -> UInt64 {
        let low = min(max(range.lowerBound - 64 * index, 0), 64)
        let high = min(max(range.upperBound - 64 * index, 0), 64)
        return low >= high ? 0 : (UInt64.max >> UInt64(64 - (high - low))) << UInt64(low)
    }
}

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
