import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// Masked values that come back with parameters and the data of a COPY.
extension PostgresSession {
    private var writeBack: WriteBack? {
        guard let policy, let catalog else { return nil }
        return WriteBack(policy: policy, catalog: catalog.snapshot)
    }

    /// Why the parameters must not be bound.
    func writtenBack(_ bind: FrontendMessage.Bind, _ judged: JudgedStatement) -> String? {
        if judged.analysis.writes.isEmpty { return nil }
        return writeBack?.refusal(of: bind, to: judged.analysis)
    }

    /// The server is ready for the data of a COPY FROM STDIN.
    func startCopyIn(_ run: StatementRun) {
        guard case .copyIn(let format) = run.judged.analysis.kind, let writeBack,
            let columns = writeBack.guardedColumns(ofCopy: run.judged.analysis)
        else { return }
        run.copyIn = CopyInCheck(
            stream: CopyInStream(format: format, columnCount: columns.count), columns: columns, check: writeBack,
            isBinary: format == .binary)
    }

    /// Whether a piece of the data, or what is left at their end, carries a masked value.
    ///
    /// What went before it has gone to the server, which undoes the whole COPY when it fails.
    mutating func copyMustNotBeWritten(_ frame: Frame, isEnd: Bool) throws(SessionFault) -> Bool {
        guard let run = currentRun, var check = run.copyIn else { return false }
        run.copyIn = nil
        let found: WriteBack.Guarded?
        do throws(WireError) {
            found = isEnd ? check.finish() : try check.take(client.bytes[frame.body])
        } catch {
            throw SessionFault(
                sqlState: "08P01", message: "The data of the COPY cannot be read: \(error.reason).",
                reason: "the data of a COPY cannot be read: \(error)")
        }
        run.copyIn = check
        guard let found else { return false }
        run.refusal = refuse(
            [run.judged], source: run.judged.source, verdict: Verdict(outcome: .deny),
            message: check.check.message(found),
            hint: WriteBack.hint, number: run.number)
        return true
    }

    /// Has the server give up the COPY. What the client still sends of it is dropped.
    mutating func failCopy(inQuery: Bool) {
        output.upstream.append(
            control: FrontendBytes(
                bytes: FrontendMessage.copyFail(Array("refused by policy".utf8)).encoded))
        currentRun?.copyIn = nil
        gate = inQuery ? .readyForQuery : .open
    }
}

/// The data of one COPY FROM STDIN, looked through for masked values.
struct CopyInCheck {
    var stream: CopyInStream
    let columns: [WriteBack.Guarded?]
    let check: WriteBack
    let isBinary: Bool

    /// - Returns: the column that a masked value would get into.
    mutating func take(_ data: ArraySlice<UInt8>) throws(WireError) -> WriteBack.Guarded? {
        first(of: try stream.take(data))
    }

    mutating func finish() -> WriteBack.Guarded? { first(of: stream.finish()) }

    private func first(of values: [CopyInStream.Value]) -> WriteBack.Guarded? {
        let place = MaskedForm.Place(isWhole: true, changesRows: false)
        for (index, value) in values {
            let candidates = index.map { [columns[$0]] } ?? columns
            for case let column? in candidates {
                let isCarried =
                    isBinary
                    ? check.isCarried(byBinary: value, to: column, place)
                    : check.isCarried(by: value, to: column, place)
                if isCarried { return column }
            }
        }
        return nil
    }
}
