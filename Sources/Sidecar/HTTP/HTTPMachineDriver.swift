import Enforcement
import Policy

/// Runs a machine whose output is an `HTTPOutput`: takes events to it, and does what it wants in the order in which that must be done. On
/// its session's loop alone.
protocol HTTPMachineDriver: SessionAuthority {
    var ledger: SessionLedger { get set }
    var timer: SessionTimer { get set }
    /// When the input that is being taken came.
    var now: SessionInstant { get set }
    /// An action may cause an event at once; the loop that runs already takes up what that adds.
    var isPerforming: Bool { get set }

    // The machine.
    var mustRecord: Bool { get }
    var isOver: Bool { get }
    var nextDeadline: SessionInstant? { get }
    /// Has the machine take an event, now.
    func handle(_ event: HTTPEvent)

    func send(toClient bytes: [UInt8])
    func send(toUpstream bytes: [UInt8])
    func perform(_ action: HTTPAction)
    func flush()
}

extension HTTPMachineDriver {
    /// Takes an event from anywhere but the sockets.
    func feed(_ event: HTTPEvent) {
        now = SystemClock.now()
        handle(event)
        perform()
        flush()
    }

    /// Does what the machine wants done.
    func perform() {
        guard !isPerforming else { return }
        isPerforming = true
        defer {
            isPerforming = false
            scheduleTick()
        }
        let shared = loop.shared
        while !shared.httpOutput.isEmpty {
            keepRecords()
            if !shared.httpOutput.upstream.bytes.isEmpty { send(toUpstream: shared.httpOutput.upstream.bytes) }
            if !shared.httpOutput.client.isEmpty { send(toClient: shared.httpOutput.client) }
            shared.httpOutput.clearBytes()
            if shared.httpOutput.hasActions {
                for action in shared.httpOutput.takeActions() { perform(action) }
            }
        }
    }

    /// What the bytes depend on is kept before they are written.
    private func keepRecords() {
        let shared = loop.shared
        guard !shared.httpOutput.records.isEmpty else { return }
        for index in shared.httpOutput.records.indices where !keep(shared.httpOutput.records[index]) && mustRecord {
            // What was written as the session ended has its record among these, and nobody can be told.
            if isOver {
                shared.httpOutput.withholdBytes()
                continue
            }
            shared.httpOutput.withhold()
            handle(.recordRefused(reason: "the record could not be kept"))
            // The session's end has records of its own, which are kept if they can be.
            for record in shared.httpOutput.records { _ = keep(record) }
            break
        }
        shared.httpOutput.clearRecords()
    }

    private func keep(_ record: SessionRecord) -> Bool {
        guard case .message(let event) = record.event else { return true }
        return ledger.keep(event, id: record.id, at: now.unixMicroseconds)
    }

    func scheduleTick() {
        guard number != nil, let next = nextDeadline else { return }
        timer.schedule(at: next, on: loop) { [self] in
            timer.fired()
            feed(.tick)
        }
    }

    // MARK: SessionAuthority

    func identified(_ identity: SessionIdentity) { feed(.identified(identity)) }
    func approvalDecided(_ decision: ApprovalDecision) { feed(.approvalDecided(decision)) }

    func take(_ notice: SessionNotice) {
        switch notice {
        case .policyChanged(let policy): feed(.policyChanged(policy))
        case .catalogChanged, .catalogLost: break
        case .identityChanged(let identity): feed(.identityChanged(identity))
        case .revoked(let reason): feed(.revoked(reason: reason))
        case .drain: feed(.drain)
        }
    }

    func cancelStatement() {}
}
