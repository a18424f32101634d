import Foundation
import TestKit
import Testing

/// Tokens that the sidecar fetches, from a real token endpoint for a real service.
@Suite("Tokens of OAuth", .serialized)
struct OAuthTests {
    private static let policy = """
        \(StileStack.head("tokens"))
        resources:
          crm:
            protocol: http
            listen: "127.0.0.1:{{listen}}"
            upstream: "http://127.0.0.1:{{service}}"
            credentials:
              oauth:
                tokenURL: "http://127.0.0.1:{{service}}/token?tenant=7"
                clientIDFile: "{{folder}}/client-id"
                clientSecretFile: "{{folder}}/client-secret"
                scopes: [read, "api://crm/.default"]
                audience: https://crm
          tools:
            protocol: mcp
            listen: "127.0.0.1:{{mcp}}"
            upstream: "http://127.0.0.1:{{service}}/mcp"
            credentials:
              oauth:
                tokenURL: "http://127.0.0.1:{{service}}/token?tenant=7"
                clientIDFile: "{{folder}}/client-id"
                clientSecretFile: "{{folder}}/client-secret"
        rules:
          - { name: readers, allow: [select, call], on: [crm, tools], to: { groups: [everyone] } }
        record: { statements: masked, responses: masked }
        """

    private struct Parts {
        var stack: StileStack
        var service: Command
        var port: LoopbackPort
        var mcp: LoopbackPort
        var folder: TemporaryFolder
        var token: String

        func curl(_ arguments: [String] = [], port: Int? = nil, path: String = "/v1/customers") async throws -> (
            status: String, body: String
        ) {
            let result = try await Command.run(
                ["curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(token)"] + arguments
                    + ["http://127.0.0.1:\(port ?? stack.port)\(path)"])
            let cut = result.output.lastIndex(of: "\n") ?? result.output.startIndex
            return (String(result.output[cut...].dropFirst()), String(result.output[..<cut]))
        }

        var heard: String { (try? String(contentsOfFile: service.outputFile, encoding: .utf8)) ?? "" }
        /// Requests to the token endpoint of `crm`, which alone says an audience.
        var fetches: Int {
            heard.split(separator: "\n").filter { $0.contains("\"path\": \"/token") && $0.contains("https://crm") }
                .count
        }

        func mode(_ word: String) throws { try folder.write(word, to: "mode") }

        /// Takes back what tokens there are, behind the sidecar's back.
        func revoke() async throws {
            #expect(try await StileStack.get(port: port.number, path: "/revoke")?.status == 200)
        }

        /// What an MCP client is answered.
        func call() async throws -> String {
            let message =
                #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#
            return try await curl(
                [
                    "-d", message, "-H", "Content-Type: application/json", "-H",
                    "Accept: application/json, text/event-stream",
                ], port: mcp.number, path: "/mcp"
            ).body
        }

        func stop() async throws {
            try await stack.stopAll()
            try await service.stop()
        }

        func records(with text: String) async throws -> String {
            let auditor = try await stack.auditToken(groups: ["auditors"])
            var page = ""
            try await eventually("the record of \(text) is there") {
                page =
                    try await StileStack.get(port: stack.httpPort, path: "/v1/records?limit=500", token: auditor)?
                    .body.replacingOccurrences(of: "\\/", with: "/") ?? ""
                return page.contains(text)
            }
            return page
        }

        /// What the sidecar has said to anybody.
        func said() async throws -> String {
            let sidecar = try #require(await stack.sidecar)
            var text = sidecar.errors + sidecar.output
            for path in ["/metrics", "/readyz"] {
                text += try await StileStack.get(port: stack.operationsPort, path: path)?.body ?? ""
            }
            return text
        }
    }

    private static let secrets = ["hunter22", "token-number-", "leaked-token", "client-7", "Y2xpZW50LTc6"]
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    /// - Parameter encrypted: The service speaks TLS, with a certificate of an authority of its own (`{{ca}}`).
    private static func start(_ mode: String, policy: String = policy, encrypted: Bool = false) async throws -> Parts {
        let (port, mcp, folder) = (try LoopbackPort(), try LoopbackPort(), try TemporaryFolder("stile-oauth"))
        try folder.write(mode, to: "mode")
        var arguments = [Products.python, Self.folder + "/Clients/oauth_service.py", "\(port.number)", folder["mode"]]
        if encrypted {
            for step in [
                ["init", folder["certs"]],
                ["issue", folder["certs"], "--name", "service", "--server", "--dns", "localhost"],
            ] {
                let made = try await Command.run([Products.path(of: "stile"), "certs"] + step)
                #expect(made.status == 0, "\(made.errors)")
            }
            arguments += [folder["certs/service.pem"], folder["certs/service-key.pem"]]
        }
        let service = try Command(arguments)
        try await eventually("the service listens") { port.isListening }
        let stack = try await StileStack(
            policy: ["policy.yaml": policy],
            values: ["service": "\(port.number)", "mcp": "\(mcp.number)", "ca": folder["certs/ca.pem"]],
            files: ["client-id": "client-7\n", "client-secret": "hunter22+hunter\n"])
        return Parts(
            stack: stack, service: service, port: port, mcp: mcp, folder: folder, token: try await stack.token())
    }

    @Test("a token is fetched once for many requests, sent to the service, and shown to nobody") func fetched()
        async throws
    {
        let parts = try await Self.start("good")
        let answers = try await withThrowingTaskGroup(of: (status: String, body: String).self) { tasks in
            for _ in 0..<10 { tasks.addTask { try await parts.curl() } }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        for (status, body) in answers {
            #expect(status == "200" && body.contains(#""Authorization": "Bearer **************""#), "\(status) \(body)")
        }
        #expect(parts.fetches == 1)
        let heard = parts.heard
        #expect(
            heard.contains(#""path": "/token?tenant=7""#) && heard.contains(#""scope": ["api://crm/.default read"]"#))
        #expect(
            heard.contains(#""grant_type": ["client_credentials"], "#)
                && heard.contains(#""audience": ["https://crm"]"#))
        #expect(heard.contains(#""authorization": "Bearer token-number-"#) && !heard.contains(parts.token))
        let called = try await parts.call()
        #expect(
            called.contains(#""error""#) && parts.heard.contains(#""method":"initialize""#) || called.contains("-3"),
            "\(called)")
        let records = try await parts.records(with: "GET /v1/customers")
        for secret in Self.secrets {
            for text in [records, try await parts.said()] { #expect(!text.contains(secret), "\(secret)") }
            for (_, body) in answers { #expect(!body.contains(secret), "\(secret)") }
        }
        try await parts.stop()
    }

    @Test("a token is renewed before it ends, while requests go on") func renewed() async throws {
        let parts = try await Self.start("short")
        try await eventually("three tokens were fetched", within: .seconds(30)) {
            let status = try await parts.curl().status
            #expect(status == "200")
            return parts.fetches >= 3
        }
        try await parts.stop()
    }

    @Test("a token that the service does not take is dropped: the next request has another, once in ten seconds")
    func refused() async throws {
        let parts = try await Self.start("good")
        #expect(try await parts.curl().status == "200")
        let begun = ContinuousClock.now
        try await parts.revoke()
        // The request itself is not sent again.
        let refused = try await parts.curl()
        #expect(refused.status == "401" && refused.body.contains("invalid_token"))
        #expect(try await parts.curl().status == "200")
        #expect(parts.fetches == 2)
        try await parts.revoke()
        for _ in 0..<3 {
            let status = try await parts.curl().status
            // A machine that is slow may be ten seconds further.
            if ContinuousClock.now - begun < .seconds(9) { #expect(status == "401" && parts.fetches == 2) }
        }
        try await eventually("another token was fetched", within: .seconds(30)) {
            try await parts.curl().status == "200"
        }
        try await parts.stop()
    }

    @Test("without a token nothing goes out; the client, the record, the log and readiness say so, and no secret")
    func missing() async throws {
        let parts = try await Self.start("good")
        #expect(try await parts.curl().status == "200")
        try await parts.revoke()
        try parts.mode("refuse")
        #expect(try await parts.curl().status == "401")
        let reasons = [
            ("refuse", "answered 401 (invalid_client)"), ("redirect", "answered 307; redirects are not followed"),
            ("large", "answered with more than 65536 bytes"), ("letters", "gave a token that no header field can hold"),
            ("mac", "gave a token of another type than Bearer"), ("drip", "did not answer"),
        ]
        var said = ""
        for (mode, reason) in reasons {
            try parts.mode(mode)
            // It is asked again at once when the client's files change.
            try parts.stack.folder.write("hunter22+hunter\n", to: "client-secret")
            try await eventually("readiness says why: \(reason)", within: .seconds(30)) {
                let ready = try await StileStack.get(port: parts.stack.operationsPort, path: "/readyz")
                return ready?.status == 503 && ready?.body.contains(reason) == true
            }
            let heard = parts.heard.count { $0 == "\n" }
            let (status, body) = try await parts.curl()
            #expect(status == "503" && body.contains("There is no token for this service"), "\(body)")
            #expect(body.contains(#""type":"about:blank""#))
            #expect(!parts.heard.split(separator: "\n").dropFirst(heard).contains { $0.contains("/v1/") })
            _ = try await parts.records(with: reason)
            said += body + (try await parts.said())
        }
        let sidecar = try #require(await parts.stack.sidecar)
        for (_, reason) in reasons { #expect(sidecar.errors.contains(reason), "\(reason)") }
        #expect(!parts.heard.contains("token-elsewhere"))
        let records = try await parts.records(with: "no token for the upstream")
        for secret in Self.secrets {
            let isSaid = said.contains(secret)
            let isKept = records.contains(secret)
            #expect(!isSaid && !isKept, "\(secret)")
        }
        try parts.mode("good")
        try await eventually("a request is served", within: .seconds(70)) { try await parts.curl().status == "200" }
        try await parts.stop()
    }

    @Test("a message to an MCP server is answered with an error of JSON-RPC, and waits for a token that is on its way")
    func mcp() async throws {
        let parts = try await Self.start("good")
        try await parts.revoke()
        try parts.mode("refuse")
        _ = try await parts.call()
        try await eventually("the message is refused") {
            let answer = try await parts.call()
            return answer.contains(#""error""#) && answer.contains("There is no token for this service")
        }
        let sidecar = try #require(await parts.stack.sidecar)
        try await sidecar.stop()
        try parts.mode("slow")
        try await parts.stack.startSidecar()
        #expect(try await parts.curl().status == "200")
        try await parts.stop()
    }

    @Test("a sidecar ends in order while a token is being fetched, and when it cannot start") func ends() async throws {
        let parts = try await Self.start("drip")
        let waiting = Task { try await parts.curl() }
        try await eventually("the endpoint is asked") { parts.fetches >= 1 }
        let sidecar = try #require(await parts.stack.sidecar)
        let ended = try await sidecar.stop(within: .seconds(40))
        #expect(ended.status == 0, "\(ended.status) \(ended.errors.suffix(1_000))")
        _ = try await waiting.value
        try parts.stack.write(
            policy: Self.policy.replacing(
                "  tools:\n    protocol: mcp",
                with: """
                      other:
                        protocol: http
                        listen: "127.0.0.1:1"
                        upstream: https://localhost
                        credentials: { bearerFile: "{{folder}}/no-such-file" }
                      tools:
                        protocol: mcp
                    """), to: "policy.yaml")
        let failed = try await Command.run([
            Products.path(of: "stile-sidecar"), "--policy", parts.stack.policyFolder, "--spool",
            parts.stack.spoolFolder, "--ops", "127.0.0.1:0", "--sidecar-id", "sidecar-1",
        ])
        #expect(failed.status == 66 && failed.errors.contains("no-such-file"), "\(failed.status) \(failed.errors)")
        try parts.mode("good")
        try await parts.stop()
    }

    @Test("the token endpoint's certificate is verified") func encrypted() async throws {
        let policy = Self.policy
            .replacing("http://127.0.0.1:{{service}}", with: "https://localhost:{{service}}")
            .replacing("clientIDFile", with: "caFile: \"{{ca}}\"\n        clientIDFile")
            .replacing("    credentials:", with: "    caFile: \"{{ca}}\"\n    credentials:")
        let parts = try await Self.start("good", policy: policy, encrypted: true)
        #expect(try await parts.curl().status == "200")
        // Another authority's, and one of the system's own.
        for other in ["caFile: \"{{folder}}/certs/ca.pem\"\n        clientIDFile", "clientIDFile"] {
            let fetches = parts.fetches
            try parts.stack.write(
                policy: policy.replacing("caFile: \"{{ca}}\"\n        clientIDFile", with: other), to: "policy.yaml")
            try await eventually("the endpoint is not believed", within: .seconds(20)) {
                let ready = try await StileStack.get(port: parts.stack.operationsPort, path: "/readyz")
                return ready?.body.contains("TLS failed") == true
            }
            #expect(try await parts.curl().status == "503")
            #expect(parts.fetches == fetches)
            try parts.stack.write(policy: policy, to: "policy.yaml")
            try await eventually("a request is served", within: .seconds(20)) { try await parts.curl().status == "200" }
        }
        try await parts.stop()
    }
}
