import NIOCore
import NIOHTTP2
import NIOPosix

/// A client's connection that speaks HTTP/2: its frames become requests of HTTP/1.1 for sessions, and their answers frames.
///
/// A stream is one exchange. A session has one at a time, so a connection has as many sessions as it ever had streams at once.
struct HTTP2Connection: Sendable {
    /// What browsers and servers take.
    private static let streams = 100

    let environment: SessionEnvironment
    let resource: String

    /// Takes a connected socket, which is closed with the connection.
    ///
    /// - Parameter read: What was read of it so far.
    func take(_ descriptor: Int32, _ read: [UInt8]) {
        let logger = environment.logger
        ClientBootstrap(group: environment.group)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EarlyBytes(read))
                    try install(on: channel)
                }
            }
            .withConnectedSocket(descriptor)
            .whenFailure { error in
                logger.debug("a connection ended at once", metadata: ["reason": "\(error)"])
            }
    }

    /// Has HTTP/2 spoken on a channel, which has TLS already where it is to have any. On its event loop.
    func install(on channel: any Channel) throws {
        let lanes = NIOLoopBound(
            HTTP2Lanes(self, NIOSessionLoop(channel.eventLoop)), eventLoop: channel.eventLoop)
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Self.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: HTTP2StreamHandler.headBytes),
            HTTP2Setting(parameter: .enablePush, value: 0),
        ]
        _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection, streamConfiguration: .init()
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2StreamHandler(lanes.value))
            }
        }
        channel.closeFuture.whenComplete { _ in lanes.value.closeAll() }
        // Sessions have their own bounds; a connection without one has this.
        let limit = TimeAmount.seconds(Int64(clamping: environment.configuration.clientLoginSeconds))
        channel.eventLoop.scheduleRepeatedTask(initialDelay: limit, delay: limit) { task in
            guard channel.isActive else { return task.cancel() }
            if lanes.value.isEmpty { channel.close(promise: nil) }
        }
    }
}

/// Hands on what was read before the channel was there, ahead of everything else.
private final class EarlyBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes)))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
