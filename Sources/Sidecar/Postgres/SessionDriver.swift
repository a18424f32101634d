import Enforcement
import Identity
import Logging
import Policy
import Records

/// Runs one ``PostgresSession``: the one place where the session's actions are performed. What carries the bytes it does
/// not know: it has two legs and the loop that they live on. Everything here happens on that loop.
///
/// Back-pressure: neither side is read from while the other, or the side itself, does not take what was written.
final class SessionDriver {
    let environment: SessionEnvironment
    let runtime: ResourceRuntime
    let loop: any SessionLoop
    let sessionID: RecordID
    var session: PostgresSession
    let logger: Logger

    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64?
    var upstream: (any Leg)?
    var database = ""
    var token: VerifiedToken?
    private var ledger: SessionLedger
    private var timer = SessionTimer()

    private let client: any ClientLeg
    /// The loop's.
    private let shared: SharedState
    /// When the input that is being taken came.
    private var now: SessionInstant
    private var isPerforming = false
    private var clientIsPaused = false
    private var clientIsClosing = false
    private var hasUnflushedUpstream = false
    private var hasUnflushedClient = false

    init(environment: SessionEnvironment, runtime: ResourceRuntime, client: any ClientLeg, loop: any SessionLoop) {
        self.environment = environment
        self.runtime = runtime
        self.client = client
        self.loop = loop
        shared = loop.shared
        now = SystemClock.now()
        sessionID = RecordID(at: now.unixMicroseconds)
        logger = environment.logger(of: runtime.resource, sessionID)
        ledger = SessionLedger(environment, sessionID: sessionID, logger)
        let key = CancelKey.random()
        let grants = environment.grants
        let onLoop = LoopBound(loop.shared, on: loop)
        session = PostgresSession(
            configuration: PostgresSessionConfiguration(
                resource: runtime.resource, offersTLS: runtime.listenTLS != nil, agent: environment.agent,
                cancelKey: key,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: PostgresSessionServices(
                reader: environment.reader,
                makeRecordID: { RecordID(at: $0.unixMicroseconds, using: &onLoop.value.random) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) }, budgets: environment.budgets,
                buffers: environment.metrics.buffers),
            policy: runtime.policy, at: now)
    }

    /// The client has connected: takes its place in the registry and listens to it.
    func begin() {
        let handle = SessionHandle(self, on: loop)
        number = environment.registry.add(handle: handle, resource: runtime.resource.name, sessionID: sessionID)
        guard number != nil else {
            client.abort()
            return
        }
        if let policy = environment.policy(since: runtime) { feed(.policyChanged(policy)) }
        scheduleTick()
        client.attach(self)
        controlReads()
    }

    /// The upstream is logged in, and the session has been told of it.
    func attachUpstream(_ leg: any Leg) {
        leg.attach(self)
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
    func feed(_ event: PostgresEvent) {
        now = SystemClock.now()
        session.handle(event, at: now, into: &shared.output)
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
        while !shared.output.isEmpty {
            keepRecords()
            sendBytes()
            if shared.output.hasActions {
                for action in shared.output.takeActions() { perform(action) }
            }
        }
    }

    /// What the bytes depend on is kept before they are written.
    private func keepRecords() {
        guard !shared.output.records.isEmpty else { return }
        for index in shared.output.records.indices
        where !keep(shared.output.records[index]) && session.mustRecord {
            // What was written as the session ended has its record among these, and nobody can be told.
            if session.isClosed {
                shared.output.withholdBytes()
                continue
            }
            shared.output.withhold()
            session.handle(
                .recordRefused(reason: "the record could not be kept"), at: now, into: &shared.output)
            // The session's end has records of its own, which are kept if they can be.
            for record in shared.output.records { _ = keep(record) }
            break
        }
        shared.output.clearRecords()
    }

    private func sendBytes() {
        if !shared.output.upstream.isEmpty, let upstream {
            send(shared.output.upstream.bytes, on: upstream)
            hasUnflushedUpstream = true
        }
        if !shared.output.client.isEmpty, !clientIsClosing {
            environment.metrics.bytesToClients.add(UInt64(shared.output.client.count))
            send(shared.output.client, on: client)
            hasUnflushedClient = true
        }
        shared.output.clearBytes()
    }

    private func send(_ bytes: [UInt8], on leg: any Leg) {
        leg.send(bytes.span)
    }

    private func perform(_ action: PostgresAction) {
        switch action {
        case .startClientTLS: startClientTLS()
        case .authenticate(let token): authenticate(token)
        case .connectUpstream(let request): connectUpstream(request)
        case .publishCancelKey(let key):
            if let number { environment.registry.publish(key, for: number) }
        case .cancel(let key): environment.registry.handle(for: key)?.cancelStatement()
        case .judge(let request): judge(request)
        case .askApproval(let ask): askApproval(ask)
        case .withdrawApproval(let id):
            environment.approvals.withdraw(approvalID: id, reason: "nobody waits for it any more")
        case .refreshCatalog: refreshCatalog()
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

    private func keep(_ record: SessionRecord) -> Bool {
        let time = now.unixMicroseconds
        switch record.event {
        case .message(let event): return ledger.keep(event, id: record.id, at: time)
        case .encoded(let event, let tally):
            return shared.output.events.withMessage(of: event) { message in
                ledger.keep(event.kind, message: message, tally, id: record.id, at: time)
            }
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

    private func startClientTLS() {
        hasUnflushedClient = false
        do {
            try client.startTLS()
        } catch {
            logger.error("TLS to the client could not begin", metadata: ["reason": "\(error)"])
            client.abort()
        }
    }

    private func scheduleTick() {
        guard number != nil, let next = session.nextDeadline else { return }
        timer.schedule(at: next, on: loop) { [self] in
            timer.fired()
            feed(.tick)
        }
    }

    // MARK: Ends

    /// Says what is left to say, then closes.
    private func closeClient() {
        guard !clientIsClosing else { return }
        clientIsClosing = true
        hasUnflushedClient = false
        client.closeAfterFlush()
    }

    private func closeUpstream() {
        guard let upstream else { return }
        self.upstream = nil
        hasUnflushedUpstream = false
        upstream.closeAfterFlush()
        controlReads()
    }

    /// Without ceremony: the drain's deadline is over.
    func abort() {
        client.abort()
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

extension SessionDriver: SessionAuthority {
    func identified(_ identity: SessionIdentity) { feed(.identified(identity)) }
    func identityRefused(reason: String) { feed(.identityRefused(reason: reason)) }
    func approvalDecided(_ decision: ApprovalDecision) { feed(.approvalDecided(decision)) }

    func take(_ notice: SessionNotice) {
        switch notice {
        case .policyChanged(let policy): feed(.policyChanged(policy))
        case .catalogChanged(let catalog): feed(.catalogChanged(catalog))
        case .catalogLost(let reason): feed(.catalogLost(reason: reason))
        case .identityChanged(let identity): feed(.identityChanged(identity))
        case .revoked(let reason): feed(.revoked(reason: reason))
        case .drain: feed(.drain)
        }
    }
}

extension SessionDriver: LegReceiver {
    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        now = SystemClock.now()
        switch side {
        case .client:
            environment.metrics.bytesFromClients.add(UInt64(bytes.count))
            session.receiveFromClient(bytes, at: now, into: &shared.output)
            perform()
            // Where the request is on its way, this is done while the server works.
            session.prepareEvidence(into: &shared.output)
        case .upstream:
            session.receiveFromUpstream(bytes, at: now, into: &shared.output)
            perform()
        }
    }

    func readCompleted(on side: LegSide) {
        flush()
    }

    func writabilityChanged(_ side: LegSide) {
        controlReads()
    }

    func tlsEstablished() {
        feed(.clientTLSEstablished)
    }

    func closed(_ side: LegSide, reason: (any Error)?) {
        if let reason {
            logger.debug("a connection failed", metadata: ["side": "\(side)", "reason": "\(reason)"])
        }
        switch side {
        case .client:
            feed(.clientClosed)
            end()
        case .upstream:
            // One that the session itself has closed is not its upstream any more.
            guard upstream != nil else { return }
            upstream = nil
            feed(.upstreamClosed)
            controlReads()
        }
    }
}
