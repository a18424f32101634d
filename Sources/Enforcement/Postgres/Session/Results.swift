import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// Answers to what was executed: rows, COPY data, and their end.
extension PostgresSession {
    var masker: ValueMasker { ValueMasker(scanner: policy?.scanner, key: policy?.maskKey) }

    /// Whether rows pass as they come, with no need to know where their values are.
    func passesUntouched(_ run: StatementRun) -> Bool {
        guard let plan = run.plan, plan.passesRows else { return false }
        return run.sample?.isFull ?? true
    }

    /// The statement whose rows come, with the plan for them.
    ///
    /// - Throws: when rows come that nothing has described.
    mutating func runWithPlan() throws(SessionFault) -> StatementRun? {
        guard let run = currentRun else { return nil }
        if run.plan != nil { return run }
        guard case .execute(let exchange) = exchanges.first, let fields = exchange.portal.fields else {
            throw SessionFault.unexpected("rows that were not described")
        }
        plan(run, fields, formats: exchange.portal.resultFormats)
        return run
    }

    private mutating func plan(_ run: StatementRun, _ fields: [FieldDescription], formats: [FormatCode]?) {
        guard let policy, let plan = resultPlan(for: run.judged, fields, formats: formats) else { return }
        run.plan = plan
        startSample(run, policy)
    }

    /// What is done with the rows of a statement that were described so.
    ///
    /// - Returns: `nil` before there is a policy.
    func resultPlan(
        for judged: JudgedStatement, _ fields: [FieldDescription], formats: [FormatCode]?
    ) -> ResultPlan? {
        guard let policy, let catalog else { return nil }
        if let known = judged.results.plan(fields, formats, policy.judgements, catalog) { return known }
        let plan = planner(for: judged, policy, catalog).plan(
            fields, outputs: PostgresSession.outputs(of: judged), formats: formats)
        judged.results.keep(plan, fields, formats, policy.judgements, catalog)
        return plan
    }

    /// What a RowDescription says; it says the same of a statement each time.
    func fields(_ frame: Frame, of judged: JudgedStatement) throws(SessionFault) -> [FieldDescription]? {
        if let known = judged.results.fields(of: upstream.bytes[frame.body]) { return known }
        guard case .rowDescription(let fields) = try decode(frame) else { return nil }
        judged.results.keep(fields, of: upstream.bytes[frame.body])
        return fields
    }

    private func startSample(_ run: StatementRun, _ policy: any SessionPolicy) {
        guard run.sample == nil, policy.recording.responses == .masked, let plan = run.plan else { return }
        run.sample = ResponseSample(columns: plan.columns.map(\.name), maximum: policy.recording.maxResponseBytes)
    }

    /// SHOW's one column is a setting, and comes from no table.
    private static func outputs(of statement: JudgedStatement) -> [OutputColumn]? {
        if let outputs = statement.analysis.outputs { return outputs }
        if case .show(let name) = statement.analysis.kind, name.lowercased() != "all" {
            return [OutputColumn(name: name)]
        }
        return nil
    }

    // MARK: Simple queries

    mutating func takeQueryAnswer(_ exchange: QueryExchange, _ tag: BackendTag, _ frame: Frame) throws(SessionFault) {
        guard exchange.refusal == nil else {
            throw SessionFault.unexpected("tag \(tag.rawValue) in answer to what cannot be read")
        }
        guard let run = exchange.run else { throw SessionFault.unexpected("more answers than statements") }
        switch tag {
        case .rowDescription:
            guard let fields = try fields(frame, of: run.judged) else { return }
            plan(run, fields, formats: nil)
            forward(frame)
        case .commandComplete, .emptyQueryResponse:
            if let ended = endedByBudget(run) {
                complete(run, sqlState: PostgresSession.budgetState)
                output.toClient(.errorResponse(ended))
            } else {
                try takeEnd(of: run, tag, frame)
            }
            exchange.current += 1
        default: try takeRunAnswer(run, tag, frame, inQuery: true)
        }
    }

    // MARK: The extended protocol

    mutating func takeExecuteAnswer(
        _ exchange: ExecuteExchange, _ tag: BackendTag, _ frame: Frame
    ) throws(SessionFault) {
        switch tag {
        case .commandComplete, .emptyQueryResponse, .portalSuspended:
            let ended = endedByBudget(exchange.run)
            if ended == nil {
                try takeEnd(of: exchange.run, tag, frame)
            } else {
                complete(exchange.run, sqlState: PostgresSession.budgetState)
            }
            exchanges.popFirst()
            if case .meteredEnd = gate { gate = .open }
            if let ended { failPipeline(ended) }
            // An Execute that was to be a COPY FROM STDIN and was none after all.
            if case .copyInResponse = gate { gate = .open }
        default: try takeRunAnswer(exchange.run, tag, frame, inQuery: false)
        }
    }

    /// Lets the pipeline fail with an error of the session's own, on the server as well where that can still be.
    private mutating func failPipeline(_ response: ResponseFields) {
        if case .sync? = exchanges.first {
            output.toClient(.errorResponse(response))
            return
        }
        output.upstream.append(control: PostgresSession.refusedParse)
        exchanges.append(.refusal(response))
        gate = .meteredEnd
    }

    // MARK: Both

    private mutating func takeEnd(of run: StatementRun, _ tag: BackendTag, _ frame: Frame) throws(SessionFault) {
        complete(run, tag: tag == .commandComplete ? try commandTag(frame) : [], sqlState: "")
        if tag == .commandComplete, !run.judged.leavesSessionAlone { settleEffects(of: run.judged) }
        forward(frame)
    }

    private func commandTag(_ frame: Frame) throws(SessionFault) -> ArraySlice<UInt8> {
        let body = upstream.bytes[frame.body]
        if body.last == 0, !body.dropLast().contains(0) { return body.dropLast() }
        // Of another form: the decoder says what is wrong with it.
        guard case .commandComplete(let tag) = try decode(frame) else { return [] }
        return tag[...]
    }

    private mutating func takeRunAnswer(
        _ run: StatementRun, _ tag: BackendTag, _ frame: Frame, inQuery: Bool
    ) throws(SessionFault) {
        switch tag {
        case .dataRow: throw SessionFault.unexpected("rows that were not described")
        case .copyOutResponse:
            guard case .copyOut(let copy) = try decode(frame) else { return }
            try startCopyOut(run, copy)
            forward(frame)
        case .copyData: try takeCopyData(run, frame)
        case .copyDone:
            try finishCopyOut(run)
            // Where a budget has ended it, the error does.
            if run.meter?.spent == nil || run.judged.analysis.kind == .write { forward(frame) }
        case .copyInResponse:
            guard case .copyIn = run.judged.analysis.kind else {
                throw SessionFault.unexpected("CopyInResponse to what is no COPY FROM STDIN")
            }
            gate = .copyIn(inQuery: inQuery)
            startCopyIn(run)
            forward(frame)
        default: throw SessionFault.unexpected("tag \(tag.rawValue) while a statement runs")
        }
    }

    /// Masks as many rows as are here, in one go.
    ///
    /// - Returns: Whether the rows are a statement's that was described.
    mutating func maskRows(from first: Frame, most: UInt64 = .max) throws(SessionFault) -> Bool {
        guard let run = try runWithPlan(), var plan = run.plan else { return false }
        // Each row of totals is looked at for itself.
        let most = plan.totals.isEmpty ? most : 1
        if !plan.totals.isEmpty { plan.showTotals(try areCounted(in: first, plan)) }
        run.plan = nil  // So that the plan's arrays are changed in place.
        defer { run.plan = plan }
        // One by one for as long as the record keeps what the client sees.
        let wantsSample = run.sample.map { !$0.isFull } ?? false
        let before = output.client.count
        let taken: RowMasking.Run
        do throws(WireError) {
            taken = try RowMasking.maskRows(
                upstream.bytes.span, from: first.whole.lowerBound, most: wantsSample ? 1 : most, plan: &plan,
                to: &output.client)
        } catch {
            throw SessionFault(
                sqlState: "08P01", message: "The database sent a message that cannot be taken.",
                reason: "server protocol violation: \(error)")
        }
        if taken.end - first.whole.lowerBound > BufferShare.free { plan.releaseMemory() }
        upstream.consume(upTo: taken.end)
        if run.sample?.isExceeded(by: output.client.count - before) ?? false {
            run.sample?.truncate()
        } else if wantsSample {
            run.sample?.appendRow(RowMasking.texts(of: output.client.span.extracting(before...), plan: plan))
        }
        run.rows += taken.rows
        run.bytes += UInt64(output.client.count - before)
        return true
    }

    // MARK: COPY TO STDOUT

    private func startCopyOut(_ run: StatementRun, _ copy: BackendMessage.Copy) throws(SessionFault) {
        guard case .copyOut(let format) = run.judged.analysis.kind, let policy, let catalog else {
            throw SessionFault.unexpected("CopyOutResponse to what is no COPY TO STDOUT")
        }
        let plan = planner(for: run.judged, policy, catalog).planCopy(
            columnCount: copy.columns.count, outputs: run.judged.analysis.outputs, format: copy.format)
        run.plan = plan
        guard copy.format == (format == .binary ? .binary : .text) else {
            throw SessionFault.unexpected("a COPY in another format than was asked for")
        }
        run.copyOut = CopyOutStream(format: format)
        if let meter = run.meter { watch(run, meter) }
        startSample(run, policy)
    }

    private mutating func takeCopyData(_ run: StatementRun, _ frame: Frame) throws(SessionFault) {
        guard run.plan != nil else { throw SessionFault.unexpected("COPY data without CopyOutResponse") }
        if let meter = run.meter, meter.spent != nil { return drop(bytes: frame.whole.count, meter) }
        if run.copyOut == nil || run.meter == nil && passesUntouched(run) {
            forward(frame)
            run.rows += 1
            run.bytes += UInt64(frame.whole.count)
            return
        }
        try maskCopyData(run, upstream.bytes[frame.body])
    }

    /// Masks the rows that come out of a COPY's stream, and shows them if budgets have room for them.
    ///
    /// - Parameter data: What has come; `nil` at its end.
    private mutating func maskCopyData(_ run: StatementRun, _ data: ArraySlice<UInt8>?) throws(SessionFault) {
        guard var stream = run.copyOut, var plan = run.plan else { return }
        run.copyOut = nil
        run.plan = nil  // So that the plan's arrays are changed in place.
        var sample = run.sample
        let meter = run.meter
        let counts = meter == nil ? nil : plan.counts
        var rows: [CopiedRow] = []
        let mask = { (values: [[UInt8]?]) -> [[UInt8]?]? in
            plan.shown.removeAll(keepingCapacity: true)
            let masked = RowMasking.values(values, &plan)
            if meter != nil { rows.append(CopiedRow(values: values, found: plan.shown)) }
            return masked
        }
        let masked =
            if let data {
                try stream.take(data, mask: mask, sample: &sample)
            } else {
                stream.finish(mask: mask, sample: &sample)
            }
        run.copyOut = stream
        if let meter, !admitCopyRows(rows, meter) {
            if let counts { plan.restore(counts) }
            run.plan = plan
            return drop(bytes: masked.count, meter)
        }
        run.plan = plan
        // Rows that passed by the stream are counted already.
        run.rows = max(run.rows, stream.rows)
        run.sample = sample
        guard !masked.isEmpty else { return }
        run.bytes += UInt64(masked.count)
        output.toClient(.copyData(masked))
    }

    /// Masks as many rows of a COPY as are here, in one go.
    ///
    /// - Returns: Whether there was one that could be masked where it lay.
    mutating func maskCopyRows(from first: Frame) -> Bool {
        // Rows that are counted in a budget, and those of totals, are looked at one by one.
        guard let run = currentRun, run.meter == nil, run.sample?.isFull ?? true, var stream = run.copyOut,
            stream.isBetweenRows, let style = stream.style, style.isNullDistinct, var plan = run.plan, !plan.passesRows,
            plan.totals.isEmpty
        else { return false }
        run.plan = nil  // So that the plan's arrays are changed in place.
        let before = output.client.count
        let taken = CopyRowMasking.maskRows(
            upstream.bytes.span, from: first.whole.lowerBound, style: style, plan: &plan, to: &output.client)
        run.plan = plan
        guard taken.rows > 0 else { return false }
        if taken.end - first.whole.lowerBound > BufferShare.free { run.plan?.releaseMemory() }
        upstream.consume(upTo: taken.end)
        stream.pass(rows: taken.rows)
        run.copyOut = stream
        run.rows = stream.rows
        run.bytes += UInt64(output.client.count - before)
        return true
    }

    private mutating func finishCopyOut(_ run: StatementRun) throws(SessionFault) {
        guard run.meter?.spent == nil else { return }
        try maskCopyData(run, nil)
        run.copyOut = nil
    }

    // MARK: Names that statements make

    /// What follows in the same Query or pipeline is judged as if the statement had run: if it fails, nothing follows.
    mutating func expectEffects(of statement: JudgedStatement) {
        switch statement.analysis.kind {
        case .prepare(let name): statements.expect(preparedMirror(statement), for: Array(name.utf8))
        case .deallocate(.some(let name)): statements.expect(nil, for: Array(name.utf8))
        case .deallocate(.none): statements.expectRemovingAll()
        case .declareCursor(let name): portals.expect(cursorMirror(statement), for: Array(name.utf8))
        case .closeCursor(.some(let name)): portals.expect(nil, for: Array(name.utf8))
        case .closeCursor(.none): portals.expectRemovingAll()
        case .discardAll:
            statements.expectRemovingAll()
            portals.expectRemovingAll()
        default: break
        }
    }

    private mutating func settleEffects(of statement: JudgedStatement) {
        switch statement.analysis.kind {
        case .prepare(let name): statements.settle(preparedMirror(statement), for: Array(name.utf8))
        case .deallocate(.some(let name)): statements.settle(nil, for: Array(name.utf8))
        case .deallocate(.none): statements.settleRemovingAll()
        case .declareCursor(let name):
            portals.settle(cursorMirror(statement), for: Array(name.utf8))
            cursors.insert(Array(name.utf8))
        case .closeCursor(.some(let name)):
            portals.settle(nil, for: Array(name.utf8))
            cursors.remove(Array(name.utf8))
        case .closeCursor(.none):
            portals.settleRemovingAll()
            cursors = []
        case .discardAll:
            statements.settleRemovingAll()
            portals.settleRemovingAll()
            cursors = []
        default: break
        }
    }

    private func cursorMirror(_ statement: JudgedStatement) -> PortalMirror {
        PortalMirror(
            statement: preparedMirror(statement), judged: statement, epoch: epoch, resultFormats: [],
            recordedParameters: RecordedParameters())
    }
}
