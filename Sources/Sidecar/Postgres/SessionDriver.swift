import Enforcement
import Identity
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Policy
import Records

/// Runs one ``PostgresSession``: the handler of the client's channel, and the one place where the session's actions
/// are performed. Everything here happens on the client channel's event loop, the upstream's channel included.
///
/// Back-pressure: neither side is read from while the other, or the side itself, does not take what was written.
final class SessionDriver: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let environment: SessionEnvironment
    let runtime: ResourceRuntime
    let sessionID: RecordID
    let chain: any RecordChain
    var session: PostgresSession
    var logger: Logger

    /// The number in the registry; `nil` before the channel is active and after the end.
    var number: UInt64?
    var context: ChannelHandlerContext?
    var upstream: (any Channel)?
    var database = ""
    var token: VerifiedToken?
    var meter = SessionMeter()

    private var actions: [PostgresAction] = []
    private var isPerforming = false
    private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
    private var clientIsPaused = false
    private var clientReadIsDue = false
    private var clientIsClosing = false
    private var hasUnflushedUpstream = false
    private var hasUnflushedClient = false

    init(environment: SessionEnvironment, runtime: ResourceRuntime) {
        self.environment = environment
        self.runtime = runtime
        let now = SystemClock.now()
        sessionID = RecordID(at: now.unixMicroseconds)
        chain = environment.records.openChain(sessionID: sessionID.bytes)
        let key = CancelKey.random()
        let grants = environment.grants
        session = PostgresSession(
            configuration: PostgresSessionConfiguration(
                resource: runtime.resource, offersTLS: runtime.listenTLS != nil, agent: environment.agent,
                cancelKey: key,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: PostgresSessionServices(
                reader: environment.reader,
                makeRecordID: { RecordID(at: $0.unixMicroseconds) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) }),
            policy: runtime.policy, at: now)
        logger = environment.logger
        logger[metadataKey: "resource"] = "\(runtime.resource.name)"
        logger[metadataKey: "session"] = "\(sessionID)"
    }

    // MARK: The client's channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        let handle = SessionHandle(self, on: context.eventLoop)
        number = environment.registry.add(handle: handle, resource: runtime.resource.name, sessionID: sessionID)
        guard number != nil else {
            context.close(promise: nil)
            return
        }
        scheduleTick()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        environment.metrics.bytesFromClients.add(UInt64(buffer.readableBytes))
        session.receiveFromClient(buffer.readableBytesUInt8Span, at: SystemClock.now(), into: &actions)
        perform()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        guard mayReadClient else {
            clientReadIsDue = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReads()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { feed(.clientTLSEstablished) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("the client's connection failed", metadata: ["reason": "\(error)"])
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        feed(.clientClosed)
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: The upstream's channel

    func receiveFromUpstream(_ buffer: ByteBuffer) {
        session.receiveFromUpstream(buffer.readableBytesUInt8Span, at: SystemClock.now(), into: &actions)
        perform()
    }

    func upstreamClosed(_ channel: any Channel) {
        guard let upstream, upstream === channel else { return }
        self.upstream = nil
        feed(.upstreamClosed)
    }

    var mayReadUpstream: Bool { context?.channel.isWritable ?? false }

    private var mayReadClient: Bool {
        !clientIsPaused && (context?.channel.isWritable ?? false) && (upstream?.isWritable ?? true)
    }

    /// Asks again for the reads that could not be made; called when anything changed that decides about them.
    func resumeReads() {
        if clientReadIsDue, mayReadClient {
            clientReadIsDue = false
            context?.read()
        }
        if mayReadUpstream, let upstream { upstream.pipeline.fireUserInboundEventTriggered(ClientWritable()) }
    }

    // MARK: Events and actions

    /// Takes an event from anywhere but the sockets. On the event loop.
    func feed(_ event: PostgresEvent) {
        session.handle(event, at: SystemClock.now(), into: &actions)
        perform()
        flush()
    }

    private func perform() {
        // An action may cause an event at once; the loop that runs already takes up what that adds.
        guard !isPerforming else { return }
        isPerforming = true
        defer {
            isPerforming = false
            scheduleTick()
        }
        var index = 0
        while index < actions.count {
            let action = actions[index]
            index += 1
            if case .record(let record) = action, !append(record), session.mustRecord {
                // What was to follow the record must not happen.
                actions.removeSubrange(index...)
                session.handle(
                    .recordRefused(reason: "the record could not be kept"), at: SystemClock.now(), into: &actions)
                continue
            }
            perform(action)
        }
        actions.removeAll(keepingCapacity: actions.capacity <= 256)
    }

    private func perform(_ action: PostgresAction) {
        switch action {
        case .sendToClient(let bytes):
            guard let context, !clientIsClosing else { return }
            environment.metrics.bytesToClients.add(UInt64(bytes.count))
            context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
            hasUnflushedClient = true
        case .sendToUpstream(let bytes):
            guard let upstream else { return }
            upstream.write(upstream.allocator.buffer(bytes: bytes.bytes), promise: nil)
            hasUnflushedUpstream = true
        case .startClientTLS: startClientTLS()
        case .authenticate(let token): authenticate(token)
        case .connectUpstream(let request): connectUpstream(request)
        case .publishCancelKey(let key):
            if let number { environment.registry.publish(key, for: number) }
        case .cancel(let key): environment.registry.handle(for: key)?.cancelStatement()
        case .record: break
        case .judge(let request): judge(request)
        case .askApproval(let ask): askApproval(ask)
        case .withdrawApproval(let id):
            environment.approvals.withdraw(approvalID: id, reason: "nobody waits for it any more")
        case .refreshCatalog: refreshCatalog()
        case .pauseClient: clientIsPaused = true
        case .resumeClient:
            clientIsPaused = false
            resumeReads()
        case .closeClient: closeClient()
        case .closeUpstream: closeUpstream()
        }
    }

    private func append(_ record: SessionRecord) -> Bool {
        meter.count(record.event, in: environment.metrics)
        do {
            try chain.append(
                record.event, id: record.id.bytes, timeUnixMicroseconds: SystemClock.unixMicroseconds())
            return true
        } catch {
            environment.metrics.spoolRefusals.add()
            logger.error("a record could not be kept", metadata: ["reason": "\(error)"])
            return false
        }
    }

    private func flush() {
        if hasUnflushedClient {
            hasUnflushedClient = false
            context?.flush()
        }
        if hasUnflushedUpstream {
            hasUnflushedUpstream = false
            upstream?.flush()
        }
    }

    /// What was read from the upstream in one go has been handled.
    func upstreamReadComplete() { flush() }

    private func startClientTLS() {
        guard let context, let tls = runtime.listenTLS else { return }
        // The S must be under way before the handler that would encrypt it.
        context.flush()
        hasUnflushedClient = false
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        } catch {
            logger.error("TLS to the client could not begin", metadata: ["reason": "\(error)"])
            context.close(promise: nil)
        }
    }

    // MARK: Time

    // One timer at the earliest deadline that was ever asked for: one that fires early looks again, which costs less
    // than a timer a message.
    private func scheduleTick() {
        guard number != nil, let context, let next = session.nextDeadline else { return }
        let deadline = NIODeadline.uptimeNanoseconds(next.uptimeNanoseconds)
        if let timer {
            guard deadline < timer.deadline else { return }
            timer.task.cancel()
        }
        let driver = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = (
            deadline,
            context.eventLoop.scheduleTask(deadline: deadline) {
                driver.value.timer = nil
                driver.value.feed(.tick)
            }
        )
    }

    // MARK: Ends

    /// Says what is left to say, then closes; a client that takes nothing for five seconds is cut off.
    private func closeClient() {
        guard let context, !clientIsClosing else { return }
        clientIsClosing = true
        hasUnflushedClient = false
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let limit = context.eventLoop.scheduleTask(in: .seconds(5)) { bound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            limit.cancel()
            bound.value.close(promise: nil)
        }
    }

    private func closeUpstream() {
        guard let upstream else { return }
        self.upstream = nil
        hasUnflushedUpstream = false
        let limit = upstream.eventLoop.scheduleTask(in: .seconds(5)) { upstream.close(promise: nil) }
        upstream.writeAndFlush(ByteBuffer()).whenComplete { _ in
            limit.cancel()
            upstream.close(promise: nil)
        }
    }

    /// Without ceremony: the drain's deadline is over.
    func abort() {
        context?.close(promise: nil)
    }

    private func end() {
        timer?.task.cancel()
        timer = nil
        closeUpstream()
        meter.end(in: environment.metrics)
        guard let number else { return }
        self.number = nil
        environment.registry.remove(number)
    }
}

/// Tells the upstream's handler that the client takes bytes again.
struct ClientWritable: Sendable {}
