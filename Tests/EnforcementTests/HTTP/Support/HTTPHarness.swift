import Enforcement
import HTTPInspection
import Policy
import PolicyCompiler
import Records

/// A session between a client and a service, which are both the test. It performs the actions as a driver would.
final class HTTPHarness {
    private var session: HTTPSession
    private var output = HTTPOutput()
    var now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    let grants = GrantBox()
    /// Whom a token stands for.
    var identities: [String: SessionIdentity] = [:]
    var credential = HTTPCredential.anonymous { didSet { lookup = .found(credential) } }
    /// What there is of a credential.
    var lookup = HTTPCredentialLookup.anonymous { didSet { credentials.value = lookup } }
    private(set) var awaitedCredentials = 0
    private(set) var refusedCredentials: [HTTPCredential] = []
    var refusesRecords = false
    /// Feeds both sides so many bytes at a time; 0: all that there is.
    var pieceBytes = 0
    var isUpstreamReachable = true

    private(set) var records: [PBRecord.OneOf_Event] = []
    private(set) var asks: [ApprovalAsk] = []
    private(set) var withdrawn: [String] = []
    private(set) var isClientClosed = false
    private(set) var isPaused = false
    private(set) var connects = 0
    private(set) var upstreamCloses = 0
    /// What happened, in order: records by kind, and bytes to either side.
    private(set) var order: [String] = []
    private var clientText: [UInt8] = []
    private var upstreamText: [UInt8] = []

    /// Of a forward proxy: what names stand for, where it connected, and whom its client was shown a certificate for.
    var addresses: [String: [IPAddress]] = [:]
    private(set) var resolves: [String] = []
    private(set) var routes: [HTTPRoute] = []
    private(set) var openedHosts: [String] = []
    /// It answers none of what it is asked besides who somebody is.
    var isSilent = false

    init(
        policy: (any SessionPolicy)?, tokenFile: String? = nil, isEgress: Bool = false, resource: Resource? = nil,
        mcp: MCPServices = MCPServices(pins: NoToolPins()), budgets: (any BudgetKeeping)? = nil
    ) {
        let (grants, ids) = (grants, IDBox())
        let credentials = CredentialBox()
        session = HTTPSession(
            configuration: HTTPSessionConfiguration(
                resource: resource
                    ?? Resource(
                        name: "crm", protocolName: isEgress ? .egress : .http, listen: "127.0.0.1:8081",
                        upstream: isEgress ? "" : "crm.internal:80", tls: .disable, tokenFile: tokenFile),
                upstream: HTTPAuthority(host: .name("crm.internal"), port: nil), agent: AgentDescription(pod: "pod-1")),
            services: HTTPSessionServices(
                makeRecordID: { _ in ids.next() }, takeGrant: { grants.take($0) }, credential: { credentials.value },
                budgets: budgets, mcp: mcp),
            policy: policy, at: now)
        self.credentials = credentials
        identities["good"] = HTTPHarness.identity("ann")
    }

    private let credentials: CredentialBox

    static func identity(_ subject: String, groups: [String] = ["support"]) -> SessionIdentity {
        SessionIdentity(
            subject: Subject(id: subject, issuer: "https://id.example", groups: groups),
            expiresAtUnixSeconds: 1_800_003_600)
    }

    /// - Parameter rules: The policy's rules, and what else it says beside its resource.
    static func policy(
        _ rest: String, resource: String = "protocol: http, listen: '127.0.0.1:8081', upstream: 'http://crm.internal'"
    ) throws -> BundlePolicy {
        let text = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [{ url: "https://id.example", audience: a }] }
            resources:
              crm: { \(resource) }

            """ + rest
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: text)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        return BundlePolicy(
            bundle: bundle, resource: "crm", maskKey: nil,
            scanner: try DetectorScanner(bundle: bundle, resource: "crm", isNeeded: bundle.hasBudgets(on: "crm")))
    }

    static let readAll = "rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] } }]"

    // MARK: Both sides

    func send(_ text: String) { sendBytes(Array(text.utf8)) }

    func sendBytes(_ bytes: [UInt8]) {
        for piece in pieces(bytes) {
            guard !isClientClosed else { return }
            session.receiveFromClient(piece.span, at: now, into: &output)
            perform()
        }
    }

    func answer(_ text: String) { answerBytes(Array(text.utf8)) }

    func answerBytes(_ bytes: [UInt8]) {
        for piece in pieces(bytes) {
            session.receiveFromUpstream(piece.span, at: now, into: &output)
            perform()
        }
    }

    func feed(_ event: HTTPEvent) {
        session.handle(event, at: now, into: &output)
        perform()
    }

    func pass(seconds: UInt64) {
        now.uptimeNanoseconds += seconds * 1_000_000_000
        now.unixMicroseconds += Int64(seconds) * 1_000_000
        feed(.tick)
    }

    var nextDeadline: SessionInstant? { session.nextDeadline }
    var isClosed: Bool { session.isClosed }

    /// What the client got since it was last asked.
    func take() -> String {
        defer { clientText = [] }
        return String(decoding: clientText, as: UTF8.self)
    }

    func takeBytes() -> [UInt8] {
        defer { clientText = [] }
        return clientText
    }

    func takeUpstreamBytes() -> [UInt8] {
        defer { upstreamText = [] }
        return upstreamText
    }

    /// What the upstream got since it was last asked.
    func takeUpstream() -> String {
        defer { upstreamText = [] }
        return String(decoding: upstreamText, as: UTF8.self)
    }

    /// Sends a request with a good token and has it answered; what the client got.
    func exchange(_ request: String, _ response: String) -> String {
        send(request)
        answer(response)
        return take()
    }

    private func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        guard pieceBytes > 0 else { return [bytes] }
        return stride(from: 0, to: bytes.count, by: pieceBytes).map {
            Array(bytes[$0..<min($0 + pieceBytes, bytes.count)])
        }
    }

    // MARK: Records

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

    // MARK: The driver's part

    private func perform() {
        while !output.isEmpty {
            if refusesRecords, !output.records.isEmpty, session.mustRecord {
                if session.isClosed {
                    output.withholdBytes()
                } else {
                    output.withhold()
                    session.handle(.recordRefused(reason: "full"), at: now, into: &output)
                }
                output.clearRecords()
            }
            for record in output.records {
                guard case .message(let event) = record.event else { continue }
                records.append(event)
                order.append(HTTPHarness.name(of: event))
            }
            output.clearRecords()
            if !output.upstream.bytes.isEmpty {
                upstreamText += output.upstream.bytes
                order.append("upstream")
            }
            if !output.client.isEmpty {
                clientText += output.client
                order.append("client")
            }
            output.clearBytes()
            for action in output.takeActions() { perform(action) }
        }
    }

    private func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate(let token):
            if let identity = identities[token?.value ?? "file"] {
                session.handle(.identified(identity), at: now, into: &output)
            } else {
                session.handle(.identityRefused(reason: "it is not known"), at: now, into: &output)
            }
        case .connectUpstream:
            connects += 1
            let event = isUpstreamReachable ? HTTPEvent.upstreamReady : .upstreamFailed(reason: "nobody listens")
            session.handle(event, at: now, into: &output)
        case .awaitCredential: awaitedCredentials += 1
        case .credentialRefused(let credential): refusedCredentials.append(credential)
        case .resolve(let host):
            resolves.append(host.description)
            guard !isSilent else { return }
            let found = addresses[host.description].map { HTTPEvent.resolved($0) }
            session.handle(found ?? .upstreamFailed(reason: "no such name"), at: now, into: &output)
        case .connect(let route):
            routes.append(route)
            guard !isSilent else { return }
            let event = isUpstreamReachable ? HTTPEvent.upstreamReady : .upstreamFailed(reason: "nobody listens")
            session.handle(event, at: now, into: &output)
        case .startClientTLS(let host): openedHosts.append(host.description)
        case .askApproval(let ask): asks.append(ask)
        case .withdrawApproval(let id): withdrawn.append(id)
        case .pauseClient: isPaused = true
        case .resumeClient: isPaused = false
        case .closeClient: isClientClosed = true
        case .closeUpstream: upstreamCloses += 1
        }
    }

    private static func name(of event: PBRecord.OneOf_Event) -> String {
        switch event {
        case .sessionOpened: "opened"
        case .statement(let judged): "judged \(judged.outcome)"
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
}

/// The credential of now, where a closure that must be sendable finds it.
final class CredentialBox: @unchecked Sendable {
    // Sendable: a test's own thread alone touches it.
    var value = HTTPCredentialLookup.anonymous
}
