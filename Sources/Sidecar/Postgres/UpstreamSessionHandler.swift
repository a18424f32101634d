import NIOCore

/// The upstream's end of a session: passes bytes to the ``SessionDriver``, and reads only while the client takes what
/// is written to it.
final class UpstreamSessionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let driver: SessionDriver
    /// The session knows of the upstream: before that, what comes is kept and no more is read.
    private var isAttached = false
    private var early = ByteBuffer()
    private var readIsDue = false
    private var context: ChannelHandlerContext?

    init(driver: SessionDriver) {
        self.driver = driver
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// The login is over and the session has been told.
    func attach() {
        isAttached = true
        if early.readableBytes > 0 {
            driver.receiveFromUpstream(early)
            driver.upstreamReadComplete()
            early = ByteBuffer()
        }
        resume()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard isAttached else {
            early.writeBuffer(&buffer)
            return
        }
        driver.receiveFromUpstream(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isAttached { driver.upstreamReadComplete() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        // During the login the login's handler reads; a client that takes nothing is no reason to stop that.
        guard !isLoggedIn || (isAttached && driver.mayReadUpstream) else {
            readIsDue = true
            return
        }
        context.read()
    }

    /// Set when the login's handler has left.
    var isLoggedIn = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ClientWritable {
            resume()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver.resumeReads()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver.upstreamClosed(context.channel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func resume() {
        guard readIsDue, isAttached, driver.mayReadUpstream, let context else { return }
        readIsDue = false
        context.read()
    }
}
