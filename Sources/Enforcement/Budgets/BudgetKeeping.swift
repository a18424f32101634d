public import Policy

/// Keeps what subjects were shown, for all sessions of a process and beyond its end.
public protocol BudgetKeeping: Sendable {
    /// The account of a budget that a subject has.
    func account(of budget: Budget, for subject: Subject) -> any BudgetAccount
}

/// What one subject was shown of one budget. Quick, from any thread. What it says was counted has been kept when it
/// returns: it is counted before it is shown.
public protocol BudgetAccount: Sendable {
    func standing(at unixSeconds: Int64) -> BudgetLedger.Standing
    /// Counts as many rows as there is room for below `limit`.
    func take(rows: UInt64, limit: UInt64, at unixSeconds: Int64) -> UInt64
    /// Takes back rows that were counted and not shown.
    func giveBack(rows: UInt64)
    /// Counts the values of rows, one row after the other, for as long as there is room below `limit` for all of a row's.
    ///
    /// - Returns: how many rows' values were counted.
    func admit(_ rows: [[UInt64]], limit: UInt64, at unixSeconds: Int64) -> Int
    /// A keyed hash of a value.
    func digest(_ value: Span<UInt8>) -> UInt64
}
