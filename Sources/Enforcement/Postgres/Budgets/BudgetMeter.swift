import Policy

/// Counts the rows that one run of a statement shows in the budgets that they are of.
final class BudgetMeter {
    private struct Entry {
        let applied: AppliedBudget
        let account: any BudgetAccount
        /// An approver let the statement pass although the window was spent.
        let isApproved: Bool
        /// What the statement has shown, as the budget counts it.
        var shown: UInt64 = 0
        /// The result's columns whose values are counted.
        var columns: [Int] = []

        var budget: Budget { applied.budget }
    }

    private var entries: [Entry] = []
    /// The budget that ended the result, once one has.
    private(set) var spent: Budget?
    /// It was the statement's own limit, and not the window's.
    private(set) var isStatementLimit = false
    /// Bytes of the result that were dropped since.
    var dropped = 0
    var isCancelled = false
    /// What ran before it in the same pipeline would be undone by its failure.
    let followsOthers: Bool
    /// The server was asked to send what it has.
    var isFlushed = false

    init(followsOthers: Bool) {
        self.followsOthers = followsOthers
    }

    func add(_ applied: AppliedBudget, _ account: any BudgetAccount, isApproved: Bool) {
        entries.append(Entry(applied: applied, account: account, isApproved: isApproved))
    }

    /// Says which columns of the result hold values that are counted.
    ///
    /// - Parameter columns: For a budget, the columns whose values it tells apart.
    func watch(_ columns: (Budget) -> [Int]) {
        for index in entries.indices where entries[index].budget.valuesPerSubject != nil {
            entries[index].columns = columns(entries[index].budget)
        }
    }

    var watchesValues: Bool { entries.contains { !$0.columns.isEmpty } }

    /// Whether a column's values are counted.
    var watchedColumns: Set<Int> { Set(entries.flatMap(\.columns)) }

    /// Counts up to `most` rows before they are shown.
    ///
    /// - Returns: how many may be shown; when none may, ``spent`` says why.
    func reserve(upTo most: UInt64, at now: Int64) -> UInt64 {
        var allowed = most
        for index in entries.indices {
            let before = allowed
            let granted = reserve(upTo: allowed, in: index, at: now)
            guard granted < before else { continue }
            // Those before it have counted more than will be shown.
            for earlier in 0..<index { giveBack(before - granted, in: earlier) }
            allowed = granted
        }
        return allowed
    }

    private func reserve(upTo most: UInt64, in index: Int, at now: Int64) -> UInt64 {
        let entry = entries[index]
        let weight = entry.applied.weight
        var allowed = most
        if let limit = entry.budget.rowsPerStatement {
            allowed = min(allowed, (limit - min(limit, entry.shown)) / weight)
            if allowed == 0 { end(by: entry.budget, isStatementLimit: true) }
        }
        if allowed > 0, let limit = entry.budget.rowsPerSubject {
            let (wanted, overflow) = allowed.multipliedReportingOverflow(by: weight)
            let taken = entry.account.take(
                rows: overflow ? .max : wanted, limit: entry.isApproved ? .max : limit, at: now)
            allowed = min(allowed, taken / weight)
            if taken > allowed * weight { entry.account.giveBack(rows: taken - allowed * weight) }
            if allowed == 0 { end(by: entry.budget, isStatementLimit: false) }
        }
        entries[index].shown += allowed * weight
        return allowed
    }

    /// Takes back rows that were counted and are not shown.
    func giveBack(_ rows: UInt64) {
        guard rows > 0 else { return }
        for index in entries.indices { giveBack(rows, in: index) }
    }

    private func giveBack(_ rows: UInt64, in index: Int) {
        let counted = rows * entries[index].applied.weight
        entries[index].shown -= min(entries[index].shown, counted)
        if entries[index].budget.rowsPerSubject != nil { entries[index].account.giveBack(rows: counted) }
    }

    /// Counts the values of rows before they are shown.
    ///
    /// - Parameters:
    ///   - count: Of rows.
    ///   - digests: For a row, the hashes of what its columns hold, by `digest`; NULL is no value.
    /// - Returns: how many rows may be shown, from the first.
    func admit(
        _ count: UInt64, at now: Int64, values: (_ row: UInt64, _ columns: [Int]) -> [[UInt8]]
    ) -> UInt64 {
        var allowed = count
        for entry in entries where !entry.columns.isEmpty {
            guard let limit = entry.budget.valuesPerSubject, allowed > 0 else { continue }
            let rows = (0..<allowed).map { row in
                values(row, entry.columns).map { entry.account.digest($0.span) }
            }
            let admitted = entry.account.admit(rows, limit: entry.isApproved ? .max : limit, at: now)
            if UInt64(admitted) < allowed {
                allowed = UInt64(admitted)
                if allowed == 0 { end(by: entry.budget, isStatementLimit: false) }
            }
        }
        return allowed
    }

    /// The result ends here. The first reason counts.
    private func end(by budget: Budget, isStatementLimit: Bool) {
        guard spent == nil else { return }
        spent = budget
        self.isStatementLimit = isStatementLimit
    }

    /// When the budget that ended the result begins to refill, in seconds since 1970.
    func refillsAt(_ now: Int64) -> Int64? {
        guard let spent, !isStatementLimit else { return nil }
        return entries.first { $0.budget.name == spent.name }?.account.standing(at: now).refillsAt
    }
}
