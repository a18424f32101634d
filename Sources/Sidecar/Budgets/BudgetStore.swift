import Enforcement
import Logging
import Policy
import Synchronization

/// What subjects were shown, for all sessions of the process and beyond its end.
///
/// What is counted is in the file before it is shown, so that a process that is killed forgets nothing. Of rows the file holds
/// a mark that runs ahead of the count, by a fiftieth of the limit and 255 rows at the most, so that not every batch of
/// rows is a write: after a kill so many too many may be counted, never too few. A proper end writes exact counts. What a power
/// cut takes is bounded by the spool's interval of commits. A file that cannot be written counts nothing, and nothing is
/// shown.
///
/// With no budget in the policy nobody asks for an account, and nothing is paid.
final class BudgetStore: BudgetKeeping {
    private struct State {
        var ledger = BudgetLedger()
        var file: BudgetFile
        /// How far ahead the file is, for the bucket under way of each account.
        var marks: [BudgetAccountKey: (bucket: Int64, count: UInt64)] = [:]
        /// Since the last commit.
        var isDirty = false
        var hasFailed = false
    }

    private let keys: BudgetKeys
    private let logger: Logger
    private let state: Mutex<State>
    /// A file this large is written anew when a quarter of it would do.
    private static let compactedFrom = 1 << 20

    /// - Parameter directory: The spool's, which belongs to one sidecar at a time.
    init(directory: String, logger: Logger, now: Int64) throws {
        let keys = try BudgetKeys(path: "\(directory)/.budget-key")
        var ledger = BudgetLedger()
        let file = try BudgetFile(path: "\(directory)/.budgets", seal: keys.seal) { ledger.restore($0) }
        ledger.dropForgotten(at: now)
        self.keys = keys
        self.logger = logger
        state = Mutex(State(ledger: ledger, file: file))
    }

    func account(of budget: Budget, for subject: Subject) -> any BudgetAccount {
        Account(
            store: self, key: BudgetAccountKey(budget, of: subject, keys.first, keys.second),
            window: SlidingWindow(seconds: budget.windowSeconds), values: keys.values)
    }

    /// Forces to the disk what was counted, and makes a file that has grown small again. Blocks.
    func commit(now: Int64) {
        let file = state.withLock { state -> FileDescriptor? in
            if state.file.bytes > Self.compactedFrom {
                state.ledger.dropForgotten(at: now)
                compact(&state, isFinal: false)
            }
            defer { state.isDirty = false }
            return state.isDirty ? state.file.synchronizer : nil
        }
        do { try file?.synchronize() } catch { fail(error) }
    }

    /// Writes what is counted, exactly. No session is open.
    func close(now: Int64) {
        state.withLock { state in
            state.ledger.dropForgotten(at: now)
            compact(&state, isFinal: true)
        }
    }

    private func compact(_ state: inout State, isFinal: Bool) {
        var entries = state.ledger.entries
        if !isFinal {
            guard entries.count * BudgetFile.entryBytes * 4 < state.file.bytes else { return }
            // Marks stay ahead of their counts.
            for (account, mark) in state.marks {
                guard let entry = entries.first(where: { $0.account == account }) else { continue }
                entries.append(
                    BudgetEntry(
                        account: account, bucketSeconds: entry.bucketSeconds, bucket: mark.bucket,
                        content: .rows(mark.count)))
            }
        }
        if entries.isEmpty && state.file.bytes == 0 { return }
        do { try state.file.replace(with: entries) } catch { report(&state, error) }
    }

    private func fail(_ error: SpoolError) {
        state.withLock { report(&$0, error) }
    }

    private func report(_ state: inout State, _ error: SpoolError) {
        guard !state.hasFailed else { return }
        state.hasFailed = true
        logger.error("what budgets count cannot be written", metadata: ["reason": "\(error)"])
    }

    /// - Returns: whether it is in the file.
    private func append(_ entries: [BudgetEntry], to state: inout State) -> Bool {
        if entries.isEmpty { return true }
        do throws(SpoolError) {
            try state.file.append(entries)
            state.isDirty = true
            state.hasFailed = false
            return true
        } catch {
            report(&state, error)
            return false
        }
    }

    // MARK: What accounts ask

    fileprivate func standing(_ account: Account, at now: Int64) -> BudgetLedger.Standing {
        state.withLock { $0.ledger.standing(of: account.key, window: account.window, at: now) }
    }

    fileprivate func take(_ rows: UInt64, _ account: Account, limit: UInt64, at now: Int64) -> UInt64 {
        state.withLock { state in
            let taken = state.ledger.take(
                rows: rows, of: account.key, limit: limit, window: account.window, at: now)
            guard taken > 0, let latest = state.ledger.latestRows(of: account.key) else { return 0 }
            if let mark = state.marks[account.key], mark.bucket == latest.bucket, mark.count >= latest.count {
                return taken
            }
            let ahead = min(255, limit / 50)
            let mark = latest.count.addingReportingOverflow(ahead)
            let count = mark.overflow ? UInt64.max : mark.partialValue
            let entry = BudgetEntry(
                account: account.key, bucketSeconds: account.window.bucketSeconds, bucket: latest.bucket,
                content: .rows(count))
            guard append([entry], to: &state) else {
                state.ledger.giveBack(rows: taken, of: account.key)
                return 0
            }
            if state.marks.count >= BudgetLedger.maximumAccounts { state.marks.removeAll() }
            state.marks[account.key] = (latest.bucket, count)
            return taken
        }
    }

    fileprivate func giveBack(_ rows: UInt64, _ account: Account) {
        state.withLock { $0.ledger.giveBack(rows: rows, of: account.key) }
    }

    fileprivate func admit(_ rows: [[UInt64]], _ account: Account, limit: UInt64, at now: Int64) -> Int {
        state.withLock { state in
            var entries: [BudgetEntry] = []
            var admitted = 0
            rows: for row in rows {
                guard
                    row.count < 2
                        || state.ledger.hasRoom(
                            for: row, of: account.key, limit: limit, window: account.window, at: now)
                else { break }
                for value in row {
                    switch state.ledger.admit(
                        value: value, of: account.key, limit: limit, window: account.window, at: now)
                    {
                    case .refused: break rows
                    case .known: break
                    case .counted(let bucket):
                        entries.append(
                            BudgetEntry(
                                account: account.key, bucketSeconds: account.window.bucketSeconds, bucket: bucket,
                                content: .value(value)))
                    }
                }
                admitted += 1
            }
            return append(entries, to: &state) ? admitted : 0
        }
    }
}

/// An account of a store.
private struct Account: BudgetAccount {
    let store: BudgetStore
    let key: BudgetAccountKey
    let window: SlidingWindow
    let values: KeyedHash

    func standing(at unixSeconds: Int64) -> BudgetLedger.Standing { store.standing(self, at: unixSeconds) }

    func take(rows: UInt64, limit: UInt64, at unixSeconds: Int64) -> UInt64 {
        store.take(rows, self, limit: limit, at: unixSeconds)
    }

    func giveBack(rows: UInt64) { store.giveBack(rows, self) }

    func admit(_ rows: [[UInt64]], limit: UInt64, at unixSeconds: Int64) -> Int {
        store.admit(rows, self, limit: limit, at: unixSeconds)
    }

    func digest(_ value: Span<UInt8>) -> UInt64 { values(value) }
}
