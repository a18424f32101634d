import Enforcement
import Policy
import PostgresWire
import Records
import SwiftProtobuf
import Synchronization

/// A session between a client, which is the input, and a ``ScriptedServer``. It performs the actions as a handler would, and
/// shows everything to a ``Witness``.
final class Rig {
    private var session: PostgresSession
    let server = ScriptedServer()
    var witness = Witness()
    private(set) var variant: PolicyVariant
    private var now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    private let grants = Grants()
    private let isAuthenticationSlow: Bool
    private(set) var asks: [ApprovalAsk] = []
    private(set) var readings: [(JudgementTicket, StatementReading)] = []
    private var heldClientBytes: [UInt8] = []
    private var isClientPaused = false
    var refusesRecords = false
    private var isUpstreamOpen = false
    private var isAuthenticationDue = false

    init(variant: PolicyVariant, offersTLS: Bool, isAuthenticationSlow: Bool) {
        self.variant = variant
        self.isAuthenticationSlow = isAuthenticationSlow
        let grants = self.grants
        let ids = RecordCount()
        session = PostgresSession(
            configuration: PostgresSessionConfiguration(
                resource: Resource(name: "shop-db", listen: "127.0.0.1:5432", upstream: "db:5432", tokenFile: nil),
                offersTLS: offersTLS, agent: AgentDescription(pod: "pod-1"),
                cancelKey: CancelKey(processID: 77, secret: 1234)),
            services: PostgresSessionServices(
                reader: StatementReader(capacity: 64),
                makeRecordID: { _ in RecordID(high: 0x0192_0000_0000_7000, low: ids.next()) },
                takeGrant: { grants.take($0) }),
            policy: variant.policy, at: now)
        server.variant = variant
    }

    var isClosed: Bool { session.isClosed }

    // MARK: What happens

    func fromClient(_ bytes: [UInt8]) throws(Violation) {
        guard !isClientPaused else {
            heldClientBytes += bytes
            return
        }
        session.receiveFromClient(bytes.span, at: now, into: &output)
        try perform()
    }

    /// Delivers what the server has answered.
    ///
    /// - Parameter count: At most so many bytes.
    func deliver(_ count: Int) throws(Violation) {
        let part = Array(server.outbox.prefix(count))
        server.outbox.removeFirst(part.count)
        try fromServer(part)
    }

    /// What no honest server would send.
    func forge(_ bytes: [UInt8]) throws(Violation) {
        witness.serverIsHonest = false
        try fromServer(bytes)
    }

    private func fromServer(_ bytes: [UInt8]) throws(Violation) {
        guard isUpstreamOpen, !bytes.isEmpty else { return }
        session.receiveFromUpstream(bytes.span, at: now, into: &output)
        try perform()
    }

    func feed(_ event: PostgresEvent) throws(Violation) {
        session.handle(event, at: now, into: &output)
        try perform()
    }

    func change(to variant: PolicyVariant) throws(Violation) {
        self.variant = variant
        server.variant = variant
        try feed(.policyChanged(variant.policy))
    }

    func pass(seconds: Int) throws(Violation) {
        now.uptimeNanoseconds += UInt64(seconds) * 1_000_000_000
        now.unixMicroseconds += Int64(seconds) * 1_000_000
        try feed(.tick)
    }

    func decide(_ index: Int, approves: Bool) throws(Violation) {
        guard index < asks.count else { return }
        let ask = asks[index]
        if approves {
            asks.remove(at: index)
            server.approvals += 1
            if ask.terms.mode == .return {
                grants.give(ask.binding, ApprovalGrant(approvalID: ask.id, approver: "eve"))
            }
        }
        try feed(
            .approvalDecided(
                ApprovalDecision(
                    approvalID: ask.id,
                    outcome: approves ? .approved(approver: "eve") : .denied(approver: "eve", reason: "no"))))
    }

    func answerReading() throws(Violation) {
        guard !readings.isEmpty else { return }
        let (ticket, reading) = readings.removeFirst()
        try feed(.judged(ticket, reading))
    }

    func answerAuthentication(_ isAccepted: Bool) throws(Violation) {
        guard isAuthenticationDue else { return }
        isAuthenticationDue = false
        try feed(isAccepted ? .identified(Rig.identity) : .identityRefused(reason: "it has expired"))
    }

    static let identity = SessionIdentity(
        subject: Subject(id: "ann", issuer: "https://id.example", groups: ["support"]),
        expiresAtUnixSeconds: 1_800_003_600)

    // MARK: What the session wants

    private var output = SessionOutput()
    private var isPerforming = false

    private func perform() throws(Violation) {
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        while !output.isEmpty {
            try keepRecords()
            try sendBytes()
            for action in output.takeActions() { try perform(action) }
            if let violation = server.violation { throw violation }
        }
    }

    private func keepRecords() throws(Violation) {
        if refusesRecords, !output.records.isEmpty {
            witness.recordsWereRefused = true
            if session.mustRecord, session.isClosed {
                output.withholdBytes()
            } else if session.mustRecord {
                output.withhold()
                session.handle(.recordRefused(reason: "full"), at: now, into: &output)
                try Violation.unless(session.isClosed, "a session goes on that cannot be recorded")
                try Violation.unless(
                    output.upstream.isEmpty || output.upstream.bytes == FrontendMessage.terminate.encoded,
                    "something passed that was not recorded")
            }
        } else {
            for record in output.records { try witness.record(try message(record.event), id: record.id) }
        }
        output.clearRecords()
    }

    /// An event as the collector will read it.
    private func message(_ event: SessionRecord.Event) throws(Violation) -> PBRecord.OneOf_Event {
        let encoded: EventBuffer.Event
        switch event {
        case .message(let message): return message
        case .encoded(let event, _): encoded = event
        }
        let bytes = Array(output.events.bytes[encoded.range])
        let message: PBRecord.OneOf_Event? =
            switch encoded.kind {
            case .statement: (try? PBStatementJudged(serializedBytes: bytes)).map { .statement($0) }
            case .completed: (try? PBStatementCompleted(serializedBytes: bytes)).map { .completed($0) }
            case .statementRun: (try? PBStatementRun(serializedBytes: bytes)).map { .statementRun($0) }
            default: nil
            }
        guard let message else { throw Violation("an event that nobody can read") }
        return message
    }

    private func sendBytes() throws(Violation) {
        if !output.upstream.isEmpty {
            try Violation.unless(isUpstreamOpen, "bytes for an upstream that is not there")
            server.receive(output.upstream.bytes)
            try Violation.unless(
                witness.recordsWereRefused || server.effects <= witness.judgedCount,
                "a statement with an effect ran before its record")
        }
        if !output.client.isEmpty { try witness.sentToClient(output.client) }
        output.clearBytes()
    }

    private func perform(_ action: PostgresAction) throws(Violation) {
        switch action {
        case .startClientTLS, .publishCancelKey, .cancel, .withdrawApproval, .closeClient: break
        case .authenticate:
            isAuthenticationDue = true
            if !isAuthenticationSlow { try answerAuthentication(true) }
        case .connectUpstream:
            isUpstreamOpen = true
            try feed(
                .upstreamReady(
                    UpstreamGreeting(
                        parameters: [
                            "server_version": "15.4", "client_encoding": "UTF8", "standard_conforming_strings": "on",
                        ], cancelKey: CancelKey(processID: 5, secret: 6), catalog: Rig.catalog)))
        case .judge(let request):
            if let reading = Rig.read(request) { readings.append((request.ticket, reading)) }
        case .askApproval(let ask): asks.append(ask)
        case .refreshCatalog: try feed(.catalogChanged(Rig.catalog))
        case .pauseClient: isClientPaused = true
        case .resumeClient:
            isClientPaused = false
            let bytes = heldClientBytes
            heldClientBytes = []
            if !bytes.isEmpty { try fromClient(bytes) }
        case .closeUpstream: isUpstreamOpen = false
        }
    }

    static let catalog = PostgresCatalog(snapshot: Shop.snapshot, version: 1)

    private static func read(_ request: JudgementRequest) -> StatementReading? {
        let answer = Awaited<StatementReading>()
        request.read { answer.put($0) }
        return answer.take()
    }
}

/// Counts the ids of records.
private final class RecordCount: Sendable {
    private let count = Mutex<UInt64>(0)

    func next() -> UInt64 {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Approvals that somebody was told to come back for.
private final class Grants: Sendable {
    private let grants = Mutex<[[UInt8]: ApprovalGrant]>([:])

    func give(_ binding: [UInt8], _ grant: ApprovalGrant) { grants.withLock { $0[binding] = grant } }

    func take(_ binding: [UInt8]) -> GrantLookup {
        grants.withLock { grants in grants.removeValue(forKey: binding).map { .granted($0) } ?? .none }
    }
}
