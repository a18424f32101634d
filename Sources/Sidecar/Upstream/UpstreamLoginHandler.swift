import Enforcement
import NIOCore
import PostgresWire
import WireBytes

/// Performs an ``UpstreamLogin`` on a channel, then leaves; bytes beyond ReadyForQuery go to the next handler.
final class UpstreamLoginHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var login: UpstreamLogin
    private var decoder = FrameDecoder(.backend)
    private let keys: SCRAMKeyCache
    private let promise: EventLoopPromise<UpstreamIdentity>
    private var isDone = false

    init(login: UpstreamLogin, keys: SCRAMKeyCache, promise: EventLoopPromise<UpstreamIdentity>) {
        self.login = login
        self.keys = keys
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // The channel is active already: TLS, where there is any, stands.
        perform(login.start(), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        let buffer = unwrapInboundIn(data)
        decoder.append(buffer.readableBytesUInt8Span)
        do {
            while !isDone, let frame = try decoder.peek() {
                let message = try BackendMessage(
                    tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
                decoder.consume(frame)
                perform(try login.receive(UpstreamLogin.Input(message)), context)
            }
        } catch {
            fail(error, context)
        }
    }

    private func perform(_ action: UpstreamLogin.Action, _ context: ChannelHandlerContext) {
        let bytes = action.bytes
        if !bytes.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }
        switch action {
        case .derive(let derivation):
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            keys.keys(for: derivation, on: context.value.eventLoop).whenComplete { result in
                handler.value.derived(result, context.value)
            }
        case .ready(let identity):
            isDone = true
            promise.succeed(identity)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        case .sendStartup, .sendPassword, .sendSASLInitialResponse, .sendSASLResponse, .wait:
            break
        }
    }

    private func derived(_ result: Result<SCRAMKeys, any Error>, _ context: ChannelHandlerContext) {
        guard !isDone else { return }
        do {
            perform(try login.derived(try result.get()), context)
        } catch {
            fail(error, context)
        }
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        // A notice or a parameter may follow ReadyForQuery at once.
        var rest = ByteBuffer()
        while let frame = try? decoder.peek() {
            rest.writeBytes(decoder.bytes[frame.whole])
            decoder.consume(frame)
        }
        // Part of a message: the next handler's decoder joins it with what follows.
        rest.writeBytes(decoder.bytes.suffix(decoder.buffered))
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
        context.leavePipeline(removalToken: removalToken)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return context.fireErrorCaught(error) }
        fail(error, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone {
            isDone = true
            promise.fail(ConnectFailure(detail: "the server closed the connection during the login"))
        }
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        guard !isDone else { return }
        isDone = true
        promise.fail(error)
        context.close(promise: nil)
    }
}
