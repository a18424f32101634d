import Enforcement
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Policy

/// Opens connections to one resource's upstream: TCP, keep-alive, TLS as the policy asks. What it gives back has said
/// nothing yet: startup and login are the caller's.
struct UpstreamConnector: Sendable {
    let resource: Resource
    let endpoint: Endpoint
    private let tls: UpstreamTLS
    private let timeout: TimeAmount

    /// - Throws: ``SidecarError`` when the address or the CA file cannot be used.
    init(resource: Resource, timeout: TimeAmount) throws {
        // A forward proxy's requests say themselves where they go, and nobody connects to what is reached over standard streams.
        let place = resource.protocolName == .egress || resource.isOfStreams ? "unix:/nowhere" : resource.upstream
        guard let endpoint = Endpoint(place) else {
            throw SidecarError(
                .config,
                "resource '\(resource.name)': upstream '\(resource.upstream)' is no address; write host:port.")
        }
        self.resource = resource
        self.endpoint = endpoint
        self.timeout = timeout
        switch endpoint {
        case .tcp(let host, _): tls = try UpstreamTLS(resource: resource, upstreamHost: host)
        case .unix: tls = try UpstreamTLS(resource: resource, upstreamHost: "localhost")
        }
    }

    /// How well a connection made here is protected.
    var protection: UpstreamLogin.ChannelProtection {
        if tls.mode != .disable { return .tls }
        return endpoint.isLocal ? .local : .none
    }

    /// Whether connections go without TLS.
    var isPlain: Bool { tls.mode == .disable }

    /// Connects on `eventLoop`, with reads off until the caller adds its handlers and turns them on.
    ///
    /// - Returns: a channel, after the TLS handshake where there is one. Fails with ``SidecarError`` (`unavailable`).
    func connect(on eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        let established = eventLoop.makePromise(of: Void.self)
        let tls = tls
        let isDirect = resource.protocolName != .postgres
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let handler = try tls.makeHandler() else { return }
                    if isDirect {
                        // The handshake begins with the connection: there is nothing to ask first.
                        try channel.pipeline.syncOperations.addHandlers([
                            handler, NegotiatedProtocol(), UpstreamTLSHandshake(established: established),
                        ])
                    } else {
                        try channel.pipeline.syncOperations.addHandler(
                            UpstreamTLSNegotiation(handler: handler, established: established))
                    }
                }
            }
        let connected: EventLoopFuture<any Channel>
        switch endpoint {
        case .tcp(let host, let port):
            connected =
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                // A dead upstream shows within two minutes: 60 s idle, then six probes 10 s apart (tcp(7)).
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: tcpKeepIdle)), value: 60)
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: tcpKeepInterval)), value: 10)
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: tcpKeepCount)), value: 6)
                .connect(host: host, port: port)
        case .unix(let path):
            connected = bootstrap.connect(unixDomainSocketPath: path)
        }
        let ready: EventLoopFuture<any Channel>
        if tls.mode == .disable {
            established.succeed()
            ready = connected
        } else {
            let limit = eventLoop.scheduleTask(in: timeout) {
                established.fail(ConnectFailure(detail: "the TLS handshake took longer than \(describe(timeout))"))
            }
            established.futureResult.whenComplete { _ in limit.cancel() }
            ready = connected.flatMap { channel in
                established.futureResult.map { channel }.flatMapErrorThrowing { error in
                    channel.close(promise: nil)
                    throw error
                }
            }
            connected.whenFailure { established.fail($0) }
        }
        let place = "resource '\(resource.name)': upstream \(endpoint)"
        return ready.flatMapErrorThrowing { error in
            throw SidecarError(.unavailable, "\(place): \(describe(error))")
        }
    }
}

/// What went wrong while a connection was made, in the operator's words.
struct ConnectFailure: Error {
    var detail: String
}

private func describe(_ amount: TimeAmount) -> String {
    "\(amount.nanoseconds / 1_000_000_000) s"
}

func describe(_ error: any Error) -> String {
    switch error {
    case let error as ConnectFailure:
        return error.detail
    case let error as NIOConnectionError:
        if let first = error.connectionErrors.first?.error { return describe(first) }
        return "the host name does not resolve; check the resource's upstream"
    case let error as IOError where error.errnoCode == ECONNREFUSED:
        return "nothing listens there; is the server up, and the port right?"
    case let error as IOError:
        return error.description
    case let error as ChannelError:
        if case .connectTimeout(let limit) = error { return "no answer within \(describe(limit))" }
        return "the connection ended: \(error)"
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
        return "TLS failed: \(error); check the resource's tls, caFile and the server's certificate"
    default:
        return "\(error)"
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private let tcpKeepIdle = TCP_KEEPIDLE
private let tcpKeepInterval = TCP_KEEPINTVL
private let tcpKeepCount = TCP_KEEPCNT
