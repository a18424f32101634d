import Enforcement
import HTTPInspection
import Policy
import Records
import WireBytes

/// A whole session over HTTP, driven by the input: what the client and the service say, in which pieces and order, and what happens besides.
///
/// However that goes: no value of the service's that is to be masked reaches the client; nothing reaches the service before its record where
/// it may have an effect, and never a DELETE, which policy denies; records open first and close last, once.
enum HTTPSessionHarness {
    /// - Parameter input: Steps: a byte that says which, and what it needs.
    static func run(_ input: [UInt8]) throws(Violation) {
        let rig = HTTPRig(policy)
        try rig.drive(input) { input throws(Violation) in try step(&input, rig) }
    }

    private static func step(_ input: inout FuzzInput, _ rig: HTTPRig) throws(Violation) {
        switch input.byte() % 14 {
        case 0, 1, 2: try rig.fromClient(input.choice(of: requests) ?? [], pieces: input.number(below: 64))
        case 3:
            // What is counted as a request is not to be part of a body.
            let bytes = input.string()
            if !String(decoding: bytes, as: UTF8.self).contains("P") { try rig.fromClient(bytes) }
        case 4, 5, 6: try rig.fromUpstream(input.choice(of: responses) ?? [], pieces: input.number(below: 64))
        case 7: try rig.fromUpstream(input.string())
        case 8: try rig.feed(.upstreamClosed)
        case 9: rig.refusesRecords = input.flag()
        case 10: try rig.decide(approves: input.flag())
        case 11: rig.isReachable = input.flag()
        case 12: try rig.feed(input.flag() ? .tick : .drain)
        default:
            if input.byte() == 0 { try rig.feed(.revoked(reason: "test")) }
        }
    }

    fileprivate static let secret = "283-68-4467"

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

    private static let policy = FuzzPolicy.policy(
        """
        resources:
          crm: { protocol: http, listen: "127.0.0.1:8081", upstream: "http://crm.internal" }
        classifications: { people: { detectors: [us-ssn] } }
        rules:
          - { name: all, allow: [select, call, update, other], on: [crm], to: { groups: [support] } }
          - { name: puts, hold: [update], on: [crm], to: { groups: [support] }, approval: { by: { groups: [x] }, within: 1m } }
        """, resource: "crm")
}

/// Performs what the session wants done, and looks at it.
private final class HTTPRig: HTTPSessionRig {
    var isReachable = true
    private var asks: [String] = []
    private var toClient: [UInt8] = []
    private var toService: [UInt8] = []
    /// What the service reads of it.
    private var service = HTTP1RequestDecoder()
    private var serviceInput = InputBuffer()
    private var writes = 0
    private var writesRecorded = 0

    init(_ policy: BundlePolicy) {
        super.init(
            policy,
            Resource(
                name: "crm", protocolName: .http, listen: "127.0.0.1:8081", upstream: "crm.internal:80", tls: .disable),
            upstream: .name("crm.internal"))
    }

    func decide(approves: Bool) throws(Violation) {
        guard let id = asks.popLast() else { return }
        try feed(
            .approvalDecided(
                ApprovalDecision(
                    approvalID: id,
                    outcome: approves ? .approved(approver: "eve") : .denied(approver: "eve", reason: ""))))
    }

    override func kept(_ event: PBRecord.OneOf_Event) {
        if case .statement(let judged) = event, judged.outcome == .allow { writesRecorded += 1 }
    }

    override func wrote(toClient client: [UInt8], toUpstream upstream: [UInt8]) throws(Violation) {
        toClient += client
        toService += upstream
        try readAsService(upstream)
        try Violation.unless(!HTTPRig.holds(toClient, HTTPSessionHarness.secret), "a value reaches the client")
        try Violation.unless(!HTTPRig.holds(toService, HTTPSessionHarness.secret), "a value reaches the service")
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

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
        let word = Array(text.utf8)
        guard bytes.count >= word.count else { return false }
        return (0...(bytes.count - word.count)).contains { start in
            bytes[start] == word[0] && bytes[start..<(start + word.count)].elementsEqual(word)
        }
    }

    override func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate: identify()
        case .connectUpstream:
            (service, serviceInput) = (HTTP1RequestDecoder(), InputBuffer())
            answer(isReachable ? .upstreamReady : .upstreamFailed(reason: "away"))
        case .askApproval(let ask): asks.append(ask.id)
        case .awaitCredential, .credentialRefused, .resolve, .connect, .startClientTLS: break
        case .withdrawApproval, .pauseClient, .resumeClient, .closeClient, .closeUpstream: break
        }
    }
}
