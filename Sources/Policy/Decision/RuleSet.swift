/// A set of rules in memory, as a row is in a bundle: a summary, and the words that are not zero.
struct RuleSet: Hashable, Sendable {
    private(set) var summary: [UInt64] = []
    private(set) var words: [UInt64] = []

    /// Adds a word. Words are added in ascending order.
    mutating func append(_ word: UInt64, at position: Int) {
        while summary.count <= position / 64 { summary.append(0) }
        summary[position / 64] |= 1 << UInt64(position % 64)
        words.append(word)
    }

    var isEmpty: Bool { words.isEmpty }

    /// Calls `body` with every word that is in both sets and not zero, in ascending order.
    ///
    /// - Parameter other: `nil`: all rules there are.
    func forEachCommonWord(with other: RuleSet?, _ body: (_ position: Int, _ word: UInt64) -> Void) {
        let other = other ?? self
        var ours = 0
        var theirs = 0
        for index in 0..<min(summary.count, other.summary.count) {
            var common = summary[index] & other.summary[index]
            while common != 0 {
                let bit = common & (~common &+ 1)
                let left = words[ours + (summary[index] & (bit - 1)).nonzeroBitCount]
                let right = other.words[theirs + (other.summary[index] & (bit - 1)).nonzeroBitCount]
                if left & right != 0 { body(64 * index + common.trailingZeroBitCount, left & right) }
                common &= common - 1
            }
            ours += summary[index].nonzeroBitCount
            theirs += other.summary[index].nonzeroBitCount
        }
    }
}
