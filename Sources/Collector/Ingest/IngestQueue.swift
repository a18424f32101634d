import GRDB
import Logging
import Synchronization

/// Batches from all sidecars, committed together: one sync of the disk serves everybody who waits at the time.
///
/// While a transaction runs, what arrives is queued; the next transaction takes all of it. Each connection's batches
/// are completed in the order they were submitted.
final class IngestQueue: Sendable {
    /// Told once: the batch is durable, or it is not and must come again.
    typealias Completion = @Sendable (Result<Void, any Error>) -> Void

    private struct Pending {
        var batch: RecordIngest.Batch
        var bytes: Int
        var completion: Completion
    }

    private struct State {
        var pending: [Pending] = []
        var bytes = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var stopped = false
    }

    /// A transaction takes no more: it bounds how long the first waits for the last.
    private static let transactionBytes = 16 << 20
    /// Sidecars are made to wait above this; what they have not sent is in their spools.
    private static let queueBytes = 64 << 20

    private let store: Store
    private let metrics: Metrics
    private let changes: ChangeSignal
    private let logger: Logger
    private let state = Mutex(State())
    private let wake: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(store: Store, metrics: Metrics, changes: ChangeSignal, logger: Logger) {
        self.store = store
        self.metrics = metrics
        self.changes = changes
        self.logger = logger
        (wake, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Queues a batch; returns when there is room for another.
    func submit(_ batch: RecordIngest.Batch, completion: @escaping Completion) async {
        let bytes = batch.records.reduce(0) { $0 + $1.bytes.count }
        let (accepted, full) = state.withLock { state -> (Bool, Bool) in
            guard !state.stopped else { return (false, false) }
            state.pending.append(Pending(batch: batch, bytes: bytes, completion: completion))
            state.bytes += bytes
            return (true, state.bytes > Self.queueBytes)
        }
        guard accepted else {
            completion(.failure(CollectorError(.unavailable, "the collector is stopping")))
            return
        }
        waker.yield()
        guard full else { return }
        await withCheckedContinuation { continuation in
            let resumeNow = state.withLock { state -> Bool in
                if state.stopped || state.bytes <= Self.queueBytes { return true }
                state.waiting.append(continuation)
                return false
            }
            if resumeNow { continuation.resume() }
        }
    }

    /// Commits until it is stopped, and then what is queued still.
    func run() async {
        for await _ in wake {
            await drain()
        }
        await drain()
    }

    /// Takes no more; `run` returns when the rest is committed.
    func stop() {
        let waiting = state.withLock { state in
            state.stopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
        waker.finish()
    }

    private func drain() async {
        while true {
            let (taken, resumed) = state.withLock { state -> ([Pending], [CheckedContinuation<Void, Never>]) in
                var bytes = 0
                let count = state.pending.firstIndex { pending in
                    bytes += pending.bytes
                    return bytes > Self.transactionBytes
                }
                // At least one, however large it is.
                let taken = Array(state.pending.prefix(max(count ?? state.pending.count, 1)))
                state.pending.removeFirst(taken.count)
                state.bytes -= taken.reduce(0) { $0 + $1.bytes }
                guard state.bytes <= Self.queueBytes else { return (taken, []) }
                defer { state.waiting = [] }
                return (taken, state.waiting)
            }
            for continuation in resumed { continuation.resume() }
            guard !taken.isEmpty else { return }
            await commit(taken)
        }
    }

    private func commit(_ taken: [Pending]) async {
        let batches = taken.map(\.batch)
        let now = store.clock()
        do {
            let outcome = try await store.ingest(batches, now: now)
            metrics.committed(outcome, batches: batches.count)
            for (kind, count) in outcome.findings {
                logger.warning("finding", metadata: ["kind": "\(kind.rawValue)", "count": "\(count)"])
            }
            for pending in taken { pending.completion(.success(())) }
            if outcome.stored > 0 || !outcome.findings.isEmpty || outcome.approvalsChanged { changes.notify() }
        } catch {
            metrics.commitFailed()
            logger.error("records could not be stored; the sidecars keep them", metadata: ["error": "\(error)"])
            for pending in taken { pending.completion(.failure(error)) }
        }
    }
}
