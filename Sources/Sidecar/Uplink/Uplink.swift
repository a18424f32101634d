package import Enforcement
import FoundationEssentials
package import Logging
import SwiftProtobuf
import Synchronization
package import UplinkProtocol

/// The sidecar's connection to its collector: sends what the spool holds, asks for approvals, takes revocations. Made
/// again whenever it breaks.
///
/// Records are sent at least once; the collector's store takes each once, by its session and sequence.
package final class Uplink: ApprovalDesk {
    struct State {
        var machine: UplinkMachine
        var handlers: [String: @Sendable (ApprovalDecision.Outcome) -> Void] = [:]
        var revocations: [String: PBRevocation] = [:]
        /// Wakes the sender of the present connection.
        var wake: AsyncStream<Void>.Continuation?
        /// Whether a commit of the spool has found records since the sender last came to the end.
        var hasGathered = false
        /// The collector could not restore a packed batch: on the next connection records go as they are.
        var sendsWhole = false
        var isDraining = false
        /// The wait before the next attempt.
        var pause: Task<Void, Never>?
    }

    let configuration: UplinkConfiguration
    let spool: Spool
    let transport: any UplinkTransport
    /// Where everything of the uplink happens; `nil`: on the threads of all tasks.
    let executor: (any TaskExecutor)?
    let condition: any SidecarConditionReporting
    let revocations: any RevocationListening
    let metrics: SidecarMetrics
    let logger: Logger
    /// Microseconds since 1970.
    let now: @Sendable () -> Int64
    let state: Mutex<State>

    /// - Parameters:
    ///   - revocations: Told of those that were kept over the restart before this returns.
    ///   - now: Microseconds since 1970.
    /// - Throws: ``SidecarError`` when the kept revocations cannot be read.
    package init(
        configuration: UplinkConfiguration, spool: Spool, transport: any UplinkTransport,
        executor: (any TaskExecutor)? = nil, condition: any SidecarConditionReporting,
        revocations: any RevocationListening, metrics: SidecarMetrics,
        logger: Logger, now: @escaping @Sendable () -> Int64 = UnixTime.microseconds
    ) throws(SidecarError) {
        self.configuration = configuration
        self.spool = spool
        self.transport = transport
        self.executor = executor
        self.condition = condition
        self.revocations = revocations
        self.metrics = metrics
        self.logger = logger
        self.now = now
        var state = State(machine: UplinkMachine(window: configuration.windowBatches))
        if let path = configuration.revocationsFile, let kept = try RevocationFile(path: path).read() {
            for revocation in kept { state.revocations[revocation.id] = revocation }
            revocations.revocationsReplaced(kept)
        }
        self.state = Mutex(state)
    }

    /// Whether the collector has welcomed this sidecar and the connection stands.
    package var isConnected: Bool { state.withLock { $0.machine.phase == .online } }

    // MARK: Approvals

    package func ask(
        _ request: PBApprovalRequest, decided: @escaping @Sendable (ApprovalDecision.Outcome) -> Void
    ) {
        state.withLock { state in
            state.machine.ask(request)
            state.handlers[request.approvalID] = decided
            state.wake?.yield()
        }
    }

    package func withdraw(approvalID: String, reason: String) {
        state.withLock { state in
            guard state.machine.withdraw(approvalID, reason: reason) else { return }
            state.handlers[approvalID] = nil
            state.wake?.yield()
        }
    }

    // MARK: What the collector says

    /// - Throws: When the collector does not keep to the protocol.
    func handle(_ message: PBFromCollector) throws {
        // Handlers are called without the lock: they may ask again.
        let (event, handler) = state.withLock { state in
            let event = state.machine.received(message, now: now() / 1_000_000)
            var handler: (@Sendable (ApprovalDecision.Outcome) -> Void)?
            if case .decided(let id, _) = event { handler = state.handlers.removeValue(forKey: id) }
            state.wake?.yield()
            return (event, handler)
        }
        switch event {
        case .welcomed(let collectorID, let revocations):
            logger.info("collector connected", metadata: ["collector": "\(collectorID)", "at": "\(transport.target)"])
            metrics.collectorConnected.set(1)
            replaceRevocations(revocations)
        case .stored(let position, let records):
            spool.acknowledge(upTo: position)
            metrics.recordsAcknowledged.add(records)
        case .decided(_, let outcome): handler?(outcome)
        case .revocation(let revocation): changeRevocation(revocation)
        case .ignored: break
        case .violation(let reason): throw UplinkError(reason)
        }
    }

    private func replaceRevocations(_ all: [PBRevocation]) {
        state.withLock { state in
            state.revocations = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        }
        keepRevocations()
        revocations.revocationsReplaced(all)
    }

    private func changeRevocation(_ revocation: PBRevocation) {
        state.withLock { $0.revocations[revocation.id] = revocation.lifted ? nil : revocation }
        keepRevocations()
        revocations.revocationChanged(revocation)
    }

    private func keepRevocations() {
        guard let path = configuration.revocationsFile else { return }
        let all = state.withLock { $0.revocations.values.sorted { $0.id < $1.id } }
        do {
            try RevocationFile(path: path).write(all)
        } catch {
            logger.error("revocations cannot be kept", metadata: ["file": "\(path)", "error": "\(error)"])
        }
    }

    // MARK: Time

    /// Ends what was asked too long ago.
    func expireApprovals() {
        let handlers = state.withLock { state in
            state.machine.expire(now: now() / 1_000_000).compactMap { state.handlers.removeValue(forKey: $0) }
        }
        for handler in handlers { handler(.expired) }
    }

    func beat() {
        let statistics = spool.statistics
        metrics.spoolBytes.set(Int64(statistics.bytes))
        let heartbeat = PBHeartbeat.with {
            $0.timeUnixUs = now()
            $0.spoolBytes = UInt64(statistics.pendingBytes)
            $0.openSessions = condition.openSessions
            $0.policyDigest = Data(condition.policyDigest)
        }
        state.withLock { state in
            state.machine.beat(heartbeat)
            state.wake?.yield()
        }
    }
}

/// Why a connection to the collector ended.
struct UplinkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
