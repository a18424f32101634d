import Dispatch
import Synchronization

/// A value that comes from another thread, and is waited for.
final class Awaited<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func put(_ new: Value?) {
        value.withLock { $0 = new }
        isThere.signal()
    }

    func take() -> Value? {
        isThere.wait()
        return value.withLock { $0 }
    }
}
