import HTTPInspection
import NIOCore
import NIOHPACK
import NIOHTTP2
import WireBytes

/// The upstream's leg of a session where the server chose HTTP/2: what the session writes becomes streams, one after the other, and
/// their answers become HTTP/1.1 for the session. On the channel's event loop alone.
final class HTTP2UpstreamLeg: Leg {
    private let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private var requests = HTTP2RequestReader(scheme: "https")
    private var input = InputBuffer()
    private var receiver: (any LegReceiver)?
    private var stream: HTTP2UpstreamStream?
    private var isReading = false
    private var isClosed = false

    private init(_ channel: any Channel, _ multiplexer: NIOHTTP2Handler.StreamMultiplexer) {
        self.channel = channel
        self.multiplexer = multiplexer
    }

    /// Has HTTP/2 spoken on a channel whose TLS chose it.
    static func make(on channel: any Channel) throws -> HTTP2UpstreamLeg {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxHeaderListSize, value: HTTPLimits.head),
            HTTP2Setting(parameter: .enablePush, value: 0),
        ]
        let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: .init()
        ) { pushed in
            // Nobody asked for it.
            pushed.close()
        }
        let leg = HTTP2UpstreamLeg(channel, multiplexer)
        let bound = NIOLoopBound(leg, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.ended() }
        return leg
    }

    // MARK: Leg

    var isOpen: Bool { !isClosed && channel.isActive }
    var isWritable: Bool { isOpen && (stream?.isWritable ?? true) }
    var unsentBytes: Int { (stream?.waitingBytes ?? 0) + input.count }

    func attach(_ receiver: any LegReceiver) {
        self.receiver = receiver
    }

    func send(_ bytes: Span<UInt8>) {
        guard isOpen else { return }
        input.append(bytes)
        do throws(HTTPError) {
            while let part = try requests.next(in: &input) {
                switch part {
                case .head(let section, let endsStream): begin(section, endsStream: endsStream)
                case .body(let range):
                    var buffer = channel.allocator.buffer(capacity: range.count)
                    buffer.writeBytes(input.bytes[range])
                    stream?.write(.data(.init(data: .byteBuffer(buffer))), bytes: range.count)
                case .end(let trailers) where trailers.isEmpty:
                    stream?.write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
                case .end(let trailers):
                    stream?.write(
                        .headers(
                            .init(headers: HPACKHeaders(trailers.map { ($0.name, $0.value) }), endStream: true)))
                }
            }
        } catch {
            // Nothing that a session writes.
            abort()
        }
    }

    private func begin(_ section: [HTTP2Field], endsStream: Bool) {
        let stream = HTTP2UpstreamStream(self, answering: requests.kind)
        self.stream = stream
        stream.setReading(isReading)
        stream.write(
            .headers(.init(headers: HPACKHeaders(section.map { ($0.name, $0.value) }), endStream: endsStream)))
        let bound = NIOLoopBound(stream, eventLoop: channel.eventLoop)
        multiplexer.createStreamChannel { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(bound.value)
            }
        }.whenFailure { _ in bound.value.failed() }
    }

    func flush() {
        stream?.flush()
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        stream?.setReading(isReading)
    }

    func closeAfterFlush() {
        abort()
    }

    func abort() {
        isClosed = true
        channel.close(promise: nil)
    }

    // MARK: The stream's side

    func received(_ bytes: [UInt8]) {
        receiver?.received(bytes.span, on: .upstream)
    }

    func readCompleted() {
        receiver?.readCompleted(on: .upstream)
    }

    func writabilityChanged() {
        receiver?.writabilityChanged(.upstream)
    }

    /// - Parameter isWhole: Whether the answer was.
    func ended(_ stream: HTTP2UpstreamStream, isWhole: Bool) {
        guard stream === self.stream else { return }
        self.stream = nil
        // What follows half an answer would be taken for its rest.
        if !isWhole { abort() }
    }

    private func ended() {
        isClosed = true
        let receiver = receiver
        self.receiver = nil
        receiver?.closed(.upstream, reason: nil)
    }
}

/// A request to an HTTP/2 server, and its answer.
final class HTTP2UpstreamStream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Of what waits for the stream to open.
    private static let highWater = 64 << 10

    private weak var leg: HTTP2UpstreamLeg?
    private var translation: HTTP2ResponseTranslation
    private var context: ChannelHandlerContext?
    /// What is to be sent, until the stream is open.
    private var waiting: [HTTP2Frame.FramePayload]? = []
    private(set) var waitingBytes = 0
    private var hasHead = false
    private var isWhole = false
    private var gate = ReadGate(isOpen: false)

    init(_ leg: HTTP2UpstreamLeg, answering kind: HTTPRequestKind) {
        self.leg = leg
        translation = HTTP2ResponseTranslation(answering: kind)
    }

    var isWritable: Bool { waiting == nil ? context?.channel.isWritable ?? false : waitingBytes < Self.highWater }

    func write(_ payload: HTTP2Frame.FramePayload, bytes: Int = 0) {
        if waiting != nil {
            waiting?.append(payload)
            waitingBytes += bytes
        } else {
            context?.write(wrapOutboundOut(payload), promise: nil)
        }
    }

    func flush() {
        if waiting == nil { context?.flush() }
    }

    func setReading(_ isReading: Bool) {
        if gate.set(isOpen: isReading) { context?.read() }
    }

    func failed() {
        leg?.ended(self, isWhole: false)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    private func open(_ context: ChannelHandlerContext) {
        guard let waiting else { return }
        self.waiting = nil
        waitingBytes = 0
        for payload in waiting { context.write(wrapOutboundOut(payload), promise: nil) }
        context.flush()
        leg?.writabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isWhole else { return }
        var bytes: [UInt8] = []
        do throws(HTTPError) {
            switch unwrapInboundIn(data) {
            case .headers(let headers):
                let section = headers.headers.map { HTTP2Field($0.name, $0.value) }
                if hasHead {
                    try translation.end(trailers: section, into: &bytes)
                    isWhole = true
                } else {
                    try translation.head(section, endsStream: headers.endStream, into: &bytes)
                    hasHead = section.first { $0.name == ":status" }?.value.first != "1"
                    isWhole = headers.endStream
                }
            case .data(let data):
                if case .byteBuffer(let buffer) = data.data {
                    try translation.body(buffer.readableBytesUInt8Span, into: &bytes)
                }
                if data.endStream {
                    try translation.end(into: &bytes)
                    isWhole = true
                }
            default: return
            }
        } catch {
            // What is no answer ends the connection, as in HTTP/1.1.
            leg?.abort()
            return
        }
        let leg = leg
        // The session may send its next request at once.
        if isWhole { leg?.ended(self, isWhole: true) }
        if !bytes.isEmpty { leg?.received(bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        leg?.readCompleted()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if gate.admits() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        leg?.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leg?.ended(self, isWhole: isWhole)
        context.fireChannelInactive()
    }
}
