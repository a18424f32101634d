import Policy
import Records
import WireBytes

/// One client of an MCP server over standard streams: lines of JSON-RPC in, records, lines and actions out. No descriptor, no clock, no
/// logger.
///
/// Each line is a message (2025-11-25, Transports, stdio), judged as one over HTTP is, by the same policy; requests may be under way side by
/// side. What goes on to either side is written anew from what was judged.
public struct MCPStreamSession: ~Copyable {
    enum Phase { case identifying, open, closed }

    let configuration: HTTPSessionConfiguration
    let services: HTTPSessionServices
    var policy: (any SessionPolicy)?
    var phase = Phase.identifying
    var now: SessionInstant
    var output = HTTPOutput()
    var identity: SessionIdentity?
    /// By which the session was let in.
    var sessionVerdict: Verdict?
    let authenticationDeadline: UInt64

    var client = MCPLines(longest: MCPLimits.request, whose: "client")
    var server = MCPLines(longest: MCPLimits.message, whose: "server")
    /// What was asked and not answered yet, by its id.
    var pending: [ArgumentValue: MCPStreamRequest] = [:]
    /// Ids under which the server has asked its client something that policy vouches for.
    var asked: Set<ArgumentValue> = []
    var requestCount: UInt64 = 0
    var isOpenRecorded = false

    /// Requests of a client that may wait at the same time.
    static let concurrent = 256

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
        guard phase != .closed else { return nil }
        guard let identity else { return now.at(uptimeNanoseconds: authenticationDeadline) }
        let expiry = now.at(unixSeconds: identity.expiresAtUnixSeconds)
        let holds = pending.values.compactMap { $0.hold?.deadlineNanoseconds }
        return now.at(uptimeNanoseconds: holds.reduce(expiry.uptimeNanoseconds, min))
    }

    /// Finds out who asks, before anything is judged.
    ///
    /// - Parameter token: `nil`: what the resource's token file says.
    public mutating func begin(token: ClientToken?, into output: inout HTTPOutput) {
        output.perform(.authenticate(token: token))
    }

    public mutating func receiveFromClient(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout HTTPOutput
    ) {
        run(at: now, into: &output) { session throws(HTTPFault) in
            session.client.append(bytes)
            try session.takeLines()
        }
    }

    public mutating func receiveFromServer(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout HTTPOutput
    ) {
        run(at: now, into: &output) { session throws(HTTPFault) in
            session.server.append(bytes)
            while let line = try session.server.next() {
                try session.takeFromServer(line)
            }
        }
    }

    public mutating func handle(_ event: HTTPEvent, at now: SessionInstant, into output: inout HTTPOutput) {
        run(at: now, into: &output) { session throws(HTTPFault) in
            try session.take(event)
            try session.takeLines()
        }
    }

    private mutating func run(
        at now: SessionInstant, into output: inout HTTPOutput,
        _ body: (inout MCPStreamSession) throws(HTTPFault) -> Void
    ) {
        guard phase != .closed else { return }
        self.now = now
        swap(&self.output, &output)
        do throws(HTTPFault) {
            try checkTime()
            try body(&self)
        } catch {
            close(error.reason)
        }
        swap(&self.output, &output)
    }

    private mutating func takeLines() throws(HTTPFault) {
        while phase == .open, let line = try client.next() { takeFromClient(line) }
    }

    mutating func write(_ message: [UInt8]) {
        output.client += message
        output.client.append(0x0A)
    }

    /// Ends the session: what is under way is recorded as it stands.
    mutating func close(_ reason: String) {
        guard phase != .closed else { return }
        if !isOpenRecorded { recordOpened(refused: reason) }
        for (id, request) in pending {
            if let hold = request.hold {
                output.perform(.withdrawApproval(id: hold.approvalID))
                recordAbandoned(id: hold.approvalID, number: hold.number)
            }
            complete(request, refusal: reason, incomplete: true)
            write(MCPErrorMessage(id: id, code: .unavailable, message: "The session has ended.").bytes)
        }
        pending = [:]
        recordClosed(reason)
        phase = .closed
        output.perform(.closeClient)
        output.perform(.closeUpstream)
    }
}

/// A request that nobody has answered yet.
final class MCPStreamRequest {
    let number: UInt64
    let id: ArgumentValue
    let message: MCPMessage
    let reading: MCPReading
    let shown: (text: String, object: String, arguments: [String])
    let startedNanoseconds: UInt64
    var verdict: Verdict
    /// What policy said, with the budgets that its answer counts in.
    var counted = Verdict(outcome: .deny)
    var meter: AnswerMeter?
    var permission: Permitted<StandingPermission>?
    var hold: HoldState?
    var approvalID = ""
    var isRecorded = false
    var isCompleted = false
    var answers: MCPAnswers?
    var masks: [HTTPMaskCount] = []
    var sample: [UInt8] = []
    var sentBytes: UInt64 = 0

    init(
        number: UInt64, id: ArgumentValue, _ incoming: MCPIncoming, _ verdict: Verdict,
        shown: (text: String, object: String, arguments: [String]), startedNanoseconds: UInt64
    ) {
        self.number = number
        self.id = id
        message = incoming.message
        reading = incoming.reading
        masks = incoming.masks
        self.verdict = verdict
        self.shown = shown
        self.startedNanoseconds = startedNanoseconds
    }
}
