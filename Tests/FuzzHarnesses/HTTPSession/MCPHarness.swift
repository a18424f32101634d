import Enforcement
import Foundation
import HTTPInspection
import Policy

/// A client's message to an MCP server, and what that answers, both any bytes, through a session.
///
/// However that goes: what is read as JSON is written as what was read; a tool that policy denies is not called, however its name is
/// written; no planted value reaches the client, and nothing that a server asks of it.
enum MCPMessageHarness {
    /// - Parameter input: how the answer comes (a stream of events, or one message), the size of its pieces, the length of the client's
    ///   message in two bytes, that, and the answer.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard input.count > 4 else { return }
        let length = Int(input[2]) << 8 | Int(input[3])
        let rest = Array(input.dropFirst(4))
        let (request, answer) = (Array(rest.prefix(length)), Array(rest.dropFirst(length)))
        try checkReading(request)
        try checkReading(answer)
        let rig = MCPRig(policy)
        try rig.post(request)
        try checkCalled(rig.upstream)
        guard !rig.upstream.isEmpty else { return }
        try rig.answer(answer, isStream: input[0] & 1 == 1, pieces: Int(input[1]))
        let got = rig.client
        guard !PlantedBodies.isPlantedWithinWord(in: answer) else { return }
        try Violation.unless(!PlantedBodies.isPlanted(in: got), "something is left")
        try Violation.unless(
            !String(decoding: got, as: UTF8.self).contains("\"method\":\"sampling/createMessage\""),
            "a server's request reached the client")
    }

    private static func checkReading(_ text: [UInt8]) throws(Violation) {
        guard let value = try? ArgumentValue(json: text) else { return }
        let again = try? ArgumentValue(json: value.json)
        try Violation.unless(again == value, "what was written is another value")
        let canonical = value.canonicalJSON
        let settled = (try? ArgumentValue(json: canonical))?.canonicalJSON
        try Violation.unless(settled == canonical, "the canonical form is not settled")
        let other = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
        let written = try? JSONSerialization.jsonObject(with: Data(value.json), options: .fragmentsAllowed)
        // Another reader takes what was written for what it took the text for, where it takes that.
        if let other = other as? NSObject, let written = written as? NSObject {
            try Violation.unless(other.isEqual(written), "another reader reads something else")
        }
    }

    private static func checkCalled(_ upstream: [UInt8]) throws(Violation) {
        guard let cut = String(decoding: upstream, as: UTF8.self).range(of: "\r\n\r\n") else { return }
        let body = String(decoding: upstream, as: UTF8.self)[cut.upperBound...]
        let message = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        try Violation.unless(message != nil, "what reached the server is no message")
        let params = message?["params"] as? [String: Any]
        try Violation.unless(
            message?["method"] as? String != "tools/call" || params?["name"] as? String != "forbidden",
            "a tool that is denied was called")
    }

    private static let policy = FuzzPolicy.policy(
        """
        resources:
          tools: { protocol: mcp, listen: "127.0.0.1:8081", upstream: "http://tools.internal/mcp" }
        detectors: { planted: { pattern: "QZ[0-9]{6}X" } }
        classifications: { pii: { detectors: [planted], mask: redact, outbound: allow } }
        rules:
          - { name: all, allow: [select, call], on: [tools], to: { groups: [support] } }
          - { name: none, deny: [call], on: [tools], where: { tools: [forbidden] } }
        """, resource: "tools")
}

/// A session, and both sides of it.
private final class MCPRig: HTTPSessionRig {
    private(set) var client: [UInt8] = []
    private(set) var upstream: [UInt8] = []

    init(_ policy: BundlePolicy) {
        super.init(
            policy,
            Resource(
                name: "tools", protocolName: .mcp, listen: "127.0.0.1:8081", upstream: "tools.internal:80",
                tls: .disable, upstreamPath: "/mcp"), upstream: .name("tools.internal"))
    }

    func post(_ body: [UInt8]) throws(Violation) {
        let head =
            "POST /mcp HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        try fromClient(Array(head.utf8) + body)
    }

    func answer(_ body: [UInt8], isStream: Bool, pieces: Int) throws(Violation) {
        let type = isStream ? "text/event-stream" : "application/json"
        let head = "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
        try fromUpstream(Array(head.utf8) + body, pieces: pieces)
    }

    override func wrote(toClient: [UInt8], toUpstream: [UInt8]) {
        client += toClient
        upstream += toUpstream
    }

    override func perform(_ action: HTTPAction) {
        switch action {
        case .authenticate: identify()
        case .connectUpstream: answer(.upstreamReady)
        default: break
        }
    }
}
