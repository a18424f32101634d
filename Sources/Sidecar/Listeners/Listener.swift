import CEpoll
import Glibc
import Logging

/// One address where agents find a resource.
final class Listener: Sendable {
    /// How many connections may wait to be accepted. An agent that starts opens a pool of some dozens at once.
    private static let backlog: Int32 = 256

    let endpoint: Endpoint
    /// What was bound: the port, where 0 was asked for.
    let bound: Endpoint
    private let reactor: Reactor
    private let source: LoopBound<ReactorListener>

    private init(endpoint: Endpoint, bound: Endpoint, reactor: Reactor, source: LoopBound<ReactorListener>) {
        self.endpoint = endpoint
        self.bound = bound
        self.reactor = reactor
        self.source = source
    }

    /// - Parameters:
    ///   - what: whose address it is, for the error.
    ///   - reactor: Where connections are accepted; where they live is for `accepted` to say.
    ///   - accepted: Gets each connection's descriptor, non-blocking, and must close it. On the reactor.
    /// - Throws: ``SidecarError`` when the address is not local or cannot be had.
    static func bind(
        _ endpoint: Endpoint, what: String, reactor: Reactor, logger: Logger,
        accepted: @escaping @Sendable (_ descriptor: Int32) -> Void
    ) throws(SidecarError) -> Listener {
        // Whoever reaches a listener is taken for the agent beside us.
        guard endpoint.isLocal else {
            throw SidecarError(
                .config, "\(what): \(endpoint) can be reached from outside this host; listen on 127.0.0.1 or unix:.")
        }
        if case .unix(let path) = endpoint { try removeStaleSocket(path, what: what) }
        let descriptor: Int32
        do throws(SocketError) {
            descriptor = try listen(endpoint)
        } catch {
            throw bindError(error, what: what, endpoint: endpoint)
        }
        var bound = endpoint
        if case .tcp(let host, let port) = endpoint {
            bound = .tcp(host: host, port: SocketName.port(of: descriptor) ?? port)
        }
        let source = LoopBound(
            ReactorListener(descriptor, on: reactor, logger: logger, accepted: accepted), on: reactor)
        source.run { $0.open() }
        return Listener(endpoint: endpoint, bound: bound, reactor: reactor, source: source)
    }

    private static func listen(_ endpoint: Endpoint) throws(SocketError) -> Int32 {
        var names: [SocketName] = []
        if let name = endpoint.socketName {
            names = [name]
        } else if case .tcp(let host, let port) = endpoint {
            names = SocketName.resolve(host: host, port: port)
        }
        var failure = SocketError(number: EADDRNOTAVAIL)
        for name in names {
            let descriptor = try name.makeSocket()
            // A port that another sidecar has just left is had at once.
            if name.family != AF_UNIX { setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) }
            let isBound = name.withAddress { Glibc.bind(descriptor, $0, $1) } == 0
            if isBound, Glibc.listen(descriptor, backlog) == 0 { return descriptor }
            failure = SocketError(number: errno)
            Glibc.close(descriptor)
        }
        throw failure
    }

    /// Accepts nobody any more; sessions go on.
    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let source = source
            let isQueued = reactor.enqueue { source.value.close { continuation.resume() } }
            if !isQueued { continuation.resume() }
        }
        if case .unix(let path) = endpoint { unsafe unlink(path) }
    }

    // A socket that a killed sidecar left behind is no program's: nobody answers there. One that answers stays.
    private static func removeStaleSocket(_ path: String, what: String) throws(SidecarError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SidecarError(
                .config, "\(what): \(path) is there already and is no socket; remove it or listen elsewhere.")
        }
        guard !isAnswered(path) else {
            throw SidecarError(
                .unavailable, "\(what): unix:\(path) is in use by another program; stop it, or listen somewhere else.")
        }
        unsafe unlink(path)
    }

    private static func isAnswered(_ path: String) -> Bool {
        guard let name = Endpoint.unix(path: path).socketName, let descriptor = try? name.makeSocket() else {
            return false
        }
        defer { Glibc.close(descriptor) }
        // One whose backlog is full answers EAGAIN, and lives.
        return name.withAddress { connect(descriptor, $0, $1) } == 0 || errno == EAGAIN
    }
}
