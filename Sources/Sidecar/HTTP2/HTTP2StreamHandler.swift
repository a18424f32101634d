import HTTPInspection
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of a client's: a request in frames, and the frames of its answer.
final class HTTP2StreamHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Of a head, its fields uncompressed (RFC 9113 §6.5.2).
    static let headBytes = HTTPLimits.head

    private let lanes: HTTP2Lanes
    private var lane: HTTP2Lane?
    private var translation = HTTP2RequestTranslation()
    private var context: ChannelHandlerContext?
    private var hasBegun = false
    private var isRequestRead = false
    private var isAnswered = false
    private var gate = ReadGate(isOpen: true)
    private var bytes: [UInt8] = []

    init(_ lanes: HTTP2Lanes) {
        self.lanes = lanes
    }

    // MARK: The request

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.removeAll(keepingCapacity: true)
        do throws(HTTPError) {
            switch unwrapInboundIn(data) {
            case .headers(let headers):
                let section = headers.headers.map { HTTP2Field($0.name, $0.value) }
                if hasBegun {
                    try translation.end(trailers: section, into: &bytes)
                    isRequestRead = true
                } else {
                    try begin(section, endsStream: headers.endStream)
                }
            case .data(let data):
                guard hasBegun, !isRequestRead else { return }
                if case .byteBuffer(let buffer) = data.data {
                    try translation.body(buffer.readableBytesUInt8Span, into: &bytes)
                }
                if data.endStream {
                    try translation.end(into: &bytes)
                    isRequestRead = true
                }
            default: return
            }
        } catch {
            lane?.refuse(error)
            lane?.readCompleted()
            return
        }
        lane?.received(bytes)
        finish()
    }

    private func begin(_ section: [HTTP2Field], endsStream: Bool) throws(HTTPError) {
        hasBegun = true
        guard let lane = lanes.take() else { return reset() }
        self.lane = lane
        lane.begin(self)
        let kind = try translation.head(section, endsStream: endsStream, into: &bytes)
        lane.expect(kind)
        isRequestRead = endsStream
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lane?.readCompleted()
        context.fireChannelReadComplete()
    }

    func setReading(_ isReading: Bool) {
        if gate.set(isOpen: isReading) { context?.read() }
    }

    func read(context: ChannelHandlerContext) {
        if gate.admits() { context.read() }
    }

    // MARK: The answer

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func send(_ section: [HTTP2Field], endsStream: Bool) {
        write(.headers(.init(headers: HPACKHeaders(section.map { ($0.name, $0.value) }), endStream: endsStream)))
        if endsStream { answered() }
    }

    func send(_ bytes: Span<UInt8>) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
        write(.data(.init(data: .byteBuffer(buffer))))
    }

    func end(_ trailers: [HTTP2Field]) {
        if trailers.isEmpty {
            write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
        } else {
            write(.headers(.init(headers: HPACKHeaders(trailers.map { ($0.name, $0.value) }), endStream: true)))
        }
        answered()
    }

    private func write(_ payload: HTTP2Frame.FramePayload) {
        context?.write(wrapOutboundOut(payload), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    private func answered() {
        isAnswered = true
        finish()
    }

    /// The lane is free for another once both halves are over.
    private func finish() {
        guard isAnswered, isRequestRead, let lane else { return }
        self.lane = nil
        context?.flush()
        lane.finished()
    }

    /// Ends the stream. After the answer's end that means that the rest of the request is not wanted.
    func reset() {
        lane = nil
        guard let context, !(isAnswered && isRequestRead) else { return }
        let code: HTTP2ErrorCode = isAnswered ? .noError : .internalError
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lane?.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let lane = lane
        self.lane = nil
        lane?.broken()
        context.fireChannelInactive()
    }
}
