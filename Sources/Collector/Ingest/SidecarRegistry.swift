import SwiftProtobuf
import Synchronization
import UplinkProtocol

/// The sidecars that are connected now, and how to tell each something.
final class SidecarRegistry: Sendable {
    /// One connection; a sidecar that reconnects has two for a moment.
    struct Connection: Sendable {
        let sidecarID: String
        let number: UInt64
    }

    private struct State {
        var next: UInt64 = 0
        var outbound: [String: [UInt64: AsyncStream<PBFromCollector>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    func add(_ sidecarID: String, _ outbound: AsyncStream<PBFromCollector>.Continuation) -> Connection {
        state.withLock { state in
            state.next += 1
            state.outbound[sidecarID, default: [:]][state.next] = outbound
            return Connection(sidecarID: sidecarID, number: state.next)
        }
    }

    func remove(_ connection: Connection) {
        state.withLock { state in
            state.outbound[connection.sidecarID]?[connection.number] = nil
            if state.outbound[connection.sidecarID]?.isEmpty == true { state.outbound[connection.sidecarID] = nil }
        }
    }

    /// Tells a sidecar, if it is connected. What must reach it is in the store, and goes out when it connects.
    func send(_ message: PBFromCollector.OneOf_Message, to sidecarID: String) {
        let wrapped = PBFromCollector.with { $0.message = message }
        state.withLock { state in
            for outbound in (state.outbound[sidecarID] ?? [:]).values { outbound.yield(wrapped) }
        }
    }

    /// Tells all.
    func broadcast(_ message: PBFromCollector.OneOf_Message) {
        let wrapped = PBFromCollector.with { $0.message = message }
        state.withLock { state in
            for connections in state.outbound.values {
                for outbound in connections.values { outbound.yield(wrapped) }
            }
        }
    }

    /// Ends every connection, for a drain.
    func finishAll() {
        state.withLock { state in
            for connections in state.outbound.values {
                for outbound in connections.values { outbound.finish() }
            }
        }
    }

    var connected: Int { state.withLock { $0.outbound.count } }
    var ids: Set<String> { state.withLock { Set($0.outbound.keys) } }
}
