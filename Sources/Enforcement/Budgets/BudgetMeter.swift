import Policy

/// Counts what one result or one answer shows in the budgets that it is of.
class BudgetMeter {
    private struct Entry {
        let applied: AppliedBudget
        let account: any BudgetAccount
        /// An approver let the statement pass although the window was spent.
        let isApproved: Bool
        /// Else only what is found in the rows' values counts.
        let countsRows: Bool
        /// What the statement has shown, as the budget counts it.
        var shown: UInt64 = 0
        /// The result's columns whose values are counted.
        var columns: [Int] = []
        /// What is found in other columns counts.
        var watchesFindings = false

        var budget: Budget { applied.budget }
    }

    private var entries: [Entry] = []
    /// The budget that ended the result, once one has.
    private(set) var spent: Budget?
    /// It was the statement's own limit, and not the window's.
    private(set) var isStatementLimit = false
    /// Some of its rows had been left: there were more.
    private var isMoreThanLeft = false
    /// What allowed the fewest rows when last some were asked for.
    private var tightest: (budget: Budget, isStatementLimit: Bool)?

    init() {}

    final func add(_ applied: AppliedBudget, _ account: any BudgetAccount, isApproved: Bool) {
        entries.append(Entry(applied: applied, account: account, isApproved: isApproved, countsRows: true))
    }

    /// Adds a budget in which only what is found in the rows' values counts.
    final func add(_ budget: Budget, _ account: any BudgetAccount) {
        entries.append(
            Entry(
                applied: AppliedBudget(budget: budget, weight: 1), account: account, isApproved: false,
                countsRows: false))
    }

    /// Says what in the result holds values that are counted.
    ///
    /// - Parameters:
    ///   - columns: For a budget, the columns whose values it tells apart.
    ///   - findings: For a budget, whether what is found in other columns counts.
    final func watch(_ columns: (Budget) -> [Int], findings: (Budget) -> Bool) {
        for index in entries.indices where entries[index].budget.valuesPerSubject != nil {
            entries[index].columns = columns(entries[index].budget)
            entries[index].watchesFindings = findings(entries[index].budget)
        }
    }

    final var watchesValues: Bool { entries.contains { !$0.columns.isEmpty } }
    final var watchesFindings: Bool { entries.contains(where: \.watchesFindings) }

    /// Whether a column's values are counted.
    final var watchedColumns: Set<Int> { Set(entries.flatMap(\.columns)) }

    /// Counts up to `most` rows before they are shown.
    ///
    /// - Returns: how many may be shown; when none may, ``spent`` says why.
    final func reserve(upTo most: UInt64, at now: Int64) -> UInt64 {
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
        guard entry.countsRows else { return most }
        let weight = entry.applied.weight
        var allowed = most
        if let limit = entry.budget.rowsPerStatement {
            allowed = min(allowed, (limit - min(limit, entry.shown)) / weight)
            if allowed < most { tightest = (entry.budget, true) }
            if allowed == 0 { end(by: entry.budget, isStatementLimit: true) }
        }
        if allowed > 0, let limit = entry.budget.rowsPerSubject {
            let (wanted, overflow) = allowed.multipliedReportingOverflow(by: weight)
            let taken = entry.account.take(
                rows: overflow ? .max : wanted, limit: entry.isApproved ? .max : limit, at: now)
            allowed = min(allowed, taken / weight)
            if taken > allowed * weight { entry.account.giveBack(rows: taken - allowed * weight) }
            if overflow || taken < wanted { tightest = (entry.budget, false) }
            if allowed == 0 { end(by: entry.budget, isStatementLimit: false) }
        }
        entries[index].shown += allowed * weight
        return allowed
    }

    /// Takes back rows that were counted and are not shown.
    final func giveBack(_ rows: UInt64) {
        guard rows > 0 else { return }
        for index in entries.indices { giveBack(rows, in: index) }
    }

    private func giveBack(_ rows: UInt64, in index: Int) {
        guard entries[index].countsRows else { return }
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
    final func admit(
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

    /// Counts the values of one row before it is shown: those of its columns, and what was found in others.
    ///
    /// - Parameters:
    ///   - columns: What a column holds; NULL is no value.
    ///   - found: What was found in the row.
    /// - Returns: whether it may be shown.
    final func admit(columns: (Int) -> [UInt8]?, found: [ShownFinding], at now: Int64) -> Bool {
        for entry in entries {
            guard let limit = entry.budget.valuesPerSubject else { continue }
            var values = entry.columns.compactMap(columns)
            if entry.watchesFindings {
                values += found.lazy.filter {
                    $0.classifications.contains(where: entry.budget.classifications.contains)
                }
                .map(\.value)
            }
            guard !values.isEmpty else { continue }
            let digests = values.map { entry.account.digest($0.span) }
            if entry.account.admit([digests], limit: entry.isApproved ? .max : limit, at: now) == 1 { continue }
            end(by: entry.budget, isStatementLimit: false)
            return false
        }
        return true
    }

    /// Ends the result because the last rows could not be counted all.
    final func endAtTightest() {
        guard let tightest else { return }
        isMoreThanLeft = spent == nil
        end(by: tightest.budget, isStatementLimit: tightest.isStatementLimit)
    }

    /// The result ends here. The first reason counts.
    private func end(by budget: Budget, isStatementLimit: Bool) {
        guard spent == nil else { return }
        spent = budget
        self.isStatementLimit = isStatementLimit
    }

    /// Ends it because its rows cannot be told; where none are counted, it goes on.
    final func endUncounted() {
        guard let budget = entries.first(where: { $0.countsRows && $0.budget.countsRows })?.budget else { return }
        end(by: budget, isStatementLimit: false)
    }

    /// What the client is told when a budget ended it.
    ///
    /// - Parameter what: What may show so many rows: `A statement`.
    final func endMessage(_ budget: Budget, of what: String, at now: Int64) -> String {
        guard isStatementLimit, let limit = budget.rowsPerStatement else {
            return budget.spentMessage(at: now, refillsAt: refillsAt(now), isMoreThanLeft: isMoreThanLeft)
        }
        return (budget.message.map { "\($0) " } ?? "")
            + "\(what) may show \(limit) rows (budget \(budget.name)); this one has more."
    }

    /// When the budget that ended the result begins to refill, in seconds since 1970.
    final func refillsAt(_ now: Int64) -> Int64? {
        guard let spent, !isStatementLimit else { return nil }
        return entries.first { $0.budget.name == spent.name }?.account.standing(at: now).refillsAt
    }
}
