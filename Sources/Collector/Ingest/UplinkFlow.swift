import SwiftProtobuf
import Synchronization
import UplinkProtocol

/// Batches on their way to the disk for one connection, and their acknowledgements.
final class UplinkFlow: Sendable {
    private struct State {
        var inFlight = 0
        var readerFinished = false
        var failed = false
    }

    private let state = Mutex(State())
    private let outbound: AsyncStream<PBFromCollector>.Continuation

    init(outbound: AsyncStream<PBFromCollector>.Continuation) {
        self.outbound = outbound
    }

    func submitted() {
        state.withLock { $0.inFlight += 1 }
    }

    /// Acknowledges a batch that is durable. One that is not ends the connection: nothing after it may be acknowledged,
    /// since an acknowledgement covers all before it.
    func completed(batch: UInt64, _ result: Result<Void, any Error>) {
        enum Next { case acknowledge, finish, nothing }
        let (next, isLast) = state.withLock { state -> (Next, Bool) in
            state.inFlight -= 1
            if case .failure = result {
                state.failed = true
                return (.finish, true)
            }
            return (state.failed ? .nothing : .acknowledge, state.readerFinished && state.inFlight == 0)
        }
        if next == .acknowledge { outbound.yield(.with { $0.stored.batch = batch }) }
        if next == .finish || isLast { outbound.finish() }
    }

    func readerFinished() {
        let isDone = state.withLock { state in
            state.readerFinished = true
            return state.inFlight == 0
        }
        if isDone { outbound.finish() }
    }

    /// Whether a batch could not be stored.
    var failed: Bool { state.withLock { $0.failed } }
    var isIdle: Bool { state.withLock { $0.inFlight == 0 } }
}

/// Hands a value that is not Sendable to one task, once.
final class Disconnected<Value>: @unchecked Sendable {
    // Written before the task that takes it is started, and taken by that task alone.
    private let value: Value

    init(_ value: consuming Value) {
        self.value = value
    }

    func take() -> Value { value }
}

extension Task where Success == Never, Failure == Never {
    /// Returns by throwing `CancellationError` when the task is cancelled.
    static func sleepUntilCancelled() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        defer { continuation.finish() }
        for await _ in stream {}
        try Task<Never, Never>.checkCancellation()
    }
}
