import Enforcement
import Foundation
import Policy
import PolicyCompiler
import Records
import Testing

/// A session between a client and an MCP server, which are both the test.
final class MCPHarness {
    let http: HTTPHarness
    var id = 0
    var revision: String? = "2025-11-25"

    init(
        _ rest: String, pins: any ToolPinning = MemoryPins(), mcp: MCPServices? = nil,
        budgets: (any BudgetKeeping)? = nil
    ) throws {
        http = HTTPHarness(
            policy: try Self.policy(rest),
            resource: Resource(
                name: "tools", protocolName: .mcp, listen: "127.0.0.1:8090", upstream: "tools.internal:80",
                tls: .disable, upstreamPath: "/mcp"), mcp: mcp ?? MCPServices(pins: pins), budgets: budgets)
    }

    /// - Parameter rest: The policy's rules, and what else it says beside its resource.
    static func policy(_ rest: String, pins: String = "") throws -> BundlePolicy {
        let text = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [{ url: "https://id.example", audience: a }] }
            resources:
              tools: { protocol: mcp, listen: "127.0.0.1:8090", upstream: "http://tools.internal/mcp"\(pins) }

            """ + rest
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: text)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        return BundlePolicy(
            bundle: bundle, resource: "tools", maskKey: nil,
            scanner: try DetectorScanner(bundle: bundle, resource: "tools", isNeeded: bundle.hasBudgets(on: "tools")))
    }

    static let useAll = """
        classifications: { people: { detectors: [us-ssn], jsonKeys: [name_of_person], mask: redact } }
        rules: [{ name: all, allow: [call, select], on: [tools], to: { groups: [support] } }]
        """

    // MARK: The client

    /// Posts a body as it is.
    func post(_ body: String, headers: [String: String] = [:], path: String = "/mcp") {
        var head = """
            POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r
            Accept: application/json, text/event-stream\r\nContent-Length: \(body.utf8.count)\r\n
            """
        var fields = headers
        if fields["Content-Type"] == nil { fields["Content-Type"] = "application/json" }
        if let revision, fields["MCP-Protocol-Version"] == nil { fields["MCP-Protocol-Version"] = revision }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            head += "\(name): \(value)\r\n"
        }
        _ = http.takeUpstream()
        http.send(head + "\r\n" + body)
    }

    func ask(_ method: String, _ params: String = "{}", headers: [String: String] = [:]) {
        id += 1
        post(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#, headers: headers)
    }

    func call(_ tool: String, _ arguments: String = "{}", headers: [String: String] = [:]) {
        ask("tools/call", #"{"name":"\#(tool)","arguments":\#(arguments)}"#, headers: headers)
    }

    // MARK: The server

    /// Answers with a message.
    func answer(_ message: String, status: String = "200 OK", type: String = "application/json", more: String = "") {
        http.answer(
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(more)Content-Length: \(message.utf8.count)\r\n\r\n\(message)"
        )
    }

    func result(_ result: String) { answer(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#) }

    /// Begins a stream of events.
    func stream(_ events: [String]) {
        http.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for event in events { send(event: event) }
    }

    func send(event: String) {
        let text = "event: message\nid: 7\ndata: \(event)\n\n"
        http.answer("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    func endStream() { http.answer("0\r\n\r\n") }

    // MARK: What came

    /// What the server got, as JSON; `nil` when it got nothing.
    func heard() throws -> [String: Any]? {
        let text = http.takeUpstream()
        guard let cut = text.range(of: "\r\n\r\n") else { return nil }
        return try JSONSerialization.jsonObject(with: Data(text[cut.upperBound...].utf8)) as? [String: Any]
    }

    /// What the client got: the status, and the message.
    func got() throws -> (status: String, message: [String: Any]) {
        let text = http.take()
        let status = text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        guard let cut = text.range(of: "\r\n\r\n") else { return (status, [:]) }
        var body = String(text[cut.upperBound...])
        if text.contains("Transfer-Encoding: chunked") {
            // One chunk, and the last.
            body = body.split(separator: "\r\n").dropFirst().first.map(String.init) ?? ""
        }
        let message = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return (status, message ?? [:])
    }

    func error() throws -> (code: Int?, message: String, data: [String: Any]) {
        let error = try got().message["error"] as? [String: Any] ?? [:]
        return (error["code"] as? Int, error["message"] as? String ?? "", error["data"] as? [String: Any] ?? [:])
    }

    var texts: [String] { http.judged.map(\.text) }
}

/// Remembers what tools were, in memory.
final class MemoryPins: ToolPinning, @unchecked Sendable {
    // Sendable: a test's own thread alone touches it.
    private var tools: [String: (first: String, last: String)] = [:]

    func note(_ fingerprint: String, of tool: String, resource: String) -> String? {
        let first = tools[tool]?.first ?? fingerprint
        tools[tool] = (first, fingerprint)
        return first
    }

    func seen(_ tool: String, resource: String) -> (first: String, last: String)? { tools[tool] }
}

extension GrantBox {
    /// Somebody approves what was asked.
    func approve(_ ask: ApprovalAsk) {
        give(.granted(ApprovalGrant(approvalID: ask.id, approver: "cara")), for: ask.binding)
    }
}
