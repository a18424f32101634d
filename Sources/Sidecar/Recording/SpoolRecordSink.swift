package import Records

/// Chains and spools: the recorder of every session writes to one spool.
package struct SpoolRecordSink: RecordSink {
    private let spool: Spool
    private let signer: SessionSigner
    private let metrics: SidecarMetrics

    package init(spool: Spool, signer: SessionSigner, metrics: SidecarMetrics) {
        self.spool = spool
        self.signer = signer
        self.metrics = metrics
    }

    package func openChain(sessionID: RecordID) -> any RecordChain {
        SpoolRecordChain(
            recorder: SessionRecorder(sessionID: sessionID, spool: spool, signer: signer), metrics: metrics)
    }
}

private final class SpoolRecordChain: RecordChain {
    private var recorder: SessionRecorder
    private let metrics: SidecarMetrics

    init(recorder: SessionRecorder, metrics: SidecarMetrics) {
        self.recorder = recorder
        self.metrics = metrics
    }

    func append(_ event: PBRecord.OneOf_Event, id: RecordID, timeUnixMicroseconds: Int64) throws(RecordRefusal) {
        do throws(SpoolError) {
            switch event {
            case .sessionClosed(let closed):
                try recorder.close(
                    reason: closed.reason, statements: closed.statements, rows: closed.rows, id: id,
                    at: timeUnixMicroseconds)
            case .sidecarEvent, .policyChanged:
                // The sidecar's own events may use the room that a full spool keeps.
                try recorder.record(event, id: id, at: timeUnixMicroseconds, reserved: true)
            default:
                try recorder.record(event, id: id, at: timeUnixMicroseconds)
            }
        } catch {
            throw RecordRefusal(error.code == .full ? .full : .failed, error.message)
        }
        metrics.recordsAppended.add()
    }
}
