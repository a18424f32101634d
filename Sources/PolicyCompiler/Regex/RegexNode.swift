/// A regular expression, parsed.
indirect enum RegexNode: Hashable, Sendable {
    /// One scalar of the set.
    case scalar(ScalarSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    /// `max` is `nil` where there is no bound.
    case repetition(RegexNode, min: Int, max: Int?)
    /// `\b`.
    case wordBoundary

    /// Matches the empty text and nothing else.
    static let empty = RegexNode.sequence([])
}
