import NIOCore
import PostgresWire
import WireBytes

/// Runs queries of the sidecar's own, one at a time, on a connection that is logged in. Rows come as text.
final class UpstreamQueryHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A row; `nil` is NULL.
    typealias Row = [String?]

    /// Why this many: a database with a million columns has a catalog of some 200 MB; beyond that the sidecar would
    /// be the one that falls.
    static let maximumRows = 2_000_000

    private struct Query {
        var promise: EventLoopPromise<[Row]>
        var rows: [Row] = []
        var failure: UpstreamQueryError?
        var deadline: Scheduled<Void>?
    }

    private var decoder = FrameDecoder(.backend)
    private var query: Query?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        fail(UpstreamQueryError(description: "the connection ended"))
    }

    /// - Parameters:
    ///   - sql: the program's own text. When it holds several statements their rows follow each other.
    ///   - limit: after which the connection is taken for dead, and closed.
    func run(_ sql: String, within limit: TimeAmount, promise: EventLoopPromise<[Row]>) {
        guard let context, context.channel.isActive, query == nil else {
            promise.fail(UpstreamQueryError(description: "the connection is not there, or busy"))
            return
        }
        query = Query(promise: promise)
        query?.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
            guard let self, let context = self.context else { return }
            self.fail(UpstreamQueryError(description: "the server did not answer in time"))
            context.close(promise: nil)
        }
        let bytes = FrontendMessage.query(Array(sql.utf8)).encoded
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        decoder.append(buffer.readableBytesUInt8Span)
        do {
            while let frame = try decoder.peek() {
                let message = try BackendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
                decoder.consume(frame)
                handle(message)
            }
        } catch {
            fail(UpstreamQueryError(description: "\(error)"))
            context.close(promise: nil)
        }
    }

    private func handle(_ message: BackendMessage) {
        switch message {
        case .dataRow(let values):
            guard query?.failure == nil else { return }
            guard (query?.rows.count ?? 0) < Self.maximumRows else {
                query?.failure = UpstreamQueryError(description: "more than \(Self.maximumRows) rows")
                query?.rows = []
                return
            }
            query?.rows.append(values.map { value in value.map { String(decoding: $0, as: UTF8.self) } })
        case .errorResponse(let fields):
            query?.failure = UpstreamQueryError(
                description: "SQLSTATE \(String(decoding: fields["C"] ?? [], as: UTF8.self)): "
                    + String(decoding: fields["M"] ?? [], as: UTF8.self))
        case .readyForQuery:
            guard let done = query else { return }
            query = nil
            done.deadline?.cancel()
            if let failure = done.failure {
                done.promise.fail(failure)
            } else {
                done.promise.succeed(done.rows)
            }
        default:
            break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(UpstreamQueryError(description: "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(UpstreamQueryError(description: "\(error)"))
        context.close(promise: nil)
    }

    private func fail(_ error: UpstreamQueryError) {
        guard let failed = query else { return }
        query = nil
        failed.deadline?.cancel()
        failed.promise.fail(error)
    }
}

/// Why a query of the sidecar's own failed.
struct UpstreamQueryError: Error, CustomStringConvertible {
    var description: String
}

/// A connection for queries of the sidecar's own, as other threads see it.
struct UpstreamQueries: Sendable {
    let link: UpstreamLink
    private let handler: NIOLoopBound<UpstreamQueryHandler>

    /// - Throws: ``SidecarError`` or `UpstreamLoginError`.
    static func open(
        _ runtime: ResourceRuntime, database: String, on eventLoop: any EventLoop
    ) async throws -> UpstreamQueries {
        let handler = eventLoop.flatSubmit { () -> EventLoopFuture<UpstreamQueries> in
            let handler = NIOLoopBound(UpstreamQueryHandler(), eventLoop: eventLoop)
            return runtime.link(
                database: database, parameters: CatalogQueries.startupParameters, on: eventLoop,
                prepare: { try $0.pipeline.syncOperations.addHandler(handler.value) }
            ).map { UpstreamQueries(link: $0, handler: handler) }
        }
        return try await handler.get()
    }

    /// - Parameter limit: more than the server's own (``CatalogQueries/begin``), which it may not be there to keep.
    func run(_ sql: String, within limit: TimeAmount = .seconds(40)) async throws -> [UpstreamQueryHandler.Row] {
        let eventLoop = link.channel.eventLoop
        return try await eventLoop.flatSubmit {
            let promise = eventLoop.makePromise(of: [UpstreamQueryHandler.Row].self)
            handler.value.run(sql, within: limit, promise: promise)
            return promise.futureResult
        }.get()
    }

    var isOpen: Bool { link.channel.isActive }

    func close() {
        link.channel.close(promise: nil)
    }
}
