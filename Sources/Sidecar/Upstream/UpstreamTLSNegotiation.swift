import NIOCore
import NIOSSL
import NIOTLS

/// Asks a PostgreSQL server for TLS (protocol 55.2.10): SSLRequest, one byte in answer, handshake.
///
/// A byte beyond the answer was sent before the handshake by somebody who may not be the server (CVE-2021-23222): the
/// connection is closed.
final class UpstreamTLSNegotiation: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State { case idle, asked, handshaking, done }

    private let handler: NIOSSLClientHandler
    private let established: EventLoopPromise<Void>
    private var state = State.idle

    init(handler: NIOSSLClientHandler, established: EventLoopPromise<Void>) {
        self.handler = handler
        self.established = established
    }

    func channelActive(context: ChannelHandlerContext) {
        state = .asked
        // Length 8, code 80877103.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0, 0, 0, 8, 4, 210, 22, 47])), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state == .asked else {
            context.fireChannelRead(data)
            return
        }
        let buffer = unwrapInboundIn(data)
        guard buffer.readableBytes == 1 else {
            return fail("the server answered the request for TLS with more than one byte", context)
        }
        switch buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
        case UInt8(ascii: "S"):
            state = .handshaking
            do {
                try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
            } catch {
                established.fail(error)
                context.close(promise: nil)
            }
        case UInt8(ascii: "N"):
            fail("the server offers no TLS; switch it on there, or set the resource's tls to disable", context)
        default:
            fail("the server does not answer the request for TLS as PostgreSQL does", context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, state == .handshaking {
            state = .done
            established.succeed()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        established.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        established.fail(ConnectFailure(detail: "the server closed the connection during the request for TLS"))
        context.fireChannelInactive()
    }

    private func fail(_ detail: String, _ context: ChannelHandlerContext) {
        state = .done
        established.fail(ConnectFailure(detail: detail))
        context.close(promise: nil)
    }
}
