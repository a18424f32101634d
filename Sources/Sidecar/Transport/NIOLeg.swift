import NIOCore
import NIOSSL
import NIOTLS

/// A leg that is the last handler of a NIO channel.
final class NIOLeg: ChannelDuplexHandler, ClientLeg {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let side: LegSide
    private let tls: NIOSSLContext?
    private var receiver: (any LegReceiver)?
    private var context: ChannelHandlerContext?
    /// What arrived before there was a receiver: a notice right behind the login.
    private var early = ByteBuffer()
    private var gate = ReadGate(isOpen: true)
    private var isClosing = false
    /// Others speak on the channel: what arrives goes on to them.
    private var isHandedOver = false
    private var failure: (any Error)?
    private let whenActive: ((NIOLeg, any EventLoop) -> Void)?

    /// - Parameters:
    ///   - tls: what ``startTLS()`` begins; `nil` where it never does.
    ///   - whenActive: called when the channel is active, to attach a receiver.
    init(side: LegSide, tls: NIOSSLContext? = nil, whenActive: ((NIOLeg, any EventLoop) -> Void)? = nil) {
        self.side = side
        self.tls = tls
        self.whenActive = whenActive
    }

    // MARK: Leg

    var isOpen: Bool { context?.channel.isActive ?? false }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    var unsentBytes: Int {
        let buffered = try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return buffered ?? 0
    }

    func attach(_ receiver: any LegReceiver) {
        self.receiver = receiver
        guard early.readableBytes > 0 else { return }
        let bytes = early
        early = ByteBuffer()
        receiver.received(bytes.readableBytesUInt8Span, on: side)
        receiver.readCompleted(on: side)
    }

    func send(_ bytes: Span<UInt8>) {
        guard let context, !isClosing else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    func setReading(_ isReading: Bool) {
        if gate.set(isOpen: isReading) { context?.read() }
    }

    func startTLS() throws {
        guard let context, let tls else { throw ChannelError.operationUnsupported }
        // The S must be under way before the handler that would encrypt it.
        context.flush()
        try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
    }

    func handOver(to connection: HTTP2Connection, _ read: [UInt8]) {
        guard let context, !isClosing else { return }
        receiver = nil
        isHandedOver = true
        do {
            try connection.install(on: context.channel)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(NIOAny(ByteBuffer(bytes: read)))
        context.fireChannelReadComplete()
        setReading(true)
    }

    /// Likewise with a certificate for the occasion, within whatever TLS there is already.
    func startTLS(_ tls: NIOSSLContext) throws {
        guard let context else { throw ChannelError.operationUnsupported }
        context.flush()
        try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .before(self))
    }

    func closeAfterFlush() {
        guard let context, !isClosing else { return }
        isClosing = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let limit = context.eventLoop.scheduleTask(in: .seconds(closingSeconds)) { bound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            limit.cancel()
            bound.value.close(promise: nil)
        }
    }

    func abort() {
        context?.close(promise: nil)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        receiver = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        whenActive?(self, context.eventLoop)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isHandedOver { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        guard buffer.readableBytes > 0 else { return }
        guard let receiver else {
            early.writeBuffer(&buffer)
            return
        }
        receiver.received(buffer.readableBytesUInt8Span, on: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.readCompleted(on: side)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if gate.admits() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        receiver?.writabilityChanged(side)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { receiver?.tlsEstablished() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let receiver = receiver
        self.receiver = nil
        receiver?.closed(side, reason: failure)
        context.fireChannelInactive()
    }
}
