import Policy

/// A detector before it is compiled.
struct DetectorSpec: Sendable {
    struct Pattern: Sendable {
        var regex: String
        var validator: DetectorValidator
        /// Whether it counts only near a context word, or in a column that is named by one.
        var needsContext: Bool
        /// Bytes behind which it does not start.
        var notAfter: ByteSet
        /// Bytes of which every valid match has one within its first ``DetectorTableLayout/window`` bytes; `nil` for what the pattern
        /// says by itself. Patterns with the same signal can share an automaton.
        var signal: ByteSet?

        init(
            _ regex: String, _ validator: DetectorValidator = .none, needsContext: Bool = false,
            notAfter: ByteSet = .alphanumeric, signal: ByteSet? = nil
        ) {
            self.regex = regex
            self.validator = validator
            self.needsContext = needsContext
            self.notAfter = notAfter
            self.signal = signal
        }
    }

    var name: String
    /// What it finds, in a line.
    var summary: String
    var patterns: [Pattern]
    /// Words in lower case. A space stands for a space, an underscore, a dash, a point or nothing.
    var context: [String] = []
}

extension ByteSet {
    static let alphanumeric = ByteSet(ByteSet.word.bytes.filter { $0 != UInt8(ascii: "_") })
    static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    static let letters = ByteSet(ByteSet.word.bytes.filter { $0 >= UInt8(ascii: "A") && $0 != UInt8(ascii: "_") })
}
