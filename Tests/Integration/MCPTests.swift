import Foundation
import TestKit
import Testing

/// An MCP server and clients by the official SDK, through a real sidecar.
@Suite("MCP", .serialized)
struct MCPTests {
    private static let policy = """
        \(StileStack.head("mcp"))
        resources:
          shop:
            protocol: mcp
            listen: "127.0.0.1:{{listen}}"
            upstream: "http://127.0.0.1:{{server}}/mcp"
        classifications:
          people: { detectors: [us-ssn], jsonKeys: [name], mask: redact }
        rules:
          - { name: readers, allow: [call], on: [shop], to: { groups: [everyone] }, where: { tools: ["find_*", report, ask] } }
          - name: tickets
            allow: [call]
            on: [shop]
            to: { groups: [everyone] }
            where: { tools: [create_ticket], arguments: { /project: { pattern: "^OPS-" } } }
          - { name: docs, allow: [select], on: [shop], to: { groups: [everyone] }, where: { resources: ["docs://public/*"] } }
          - { name: prompts, allow: [select], on: [shop], to: { groups: [everyone] }, where: { prompts: ["*"] } }
          - { name: no-wipes, deny: [call], on: [shop], where: { tools: ["delete_*"] }, message: "Nothing is deleted here." }
        record: { statements: masked, responses: masked }
        """

    private struct Parts {
        var stack: StileStack
        var server: Command
        var port: LoopbackPort

        /// What the server heard.
        var heard: String { (try? String(contentsOfFile: server.errorFile, encoding: .utf8)) ?? "" }
    }

    static let clients = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients"

    private static func serve(_ port: LoopbackPort, _ more: [String] = []) async throws -> Command {
        let server = try Command([Products.python, clients + "/mcp_server.py", "\(port.number)"] + more)
        try await eventually("the server answers", within: .seconds(60)) {
            try await StileStack.get(port: port.number, path: "/none") != nil
        }
        return server
    }

    private static func start() async throws -> Parts {
        let port = try LoopbackPort()
        let server = try await serve(port)
        let stack = try await StileStack(policy: ["policy.yaml": policy], values: ["server": "\(port.number)"])
        return Parts(stack: stack, server: server, port: port)
    }

    private func ask(_ parts: Parts, _ mode: String) async throws -> [String: Any] {
        let result = try await Command.run(
            [Products.python, Self.clients + "/mcp_client.py", "http://127.0.0.1:\(parts.stack.port)/mcp", mode],
            environment: ["TOKEN": try await parts.stack.token()], within: .seconds(90))
        #expect(result.status == 0, "\(result.errors)")
        for value in ["283-68", "Vale-Brandt"] { #expect(!result.output.contains(value), "\(result.output)") }
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test(
        "clients of the handshake and stateless ones get what policy lets pass, masked", arguments: ["legacy", "auto"])
    func clients(_ mode: String) async throws {
        let parts = try await Self.start()
        let got = try await ask(parts, mode)
        func text(_ key: String) -> String {
            (try? JSONSerialization.data(
                withJSONObject: got[key] ?? "", options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]))
                .map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        #expect(got["version"] as? String == (mode == "legacy" ? "2025-11-25" : "2026-07-28"))
        #expect(got["instructions"] as? String == "Be kind.")
        #expect(text("tools").contains("find_customer") && text("tools").contains("create_ticket"))
        #expect(!text("tools").contains("delete_all"))
        #expect(text("find").contains("likes tea"), "\(text("find"))")
        #expect(text("ticket").contains("ticket in OPS-1"))
        #expect(text("wrong").contains("-31001") && text("leak").contains("may not be sent"))
        #expect(text("delete").contains("Nothing is deleted here.") && text("delete").contains("record"))
        #expect(text("report").contains("report of"))
        #expect(text("ask").contains("serverRequest") || text("ask").contains("does not vouch"), "\(text("ask"))")
        #expect((got["asked"] as? [String])?.isEmpty == true)
        #expect(text("resources").contains("prices") && !text("resources").contains("salaries"))
        #expect(text("prices").contains("prices for") && text("salaries").contains("-31001"))
        #expect(text("greet").contains("Greet Ann"))
        for word in ["HR-1", "283-68", "delete_all", "salaries", "accept"] {
            #expect(!parts.heard.contains(word), "\(word)")
        }
        #expect(parts.heard.contains("OPS-1"))
        let auditor = try await parts.stack.auditToken(groups: ["auditors"])
        var page = ""
        try await eventually("the records are there") {
            page =
                try await StileStack.get(port: parts.stack.httpPort, path: "/v1/records?limit=500", token: auditor)?
                .body ?? ""
            return page.contains("tools/call delete_all") && page.contains("prompts/get greet")
        }
        #expect(page.contains("tools/call create_ticket") && page.contains("server request elicitation/create"))
        #expect(!page.contains("283-68") && !page.contains("hunter2"))
        try await parts.stack.stopAll()
    }

    @Test(
        "a client that starts its server through stile mcp gets the same over standard streams",
        arguments: ["legacy", "auto"])
    func stdio(_ mode: String) async throws {
        let folder = try TemporaryFolder("stile-mcp")
        let issuer = TestIssuer()
        try folder.write(issuer.jwks, to: "jwks.json")
        var policy = Self.policy.replacingOccurrences(of: "http://127.0.0.1:{{server}}/mcp", with: "stdio")
        for (key, value) in [
            ("issuer", issuer.url), ("audience", issuer.audience), ("jwks", folder["jwks.json"]), ("listen", "8090"),
        ] { policy = policy.replacingOccurrences(of: "{{\(key)}}", with: value) }
        try folder.write(policy, to: "policy/policy.yaml")
        let result = try await Command.run(
            [
                Products.python, Self.clients + "/mcp_client.py", "stdio", mode, Products.path(of: "stile"), "mcp",
                "--policy", folder["policy"], "--state", folder["state"], "--", Products.python,
                Self.clients + "/mcp_server.py", "stdio",
            ], environment: ["STILE_TOKEN": try await issuer.token(subject: "agent", groups: ["everyone"])],
            within: .seconds(90))
        #expect(result.status == 0, "\(result.errors)")
        let output = result.output
        for value in ["283-68", "Vale-Brandt", "hunter2", "password"] { #expect(!output.contains(value), "\(output)") }
        for text in [
            "likes tea", "ticket in OPS-1", "Nothing is deleted here.", "report of", "Greet Ann", "prices for",
        ] {
            #expect(output.contains(text), "\(text) in \(output)")
        }
        for word in ["HR-1", "delete_all", "salaries", "accept"] {
            #expect(!result.errors.contains(#""tool": "\#(word)"#) && !result.errors.contains(word), "\(result.errors)")
        }
    }

    @Test("A tool that changed while the sidecar was away is hidden when it is back") func changedTool() async throws {
        var parts = try await Self.start()
        #expect(try await "\(ask(parts, "auto")["tools"] ?? "")".contains("find_customer"))
        try await parts.stack.sidecar?.stop()
        try await parts.server.stop()
        parts.server = try await Self.serve(parts.port, ["changed"])
        try await parts.stack.startSidecar()
        let got = try await ask(parts, "auto")
        #expect(!"\(got["tools"] ?? "")".contains("find_customer"))
        #expect("\(got["find"] ?? "")".contains("changedTool"), "\(got["find"] ?? "")")
        #expect(!parts.heard.contains("find_customer"))
        try await parts.stack.stopAll()
    }
}
