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
    var session: MCPStreamSession
    let logger: Logger

    /// The number in the registry; `nil` before the session has begun and after its end.
    var number: UInt64?
    var token: VerifiedToken?
    var ledger: SessionLedger
    var timer = SessionTimer()
    var now: SessionInstant
    var isPerforming = false

    private let client: any ClientLeg
    private let server: any Leg
    /// The loop's.
    private let shared: SharedState
    private let clientToken: ClientToken?
    private let ended: @Sendable () -> Void
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
        logger = environment.logger(of: runtime.resource, sessionID)
        ledger = SessionLedger(environment, sessionID: sessionID, logger)
        let grants = environment.grants
        let onLoop = LoopBound(loop.shared, on: loop)
        session = MCPStreamSession(
            configuration: HTTPSessionConfiguration(
                resource: runtime.resource, upstream: authority, agent: environment.agent,
                authenticationSeconds: UInt32(clamping: environment.configuration.clientLoginSeconds)),
            services: HTTPSessionServices(
                makeRecordID: { RecordID(at: $0.unixMicroseconds, using: &onLoop.value.random) },
                takeGrant: { grants.take($0, now: SystemClock.unixSeconds()) }, credential: { .anonymous },
                budgets: environment.budgets, buffers: environment.metrics.buffers, mcp: environment.mcp),
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
        if let policy = environment.policy(since: runtime) { feed(.policyChanged(policy)) }
        client.attach(self)
        server.attach(self)
        session.begin(token: clientToken, into: &shared.httpOutput)
        perform()
        flush()
        controlReads()
    }

    private func controlReads() {
        let isFree = client.isWritable && server.isWritable
        client.setReading(isFree)
        server.setReading(isFree)
    }

    func send(toUpstream bytes: [UInt8]) {
        server.send(bytes.span)
    }

    func send(toClient bytes: [UInt8]) {
        environment.metrics.bytesToClients.add(UInt64(bytes.count))
        client.send(bytes.span)
    }

    func flush() {
        client.flush()
        server.flush()
    }

    func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate(let token): authenticate(token)
        case .askApproval(let ask): askApproval(ask)
        case .withdrawApproval(let id):
            environment.approvals.withdraw(approvalID: id, reason: "nobody waits for it any more")
        case .closeClient: client.closeAfterFlush()
        case .closeUpstream: server.closeAfterFlush()
        // Nothing of a connection's is asked for here.
        case .connectUpstream, .awaitCredential, .credentialRefused, .resolve, .connect, .startClientTLS, .pauseClient,
            .resumeClient:
            break
        }
    }

    private func end() {
        timer.cancel()
        ledger.end()
        guard let number else { return }
        self.number = nil
        environment.registry.remove(number)
        ended()
    }
}

extension MCPStreamDriver: HTTPMachineDriver {
    var mustRecord: Bool { session.mustRecord }
    var isOver: Bool { session.isClosed }
    var nextDeadline: SessionInstant? { session.nextDeadline }

    func handle(_ event: HTTPEvent) {
        session.handle(event, at: now, into: &shared.httpOutput)
    }

    func identityRefused(reason: String) {
        logger.error("the token was refused", metadata: ["reason": "\(reason)"])
        feed(.identityRefused(reason: reason))
    }

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
        flush()
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
