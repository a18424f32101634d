import CEpoll
import Glibc
import NIOCore
import NIOPosix

/// Connects to a host on a ``Reactor``: its addresses one after the other, within one time limit.
final class ReactorConnect {
    private let reactor: Reactor
    private let deadline: UInt64
    private let completion: (Result<Int32, ConnectFailure>) -> Void
    private let limitText: String
    private var addresses: ArraySlice<SocketName> = []
    private var last = ConnectFailure(detail: "the host name does not resolve; check the resource's upstream")

    /// - Parameter completion: Gets a connected socket, which is watched by nobody and which it must close.
    private init(
        on reactor: Reactor, seconds: Int64, completion: @escaping (Result<Int32, ConnectFailure>) -> Void
    ) {
        self.reactor = reactor
        self.completion = completion
        limitText = "\(seconds) s"
        deadline = SystemClock.uptimeNanoseconds() + UInt64(max(0, seconds)) * 1_000_000_000
    }

    static func start(
        _ endpoint: Endpoint, on reactor: Reactor, seconds: Int64,
        completion: @escaping (Result<Int32, ConnectFailure>) -> Void
    ) {
        let connect = ReactorConnect(on: reactor, seconds: seconds, completion: completion)
        if let known = endpoint.socketName {
            connect.addresses = [known]
            return connect.tryNext()
        }
        guard case .tcp(let host, let port) = endpoint else { return connect.tryNext() }
        // A name's resolution blocks: on a thread that may.
        let bound = LoopBound(connect, on: reactor)
        NIOThreadPool.singleton.submit { _ in
            let found = SocketName.resolve(host: host, port: port)
            bound.run { connect in
                connect.addresses = found[...]
                connect.tryNext()
            }
        }
    }

    private func tryNext() {
        guard let address = addresses.popFirst() else { return completion(.failure(last)) }
        let descriptor: Int32
        do {
            descriptor = try address.makeSocket()
        } catch {
            last = ConnectFailure(detail: error.description)
            return tryNext()
        }
        if address.family != AF_UNIX { setUpstreamOptions(descriptor) }
        let status = address.withAddress { connect(descriptor, $0, $1) }
        if status == 0 { return completion(.success(descriptor)) }
        guard errno == EINPROGRESS || errno == EAGAIN else {
            failed(errno)
            close(descriptor)
            return tryNext()
        }
        let attempt = ReactorAttempt(descriptor, on: reactor) { number in
            if number == 0 { return self.completion(.success(descriptor)) }
            close(descriptor)
            self.failed(number)
            self.tryNext()
        }
        attempt.start(until: nextLimit())
    }

    /// Every address that is left gets its share of the time.
    private func nextLimit() -> UInt64 {
        let now = SystemClock.uptimeNanoseconds()
        let left = deadline > now ? deadline - now : 0
        return now + left / UInt64(addresses.count + 1)
    }

    private func failed(_ number: Int32) {
        switch number {
        case ECONNREFUSED:
            last = ConnectFailure(detail: "nothing listens there; is the server up, and the port right?")
        case ETIMEDOUT: last = ConnectFailure(detail: "no answer within \(limitText)")
        default: last = ConnectFailure(detail: systemMessage(number))
        }
    }
}

/// Waits for one connect to succeed or fail.
private final class ReactorAttempt: ReactorSource {
    private var completion: ((Int32) -> Void)?
    private var limit: (any LoopTimer)?

    /// - Parameter completion: 0, or an error number. The descriptor is the caller's again.
    init(_ descriptor: Int32, on reactor: Reactor, completion: @escaping (Int32) -> Void) {
        self.completion = completion
        super.init(descriptor, on: reactor)
    }

    func start(until deadline: UInt64) {
        guard reactor.add(self, EPOLLOUT.rawValue) else { return finish(errno) }
        limit = reactor.schedule(at: deadline) { self.finish(ETIMEDOUT) }
    }

    override func ready(_ events: UInt32) {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) != 0 { number = errno }
        finish(number)
    }

    private func finish(_ number: Int32) {
        guard let completion else { return }
        self.completion = nil
        limit?.cancel()
        limit = nil
        reactor.release(self)
        completion(number)
    }

    override func shutDown() {
        finish(ECONNABORTED)
    }
}

extension Endpoint {
    /// Where no name has to be resolved.
    var socketName: SocketName? {
        switch self {
        case .tcp(let host, let port): (try? SocketAddress(ipAddress: host, port: port)).map(SocketName.init)
        case .unix(let path): (try? SocketAddress(unixDomainSocketPath: path)).map(SocketName.init)
        }
    }
}

private func setUpstreamOptions(_ descriptor: Int32) {
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
    // A dead upstream shows within two minutes: 60 s idle, then six probes 10 s apart (tcp(7)).
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 6)
}
