import HTTPInspection
import Policy

/// A request that somebody answers, and its response.
final class HTTPExchange {
    enum Stage {
        /// Who asks is to be found out.
        case identity
        /// It is being found out.
        case authentication
        case judgement
        /// The request's body is held back until it is known whether it may go.
        case collecting
        /// All of it is here that must be; what is missing is leave.
        case permission
        case approval
        /// The upstream's connection is being made.
        case connecting
        /// The request is on its way, or its response.
        case running
        /// It became a WebSocket.
        case switched
        /// It was answered by the session; what comes of its body is dropped.
        case refused
        /// A tunnel is open.
        case tunnel
    }

    let head: HTTPRequestHead
    let framing: HTTPBodyFraming
    let startedNanoseconds: UInt64
    var stage = Stage.identity

    /// Through a forward proxy: where it goes.
    var destination: HTTPDestination?
    /// A CONNECT that is passed by name alone.
    var tunnel: EgressTunnel?

    // Judgement.
    /// Its number in the session, once it was judged.
    var number: UInt64 = 0
    var reading: HTTPRequestReading?
    var verdict = Verdict(outcome: .deny)
    /// What is looked for in what comes back, and in what goes out, by the policy that it was judged by.
    var plan = BodyMaskingPlan(scanner: nil, maskKey: nil)
    var outboundPlan = BodyMaskingPlan(scanner: nil, maskKey: nil)
    /// Of the policy that it was judged by.
    var policyDigest: [UInt8] = []
    /// What policy said, with the budgets that its answer counts in.
    var counted = Verdict(outcome: .deny)
    var meter: AnswerMeter?
    var permission: Permitted<StandingPermission>?
    var hold: HoldState?
    var approvalID = ""
    var isJudgementRecorded = false
    var isCompleted = false

    /// Of a message to an MCP server.
    var mcp: MCPExchange?

    // The request's way.
    /// Looks into the body; `nil` where nothing is looked for, or there is none.
    var screen: HTTPBodyWork?
    /// The body cannot be looked into, and policy vouches for that.
    var isBodyOpaque = false
    /// Of the body, to be sent; also what a record shows.
    var body: [UInt8] = []
    var recordedBody: [UInt8] = []
    var hasLongBody = false
    var trailers = HTTPFields()
    var isRequestRead = false
    var saidContinue = false
    var sender = HTTP1Encoder()
    var isSent = false
    /// On a connection that had carried another before; the server may have been about to close that.
    var isOnUsedLink = false
    var wasSentAgain = false
    var droppedBytes = 0

    /// When something of it last went or came, while it is under way.
    var lastProgressNanoseconds: UInt64 = 0

    /// It asks to become a WebSocket, and what it is once it has.
    let isWebSocket: Bool
    var webSocket: WebSocketLink?

    // The response's way.
    var answer = HTTP1Encoder()
    /// The answer's head, while nothing of its body may be released.
    var pendingHead: HTTPPendingHead?
    var hasAnswer = false
    /// It cannot be looked into, and policy vouches for that.
    var isAnswerOpaque = false
    var status = 0
    /// A stream of events, whose head did not wait for the first of them.
    var isEventStream = false
    var mask: (any AnswerWork)?
    /// What the request was sent with.
    var credential: HTTPCredential?
    /// Hides the credential that the request was sent with.
    var echo: CredentialFilter?
    var masks: [HTTPMaskCount] = []
    var sentBytes: UInt64 = 0
    var sample: HTTPBodySample?
    var keepsSample = false
    var answerTrailers = HTTPFields()
    /// The client's connection ends with this exchange.
    var closesClient: Bool
    /// Why the answer was not let through.
    var refusal = ""

    init(_ head: HTTPRequestHead, _ framing: HTTPBodyFraming, startedNanoseconds: UInt64) {
        self.head = head
        self.framing = framing
        self.startedNanoseconds = startedNanoseconds
        isWebSocket = WebSocketHandshake.isAsked(by: head)
        // Clients of HTTP/1.0 that want to go on are told so, or wait for the end; they are few.
        closesClient = !head.keepsConnection || head.version == .http10
    }

    /// Adds what was masked, each kind once.
    func note(_ counts: [HTTPMaskCount]) {
        for count in counts {
            let known = masks.firstIndex {
                ($0.place, $0.classification, $0.mask, $0.detector)
                    == (count.place, count.classification, count.mask, count.detector)
            }
            if let known { masks[known].values &+= count.values } else { masks.append(count) }
        }
    }

    var hasBody: Bool { framing != .none && framing != .length(0) }

    /// When it has been silent for too long; `nil` while it may be.
    var silenceEndNanoseconds: UInt64? {
        guard stage == .running, !isEventStream else { return nil }
        return lastProgressNanoseconds + UInt64(HTTPLaneLimits.silence) * 1_000_000_000
    }

    /// Whether the answer is looked into.
    var looksInto: Bool { !plan.isEmpty || mcp != nil }

    /// Whether it has no effect, as RFC 9110 §9.2.1 has it.
    var onlyReads: Bool {
        switch head.method {
        case .get, .head, .options: !hasBody && !isWebSocket
        default: false
        }
    }
}

/// An answer's head, as the service sent it.
struct HTTPPendingHead {
    var head: HTTPResponseHead
    var framing: HTTPBodyFraming
}

/// How often a mask was applied to what.
struct HTTPMaskCount: Hashable {
    /// The key that the value stood under, or where else it was.
    var place: String
    var classification: String
    var mask: String
    var detector: String
    var values: UInt64

    static let body = "body"
}

/// The beginning of a body, as a record shows it.
struct HTTPBodySample {
    private(set) var bytes: [UInt8] = []
    private(set) var isTruncated = false
    private let maximum: Int

    init(maximum: UInt64) {
        self.maximum = Int(clamping: maximum)
    }

    mutating func append(_ more: Span<UInt8>) {
        let room = maximum - bytes.count
        if more.count > room { isTruncated = true }
        guard room > 0 else { return }
        bytes.append(more, 0..<Swift.min(room, more.count))
    }

    /// Nothing is kept of it.
    mutating func drop() {
        bytes = []
        isTruncated = true
    }
}
