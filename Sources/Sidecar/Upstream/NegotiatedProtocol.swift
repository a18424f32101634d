import NIOCore
import NIOTLS

/// Notes which protocol a TLS handshake chose, for whoever goes on with the channel.
final class NegotiatedProtocol: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var name: String?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name)? = event as? TLSUserEvent { self.name = name }
        context.fireUserInboundEventTriggered(event)
    }
}
