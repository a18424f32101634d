import Enforcement

/// A session's one timer, at the earliest deadline that was ever asked for: one that fires early looks again, which costs less
/// than a timer a message.
struct SessionTimer {
    private var pending: (deadline: UInt64, timer: any LoopTimer)?

    /// - Parameter fire: Called at the deadline; it must call ``fired()`` first. It may hold the session, whose end cancels it: a weak
    ///   reference would cost at each message, since what one was made to counts its references in a table beside it.
    mutating func schedule(at next: SessionInstant, on loop: any SessionLoop, _ fire: @escaping () -> Void) {
        if let pending {
            guard next.uptimeNanoseconds < pending.deadline else { return }
            pending.timer.cancel()
        }
        pending = (next.uptimeNanoseconds, loop.schedule(at: next.uptimeNanoseconds, fire))
    }

    mutating func fired() {
        pending = nil
    }

    mutating func cancel() {
        pending?.timer.cancel()
        pending = nil
    }
}
