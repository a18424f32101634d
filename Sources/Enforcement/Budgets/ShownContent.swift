/// What of an answer is about to be shown, as budgets count it.
public struct ShownContent: Hashable, Sendable {
    /// How much it lists: of a JSON document the elements of its lists, and one where it has none; lines, events, a table's lines.
    public var rows: UInt64 = 0
    /// Of whose masked form something shows.
    public var values: [ShownFinding] = []
    /// How much it lists cannot be told.
    public var isUncountable = false
}
