import Enforcement
import HTTPInspection
import Policy
import PolicyCompiler
import Records
import WireBytes

/// A whole session over HTTP, driven by the input: what the client and the service say, in which pieces and order, and what happens besides.
///
/// However that goes: no value of the service's that is to be masked reaches the client; nothing reaches the service before its record where
/// it may have an effect, and never a DELETE, which policy denies; records open first and close last, once.
enum HTTPSessionHarness {
    /// - Parameter input: Steps: a byte that says which, and what it needs.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard let policy else { return }
        var input = FuzzInput(input)
        let rig = HTTPRig(policy)
        var steps = 0
        while !input.isAtEnd, steps < 400, !rig.isClosed {
            try step(&input, rig)
            steps += 1
        }
        if !rig.isClosed { try rig.feed(.clientClosed) }
        try rig.finish()
    }

    private static func step(_ input: inout FuzzInput, _ rig: HTTPRig) throws(Violation) {
        switch input.byte() % 14 {
        case 0, 1, 2: try rig.fromClient(input.choice(of: requests), pieces: input.number(below: 64))
        case 3:
            // What is counted as a request is not to be part of a body.
            let bytes = input.string()
            if !String(decoding: bytes, as: UTF8.self).contains("P") { try rig.fromClient(bytes, pieces: 0) }
        case 4, 5, 6: try rig.fromService(input.choice(of: responses), pieces: input.number(below: 64))
        case 7: try rig.fromService(input.string(), pieces: 0)
        case 8: try rig.feed(.upstreamClosed)
        case 9: rig.refusesRecords = input.flag()
        case 10: try rig.decide(approves: input.flag())
        case 11: rig.isReachable = input.flag()
        case 12: try rig.feed(input.flag() ? .tick : .drain)
        default:
            if input.byte() == 0 { try rig.feed(.revoked(reason: "test")) }
        }
    }

    private static let secret = "283-68-4467"

    private static let requests: [[UInt8]] = [
        "GET /v1/a?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n\r\n",
        "POST /v1/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "DELETE /v1/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n\r\n",
        "PUT /held HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\nab",
        "POST /v1/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Length: 11\r\n\r\n283-68-4467",
        "HEAD / HTTP/1.0\r\nHost: h\r\nAuthorization: Bearer t\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let responses: [[UInt8]] = [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{\"a\":\"\(secret)\"}",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "12\r\ndata: 283-68-4467\n\r\n2\r\n\n\n\r\n0\r\nX-T: 283-68-4467\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nX-A: 283-68-4467\r\n\r\n",
        "HTTP/1.1 103 Early\r\nLink: 283-68-4467\r\n\r\n",
        // The line's end parts the value from what may come behind it: within a word it is none.
        "HTTP/1.1 200 283-68-4467\r\nContent-Type: text/plain\r\n\r\n283-68-4467\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let policy: BundlePolicy? = {
        let text = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: fuzz }
            identity: { issuers: [{ url: "https://id.example", audience: a }] }
            resources:
              crm: { protocol: http, listen: "127.0.0.1:8081", upstream: "http://crm.internal" }
            classifications: { people: { detectors: [us-ssn] } }
            rules:
              - { name: all, allow: [select, call, update, other], on: [crm], to: { groups: [support] } }
              - { name: puts, hold: [update], on: [crm], to: { groups: [support] }, approval: { by: { groups: [x] }, within: 1m } }
            """
        guard let compiled = try? PolicyCompiler.compile(files: [PolicySource(name: "fuzz.yaml", text: text)]),
            let bundle = try? PolicyBundle(validating: compiled.bundle)
        else { return nil }
        return BundlePolicy(
            bundle: bundle, resource: "crm", maskKey: nil,
            scanner: (try? DetectorScanner(bundle: bundle, resource: "crm")) ?? nil)
    }()
}

/// Performs what the session wants done, and looks at it.
private final class HTTPRig {
    var refusesRecords = false
    var isReachable = true
    private var hasRefused = false
    private var session: HTTPSession
    private var output = HTTPOutput()
    private var now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    private var asks: [String] = []
    private var toClient: [UInt8] = []
    private var toService: [UInt8] = []
    /// What the service reads of it.
    private var service = HTTP1RequestDecoder()
    private var serviceInput = InputBuffer()
    private var writes = 0
    private var kinds: [String] = []
    private var writesRecorded = 0

    init(_ policy: BundlePolicy) {
        session = HTTPSession(
            configuration: HTTPSessionConfiguration(
                resource: Resource(
                    name: "crm", protocolName: .http, listen: "127.0.0.1:8081", upstream: "crm.internal:80",
                    tls: .disable),
                upstream: HTTPAuthority(host: .name("crm.internal"), port: nil), agent: AgentDescription()),
            services: HTTPSessionServices(
                makeRecordID: {
                    RecordID(high: 0x0192_0000_0000_7000, low: UInt64(truncatingIfNeeded: $0.unixMicroseconds))
                },
                takeGrant: { _ in .none }, credential: { HTTPCredential.anonymous }),
            policy: policy, at: now)
    }

    var isClosed: Bool { session.isClosed }

    func fromClient(_ bytes: [UInt8]?, pieces: Int) throws(Violation) {
        for piece in HTTPRig.pieces(bytes ?? [], pieces) {
            session.receiveFromClient(piece.span, at: now, into: &output)
            try perform()
        }
    }

    func fromService(_ bytes: [UInt8]?, pieces: Int) throws(Violation) {
        for piece in HTTPRig.pieces(bytes ?? [], pieces) {
            session.receiveFromUpstream(piece.span, at: now, into: &output)
            try perform()
        }
    }

    func feed(_ event: HTTPEvent) throws(Violation) {
        now.uptimeNanoseconds += 7_000_000_000
        now.unixMicroseconds += 7_000_000
        session.handle(event, at: now, into: &output)
        try perform()
    }

    func decide(approves: Bool) throws(Violation) {
        guard let id = asks.popLast() else { return }
        try feed(
            .approvalDecided(
                ApprovalDecision(
                    approvalID: id,
                    outcome: approves ? .approved(approver: "eve") : .denied(approver: "eve", reason: ""))))
    }

    func finish() throws(Violation) {
        try Violation.unless(session.isClosed, "a session goes on without its client")
        // Where the opening found no room, the sink keeps no close.
        try Violation.unless(
            kinds.isEmpty || hasRefused || kinds.first == "opened", "a session does not begin with its opening")
        try Violation.unless(kinds.count { $0 == "opened" } <= 1, "a session is opened twice")
        if !kinds.isEmpty, !hasRefused {
            try Violation.unless(kinds.count { $0 == "closed" } == 1, "a session is not closed once")
        }
    }

    private static func pieces(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        guard size > 0, !bytes.isEmpty else { return bytes.isEmpty ? [] : [bytes] }
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    private func perform() throws(Violation) {
        while !output.isEmpty {
            for record in output.records {
                if refusesRecords, session.mustRecord {
                    hasRefused = true
                    output.withhold()
                    session.handle(.recordRefused(reason: "full"), at: now, into: &output)
                    for last in output.records { note(last) }
                    break
                }
                note(record)
            }
            output.clearRecords()
            toClient += output.client
            toService += output.upstream.bytes
            try readAsService(output.upstream.bytes)
            try look()
            output.clearBytes()
            for action in output.takeActions() { perform(action) }
        }
    }

    private func note(_ record: SessionRecord) {
        guard case .message(let event) = record.event else { return }
        switch event {
        case .sessionOpened: kinds.append("opened")
        case .sessionClosed: kinds.append("closed")
        case .statement(let judged):
            kinds.append("statement")
            if judged.outcome == .allow { writesRecorded += 1 }
        default: kinds.append("other")
        }
    }

    private func look() throws(Violation) {
        try Violation.unless(!HTTPRig.holds(toClient, "283-68-4467"), "a value reaches the client")
        try Violation.unless(!HTTPRig.holds(toService, "283-68-4467"), "a value reaches the service")
        try Violation.unless(writes <= writesRecorded, "a write reaches the service before its record")
    }

    private func readAsService(_ bytes: [UInt8]) throws(Violation) {
        serviceInput.append(bytes.span)
        while true {
            let part: HTTPRequestPart?
            do throws(HTTPError) { part = try service.next(in: &serviceInput) } catch {
                throw Violation("the service cannot read what it gets")
            }
            guard let part else { return }
            guard case .head(let head, _) = part else { continue }
            let method = head.method.description
            try Violation.unless(method != "DELETE", "what policy denies reaches the service")
            if method == "POST" || method == "PUT" { writes += 1 }
        }
    }

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool { count(bytes, text) > 0 }

    private static func count(_ bytes: [UInt8], _ text: String) -> Int {
        let word = Array(text.utf8)
        guard bytes.count >= word.count else { return 0 }
        var count = 0
        for start in 0...(bytes.count - word.count)
        where bytes[start] == word[0] && bytes[start..<(start + word.count)].elementsEqual(word) {
            count += 1
        }
        return count
    }

    private func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate:
            session.handle(
                .identified(
                    SessionIdentity(
                        subject: Subject(id: "ann", issuer: "https://id.example", groups: ["support"]),
                        expiresAtUnixSeconds: 1_800_000_600)), at: now, into: &output)
        case .connectUpstream:
            (service, serviceInput) = (HTTP1RequestDecoder(), InputBuffer())
            session.handle(isReachable ? .upstreamReady : .upstreamFailed(reason: "away"), at: now, into: &output)
        case .askApproval(let ask): asks.append(ask.id)
        case .resolve, .connect, .startClientTLS: break
        case .withdrawApproval, .pauseClient, .resumeClient, .closeClient, .closeUpstream: break
        }
    }
}
