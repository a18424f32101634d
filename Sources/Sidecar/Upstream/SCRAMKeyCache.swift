import Enforcement
import NIOCore
import NIOPosix
import Synchronization

/// Derived SCRAM keys, by what they are derived from: a server keeps its salt, so every login after the first costs
/// no derivation.
final class SCRAMKeyCache: Sendable {
    /// One for each upstream and credential; more means that some server gives another salt every time.
    private static let capacity = 64

    private let keys = Mutex<[SCRAMDerivation: SCRAMKeys]>([:])
    private let threads: NIOThreadPool

    init(threads: NIOThreadPool) {
        self.threads = threads
    }

    func keys(for derivation: SCRAMDerivation, on eventLoop: any EventLoop) -> EventLoopFuture<SCRAMKeys> {
        if let known = keys.withLock({ $0[derivation] }) { return eventLoop.makeSucceededFuture(known) }
        return threads.runIfActive(eventLoop: eventLoop) { self.derive(derivation) }
    }

    /// - Parameter completion: Called once: at once when the keys are known, else on a thread of the pool's.
    func keys(
        for derivation: SCRAMDerivation, completion: @escaping @Sendable (Result<SCRAMKeys, any Error>) -> Void
    ) {
        if let known = keys.withLock({ $0[derivation] }) { return completion(.success(known)) }
        threads.submit { state in
            switch state {
            case .active: completion(.success(self.derive(derivation)))
            case .cancelled: completion(.failure(CancellationError()))
            }
        }
    }

    private func derive(_ derivation: SCRAMDerivation) -> SCRAMKeys {
        let derived = derivation.derive()
        keys.withLock { keys in
            if keys.count >= Self.capacity { keys.removeAll() }
            keys[derivation] = derived
        }
        return derived
    }
}
