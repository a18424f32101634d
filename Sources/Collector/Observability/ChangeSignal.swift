import Synchronization

/// Tells all who watch that something in the store has changed; what it was they read there, so that a missed signal
/// loses nothing.
final class ChangeSignal: Sendable {
    private struct State {
        var next: UInt64 = 0
        var watchers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var finished = false
    }

    private let state = Mutex(State())

    /// A stream with an element after each change; changes that come while nobody looks become one.
    func watch() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> UInt64? in
            guard !state.finished else { return nil }
            state.next += 1
            state.watchers[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    func notify() {
        let watchers = state.withLock { Array($0.watchers.values) }
        for watcher in watchers { watcher.yield() }
    }

    /// Ends all streams, for a drain.
    func finish() {
        let watchers = state.withLock { state in
            state.finished = true
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
    }

    var count: Int { state.withLock { $0.watchers.count } }
}
