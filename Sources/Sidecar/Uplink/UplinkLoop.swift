import NIOCore
import NIOPosix

/// The one thread of the uplink: its connection's event loop, and the executor of its tasks.
///
/// Why one: a batch goes from the spool to the socket, and its acknowledgement back, without waking another thread; and
/// what nobody waits for can be given a lower priority than the sessions have.
final class UplinkLoop: TaskExecutor {
    let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop

    init() {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        loop.execute { BackgroundThread.begin(named: "stile-uplink") }
    }

    func close() async {
        try? await group.shutdownGracefully()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
