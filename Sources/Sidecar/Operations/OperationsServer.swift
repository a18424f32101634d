import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// `/healthz`, `/readyz` and `/metrics` over HTTP, for the kubelet and Prometheus. Nothing here is about a user.
struct OperationsServer: Sendable {
    let channel: any Channel

    /// - Throws: ``SidecarError`` when the address cannot be had.
    static func bind(
        to text: String, group: any EventLoopGroup, metrics: SidecarMetrics, readiness: Readiness
    ) async throws -> OperationsServer {
        guard let endpoint = Endpoint(text), case .tcp(let host, let port) = endpoint else {
            throw SidecarError(.config, "--ops: '\(text)' is no address; write host:port, as in 127.0.0.1:9464.")
        }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(
                        OperationsHandler(metrics: metrics, readiness: readiness))
                }
            }
        do {
            return OperationsServer(channel: try await bootstrap.bind(host: host, port: port).get())
        } catch {
            throw bindError(error, what: "the operations address (--ops)", endpoint: endpoint)
        }
    }
}

private final class OperationsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let metrics: SidecarMetrics
    private let readiness: Readiness
    private var head: HTTPRequestHead?

    init(metrics: SidecarMetrics, readiness: Readiness) {
        self.metrics = metrics
        self.readiness = readiness
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context: context)
        }
    }

    private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        let path = head.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "/"
        guard head.method == .GET || head.method == .HEAD else {
            return send(
                .methodNotAllowed, "text/plain; charset=utf-8", Array("GET and HEAD only\n".utf8), head, context)
        }
        switch path {
        case "/healthz":
            send(.ok, "text/plain; charset=utf-8", Array("ok\n".utf8), head, context)
        case "/readyz":
            send(
                readiness.isReady ? .ok : .serviceUnavailable, "application/json; charset=utf-8", readiness.json, head,
                context)
        case "/metrics":
            send(.ok, "text/plain; version=0.0.4; charset=utf-8", Array(metrics.render().utf8), head, context)
        default:
            send(
                .notFound, "text/plain; charset=utf-8", Array("there are /healthz, /readyz and /metrics\n".utf8), head,
                context)
        }
    }

    private func send(
        _ status: HTTPResponseStatus, _ type: String, _ body: [UInt8], _ request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        var head = HTTPResponseHead(version: request.version, status: status)
        head.headers.add(name: "content-type", value: type)
        head.headers.add(name: "content-length", value: String(body.count))
        if !request.isKeepAlive { head.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
