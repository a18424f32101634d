import FoundationEssentials
import Logging
import Policy
import Records
import Synchronization

/// The sidecar's own chain: what happened to it, beside what happened in sessions.
final class SidecarJournal: Sendable {
    private struct State: ~Copyable {
        var chain: any RecordChain
    }

    private let state: Mutex<State>
    private let logger: Logger

    init(sink: any RecordSink, logger: Logger) {
        let id = RecordID(at: SystemClock.unixMicroseconds())
        state = Mutex(State(chain: sink.openChain(sessionID: id.bytes)))
        self.logger = logger
    }

    func policyChanged(_ bundle: PolicyBundle) {
        var event = PBPolicyChanged()
        event.digest = Data(bundle.digest)
        event.policy = bundle.name
        append(.policyChanged(event))
    }

    func policyRejected(_ error: SidecarError) {
        var event = PBPolicyChanged()
        event.rejected = error.details.first ?? error.message
        append(.policyChanged(event))
    }

    func happened(_ kind: String, _ detail: String) {
        var event = PBSidecarEvent()
        event.kind = kind
        event.detail = detail
        append(.sidecarEvent(event))
    }

    private func append(_ event: PBRecord.OneOf_Event) {
        let now = SystemClock.unixMicroseconds()
        do {
            try state.withLock {
                try $0.chain.append(event, id: nil, timeUnixMicroseconds: now)
            }
        } catch {
            logger.error("a record of the sidecar's own could not be kept", metadata: ["reason": "\(error)"])
        }
    }
}
