import CEpoll
import Glibc
import Synchronization

/// An event loop of our own: one thread, one epoll, and nothing between a readable socket and the session that reads it.
///
/// Why not NIO: 84% of a proxy's time is the kernel's, and what is left is small: on the same work a channel pipeline costs
/// 2.3 µs more than this (promises, existential handlers, reference counts), which is all that a policy and a record may
/// cost. So sessions without TLS live here, and NIO keeps those that need its TLS.
///
/// Everything but ``execute(_:)`` and ``shutDown()`` is for its own thread alone.
final class Reactor: SessionLoop, @unchecked Sendable {
    // Sendable: what other threads touch is behind `inbox` or atomic; everything else belongs to the loop's thread.

    /// Why this much: large results come in few reads, and it stays in a core's second-level cache. There is one a loop, so
    /// that a connection that waits holds none.
    static let readBytes = 64 << 10
    private static let eventsAtOnce = 256
    /// As much as the main thread has: the statement inspector's limits are made for it.
    private static let stackBytes = 8 << 20

    private struct Inbox {
        var tasks: [@Sendable () -> Void] = []
        var isWoken = false
        var hasEnded = false
        var whenEnded: [@Sendable () -> Void] = []
    }

    private let name: String
    private let epoll: Int32
    private let wakeUp: Int32
    private let inbox = Mutex(Inbox())
    private let hasTasks = Atomic<Bool>(false)
    private let thread = Atomic<UInt>(0)

    /// By descriptor.
    private var sources: [ReactorSource?] = []
    /// Closed in this turn; their descriptors are closed at its end, so that an event of the same turn that is meant for
    /// one cannot reach another with the same number.
    private var retired: [ReactorSource] = []
    private var timers = ReactorTimers()
    private var turnEnded: UInt64 = 0
    private var mustEnd = false
    let shared = SharedState()
    let readBuffer: UnsafeMutableBufferPointer<UInt8>

    /// - Throws: ``SidecarError`` when the system has no descriptor or thread left.
    init(name: String) throws(SidecarError) {
        self.name = name
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        readBuffer = .allocate(capacity: Self.readBytes)
        guard epoll >= 0, wakeUp >= 0, control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue) else {
            throw SidecarError(.unavailable, "an event loop cannot be made: \(systemMessage(errno)).")
        }
        try start()
    }

    deinit {
        readBuffer.deallocate()
        if epoll >= 0 { close(epoll) }
        if wakeUp >= 0 { close(wakeUp) }
    }

    private func start() throws(SidecarError) {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else {
            throw SidecarError(.unavailable, "a thread cannot be made.")
        }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // The thread keeps the reactor until it ends.
        let context = Unmanaged.passRetained(self)
        var made = pthread_t()
        let status = pthread_create(&made, &attributes, runReactor, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw SidecarError(.unavailable, "a thread cannot be made: \(systemMessage(status)).")
        }
    }

    // MARK: From any thread

    var isOn: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func execute(_ task: @escaping @Sendable () -> Void) {
        enqueue(task)
    }

    /// - Returns: `false` when the loop has ended, and the task will never run.
    @discardableResult
    func enqueue(_ task: @escaping @Sendable () -> Void) -> Bool {
        let (isAccepted, mustWake) = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return (false, false) }
            inbox.tasks.append(task)
            hasTasks.store(true, ordering: .releasing)
            defer { inbox.isWoken = true }
            return (true, !inbox.isWoken)
        }
        // The loop looks at its tasks before it sleeps: it need not wake itself.
        if mustWake, !isOn { wake() }
        return isAccepted
    }

    /// Ends the loop and closes what is open on it. Returns when that is done.
    func shutDown() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.whenEnded.append { continuation.resume() } }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
            enqueue { self.mustEnd = true }
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: The loop

    fileprivate func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        pthread_setname_np(pthread_self(), name)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsAtOnce)
        defer { events.deallocate() }
        while !mustEnd {
            let count = epoll_wait(epoll, events, Int32(Self.eventsAtOnce), patience())
            for index in 0..<max(0, Int(count)) {
                let event = events[index]
                dispatch(Int(event.data.fd), event.events)
            }
            finishTurn()
        }
        end()
    }

    /// How long to sleep, in milliseconds.
    private func patience() -> Int32 {
        if hasTasks.load(ordering: .acquiring) { return 0 }
        guard let next = timers.next else { return -1 }
        // The clock of the turn's end: what was done since is too little to matter, and a timer that is due looks again.
        let now = turnEnded
        guard next > now else { return 0 }
        // Rounded up, or the loop would spin for the last part of a millisecond.
        return Int32(clamping: (next - now + 999_999) / 1_000_000)
    }

    private func dispatch(_ descriptor: Int, _ events: UInt32) {
        if descriptor == Int(wakeUp) {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, MemoryLayout<UInt64>.size)
        } else if descriptor < sources.count {
            sources[descriptor]?.ready(events)
        }
    }

    private func finishTurn() {
        if hasTasks.load(ordering: .acquiring) { runTasks() }
        // A timer that a closed connection's session sets is seen here as well.
        closeRetired()
        if let next = timers.next {
            turnEnded = SystemClock.uptimeNanoseconds()
            if next <= turnEnded { runTimers() }
        }
        closeRetired()
    }

    private func runTasks() {
        let tasks = inbox.withLock { inbox in
            hasTasks.store(false, ordering: .relaxed)
            inbox.isWoken = false
            defer { inbox.tasks = [] }
            return inbox.tasks
        }
        for task in tasks { task() }
    }

    private func runTimers() {
        // What is due by now, and not what becomes due meanwhile: sockets have their turn.
        while let timer = timers.popDue(at: turnEnded) { timer.fire() }
    }

    private func closeRetired() {
        while !retired.isEmpty {
            let closing = retired
            retired = []
            for source in closing {
                source.closing()
                close(source.descriptor)
                source.retired()
            }
        }
    }

    private func end() {
        for source in sources { source?.shutDown() }
        closeRetired()
        timers.removeAll()
        let (tasks, whenEnded) = inbox.withLock { inbox in
            inbox.hasEnded = true
            defer {
                inbox.tasks = []
                inbox.whenEnded = []
            }
            return (inbox.tasks, inbox.whenEnded)
        }
        // The ends of sessions have been told; nobody waits for an answer in vain.
        for task in tasks { task() }
        closeRetired()
        for tell in whenEnded { tell() }
    }

    // MARK: Sources

    /// Begins to watch a source's descriptor. From here on the reactor closes it.
    ///
    /// - Returns: `false`, with the descriptor left open, when the system refuses.
    func add(_ source: ReactorSource, _ interest: UInt32) -> Bool {
        guard control(EPOLL_CTL_ADD, source.descriptor, interest) else { return false }
        let index = Int(source.descriptor)
        while sources.count <= index { sources.append(nil) }
        sources[index] = source
        return true
    }

    /// Ceases to watch a source's descriptor, which is the caller's again.
    func release(_ source: ReactorSource) {
        guard sources.indices.contains(Int(source.descriptor)), sources[Int(source.descriptor)] === source else {
            return
        }
        sources[Int(source.descriptor)] = nil
        _ = control(EPOLL_CTL_DEL, source.descriptor, 0)
    }

    func change(_ source: ReactorSource, _ interest: UInt32) {
        _ = control(EPOLL_CTL_MOD, source.descriptor, interest)
    }

    /// Watches the descriptor no more, not even for its end, until ``unpark(_:_:)``.
    func park(_ source: ReactorSource) {
        _ = control(EPOLL_CTL_DEL, source.descriptor, 0)
    }

    func unpark(_ source: ReactorSource, _ interest: UInt32) {
        _ = control(EPOLL_CTL_ADD, source.descriptor, interest)
    }

    /// Closes a source's descriptor at the end of the turn, and tells the source then.
    func retire(_ source: ReactorSource) {
        if sources.indices.contains(Int(source.descriptor)) { sources[Int(source.descriptor)] = nil }
        retired.append(source)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ interest: UInt32) -> Bool {
        var event = epoll_event()
        event.events = interest
        event.data.fd = descriptor
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    // MARK: Timers

    func schedule(at uptimeNanoseconds: UInt64, _ task: @escaping () -> Void) -> any LoopTimer {
        let timer = ReactorTimer(at: uptimeNanoseconds, task, reactor: self)
        timers.insert(timer)
        return timer
    }

    fileprivate func remove(_ timer: ReactorTimer) {
        timers.remove(timer)
    }
}

extension ReactorTimer: LoopTimer {
    func cancel() {
        reactor?.remove(self)
    }
}

private func runReactor(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Reactor>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}

/// What the system says an error number means.
func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
}
