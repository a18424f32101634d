import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// One client's session with one database: bytes and events in, records, bytes and actions out. No socket, no clock, no logger.
///
/// It stands between two state machines, the client's and the server's, and must leave both as they would be without it. So
/// it forwards what is permitted as it came; what is refused it replaces by a message that the server itself refuses, and
/// the server's error by its own. It keeps a mirror of what the server holds for the session (names, search path,
/// transaction) because what a message means depends on it; and it judges nothing while the mirror may be wrong: after a
/// Sync or a Query it waits for ReadyForQuery, and after a statement that may change what names mean it asks the server.
///
/// Client messages are taken one at a time. One that cannot be decided yet stays where it is, and the ``Gate`` says what it
/// waits for; when that comes, it is taken again from the beginning.
public struct PostgresSession: ~Copyable {
    enum Phase: Equatable {
        case startup
        case awaitingTLS
        case awaitingPassword
        case authenticating
        case connecting
        /// Logged in; the session learns what it must know before the client may ask.
        case prologue
        case ready
        case closed
    }

    /// What the client's next message waits for.
    enum Gate {
        case open
        /// The answer to a Sync or a Query.
        case readyForQuery
        case judgement(JudgementTicket)
        case searchPath
        case catalog
        case approval
        /// The end of what was executed last, whose rows count in a budget.
        case meteredEnd
        /// The server's word on a COPY FROM STDIN that was executed.
        case copyInResponse
        /// The client sends data. `inQuery`: after it the answer to the Query is due.
        case copyIn(inQuery: Bool)
    }

    let configuration: PostgresSessionConfiguration
    let services: PostgresSessionServices
    var policy: (any SessionPolicy)?
    var phase = Phase.startup
    var gate = Gate.open
    var now: SessionInstant
    var output = SessionOutput()

    // Start-up.
    var startup = StartupState()
    let authenticationDeadline: UInt64
    var identity: SessionIdentity?
    var greeting: UpstreamGreeting?

    // The streams.
    var client = FrameDecoder(.frontend)
    var upstream = FrameDecoder(.backend)
    var isClientPaused = false
    /// What the session holds of the budget of all sessions; `nil` while it holds as little as each may.
    var share: BufferShare?
    /// Bytes for either side that its socket has not taken yet.
    var unsent = 0

    // The mirror.
    var exchanges = FIFO<Exchange>()
    var transaction = TransactionStatus.idle
    var statements = NameMirror<StatementMirror>()
    var portals = NameMirror<PortalMirror>()
    var cursors: Set<WireName> = []
    var searchPath: [String] = []
    var segment = SegmentState()
    var resolution = ResolutionState()

    var lane = FastLane()

    // Judgement.
    var policyEpoch: UInt64 = 0
    var catalog: PostgresCatalog?
    /// What was judged for sessions like this one, with the epoch that it is for.
    var scope: (epoch: JudgementEpoch, judgements: JudgementScope)?
    var reading: (ticket: JudgementTicket, reading: StatementReading)?
    var ticketCount: UInt64 = 0
    var hold: HoldState?

    // Records.
    var statementCount: UInt64 = 0
    /// Digests of texts that the client did not get, until a record takes them.
    var withheld: [[UInt8]] = []
    var rowCount: UInt64 = 0
    var isOpenRecorded = false
    var isDraining = false

    /// The upstream's own key of this session, for a CancelRequest that names the session's.
    public var upstreamCancelKey: CancelKey? { greeting?.cancelKey }

    /// - Parameter policy: `nil` when no bundle is in force: the session is refused.
    public init(
        configuration: PostgresSessionConfiguration, services: PostgresSessionServices, policy: (any SessionPolicy)?,
        at now: SessionInstant
    ) {
        self.configuration = configuration
        self.services = services
        self.policy = policy
        self.now = now
        authenticationDeadline = now.after(seconds: configuration.authenticationSeconds).uptimeNanoseconds
    }

    /// Whether what cannot be recorded must not happen.
    public var mustRecord: Bool { policy?.recording.whenSpoolIsFull != .allow }

    /// Takes every message one by one from now on: for tests that compare.
    package mutating func closeFastLane() {
        lane.isOn = false
    }

    /// Whether a request waits for its answer that took the fast lane.
    package var isInFastLane: Bool { lane.isPending }

    /// Whether the session is over; nothing more comes of it.
    public var isClosed: Bool { phase == .closed }

    /// Feed ``PostgresEvent/tick`` no later than this; `nil`: nothing is due.
    public var nextDeadline: SessionInstant? {
        switch phase {
        case .closed: return nil
        case .startup, .awaitingTLS, .awaitingPassword, .authenticating:
            return now.at(uptimeNanoseconds: authenticationDeadline)
        case .connecting, .prologue, .ready:
            var deadline = (identity?.expiresAtUnixSeconds).map { now.at(unixSeconds: $0) }
            if let hold, hold.isWaiting {
                let held = now.at(uptimeNanoseconds: hold.deadlineNanoseconds)
                if deadline.map({ held.uptimeNanoseconds < $0.uptimeNanoseconds }) ?? true { deadline = held }
            }
            return deadline
        }
    }

    public mutating func receiveFromClient(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) {
        guard phase != .closed, !takeFastRequest(bytes, at: now, into: &output) else { return }
        leaveFastLane(into: &output)
        begin(with: &output, at: now)
        do throws(SessionFault) {
            try checkTime()
            if phase == .startup || phase == .awaitingTLS {
                try takeStartup(bytes)
            } else {
                client.append(bytes)
            }
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    public mutating func receiveFromUpstream(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) {
        guard phase == .ready || phase == .prologue else { return }
        if lane.isPending {
            if takeFastAnswer(bytes, at: now, into: &output) { return }
            leaveFastLane(into: &output)
        }
        begin(with: &output, at: now)
        do throws(SessionFault) {
            try checkTime()
            upstream.append(bytes)
            try advanceUpstream()
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    public mutating func handle(_ event: PostgresEvent, at now: SessionInstant, into output: inout SessionOutput) {
        guard phase != .closed else { return }
        leaveFastLane(into: &output)
        begin(with: &output, at: now)
        do throws(SessionFault) {
            try take(event)
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    /// Takes the client's messages for as long as something can be done with them.
    mutating func advance() throws(SessionFault) {
        if phase == .awaitingPassword { try takePassword() }
        while phase == .ready, isGateOpen {
            guard let frame = try SessionFault.ofClient({ () throws(WireError) in try client.peek() }) else { break }
            // What is decoded of it, and what goes on.
            if frame.whole.count > BufferShare.free { try holdBuffers(and: 2 * frame.whole.count) }
            guard try takeFrontend(frame) else { break }
            if phase == .closed { break }
            client.consume(frame)
        }
        if isDraining, phase == .ready, exchanges.isEmpty, client.buffered == 0 {
            throw SessionFault(sqlState: "57P01", message: "The sidecar is stopping.", reason: "stopping")
        }
    }

    private var isGateOpen: Bool {
        switch gate {
        case .open, .copyIn: true
        default: false
        }
    }

    /// The session writes to the caller's buffers, so that it keeps none of its own.
    private mutating func begin(with output: inout SessionOutput, at now: SessionInstant) {
        self.now = now
        swap(&self.output, &output)
    }

    private mutating func finish(into output: inout SessionOutput) {
        recordBeforeRelease()
        limitClient()
        swap(&self.output, &output)
    }

    /// A client that sends on while it must wait is stopped before it fills the memory.
    private mutating func limitClient() {
        guard phase != .closed else { return }
        let isWaiting =
            phase != .startup && phase != .awaitingPassword && phase != .awaitingTLS && !(phase == .ready && isGateOpen)
        if isWaiting, !isClientPaused, client.buffered > PostgresSession.waitingBytes {
            isClientPaused = true
            output.perform(.pauseClient)
        } else if isClientPaused, !isWaiting {
            isClientPaused = false
            output.perform(.resumeClient)
        }
    }

    /// A pipeline of a few hundred messages may pile up while one is judged or held.
    private static let waitingBytes = 64 << 10
}
