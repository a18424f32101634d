import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One address where agents find a resource.
final class Listener: Sendable {
    let endpoint: Endpoint
    /// What was bound: the port, where 0 was asked for.
    let bound: Endpoint
    private let channel: any Channel

    private init(endpoint: Endpoint, bound: Endpoint, channel: any Channel) {
        self.endpoint = endpoint
        self.bound = bound
        self.channel = channel
    }

    /// - Parameters:
    ///   - what: whose address it is, for the error.
    ///   - initialize: sets up an accepted connection.
    /// - Throws: ``SidecarError`` when the address is not local or cannot be had.
    static func bind(
        _ endpoint: Endpoint, what: String, group: any EventLoopGroup,
        initialize: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> Listener {
        // Whoever reaches a listener is taken for the agent beside us.
        guard endpoint.isLocal else {
            throw SidecarError(
                .config, "\(what): \(endpoint) can be reached from outside this host; listen on 127.0.0.1 or unix:.")
        }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
        do {
            switch endpoint {
            case .tcp(let host, let port):
                let channel =
                    try await bootstrap
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .bind(host: host, port: port).get()
                let bound = Endpoint.tcp(host: host, port: channel.localAddress?.port ?? port)
                return Listener(endpoint: endpoint, bound: bound, channel: channel)
            case .unix(let path):
                try removeStaleSocket(path, what: what)
                let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
                return Listener(endpoint: endpoint, bound: endpoint, channel: channel)
            }
        } catch {
            throw bindError(error, what: what, endpoint: endpoint)
        }
    }

    /// Accepts nobody any more; sessions go on.
    func close() async {
        try? await channel.close()
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
        guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return address.withSockAddr { pointer, length in
            unsafe connect(descriptor, pointer, socklen_t(length)) == 0
        }
    }
}
