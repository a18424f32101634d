import Enforcement
import HTTPInspection
import Identity
import Logging
import Policy
import Records

/// Runs one ``HTTPSession``: the one place where the session's actions are performed. It has two legs and the loop that they live on;
/// everything here happens on that loop.
///
/// Back-pressure: neither side is read from while the other, or the side itself, does not take what was written.
final class HTTPSessionDriver {
    let environment: SessionEnvironment
    let runtime: ResourceRuntime
    let loop: any SessionLoop
    let sessionID: RecordID
    let chain: any RecordChain
    var session: HTTPSession
    var logger: Logger

    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64?
    var token: VerifiedToken?
    var meter = SessionMeter()
    /// Of a forward proxy: for whom the client is being shown a certificate of the sidecar's own, until it takes it.
    var hostShown: HTTPHost?

    let client: any ClientLeg
    private var upstream: (any Leg)?
    /// Which attempt to connect is the session's; those before it are nobody's any more.
    private var attempt = 0
    /// The loop's.
    private let shared: SharedState
    /// When the input that is being taken came.
    private var now: SessionInstant
    private var isPerforming = false
    private var timer: (deadline: UInt64, timer: any LoopTimer)?
    private var clientIsPaused = false
    private var clientIsClosing = false
    private var hasUnflushedUpstream = false
    private var hasUnflushedClient = false
    /// What the client began with, until it is known which version of HTTP that is; `nil` once it is.
    private var beginning: [UInt8]? = []

    /// - Returns: `nil` for an upstream that no Host can name, when the client's connection is closed.
    init?(environment: SessionEnvironment, runtime: ResourceRuntime, client: any ClientLeg, loop: any SessionLoop) {
        guard let authority = runtime.upstreamAuthority else {
            client.abort()
            return nil
        }
        self.environment = environment
        self.runtime = runtime
        self.client = client
        self.loop = loop
        shared = loop.shared
        now = SystemClock.now()
        sessionID = RecordID(at: now.unixMicroseconds)
        chain = environment.records.openChain(sessionID: sessionID.bytes)
        logger = environment.logger
        logger[metadataKey: "resource"] = "\(runtime.resource.name)"
        logger[metadataKey: "session"] = "\(sessionID)"
        let grants = environment.grants
        let onLoop = LoopBound(loop.shared, on: loop)
        let logger = logger
        session = HTTPSession(
            configuration: HTTPSessionConfiguration(
                resource: runtime.resource, upstream: authority, agent: environment.agent,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: HTTPSessionServices(
                makeRecordID: { RecordID(at: $0.unixMicroseconds, using: &onLoop.value.random) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) },
                credential: {
                    do throws(SidecarError) {
                        return try runtime.credentials.currentField()
                    } catch {
                        logger.error("the upstream's credential cannot be read", metadata: ["reason": "\(error)"])
                        return nil
                    }
                }, buffers: environment.metrics.buffers, mcp: environment.mcp),
            policy: runtime.policy, at: now)
    }

    /// The client has connected: takes its place in the registry and listens to it.
    func begin() {
        number = environment.registry.add(
            handle: SessionHandle(self, on: loop), resource: runtime.resource.name, sessionID: sessionID)
        guard number != nil else {
            client.abort()
            return
        }
        if runtime.listenTLS != nil {
            // TLS begins with the connection: HTTP asks for it by its scheme.
            do {
                try client.startTLS()
            } catch {
                logger.error("TLS to the client could not begin", metadata: ["reason": "\(error)"])
                client.abort()
            }
        }
        scheduleTick()
        client.attach(self)
        controlReads()
    }

    // MARK: Back-pressure

    /// Says anew who is read from; called when anything changed that decides about it.
    private func controlReads() {
        let clientTakes = client.isWritable
        client.setReading(clientTakes && !clientIsPaused && (upstream?.isWritable ?? true))
        upstream?.setReading(clientTakes)
        let isUnsent = !clientTakes || !(upstream?.isWritable ?? true)
        session.noteUnsent(isUnsent ? client.unsentBytes + (upstream?.unsentBytes ?? 0) : 0)
    }

    // MARK: Events and actions

    /// Takes an event from anywhere but the sockets. On the loop.
    func feed(_ event: HTTPEvent) {
        now = SystemClock.now()
        session.handle(event, at: now, into: &shared.httpOutput)
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
        while !shared.httpOutput.isEmpty {
            keepRecords()
            sendBytes()
            if shared.httpOutput.hasActions {
                for action in shared.httpOutput.takeActions() { perform(action) }
            }
        }
    }

    /// What the bytes depend on is kept before they are written.
    private func keepRecords() {
        guard !shared.httpOutput.records.isEmpty else { return }
        for index in shared.httpOutput.records.indices where !append(shared.httpOutput.records[index]) {
            guard session.mustRecord else {
                // What was written last, as the session ended, has its record among these.
                if session.isClosed, session.mayNotPassUnrecorded { shared.httpOutput.withholdBytes() }
                continue
            }
            shared.httpOutput.withhold()
            session.handle(
                .recordRefused(reason: "the record could not be kept"), at: now, into: &shared.httpOutput)
            // The session's end has records of its own, which are kept if they can be.
            for record in shared.httpOutput.records { _ = append(record) }
            break
        }
        shared.httpOutput.clearRecords()
    }

    private func sendBytes() {
        if !shared.httpOutput.upstream.bytes.isEmpty, let upstream {
            send(shared.httpOutput.upstream.bytes, on: upstream)
            hasUnflushedUpstream = true
        }
        if !shared.httpOutput.client.isEmpty, !clientIsClosing {
            environment.metrics.bytesToClients.add(UInt64(shared.httpOutput.client.count))
            send(shared.httpOutput.client, on: client)
            hasUnflushedClient = true
        }
        shared.httpOutput.clearBytes()
    }

    private func send(_ bytes: [UInt8], on leg: any Leg) {
        leg.send(bytes.span)
    }

    private func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate(let token): authenticate(token)
        case .connectUpstream: attachUpstream { [loop, runtime] in loop.connect(runtime, completion: $0) }
        case .resolve(let host): resolve(host)
        case .connect(let route): connect(route)
        case .startClientTLS(let host): startClientTLS(for: host)
        case .askApproval(let ask): askApproval(ask)
        case .withdrawApproval(let id):
            environment.approvals.withdraw(approvalID: id, reason: "nobody waits for it any more")
        case .pauseClient:
            clientIsPaused = true
            controlReads()
        case .resumeClient:
            clientIsPaused = false
            controlReads()
        case .closeClient: closeClient()
        case .closeUpstream: closeUpstream()
        }
    }

    private func append(_ record: SessionRecord) -> Bool {
        guard case .message(let event) = record.event else { return true }
        do {
            meter.count(event, in: environment.metrics)
            try chain.append(event, id: record.id, timeUnixMicroseconds: now.unixMicroseconds)
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
            client.flush()
        }
        if hasUnflushedUpstream {
            hasUnflushedUpstream = false
            upstream?.flush()
        }
    }

    // MARK: The upstream

    /// Begins an attempt to reach something; what comes of those before it is nobody's any more.
    func beginAttempt() -> Int {
        attempt += 1
        return attempt
    }

    func isWaiting(for attempt: Int) -> Bool { number != nil && attempt == self.attempt }

    func attachUpstream(_ connect: (@escaping (Result<any Leg, SidecarError>) -> Void) -> Void) {
        let own = beginAttempt()
        connect { [weak self] result in
            guard let self, isWaiting(for: own) else {
                if case .success(let leg) = result { leg.abort() }
                return
            }
            switch result {
            case .success(let leg):
                upstream = leg
                leg.attach(HTTPUpstreamReceiver(self, attempt: own))
                feed(.upstreamReady)
                controlReads()
            case .failure(let error):
                logger.warning("the upstream could not be reached", metadata: ["reason": "\(error)"])
                feed(.upstreamFailed(reason: "\(error)"))
            }
        }
    }

    fileprivate func isCurrent(_ attempt: Int) -> Bool { attempt == self.attempt && upstream != nil }

    private func closeUpstream() {
        attempt += 1
        hasUnflushedUpstream = false
        guard let upstream else { return }
        self.upstream = nil
        upstream.abort()
        controlReads()
    }

    // MARK: Time

    // One timer at the earliest deadline that was ever asked for: one that fires early looks again, which costs less
    // than a timer a message.
    private func scheduleTick() {
        guard number != nil, let next = session.nextDeadline else { return }
        if let timer {
            guard next.uptimeNanoseconds < timer.deadline else { return }
            timer.timer.cancel()
        }
        timer = (
            next.uptimeNanoseconds,
            loop.schedule(at: next.uptimeNanoseconds) { [weak self] in
                guard let self else { return }
                timer = nil
                feed(.tick)
            }
        )
    }

    // MARK: Ends

    /// Says what is left to say, then closes.
    private func closeClient() {
        guard !clientIsClosing else { return }
        clientIsClosing = true
        hasUnflushedClient = false
        client.closeAfterFlush()
    }

    private func end() {
        timer?.timer.cancel()
        timer = nil
        closeUpstream()
        meter.end(in: environment.metrics)
        guard let number else { return }
        self.number = nil
        environment.registry.remove(number)
    }
}

extension HTTPSessionDriver: SessionAuthority {
    func identified(_ identity: SessionIdentity) { feed(.identified(identity)) }
    func identityRefused(reason: String) { feed(.identityRefused(reason: reason)) }
    func approvalDecided(_ decision: ApprovalDecision) { feed(.approvalDecided(decision)) }

    func take(_ notice: SessionNotice) {
        switch notice {
        case .policyChanged(let policy): feed(.policyChanged(policy))
        case .catalogChanged, .catalogLost: break
        case .identityChanged(let identity): feed(.identityChanged(identity))
        case .revoked(let reason): feed(.revoked(reason: reason))
        case .drain: feed(.drain)
        }
    }

    func cancelStatement() {}

    /// Without ceremony: the drain's deadline is over.
    func abort() {
        client.abort()
    }
}

extension HTTPSessionDriver: LegReceiver {
    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        now = SystemClock.now()
        switch side {
        case .client:
            environment.metrics.bytesFromClients.add(UInt64(bytes.count))
            // A forward proxy is spoken to in HTTP/1.1.
            guard beginning == nil || runtime.egress != nil else { return receivedFirst(bytes) }
            session.receiveFromClient(bytes, at: now, into: &shared.httpOutput)
        case .upstream:
            session.receiveFromUpstream(bytes, at: now, into: &shared.httpOutput)
        }
        perform()
    }

    /// A client that knows that HTTP/2 is spoken here begins with its preface: the connection is another's from then on.
    private func receivedFirst(_ bytes: Span<UInt8>) {
        var first = beginning ?? []
        bytes.withUnsafeBytes { first.append(contentsOf: $0) }
        switch HTTP2Preface.read(first) {
        case .undecided: beginning = first
        case .anotherProtocol:
            beginning = nil
            session.receiveFromClient(first.span, at: now, into: &shared.httpOutput)
            perform()
        case .itself:
            client.handOver(to: HTTP2Connection(environment: environment, runtime: runtime), first)
            end()
        }
    }

    func readCompleted(on side: LegSide) {
        flush()
    }

    func writabilityChanged(_ side: LegSide) {
        controlReads()
    }

    func tlsEstablished() {
        hostShown = nil
    }

    func closed(_ side: LegSide, reason: (any Error)?) {
        if let reason {
            logger.debug("a connection failed", metadata: ["side": "\(side)", "reason": "\(reason)"])
        }
        switch side {
        case .client:
            feed(hostShown == nil ? .clientClosed : .clientTLSFailed)
            end()
        case .upstream:
            attempt += 1
            upstream = nil
            feed(.upstreamClosed)
            controlReads()
        }
    }
}

/// Hears one upstream connection of a session, for as long as that is the one that it has: what a connection says that the session
/// has left behind is for nobody.
private final class HTTPUpstreamReceiver: LegReceiver {
    private let driver: HTTPSessionDriver
    private let attempt: Int

    init(_ driver: HTTPSessionDriver, attempt: Int) {
        self.driver = driver
        self.attempt = attempt
    }

    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        if driver.isCurrent(attempt) { driver.received(bytes, on: .upstream) }
    }

    func readCompleted(on side: LegSide) {
        driver.readCompleted(on: .upstream)
    }

    func writabilityChanged(_ side: LegSide) {
        if driver.isCurrent(attempt) { driver.writabilityChanged(.upstream) }
    }

    func tlsEstablished() {}

    func closed(_ side: LegSide, reason: (any Error)?) {
        if driver.isCurrent(attempt) { driver.closed(.upstream, reason: reason) }
    }
}

extension ResourceRuntime {
    /// What stands in Host.
    var upstreamAuthority: HTTPAuthority? {
        // Behind a forward proxy it is each request's own.
        if egress != nil { return HTTPAuthority(host: .name("egress"), port: nil) }
        guard case .tcp(let host, let port) = connector.endpoint else { return nil }
        let text = host.contains(":") ? "[\(host)]" : host
        guard let host = (try? HTTPAuthority(Array(text.utf8)))?.host else { return nil }
        let isDefault = port == (isUpstreamPlain ? 80 : 443)
        return HTTPAuthority(host: host, port: isDefault ? nil : UInt16(exactly: port))
    }

    private var isUpstreamPlain: Bool { connector.isPlain }
}
