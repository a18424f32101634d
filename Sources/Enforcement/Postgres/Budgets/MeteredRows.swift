import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// Rows that count in a budget: none is shown that was not counted first, and once a budget is spent the rest of the result
/// is dropped, and an error comes in place of its end.
extension PostgresSession {
    /// So many rows are counted at once.
    private static let meteredRows: UInt64 = 256
    /// A result that goes on for longer than this after its end for the client is cancelled on the server. Shorter ones end
    /// by themselves, and a cancel might meet the next statement.
    private static let droppedBytes = 1 << 20

    /// Shows as many rows as are here and as budgets have room for.
    mutating func takeMeteredRows(from first: Frame, _ run: StatementRun, _ meter: ResultMeter) throws(SessionFault) {
        guard meter.spent == nil else { return drop(first, run, meter) }
        watch(run, meter)
        var allowed = meter.reserve(upTo: try rowsHere(from: first), at: now.unixSeconds)
        if allowed > 0, meter.watchesFindings {
            let shown = try showOneByOne(allowed, from: first, run, meter)
            return meter.giveBack(allowed - min(allowed, shown))
        }
        if allowed > 0, meter.watchesValues {
            let admitted = try admit(allowed, from: first, meter)
            meter.giveBack(allowed - admitted)
            allowed = admitted
        }
        guard allowed > 0 else { return drop(first, run, meter) }
        let before = run.rows
        if try !passRows(from: first, most: allowed) { _ = try maskRows(from: first, most: allowed) }
        let shown = run.rows - before
        meter.giveBack(allowed - min(allowed, shown))
    }

    private func rowsHere(from first: Frame) throws(SessionFault) -> UInt64 {
        var last = first
        var count: UInt64 = 1
        while count < PostgresSession.meteredRows,
            let next = try SessionFault.ofServer({ () throws(WireError) in try upstream.peek(after: last) }),
            next.tag == BackendTag.dataRow.rawValue
        {
            last = next
            count += 1
        }
        return count
    }

    /// Shows rows in whose values something may be found that counts: what was found is known once a row is masked, so each
    /// is masked for itself, and taken back where the budget has no room for it.
    ///
    /// - Returns: how many were shown.
    private mutating func showOneByOne(
        _ most: UInt64, from first: Frame, _ run: StatementRun, _ meter: ResultMeter
    ) throws(SessionFault) -> UInt64 {
        let watched = meter.watchedColumns
        var shown: UInt64 = 0
        var frame = first
        while true {
            let values = watched.isEmpty ? [:] : try self.values(of: watched, in: frame)
            let before = (
                output: output.client.count, rows: run.rows, bytes: run.bytes, sample: run.sample,
                counts: run.plan?.counts
            )
            run.plan?.shown.removeAll(keepingCapacity: true)
            _ = try maskRows(from: frame, most: 1)
            guard meter.admit(columns: { values[$0] }, found: run.plan?.shown ?? [], at: now.unixSeconds) else {
                output.client.removeSubrange(before.output...)
                (run.rows, run.bytes, run.sample) = (before.rows, before.bytes, before.sample)
                if let counts = before.counts { run.plan?.restore(counts) }
                drop(bytes: frame.whole.count, meter)
                return shown
            }
            shown += 1
            guard shown < most,
                let next = try SessionFault.ofServer({ () throws(WireError) in try upstream.peek() })
            else { return shown }
            frame = next
        }
    }

    /// What a row holds in columns whose values are counted.
    private func values(of watched: Set<Int>, in frame: Frame) throws(SessionFault) -> [Int: [UInt8]] {
        var values: [Int: [UInt8]] = [:]
        try SessionFault.ofServer { () throws(WireError) in
            var row = try DataRowReader(ByteReader(upstream.bytes, in: frame.body))
            var index = 0
            while let next = try row.next() {
                if watched.contains(index), let range = next { values[index] = Array(upstream.bytes[range]) }
                index += 1
            }
        }
        return values
    }

    /// Counts the values in the rows that are here.
    private func admit(_ count: UInt64, from first: Frame, _ meter: ResultMeter) throws(SessionFault) -> UInt64 {
        let watched = meter.watchedColumns
        var rows: [[Int: [UInt8]]] = []
        var frame: Frame? = first
        while let current = frame, rows.count < count {
            rows.append(try values(of: watched, in: current))
            frame = try SessionFault.ofServer { () throws(WireError) in try upstream.peek(after: current) }
        }
        return meter.admit(count, at: now.unixSeconds) { row, columns in
            let index = Int(clamping: row)
            return rows.indices.contains(index) ? columns.compactMap { rows[index][$0] } : []
        }
    }

    /// Tells the meter which columns of the result hold values that are counted, once the result is known.
    func watch(_ run: StatementRun, _ meter: ResultMeter) {
        guard !run.isWatching, let plan = run.plan, let policy else { return }
        run.isWatching = true
        let outputs = run.judged.analysis.outputs ?? []
        let columns = { (budget: Budget) in
            plan.columns.indices.filter { index in
                guard case .mask(let mask, let maskedBy) = plan.columns[index].treatment, mask.tellsApart else {
                    return false
                }
                var classes: Set<String> = [maskedBy]
                if outputs.indices.contains(index) {
                    for source in outputs[index].sources {
                        classes.formUnion(policy.classification(of: source)?.classifications ?? [])
                    }
                }
                return !classes.isDisjoint(with: budget.classifications)
            }
        }
        let scans = plan.columns.contains { if case .scan = $0.treatment { true } else { false } }
        meter.watch(columns) { scans && plan.masker.scanner?.tellsApart(anyOf: $0.classifications) ?? false }
        if meter.watchesFindings { run.plan?.keepShown() }
    }

    /// Drops a row that may not be shown.
    private mutating func drop(_ frame: Frame, _ run: StatementRun, _ meter: ResultMeter) {
        drop(bytes: frame.whole.count, meter)
        upstream.consume(frame)
    }

    mutating func drop(bytes: Int, _ meter: ResultMeter) {
        meter.dropped += bytes
        if meter.dropped > PostgresSession.droppedBytes, !meter.isCancelled {
            meter.isCancelled = true
            output.perform(.cancel(configuration.cancelKey))
        }
    }

    // MARK: COPY TO STDOUT

    /// Whether the rows that came with a piece of a COPY's data may be shown: all of them or none.
    ///
    /// - Parameter rows: What each holds, and what was found in it.
    func admitCopyRows(_ rows: [CopiedRow], _ meter: ResultMeter) -> Bool {
        let count = UInt64(rows.count)
        guard count > 0 else { return meter.spent == nil }
        let reserved = meter.reserve(upTo: count, at: now.unixSeconds)
        let isAdmitted =
            reserved == count
            && rows.allSatisfy { row in
                meter.admit(
                    columns: { row.values.indices.contains($0) ? row.values[$0] : nil }, found: row.found,
                    at: now.unixSeconds)
            }
        if isAdmitted { return true }
        meter.giveBack(reserved)
        if reserved < count { meter.endAtTightest() }
        return false
    }

    // MARK: The end

    /// The error in place of a result's end, when a budget ended it; `nil` when none did, or when the statement wrote: what
    /// it did is done, and only its rows are withheld.
    mutating func endedByBudget(_ run: StatementRun) -> ResponseFields? {
        guard let meter = run.meter, let budget = meter.spent else { return nil }
        run.spentBudget = budget.name
        guard run.judged.analysis.kind != .write else {
            output.toClient(
                .noticeResponse(
                    ResponseFields(
                        severity: "WARNING", sqlState: "01000",
                        message:
                            "Rows of this statement were withheld. \(meter.endMessage(budget, of: "A statement", at: now.unixSeconds))"
                    )))
            return nil
        }
        return ResponseFields(
            severity: "ERROR", sqlState: PostgresSession.budgetState,
            message: meter.endMessage(budget, of: "A statement", at: now.unixSeconds),
            hint: "The rows before it are counted. Ask for fewer, or for what you need alone.")
    }

    /// Whether the client's next message must wait for the end of what was executed last: should a budget end its result,
    /// what comes after it in the pipeline must not have run.
    mutating func waitsForMeteredEnd(_ tag: FrontendTag) -> Bool {
        guard case .execute(let exchange)? = exchanges.last, let meter = exchange.run.meter else { return false }
        if tag == .flush || tag == .terminate { return false }
        // With a Sync nothing comes after it; but what came before it would be kept.
        if tag == .sync, !meter.followsOthers { return false }
        if !meter.isFlushed {
            meter.isFlushed = true
            output.upstream.append(control: FrontendBytes(bytes: FrontendMessage.flush.encoded))
        }
        gate = .meteredEnd
        return true
    }
}
