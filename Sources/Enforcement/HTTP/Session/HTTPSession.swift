import HTTPInspection
import Policy
import WireBytes

/// One client's connection to one HTTP service: bytes and events in, records, bytes and actions out. No socket, no clock, no logger.
///
/// The unit of judgement is the exchange, a request and its response, and there is one at a time: what a client pipelines waits in
/// the order in which it came. Neither side's bytes are passed on: heads are written anew from what was parsed and judged, bodies in a
/// framing of the session's own, so that the upstream reads what was judged and the client what was masked.
///
/// A session is one subject's: a token is verified when its bytes are new, and one of somebody else ends the connection.
public struct HTTPSession: ~Copyable {
    enum Phase { case open, closed }

    /// The connection to the upstream: one at a time, used again for as long as both sides let it be.
    enum Link {
        case none, connecting
        /// - Parameter isFresh: It has carried no request yet.
        case open(isFresh: Bool)
    }

    let configuration: HTTPSessionConfiguration
    let services: HTTPSessionServices
    var policy: (any SessionPolicy)?
    var phase = Phase.open
    var now: SessionInstant
    var output = HTTPOutput()

    // Identity.
    let authenticationDeadline: UInt64
    var identity: SessionIdentity?
    /// The bytes of the token that was verified last, or that is being verified.
    var token: ClientToken?

    // The streams.
    var client = InputBuffer()
    var requests = HTTP1RequestDecoder()
    var upstream = InputBuffer()
    var responses = HTTP1ResponseDecoder()
    var link = Link.none
    /// The credential is being fetched, and whoever runs the session says when to look again.
    var isCredentialAwaited = false
    var isClientPaused = false
    /// What the session holds of the budget of all sessions; `nil` while it holds as little as each may.
    var share: BufferShare?
    /// Bytes for either side that its socket has not taken yet.
    var unsent = 0

    /// What is under way.
    var exchange: HTTPExchange?
    var egress = EgressState()

    // Records.
    var exchangeCount: UInt64 = 0
    var isOpenRecorded = false
    var isDraining = false

    /// - Parameter policy: `nil` when no bundle is in force: the session is refused.
    public init(
        configuration: HTTPSessionConfiguration, services: HTTPSessionServices, policy: (any SessionPolicy)?,
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

    /// Whether the session is over; nothing more comes of it.
    public var isClosed: Bool { phase == .closed }

    /// Feed ``HTTPEvent/tick`` no later than this; `nil`: nothing is due.
    public var nextDeadline: SessionInstant? {
        guard phase == .open else { return nil }
        guard let identity else { return now.at(uptimeNanoseconds: authenticationDeadline) }
        var deadline = now.at(unixSeconds: identity.expiresAtUnixSeconds)
        if let hold = exchange?.hold, hold.isWaiting, hold.deadlineNanoseconds < deadline.uptimeNanoseconds {
            deadline = now.at(uptimeNanoseconds: hold.deadlineNanoseconds)
        }
        if let silence = exchange?.silenceEndNanoseconds, silence < deadline.uptimeNanoseconds {
            deadline = now.at(uptimeNanoseconds: silence)
        }
        return deadline
    }

    public mutating func receiveFromClient(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout HTTPOutput
    ) {
        guard phase == .open else { return }
        begin(with: &output, at: now)
        do throws(HTTPFault) {
            try checkTime()
            client.append(bytes)
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    public mutating func receiveFromUpstream(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout HTTPOutput
    ) {
        guard phase == .open else { return }
        begin(with: &output, at: now)
        do throws(HTTPFault) {
            try checkTime()
            upstream.append(bytes)
            exchange?.lastProgressNanoseconds = now.uptimeNanoseconds
            try advanceUpstream()
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    public mutating func handle(_ event: HTTPEvent, at now: SessionInstant, into output: inout HTTPOutput) {
        guard phase == .open else { return }
        begin(with: &output, at: now)
        do throws(HTTPFault) {
            try take(event)
            try advance()
            try holdBuffers()
        } catch {
            end(error)
        }
        finish(into: &output)
    }

    /// Takes the client's requests for as long as something can be done with them.
    mutating func advance() throws(HTTPFault) {
        while phase == .open {
            guard let exchange else {
                if isDraining { return close("stopping") }
                guard try takeHead() else { break }
                continue
            }
            guard try step(exchange) else { break }
        }
    }

    /// Does what can be done with an exchange.
    ///
    /// - Returns: Whether it is in another stage now, or over.
    private mutating func step(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        switch exchange.stage {
        case .identity: return try identify(exchange)
        case .judgement: return try judge(exchange)
        case .collecting: return try collect(exchange)
        case .permission: return try askPermission(exchange)
        case .authentication, .approval: return false
        case .connecting: return try send(exchange)
        case .running: return try forward(exchange)
        case .switched: return try passClientMessages(exchange)
        case .refused: return try drop(exchange)
        case .tunnel: return try passUp(exchange)
        }
    }

    private mutating func begin(with output: inout HTTPOutput, at now: SessionInstant) {
        self.now = now
        swap(&self.output, &output)
    }

    private mutating func finish(into output: inout HTTPOutput) {
        recordBeforeRelease()
        limitClient()
        swap(&self.output, &output)
    }

    /// A client that sends on while it must wait is stopped before it fills the memory.
    private mutating func limitClient() {
        guard phase == .open else { return }
        // A message must be here whole.
        let most = exchange?.stage == .switched ? HTTPLimits.webSocketMessage : 0
        let isWaiting = client.count > HTTPLaneLimits.waiting + most
        guard isWaiting != isClientPaused else { return }
        isClientPaused = isWaiting
        output.perform(isWaiting ? .pauseClient : .resumeClient)
    }
}
