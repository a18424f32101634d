import Enforcement
import Policy
import PolicyCompiler
import PostgresWire
import Records
import SQLInspection
import SwiftProtobuf
import Synchronization
import WireBytes

/// A session between a client, which is the test, and a ``FakeServer``. It performs the actions as a handler would.
final class SessionHarness {
    private var session: PostgresSession
    let server = FakeServer()
    var now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    var identity: SessionIdentity
    var catalog = SessionHarness.shop
    let grants: GrantBox

    /// What the client got, since it was last asked.
    private var clientDecoder = FrameDecoder(.backend)
    /// Bytes that came before messages have tags.
    private(set) var rawClientBytes: [UInt8] = []
    private(set) var records: [PBRecord.OneOf_Event] = []
    private(set) var asks: [ApprovalAsk] = []
    private(set) var withdrawn: [String] = []
    private(set) var isClientClosed = false
    private(set) var isUpstreamClosed = false
    private(set) var cancels: [CancelKey] = []
    private(set) var catalogReads = 0
    private(set) var isPaused = false
    private(set) var requestedUpstream: UpstreamRequest?
    var refusesRecords = false
    /// How often a request went the fast lane.
    private(set) var fastRequests = 0
    /// Whether evidence is prepared while the server works, and not when it has answered.
    var preparesEvidence = false
    /// Cuts what the server says into pieces of so many bytes; 0: not at all.
    var pieceBytes = 0
    /// Feeds both sides a byte at a time.
    var drips = false
    /// Holds back the server's answers until ``releaseServer()``.
    var holdsServer = false
    private var heldFromServer: [UInt8] = []
    /// Bytes to the client, with the records that had been made by then.
    private(set) var order: [String] = []

    init(
        policy: any SessionPolicy, resource: Resource = SessionHarness.resource, groups: [String] = ["support"],
        offersTLS: Bool = false, budgets: (any BudgetKeeping)? = nil, buffers: BufferBudget = BufferBudget(),
        usesFastLane: Bool = true
    ) {
        identity = SessionIdentity(
            subject: Subject(id: "ann", issuer: "https://id.example", groups: groups),
            expiresAtUnixSeconds: 1_800_003_600)
        let grants = GrantBox()
        self.grants = grants
        let ids = IDBox()
        session = PostgresSession(
            configuration: PostgresSessionConfiguration(
                resource: resource, offersTLS: offersTLS, agent: AgentDescription(pod: "pod-1"),
                cancelKey: CancelKey(processID: 77, secret: 1234)),
            services: PostgresSessionServices(
                reader: StatementReader(), makeRecordID: { _ in ids.next() }, takeGrant: { grants.take($0) },
                budgets: budgets, buffers: buffers),
            policy: policy, at: now)
        if !usesFastLane { session.closeFastLane() }
    }

    static let resource = Resource(
        name: "shop-db", listen: "127.0.0.1:5432", upstream: "db:5432", tokenFile: nil)

    // MARK: Client

    /// Connects and drops what greets the client.
    @discardableResult
    func connect(parameters: [StartupPacket.Parameter] = []) -> [BackendMessage] {
        sendRaw(
            StartupPacket.startup(
                major: 3, minor: 0,
                parameters: [.init(name: "user", value: "ann"), .init(name: "database", value: "shop")] + parameters
            ).encoded)
        var greeting = take()
        send(.password(Array("token".utf8) + [0]))
        greeting += take()
        return greeting
    }

    func send(_ messages: FrontendMessage...) { sendRaw(messages.flatMap(\.encoded)) }

    func sendRaw(_ bytes: [UInt8]) {
        for part in drips ? bytes.map({ [$0] }) : [bytes] {
            let wasFast = session.isInFastLane
            session.receiveFromClient(part.span, at: now, into: &output)
            if session.isInFastLane, !wasFast { fastRequests += 1 }
            perform()
            if preparesEvidence { session.prepareEvidence(into: &output) }
        }
    }

    /// Sends a Query and takes the answer.
    func query(_ text: String) -> [BackendMessage] {
        send(.query(Array(text.utf8)))
        return take()
    }

    func noteUnsent(_ bytes: Int) { session.noteUnsent(bytes) }

    func feed(_ event: PostgresEvent) {
        session.handle(event, at: now, into: &output)
        perform()
    }

    func pass(seconds: UInt64) {
        now.uptimeNanoseconds += seconds * 1_000_000_000
        now.unixMicroseconds += Int64(seconds) * 1_000_000
        feed(.tick)
    }

    var nextDeadline: SessionInstant? { session.nextDeadline }

    /// What the client got since it was last asked.
    func take() -> [BackendMessage] {
        var messages: [BackendMessage] = []
        while let frame = try? clientDecoder.peek() {
            if let message = try? BackendMessage(
                tag: frame.tag, body: ByteReader(clientDecoder.bytes, in: frame.body))
            {
                messages.append(message)
            }
            clientDecoder.consume(frame)
        }
        return messages
    }

    // MARK: Server

    func releaseServer() {
        holdsServer = false
        let bytes = heldFromServer
        heldFromServer = []
        fromServer(bytes)
    }

    /// Passes bytes of a server's in place of those that are held back, which stay.
    func passServer(_ bytes: [UInt8]) {
        let held = heldFromServer
        (heldFromServer, holdsServer) = ([], false)
        fromServer(bytes)
        (heldFromServer, holdsServer) = (held, true)
    }

    func fromServer(_ bytes: [UInt8]) {
        if holdsServer {
            heldFromServer += bytes
            return
        }
        let length = drips ? 1 : pieceBytes > 0 ? pieceBytes : max(bytes.count, 1)
        for start in stride(from: 0, to: bytes.count, by: length) {
            let part = Array(bytes[start..<min(start + length, bytes.count)])
            session.receiveFromUpstream(part.span, at: now, into: &output)
            perform()
        }
    }

    // MARK: Actions

    private var output = SessionOutput()
    /// What the server has answered and the session has not been given yet.
    private var answers: [[UInt8]] = []
    private var isPerforming = false

    private func perform() {
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        while true {
            if !output.isEmpty {
                keepRecords()
                sendBytes()
                for action in output.takeActions() { perform(action) }
            } else if !answers.isEmpty {
                fromServer(answers.removeFirst())
            } else {
                return
            }
        }
    }

    private func keepRecords() {
        if refusesRecords, !output.records.isEmpty, session.mustRecord {
            if session.isClosed {
                output.withholdBytes()
            } else {
                output.withhold()
                session.handle(.recordRefused(reason: "full"), at: now, into: &output)
            }
        }
        for record in output.records {
            guard let event = message(record.event) else {
                order.append("unreadable")
                continue
            }
            records.append(event)
            order.append(SessionHarness.name(event))
        }
        output.clearRecords()
    }

    /// An event as the collector would read it.
    private func message(_ event: SessionRecord.Event) -> PBRecord.OneOf_Event? {
        switch event {
        case .message(let message): return message
        case .encoded(let event, _):
            let bytes = Array(output.events.bytes[event.range])
            switch event.kind {
            case .statement: return (try? PBStatementJudged(serializedBytes: bytes)).map { .statement($0) }
            case .completed: return (try? PBStatementCompleted(serializedBytes: bytes)).map { .completed($0) }
            case .statementRun: return (try? PBStatementRun(serializedBytes: bytes)).map { .statementRun($0) }
            default: return nil
            }
        }
    }

    private func sendBytes() {
        if !output.upstream.isEmpty, let answer = try? server.receive(output.upstream.bytes), !answer.isEmpty {
            answers.append(answer)
        }
        if !output.client.isEmpty {
            order.append("bytes")
            rawClientBytes += output.client
            // Answers to requests before start-up are single letters.
            if output.client != [UInt8(ascii: "N")], output.client != [UInt8(ascii: "S")] {
                clientDecoder.append(output.client.span)
            }
        }
        output.clearBytes()
    }

    private func perform(_ action: PostgresAction) {
        switch action {
        case .startClientTLS: order.append("tls")
        case .authenticate: feed(.identified(identity))
        case .connectUpstream(let request):
            requestedUpstream = request
            feed(
                .upstreamReady(
                    UpstreamGreeting(
                        parameters: [
                            "server_version": "15.4", "client_encoding": "UTF8",
                            "standard_conforming_strings": "on",
                        ], cancelKey: CancelKey(processID: 5, secret: 6), catalog: catalog)))
        case .publishCancelKey: break
        case .cancel(let key): cancels.append(key)
        case .judge(let request):
            let box = readings
            request.read { box.put(request.ticket, $0) }
        case .askApproval(let ask): asks.append(ask)
        case .withdrawApproval(let id): withdrawn.append(id)
        case .refreshCatalog:
            catalogReads += 1
            feed(.catalogChanged(catalog))
        case .pauseClient: isPaused = true
        case .resumeClient: isPaused = false
        case .closeClient: isClientClosed = true
        case .closeUpstream: isUpstreamClosed = true
        }
    }

    /// What a parser's thread has read, waited for by whoever asks.
    let readings = ReadingBox()

    private static func name(_ event: PBRecord.OneOf_Event) -> String {
        switch event {
        case .sessionOpened: "opened"
        case .statement: "judged"
        case .completed: "completed"
        case .approvalAsked: "asked"
        case .approvalAnswered: "answered"
        case .policyChanged: "policy"
        case .sessionClosed: "closed"
        case .sidecarEvent: "sidecar"
        case .identityChanged: "identity"
        case .statementRun: "run"
        }
    }

    // MARK: What was recorded

    var judged: [PBStatementJudged] {
        records.compactMap {
            switch $0 {
            case .statement(let judged): judged
            case .statementRun(let run): run.judged
            default: nil
            }
        }
    }

    var completed: [PBStatementCompleted] {
        records.compactMap {
            switch $0 {
            case .completed(let completed): completed
            case .statementRun(let run): run.numberedCompletion
            default: nil
            }
        }
    }
}

final class GrantBox: Sendable {
    private let grants = Mutex<[[UInt8]: GrantLookup]>([:])

    func give(_ lookup: GrantLookup, for binding: [UInt8]) { grants.withLock { $0[binding] = lookup } }

    func take(_ binding: [UInt8]) -> GrantLookup {
        grants.withLock { grants in
            guard let found = grants[binding] else { return .none }
            if case .pending = found { return found }
            grants[binding] = nil
            return found
        }
    }
}

final class ReadingBox: Sendable {
    private let read: AsyncStream<(JudgementTicket, StatementReading)>
    private let continuation: AsyncStream<(JudgementTicket, StatementReading)>.Continuation

    init() {
        (read, continuation) = AsyncStream.makeStream()
    }

    func put(_ ticket: JudgementTicket, _ reading: StatementReading) { continuation.yield((ticket, reading)) }

    func take() async -> (JudgementTicket, StatementReading)? { await read.first { _ in true } }
}

final class IDBox: Sendable {
    private let count = Mutex<UInt64>(0)

    func next() -> RecordID {
        RecordID(
            high: 0x0192_0000_0000_7000,
            low: count.withLock { count in
                count += 1
                return count
            })
    }
}
