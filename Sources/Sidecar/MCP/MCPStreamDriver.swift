import Enforcement
import HTTPInspection
import Identity
import Logging
import Policy
import Records

/// Runs one ``MCPStreamSession``: a client on one leg, the program that it speaks to on the other. Everything here happens on the loop.
///
/// Back-pressure: neither side is read from while the other, or the side itself, does not take what was written.
final class MCPStreamDriver {
    let environment: SessionEnvironment
    let runtime: ResourceRuntime
    let loop: any SessionLoop
    let sessionID: RecordID
    let chain: any RecordChain
    var session: MCPStreamSession
    var logger: Logger

    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64?
    var token: VerifiedToken?
    var meter = SessionMeter()

    private let client: any ClientLeg
    private let server: any Leg
    /// The loop's.
    private let shared: SharedState
    private let clientToken: ClientToken?
    private let ended: @Sendable () -> Void
    private var now: SessionInstant
    private var isPerforming = false
    private var timer: (deadline: UInt64, timer: any LoopTimer)?
    private var openLegs = 2

    /// - Parameter ended: Called once both sides have ended.
    init?(
        environment: SessionEnvironment, runtime: ResourceRuntime, client: any ClientLeg, server: any Leg,
        loop: any SessionLoop, token: ClientToken?, ended: @escaping @Sendable () -> Void
    ) {
        guard let authority = (try? HTTPAuthority(Array("stdio".utf8))) else { return nil }
        self.environment = environment
        self.runtime = runtime
        self.client = client
        self.server = server
        self.loop = loop
        self.ended = ended
        clientToken = token
        shared = loop.shared
        now = SystemClock.now()
        sessionID = RecordID(at: now.unixMicroseconds)
        chain = environment.records.openChain(sessionID: sessionID.bytes)
        logger = environment.logger
        logger[metadataKey: "resource"] = "\(runtime.resource.name)"
        logger[metadataKey: "session"] = "\(sessionID)"
        let grants = environment.grants
        let onLoop = LoopBound(loop.shared, on: loop)
        session = MCPStreamSession(
            configuration: HTTPSessionConfiguration(
                resource: runtime.resource, upstream: authority, agent: environment.agent,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: HTTPSessionServices(
                makeRecordID: { RecordID(at: $0.unixMicroseconds, using: &onLoop.value.random) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) }, credential: { .anonymous },
                buffers: environment.metrics.buffers, mcp: environment.mcp),
            policy: runtime.policy, at: now)
    }

    func begin() {
        number = environment.registry.add(
            handle: SessionHandle(self, on: loop), resource: runtime.resource.name, sessionID: sessionID)
        guard number != nil else {
            client.abort()
            server.abort()
            return ended()
        }
        client.attach(self)
        server.attach(self)
        session.begin(token: clientToken, into: &shared.httpOutput)
        perform()
        controlReads()
    }

    private func controlReads() {
        let isFree = client.isWritable && server.isWritable
        client.setReading(isFree)
        server.setReading(isFree)
    }

    /// Takes an event from anywhere but the legs. On the loop.
    func feed(_ event: HTTPEvent) {
        now = SystemClock.now()
        session.handle(event, at: now, into: &shared.httpOutput)
        perform()
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
            if !shared.httpOutput.upstream.bytes.isEmpty {
                let bytes = shared.httpOutput.upstream.bytes
                server.send(bytes.span)
            }
            if !shared.httpOutput.client.isEmpty {
                let bytes = shared.httpOutput.client
                environment.metrics.bytesToClients.add(UInt64(bytes.count))
                client.send(bytes.span)
            }
            shared.httpOutput.clearBytes()
            if shared.httpOutput.hasActions {
                for action in shared.httpOutput.takeActions() { perform(action) }
            }
        }
        client.flush()
        server.flush()
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
            session.handle(.recordRefused(reason: "the record could not be kept"), at: now, into: &shared.httpOutput)
            // The session's end has records of its own, which are kept if they can be.
            for record in shared.httpOutput.records { _ = append(record) }
            break
        }
        shared.httpOutput.clearRecords()
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

    private func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate(let token): authenticate(token)
        case .askApproval(let ask): askApproval(ask)
        case .withdrawApproval(let id):
            environment.approvals.withdraw(approvalID: id, reason: "nobody waits for it any more")
        case .closeClient: client.closeAfterFlush()
        case .closeUpstream: server.closeAfterFlush()
        // Nothing of a connection's is asked for here.
        case .connectUpstream, .resolve, .connect, .startClientTLS, .pauseClient, .resumeClient: break
        }
    }

    // One timer at the earliest deadline that was ever asked for.
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

    private func end() {
        timer?.timer.cancel()
        timer = nil
        meter.end(in: environment.metrics)
        guard let number else { return }
        self.number = nil
        environment.registry.remove(number)
        ended()
    }
}

extension MCPStreamDriver: SessionAuthority {
    func identified(_ identity: SessionIdentity) { feed(.identified(identity)) }
    func identityRefused(reason: String) {
        logger.error("the token was refused", metadata: ["reason": "\(reason)"])
        feed(.identityRefused(reason: reason))
    }
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
        server.abort()
    }
}

extension MCPStreamDriver: LegReceiver {
    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        now = SystemClock.now()
        switch side {
        case .client:
            environment.metrics.bytesFromClients.add(UInt64(bytes.count))
            session.receiveFromClient(bytes, at: now, into: &shared.httpOutput)
        case .upstream:
            session.receiveFromServer(bytes, at: now, into: &shared.httpOutput)
        }
        perform()
    }

    func readCompleted(on side: LegSide) {}
    func writabilityChanged(_ side: LegSide) { controlReads() }
    func tlsEstablished() {}

    func closed(_ side: LegSide, reason: (any Error)?) {
        openLegs -= 1
        feed(side == .client ? .clientClosed : .upstreamClosed)
        if openLegs == 0 { end() }
    }
}

extension Sidecar {
    /// Serves one client of an MCP server over two connected sockets, non-blocking, until both have ended. The sidecar closes them.
    ///
    /// - Parameters:
    ///   - resource: Its name; `nil`: the only one of the policy whose upstream is `stdio`.
    ///   - token: Who asks; `nil`: what the resource's token file says.
    /// - Throws: ``SidecarError`` where there is no such resource.
    public func serveMCP(
        resource: String?, client: Int32, server: Int32, token: String?
    ) async throws(SidecarError) {
        let known = parts.current.runtimes.filter(\.isOfStreams).sorted { $0.resource.name < $1.resource.name }
        let found = known.filter { resource == nil || $0.resource.name == resource }
        guard found.count == 1, let runtime = found.first else {
            let names = known.map(\.resource.name).joined(separator: ", ")
            throw SidecarError(
                .config,
                known.isEmpty
                    ? "the policy has no resource with 'protocol: mcp' and 'upstream: stdio'"
                    : "say which resource is meant with --resource: \(names)")
        }
        guard token != nil || runtime.resource.tokenFile != nil else {
            throw SidecarError(.config, "'\(runtime.resource.name)' has no 'tokenFile', and no token was given")
        }
        let (environment, reactor) = (parts.environment, parts.reactors.next())
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let start: @Sendable () -> Void = {
                let clientLeg = ReactorLeg(client, side: .client, on: reactor)
                let serverLeg = ReactorLeg(server, side: .upstream, on: reactor)
                guard clientLeg.open(), serverLeg.open(),
                    let driver = MCPStreamDriver(
                        environment: environment, runtime: runtime, client: clientLeg, server: serverLeg, loop: reactor,
                        token: token.map(ClientToken.init), ended: { continuation.resume() })
                else { return continuation.resume() }
                driver.begin()
            }
            if !reactor.enqueue(start) { continuation.resume() }
        }
    }
}
