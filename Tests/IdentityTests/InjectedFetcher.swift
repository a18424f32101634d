import Identity
import Synchronization

/// Serves documents from memory and counts how often it is asked.
final class InjectedFetcher: KeySetFetching {
    struct Unreachable: Error, CustomStringConvertible { var description: String { "connection refused" } }

    private struct State {
        var documents: [KeySetLocation: String] = [:]
        var requests = 0
    }

    private let state = Mutex(State())

    var requests: Int { state.withLock { $0.requests } }

    func serve(_ text: String?, at location: KeySetLocation) {
        state.withLock { $0.documents[location] = text }
    }

    func fetch(_ location: KeySetLocation) async throws -> FetchedDocument {
        let text = state.withLock { state in
            state.requests += 1
            return state.documents[location]
        }
        guard let text else { throw Unreachable() }
        return FetchedDocument(body: Array(text.utf8))
    }
}

/// A clock that a test turns by hand.
final class TestClock: Sendable {
    private let seconds: Mutex<Int64>

    init(_ seconds: Int64) { self.seconds = Mutex(seconds) }

    var now: Int64 { seconds.withLock { $0 } }
    func advance(_ by: Int64) { seconds.withLock { $0 += by } }
}
