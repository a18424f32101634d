import Foundation
import TestKit
import Testing

/// Services that take only clients with a certificate, through a real sidecar.
@Suite("Client certificates", .serialized)
struct ClientCertificateTests {
    private static let policy = """
        \(StileStack.head("certificates"))
        resources:
          crm:
            protocol: http
            listen: "127.0.0.1:{{listen}}"
            upstream: "https://localhost:{{service}}"
            caFile: "{{folder}}/certs/ca.pem"
            credentials:
              bearerFile: "{{folder}}/service-token"
              certificateFile: "{{folder}}/shown.pem"
              keyFile: "{{folder}}/shown-key.pem"
          tools:
            protocol: mcp
            listen: "127.0.0.1:{{mcp}}"
            upstream: "https://localhost:{{service}}/mcp"
            caFile: "{{folder}}/certs/ca.pem"
            credentials: { certificateFile: "{{folder}}/shown.pem", keyFile: "{{folder}}/shown-key.pem" }
        rules:
          - { name: readers, allow: [select, call], on: [crm, tools], to: { groups: [everyone] } }
        """

    private struct Parts {
        var stack: StileStack
        var service: Command
        var token: String
        var mcp: LoopbackPort

        func curl(
            _ arguments: [String] = [], port: Int? = nil, path: String = "/v1/customers/7"
        ) async throws -> (status: String, body: String) {
            let result = try await Command.run(
                ["curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(token)"] + arguments
                    + ["http://127.0.0.1:\(port ?? stack.port)\(path)"])
            let cut = result.output.lastIndex(of: "\n") ?? result.output.startIndex
            return (String(result.output[cut...].dropFirst()), String(result.output[..<cut]))
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

        var heard: String { (try? String(contentsOfFile: service.outputFile, encoding: .utf8)) ?? "" }

        /// Shows another certificate, as a rename of each file.
        func show(_ certificate: String, key: String) throws {
            for (name, text) in [("shown.pem", certificate), ("shown-key.pem", key)] {
                try stack.folder.write(text, to: name)
            }
        }

        func file(_ name: String) throws -> String {
            try String(contentsOfFile: stack.folder["certs/\(name)"], encoding: .utf8)
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
    }

    /// A certificate and key of a CA, by `stile certs`, for use before there is a stack.
    private static func authority(_ folder: TemporaryFolder, names: [String]) async throws {
        for arguments in [["init", folder["certs"]]] + names.map({ ["issue", folder["certs"], "--name", $0] }) {
            let made = try await Command.run([Products.path(of: "stile"), "certs"] + arguments)
            #expect(made.status == 0, "\(made.errors)")
        }
    }

    private static func start() async throws -> Parts {
        let (port, mcp, folder) = (try LoopbackPort(), try LoopbackPort(), try TemporaryFolder("stile-client-ca"))
        try await authority(folder, names: ["agent-crm", "agent-new"])
        let own = { (name: String) in try String(contentsOfFile: folder["certs/\(name)"], encoding: .utf8) }
        let stack = try await StileStack(
            policy: ["policy.yaml": policy], values: ["service": "\(port.number)", "mcp": "\(mcp.number)"],
            files: [
                "service-token": "secret-of-the-service\n", "shown.pem": try own("agent-crm.pem"),
                "shown-key.pem": try own("agent-crm-key.pem"), "certs/new.pem": try own("agent-new.pem"),
                "certs/new-key.pem": try own("agent-new-key.pem"), "clients-ca.pem": try own("ca.pem"),
            ])
        let certs = stack.folder["certs"]
        let service = try Command([
            Products.python,
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients/http_service.py",
            "\(port.number)", certs + "/collector.pem", certs + "/collector-key.pem", stack.folder["clients-ca.pem"],
        ])
        try await eventually("the service listens") { port.isListening }
        return Parts(stack: stack, service: service, token: try await stack.token(), mcp: mcp)
    }

    @Test("a service that demands a certificate is shown it, beside the token, and another once the files have changed")
    func shown() async throws {
        let parts = try await Self.start()
        let (status, body) = try await parts.curl()
        #expect(status == "200" && body.contains("likes tea"), "\(status) \(body)")
        #expect(parts.heard.contains(#""client": "agent-crm""#) && parts.heard.contains("Bearer secret-of-the-service"))
        // Over MCP, too: the service is no MCP server, but hears the message.
        _ = try await parts.call()
        let call = try #require(parts.heard.split(separator: "\n").last)
        #expect(call.contains(#""path": "/mcp""#) && call.contains(#""client": "agent-crm""#), "\(call)")
        try parts.show(try parts.file("new.pem"), key: try parts.file("new-key.pem"))
        #expect(try await parts.curl().status == "200")
        #expect(parts.heard.split(separator: "\n").last?.contains(#""client": "agent-new""#) == true)
        // One of an authority that the service does not know.
        try parts.show(try parts.file("sidecar-1.pem"), key: try parts.file("sidecar-1-key.pem"))
        #expect(try await parts.curl().status == "502")
        let sidecar = try #require(await parts.stack.sidecar)
        try await eventually("the log says that the service did not take it") {
            sidecar.errors.contains("a connection failed") && sidecar.errors.contains("UNKNOWN_CA")
        }
        try await parts.stack.stopAll()
    }

    @Test("no request goes out without it: a bad file is named in log, record and readiness, and at the start")
    func bad() async throws {
        let parts = try await Self.start()
        #expect(try await parts.curl().status == "200")
        let heard = parts.heard
        let certificate = try parts.file("new.pem")
        try parts.show(certificate, key: try parts.file("sidecar-1-key.pem"))
        let (status, body) = try await parts.curl()
        #expect(status == "503" && body.contains("The credential for this service cannot be read."), "\(body)")
        #expect(!body.contains(parts.stack.folder.path))
        let called = try await parts.call()
        #expect(called.contains(#""error""#) && called.contains("cannot be read"), "\(called)")
        #expect(parts.heard == heard)
        let place = parts.stack.folder["shown-key.pem"]
        let page = try await parts.records(with: "no credential for the upstream")
        #expect(page.contains("\(place): holds a key that is not that of the first certificate"))
        try await eventually("readiness names the file") {
            let ready = try await StileStack.get(port: parts.stack.operationsPort, path: "/readyz")
            return ready?.status == 503 && ready?.body.contains("shown-key.pem") == true
        }
        let sidecar = try #require(await parts.stack.sidecar)
        #expect(
            sidecar.errors.replacingOccurrences(of: "\\/", with: "/").contains(place), "\(sidecar.errors.suffix(500))")
        // A sidecar does not start with it.
        try await sidecar.stop()
        let again = try await Command.run([
            Products.path(of: "stile-sidecar"), "--policy", parts.stack.policyFolder, "--spool",
            parts.stack.spoolFolder,
            "--ops", "127.0.0.1:0", "--sidecar-id", "sidecar-1",
        ])
        #expect(again.status == 78 && again.errors.contains("shown-key.pem"), "\(again.status) \(again.errors)")
        try await parts.stack.stopAll()
    }
}
