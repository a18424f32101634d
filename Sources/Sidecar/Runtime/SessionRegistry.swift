import Enforcement
import Identity
import Records
import Synchronization

/// The sessions that are open, by what events are addressed to: all, a resource's, a database's, a subject's, a key's.
final class SessionRegistry: Sendable {
    /// What is known of a session, for addressing it.
    struct Entry: Sendable {
        let number: UInt64
        var handle: SessionHandle
        var resource: String
        var sessionID: RecordID
        var database: String?
        var token: VerifiedToken?
        /// Its identity came from the resource's token file, and is renewed from there.
        var usesTokenFile = false
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var cancelKeys: [CancelKey: UInt64] = [:]
        var nextNumber: UInt64 = 1
        var isDraining = false
        var emptied: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// - Returns: the session's number; `nil` when the sidecar stops and lets nobody in any more.
    func add(handle: SessionHandle, resource: String, sessionID: RecordID) -> UInt64? {
        state.withLock { state in
            guard !state.isDraining else { return nil }
            let number = state.nextNumber
            state.nextNumber += 1
            state.entries[number] = Entry(
                number: number, handle: handle, resource: resource, sessionID: sessionID)
            return number
        }
    }

    func update(_ number: UInt64, _ change: @Sendable (inout Entry) -> Void) {
        state.withLock { state in
            guard var entry = state.entries[number] else { return }
            change(&entry)
            state.entries[number] = entry
        }
    }

    func publish(_ key: CancelKey, for number: UInt64) {
        state.withLock { state in
            // A key that another session has stays with that one: ours just cannot be cancelled.
            if state.entries[number] != nil, state.cancelKeys[key] == nil { state.cancelKeys[key] = number }
        }
    }

    func handle(for key: CancelKey) -> SessionHandle? {
        state.withLock { state in state.cancelKeys[key].flatMap { state.entries[$0]?.handle } }
    }

    func remove(_ number: UInt64) {
        let waiting = state.withLock { state in
            state.entries[number] = nil
            state.cancelKeys = state.cancelKeys.filter { $0.value != number }
            guard state.entries.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.emptied = [] }
            return state.emptied
        }
        for continuation in waiting { continuation.resume() }
    }

    func entries(where isIncluded: (Entry) -> Bool = { _ in true }) -> [Entry] {
        state.withLock { $0.entries.values.filter(isIncluded) }
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Lets nobody in any more and tells everybody to end when they can.
    func drain() {
        let handles = state.withLock { state in
            state.isDraining = true
            return state.entries.values.map(\.handle)
        }
        for handle in handles { handle.deliver(.drain) }
    }

    /// Has everybody who waits in ``untilEmpty()`` go on.
    func stopWaiting() {
        let waiting = state.withLock { state in
            defer { state.emptied = [] }
            return state.emptied
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when no session is left.
    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.entries.isEmpty { state.emptied.append(continuation) }
                return state.entries.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
