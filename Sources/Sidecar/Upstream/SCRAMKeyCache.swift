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
        return threads.runIfActive(eventLoop: eventLoop) {
            let derived = derivation.derive()
            self.keys.withLock { keys in
                if keys.count >= Self.capacity { keys.removeAll() }
                keys[derivation] = derived
            }
            return derived
        }
    }
}
