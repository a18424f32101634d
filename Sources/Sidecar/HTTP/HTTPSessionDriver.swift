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
    var session: HTTPSession
    let logger: Logger

    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64?
    var token: VerifiedToken?
    var ledger: SessionLedger
    var timer = SessionTimer()
    /// Of a forward proxy: for whom the client is being shown a certificate of the sidecar's own, until it takes it.
    var hostShown: HTTPHost?

    let client: any ClientLeg
    private var upstream: (any Leg)?
    /// Which attempt to connect is the session's; those before it are nobody's any more.
    private var attempt = 0
    /// The loop's.
    private let shared: SharedState
    var now: SessionInstant
    var isPerforming = false
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
        let logger = environment.logger(of: runtime.resource, sessionID)
        self.logger = logger
        ledger = SessionLedger(environment, sessionID: sessionID, logger)
        let grants = environment.grants
        let onLoop = LoopBound(loop.shared, on: loop)
        session = HTTPSession(
            configuration: HTTPSessionConfiguration(
                resource: runtime.resource, upstream: authority, agent: environment.agent,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: HTTPSessionServices(
                makeRecordID: { RecordID(at: $0.unixMicroseconds, using: &onLoop.value.random) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) },
                credential: {
                    do throws(SidecarError) {
                        return try runtime.credential()
                    } catch {
                        logger.error("the upstream's credential cannot be read", metadata: ["reason": "\(error)"])
                        return .unreadable("\(error)")
                    }
                }, budgets: environment.budgets, buffers: environment.metrics.buffers, mcp: environment.mcp),
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
        if let policy = environment.policy(since: runtime) { feed(.policyChanged(policy)) }
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

    // MARK: Bytes and actions

    func send(toUpstream bytes: [UInt8]) {
        guard let upstream else { return }
        upstream.send(bytes.span)
        hasUnflushedUpstream = true
    }

    func send(toClient bytes: [UInt8]) {
        guard !clientIsClosing else { return }
        environment.metrics.bytesToClients.add(UInt64(bytes.count))
        client.send(bytes.span)
        hasUnflushedClient = true
    }

    func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate(let token): authenticate(token)
        case .awaitCredential: awaitCredential()
        case .credentialRefused(let credential): runtime.tokens?.refused(credential)
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

    func flush() {
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

    private func awaitCredential() {
        let driver = LoopBound(self, on: loop)
        let settled: @Sendable () -> Void = {
            driver.run { driver in
                if driver.number != nil { driver.feed(.credentialSettled) }
            }
        }
        if let tokens = runtime.tokens { tokens.whenSettled(settled) } else { settled() }
    }

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

    // MARK: Ends

    /// Says what is left to say, then closes.
    private func closeClient() {
        guard !clientIsClosing else { return }
        clientIsClosing = true
        hasUnflushedClient = false
        client.closeAfterFlush()
    }

    private func end() {
        timer.cancel()
        closeUpstream()
        ledger.end()
        guard let number else { return }
        self.number = nil
        environment.registry.remove(number)
    }
}

extension HTTPSessionDriver: HTTPMachineDriver {
    var mustRecord: Bool { session.mustRecord }
    var isOver: Bool { session.isClosed }
    var nextDeadline: SessionInstant? { session.nextDeadline }

    func handle(_ event: HTTPEvent) {
        session.handle(event, at: now, into: &shared.httpOutput)
    }

    func identityRefused(reason: String) { feed(.identityRefused(reason: reason)) }

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
            client.handOver(to: HTTP2Connection(environment: environment, resource: runtime.resource.name), first)
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
            // With TLS 1.3 a server says only after the handshake that it does not take the certificate that it was shown.
            let mayBeRefusal = side == .upstream && runtime.resource.clientCertificateFile != nil
            logger.log(
                level: mayBeRefusal ? .warning : .debug, "a connection failed",
                metadata: ["side": "\(side)", "reason": "\(reason)"])
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
