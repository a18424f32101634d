import Enforcement

/// The thread that a session lives on, whatever drives it. Everything of a session happens there.
protocol SessionLoop: AnyObject, Sendable {
    /// What the loop's sessions use one after the other.
    var shared: SharedState { get }

    /// Whether the caller is on it.
    var isOn: Bool { get }

    /// Has a task run on the loop, soon and in the order of the calls from one thread. From any thread; a loop that has
    /// ended drops it.
    func execute(_ task: @escaping @Sendable () -> Void)

    /// Has a task run at a time. On the loop alone.
    ///
    /// - Parameter uptimeNanoseconds: Of the monotonic clock.
    func schedule(at uptimeNanoseconds: UInt64, _ task: @escaping () -> Void) -> any LoopTimer

    /// Connects to a resource's upstream and logs in. On the loop alone.
    ///
    /// - Parameter completion: Called once, on the loop. The leg has no receiver and reads nothing until it is attached;
    ///   whoever gets it must attach or abort it. Fails with ``SidecarError`` or `UpstreamLoginError`.
    func link(
        _ runtime: ResourceRuntime, _ request: UpstreamRequest,
        completion: @escaping (Result<LinkedLeg, any Error>) -> Void)

    /// Connects to a resource's upstream and does TLS where there is to be some; nobody logs in. On the loop alone.
    ///
    /// - Parameter completion: Called once, on the loop. The leg has no receiver and reads nothing until it is attached;
    ///   whoever gets it must attach or abort it. Fails with ``SidecarError``.
    func connect(_ runtime: ResourceRuntime, completion: @escaping (Result<any Leg, SidecarError>) -> Void)

    /// Sends a resource's upstream a packet on a connection of its own, and closes that when the server does, or after five
    /// seconds. On the loop alone.
    ///
    /// - Parameter failed: Called on the loop when there is no connection. Fails with ``SidecarError``.
    func tell(_ runtime: ResourceRuntime, _ packet: [UInt8], failed: @escaping (SidecarError) -> Void)
}

/// What many sessions of one loop use in turn, so that those that wait need none of their own.
final class SharedState {
    /// Empty between the inputs of any.
    var output = SessionOutput()
    /// Of sessions over HTTP; likewise.
    var httpOutput = HTTPOutput()
    var random = RandomReserve()
}

/// A task that waits for its time. On its loop alone.
protocol LoopTimer: AnyObject {
    /// The task does not run any more, and is let go of.
    func cancel()
}

/// An upstream connection that is logged in.
struct LinkedLeg {
    let leg: any Leg
    let identity: UpstreamIdentity
}

/// What belongs to one loop, on its way through other threads.
struct LoopBound<Value>: @unchecked Sendable {
    // Sendable: the value is looked at on its loop alone; elsewhere it is only carried.
    let loop: any SessionLoop
    /// On the loop alone.
    let value: Value

    init(_ value: Value, on loop: any SessionLoop) {
        self.value = value
        self.loop = loop
    }

    /// From any thread.
    func run(_ body: @escaping @Sendable (Value) -> Void) {
        loop.execute { body(value) }
    }
}
