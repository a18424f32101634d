package import Records

/// Evidence goes to the spool: every chain is a session's, closed by the sidecar's workload key.
package final class SpoolRecordSink: RecordSink {
    private let spool: Spool
    private let signer: SessionSigner
    private let metrics: SidecarMetrics

    package init(spool: Spool, signer: SessionSigner, metrics: SidecarMetrics) {
        self.spool = spool
        self.signer = signer
        self.metrics = metrics
    }

    package func openChain(sessionID: [UInt8]) -> any RecordChain {
        SpoolRecordChain(
            recorder: RecordID(bytes: sessionID).map { SessionRecorder(sessionID: $0, spool: spool, signer: signer) },
            metrics: metrics)
    }
}

private final class SpoolRecordChain: RecordChain {
    // None when the session's id was no id: nothing is recorded then, and so nothing is released.
    private var recorder: SessionRecorder?
    private let metrics: SidecarMetrics

    init(recorder: SessionRecorder?, metrics: SidecarMetrics) {
        self.recorder = recorder
        self.metrics = metrics
    }

    func append(_ event: PBRecord.OneOf_Event, id: RecordID?, timeUnixMicroseconds: Int64) throws(RecordRefusal) {
        guard recorder != nil else { throw Self.noSession }
        do throws(SpoolError) {
            switch event {
            case .sessionClosed(let close):
                // Its opening found no room: nobody was let in, and a close alone would be a chain without a beginning.
                guard recorder?.isEmpty == false else { return }
                try recorder?.close(
                    reason: close.reason, statements: close.statements, rows: close.rows, id: id,
                    at: timeUnixMicroseconds)
            case .sidecarEvent:
                try recorder?.record(event, id: id, at: timeUnixMicroseconds, reserved: true)
            default:
                try recorder?.record(event, id: id, at: timeUnixMicroseconds)
            }
        } catch {
            throw refusal(error)
        }
        metrics.recordsAppended.add()
    }

    func append(
        _ event: RecordEnvelope.Event, message: Span<UInt8>, id: RecordID?, timeUnixMicroseconds: Int64
    ) throws(RecordRefusal) {
        guard recorder != nil else { throw Self.noSession }
        do throws(SpoolError) {
            try recorder?.record(event, message: message, id: id, at: timeUnixMicroseconds)
        } catch {
            throw refusal(error)
        }
        metrics.recordsAppended.add()
    }

    private static let noSession = RecordRefusal(.failed, "a session has an id that is not 16 bytes long")

    private func refusal(_ error: SpoolError) -> RecordRefusal {
        if error.code == .full { metrics.spoolRefusals.add() }
        return RecordRefusal(error.code == .full ? .full : .failed, error.message)
    }
}
