import CEpoll
import Glibc

/// Threads that nobody waits for: the spool's commits, and the uplink.
enum BackgroundThread {
    /// Less than the sessions have, and yet a third of it: with no core to spare the spool must still be sent, or it fills.
    private static let nice: Int32 = 5
    /// `SCHED_BATCH` of linux/sched.h.
    private static let batch: Int32 = 3

    /// Makes the calling thread one. On Linux both settings are a thread's own (setpriority(2), sched(7)).
    ///
    /// A batch thread that wakes does not push aside one that serves: neither a session's, nor the agent's or the
    /// database's on the same cores. Where the system refuses, it goes on as any other.
    ///
    /// - Parameter name: At most 15 characters.
    static func begin(named name: String) {
        unsafe pthread_setname_np(pthread_self(), name)
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, nice)
        var parameters = sched_param()
        _ = unsafe sched_setscheduler(0, batch, &parameters)
    }
}
