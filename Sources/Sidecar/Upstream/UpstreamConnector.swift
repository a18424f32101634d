import Enforcement
import NIOCore
import NIOPosix
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

    /// - Throws: where the certificate cannot be shown that the upstream is to be shown: no connection would be made.
    func checkCertificate() throws(SidecarError) { try tls.checkCertificate() }

    /// Whether connections go without TLS.
    var isPlain: Bool { tls.mode == .disable }

    /// Connects on `eventLoop`, with reads off until the caller adds its handlers and turns them on.
    ///
    /// - Returns: a channel, after the TLS handshake where there is one. Fails with ``SidecarError`` (`unavailable`).
    func connect(on eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        let ready: EventLoopFuture<any Channel>
        switch endpoint {
        case .tcp(let host, let port):
            ready = Dialing.dial(on: eventLoop, timeout: timeout, handshake: handshake) {
                $0.connect(host: host, port: port)
            }
        case .unix(let path):
            ready = Dialing.dial(on: eventLoop, timeout: timeout, isTCP: false, handshake: handshake) {
                $0.connect(unixDomainSocketPath: path)
            }
        }
        let place = "resource '\(resource.name)': upstream \(endpoint)"
        return ready.flatMapErrorThrowing { error in
            throw SidecarError(.unavailable, "\(place): \(Dialing.reason(of: error))")
        }
    }

    /// How TLS begins on a connection; `nil`: it does not.
    private var handshake: Dialing.Handshake? {
        guard tls.mode != .disable else { return nil }
        let tls = tls
        let isDirect = resource.protocolName != .postgres
        return { channel, established in
            guard let handler = try tls.makeHandler() else { return established.succeed() }
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
}
