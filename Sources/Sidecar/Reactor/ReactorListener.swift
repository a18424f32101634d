import CEpoll
import Glibc
import Logging

/// Accepts connections on a ``Reactor``.
final class ReactorListener: ReactorSource {
    /// So that a flood of connections leaves turns to those that stand.
    private static let acceptsAtOnce = 32
    /// How long nobody is accepted when the process has no descriptor left; until then they wait in the backlog.
    private static let pauseMilliseconds: UInt64 = 100

    private let accepted: (_ descriptor: Int32) -> Void
    private let logger: Logger
    private var whenClosed: (() -> Void)?
    private var pause: (any LoopTimer)?
    private var isOpen = true
    private var hasComplained = false

    /// - Parameters:
    ///   - descriptor: A listening, non-blocking socket.
    ///   - accepted: Gets each connection's descriptor, non-blocking, and must close it.
    init(
        _ descriptor: Int32, on reactor: Reactor, logger: Logger, accepted: @escaping (_ descriptor: Int32) -> Void
    ) {
        self.accepted = accepted
        self.logger = logger
        super.init(descriptor, on: reactor)
    }

    func open() {
        if !reactor.add(self, EPOLLIN.rawValue) { logger.error("a listener cannot be watched") }
    }

    /// - Parameter completion: Called when the descriptor is closed.
    func close(_ completion: @escaping () -> Void) {
        guard isOpen else { return completion() }
        isOpen = false
        pause?.cancel()
        whenClosed = completion
        reactor.retire(self)
    }

    override func retired() {
        whenClosed?()
        whenClosed = nil
    }

    override func shutDown() {
        close {}
    }

    override func ready(_ events: UInt32) {
        for _ in 0..<Self.acceptsAtOnce {
            let descriptor = accept4(
                self.descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
            if descriptor >= 0 {
                hasComplained = false
                accepted(descriptor)
                guard isOpen else { return }
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return rest(errno)
            // The connection that was to be accepted has failed already (accept(2)); the next one may be well.
            default: continue
            }
        }
    }

    /// Level-triggered, a listener that cannot accept would be ready without end.
    private func rest(_ number: Int32) {
        if !hasComplained {
            hasComplained = true
            logger.error(
                "no connection can be accepted until others end", metadata: ["reason": "\(systemMessage(number))"])
        }
        reactor.change(self, 0)
        let moment = SystemClock.uptimeNanoseconds() + Self.pauseMilliseconds * 1_000_000
        pause = reactor.schedule(at: moment) { [weak self] in
            guard let self, isOpen else { return }
            pause = nil
            reactor.change(self, EPOLLIN.rawValue)
        }
    }
}
