import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes connections to servers: TCP or a Unix socket, keep-alive, a TLS handshake where there is to be one, all of it within a time.
enum Dialing {
    /// What does TLS on a connection. It tells the promise when the handshake is over.
    typealias Handshake = @Sendable (any Channel, EventLoopPromise<Void>) throws -> Void

    /// - Parameters:
    ///   - timeout: For the connection, and for the handshake after it.
    ///   - handshake: Adds its handlers to the channel; `nil`: there is no TLS.
    ///   - isTCP: Whether options of TCP mean something.
    ///   - connect: Says where to.
    /// - Returns: a channel, after its handshake.
    static func dial(
        on eventLoop: any EventLoop, timeout: TimeAmount, isTCP: Bool = true, handshake: Handshake?,
        connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) -> EventLoopFuture<any Channel> {
        let established = eventLoop.makePromise(of: Void.self)
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try handshake?(channel, established) }
            }
        if isTCP {
            bootstrap =
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                // A dead server shows within two minutes: 60 s idle, then six probes 10 s apart (tcp(7)).
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), value: 60)
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), value: 10)
                .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), value: 6)
        }
        let connected = connect(bootstrap)
        guard handshake != nil else {
            established.succeed()
            return connected
        }
        let limit = eventLoop.scheduleTask(in: timeout) {
            established.fail(ConnectFailure(detail: "the TLS handshake took longer than \(words(timeout))"))
        }
        established.futureResult.whenComplete { _ in limit.cancel() }
        connected.whenFailure { established.fail($0) }
        return connected.flatMap { channel in
            established.futureResult.map { channel }.flatMapErrorThrowing { error in
                channel.close(promise: nil)
                throw error
            }
        }
    }

    /// What went wrong, in the operator's words.
    static func reason(of error: any Error) -> String {
        switch error {
        case let error as ConnectFailure:
            return error.detail
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first?.error { return reason(of: first) }
            return "the host name does not resolve; check the resource's upstream"
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return "nothing listens there; is the server up, and the port right?"
        case let error as IOError:
            return error.description
        case let error as ChannelError:
            if case .connectTimeout(let limit) = error { return "no answer within \(words(limit))" }
            return "the connection ended: \(error)"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return "TLS failed: \(error); check the resource's tls, caFile and the server's certificate"
        default:
            return "\(error)"
        }
    }

    private static func words(_ amount: TimeAmount) -> String {
        "\(amount.nanoseconds / 1_000_000_000) s"
    }
}

/// What went wrong while a connection was made, in the operator's words.
struct ConnectFailure: Error {
    var detail: String
}
