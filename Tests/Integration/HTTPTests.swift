import Foundation
import TestKit
import Testing

/// APIs over HTTP, by clients that people use, through a real sidecar to a real service.
@Suite("HTTP", .serialized)
struct HTTPTests {
    private static let policy = """
        \(StileStack.head("http"))
        resources:
          crm:
            protocol: http
            listen: "127.0.0.1:{{listen}}"
            upstream: "http://127.0.0.1:{{service}}"
            credentials: { bearerFile: "{{folder}}/service-token" }
        classifications:
          people: { detectors: [us-ssn, email], jsonKeys: [name], mask: redact }
        rules:
          - { name: readers, allow: [select, call], on: [crm], to: { groups: [everyone] } }
          - { name: no-puts, deny: [update], on: [crm], to: { groups: [everyone] }, message: "Changes go through the team." }
          - name: deletes
            hold: [delete]
            on: [crm]
            to: { groups: [everyone] }
            approval: { by: { groups: [security] }, within: 5m }
          - { name: deleters, allow: [delete], on: [crm], to: { groups: [everyone] } }
        record: { statements: masked, responses: masked }
        """

    private struct Parts {
        var stack: StileStack
        var service: Command
        var token: String

        /// curl through the sidecar: the status, and the body.
        func curl(_ arguments: [String], path: String = "/v1/customers/7") async throws -> (
            status: String, body: String
        ) {
            let result = try await Command.run(
                ["curl", "-s", "-m", "20", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(token)"] + arguments
                    + ["http://127.0.0.1:\(stack.port)\(path)"])
            let cut = result.output.lastIndex(of: "\n") ?? result.output.startIndex
            return (String(result.output[cut...].dropFirst()), String(result.output[..<cut]))
        }

        /// What the service heard.
        var heard: String { (try? String(contentsOfFile: service.outputFile, encoding: .utf8)) ?? "" }
    }

    private static func start() async throws -> Parts {
        let port = try LoopbackPort()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let service = try Command([Products.python, folder + "/Clients/http_service.py", "\(port.number)"])
        let stack = try await StileStack(
            policy: ["policy.yaml": policy], values: ["service": "\(port.number)"],
            files: ["service-token": "secret-of-the-service\n"])
        try await eventually("the service answers") {
            try await StileStack.get(port: port.number, path: "/v1/none") != nil
        }
        return Parts(stack: stack, service: service, token: try await stack.token())
    }

    @Test("curl gets a masked document, and the service another credential than the agent's") func curl() async throws {
        let parts = try await Self.start()
        for arguments in [[], ["--compressed"], ["--http1.0"], ["-r", "0-10"]] {
            let (status, body) = try await parts.curl(arguments)
            #expect(status == "200", "\(arguments) \(body)")
            #expect(body.contains("likes tea") && !body.contains("283-68") && !body.contains("Imogen"), "\(body)")
            #expect(!body.contains("june.chavez1"))
        }
        #expect(parts.heard.contains("Bearer secret-of-the-service"))
        #expect(!parts.heard.contains(parts.token))
        #expect(!parts.heard.contains("bytes=0-10"))
        let refused = try await parts.curl(["-X", "PUT", "-d", "{}"])
        #expect(refused.status == "403" && refused.body.contains("Changes go through the team."))
        let opaque = try await parts.curl([], path: "/v1/file")
        #expect(opaque.status == "502" && opaque.body.contains("opaqueBody"))
        let none = try await parts.curl([], path: "/v1/none")
        #expect(none.status == "204")
        let head = try await parts.curl(["-I"])
        #expect(head.status == "200" && !head.body.lowercased().contains("content-length"))
        #expect(!parts.heard.contains("PUT"))
        try await parts.stack.stopAll()
    }

    @Test("httpx streams a large document through kept connections, and is told what it may not send") func httpx()
        async throws
    {
        let parts = try await Self.start()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let result = try await Command.run(
            [Products.python, folder + "/Clients/http_client.py", "http://127.0.0.1:\(parts.stack.port)"],
            environment: ["TOKEN": parts.token], within: .seconds(120))
        #expect(result.status == 0, "\(result.errors)")
        let got = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(got["large"] as? Int == 20_000)
        #expect(got["created"] as? Int == 200 && got["refused"] as? Int == 403)
        #expect(got["many"] as? [Int] == [200])
        for value in ["283-68-4467", "june.chavez1", "Imogen"] { #expect(!result.output.contains(value), "\(value)") }
        // Nothing of the refused request reached the service.
        #expect(!parts.heard.contains("283-68"))
        try await parts.stack.stopAll()
    }

    @Test("records say what was asked, what came of it and what was masked") func records() async throws {
        let parts = try await Self.start()
        _ = try await parts.curl(
            ["-H", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            path: "/v1/customers/7?q=tea")
        let auditor = try await parts.stack.auditToken(groups: ["auditors"])
        var page = ""
        try await eventually("the records are there") {
            page =
                try await StileStack.get(port: parts.stack.httpPort, path: "/v1/records?limit=500", token: auditor)?
                .body ?? ""
            return page.contains("sessionClosed")
        }
        #expect(page.contains("GET /v1/customers/7?q=tea") || page.contains("GET \\/v1\\/customers\\/7?q=tea"))
        #expect(page.contains("0af7651916cd43dd8448eb211c80319c"))
        #expect(page.contains("likes tea") && !page.contains("283-68") && !page.contains("Imogen"))
        try await parts.stack.stopAll()
    }

    @Test("a request that is held passes when it is approved, with its body") func approval() async throws {
        let parts = try await Self.start()
        let request = Task { try await parts.curl(["-X", "DELETE"]) }
        let approver = try await parts.stack.auditToken("sam", groups: ["security"])
        var id = ""
        try await eventually("the approval is asked for") {
            let page =
                try await StileStack.get(port: parts.stack.httpPort, path: "/v1/approvals", token: approver)?.body ?? ""
            guard let object = try JSONSerialization.jsonObject(with: Data(page.utf8)) as? [String: Any],
                let first = (object["items"] as? [[String: Any]])?.first
            else { return false }
            id = first["id"] as? String ?? first["approvalId"] as? String ?? ""
            return !id.isEmpty
        }
        #expect(!parts.heard.contains("DELETE"))
        let approved = try await parts.stack.stile(["approvals", "approve", id], token: approver)
        #expect(approved.status == 0, "\(approved.errors)")
        let got = try await request.value
        #expect(got.status == "200")
        #expect(parts.heard.contains("DELETE"))
        try await parts.stack.stopAll()
    }

    @Test("TLS on both sides: the service's certificate is verified, and the agent is shown one") func tls()
        async throws
    {
        let port = try LoopbackPort()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let policy = Self.policy
            .replacing(
                "upstream: \"http://127.0.0.1:{{service}}\"",
                with: """
                    upstream: "https://{{host}}:{{service}}"
                        caFile: "{{folder}}/certs/ca.pem"
                        listenTLS: { certificateFile: "{{folder}}/certs/collector.pem", keyFile: "{{folder}}/certs/collector-key.pem" }
                    """)
        // The third shows a certificate that names another host.
        for (host, name, status) in [
            ("localhost", "collector", "200"), ("127.0.0.1", "collector", "200"), ("localhost", "sidecar-1", "502"),
        ] {
            let stack = try await StileStack(
                policy: ["policy.yaml": policy], values: ["service": "\(port.number)", "host": host],
                files: ["service-token": "secret-of-the-service\n"])
            let certs = stack.folder["certs"]
            let service = try Command([
                Products.python, folder + "/Clients/http_service.py", "\(port.number)", certs + "/\(name).pem",
                certs + "/\(name)-key.pem",
            ])
            try await eventually("the service listens") {
                try await Command.run([
                    "curl", "-s", "-k", "https://localhost:\(port.number)/v1/none",
                ])
                .status == 0
            }
            let result = try await Command.run(
                [
                    "curl", "-s", "-m", "20", "-w", "\n%{http_code}", "--cacert", certs + "/ca.pem", "-H",
                    "Authorization: Bearer \(try await stack.token())",
                    "https://localhost:\(stack.port)/v1/customers/7",
                    "https://localhost:\(stack.port)/v1/large",
                ], within: .seconds(60))
            #expect(result.output.hasSuffix(status), "\(host): \(result.output.suffix(200)) \(result.errors)")
            #expect(!result.output.contains("283-68"))
            if status == "200" { #expect(result.output.contains("likes tea")) }
            try await service.stop()
            try await stack.stopAll()
        }
    }

    @Test("a sidecar that stops lets the exchange end, and takes no other") func drain() async throws {
        let parts = try await Self.start()
        let large = Task { try await parts.curl([], path: "/v1/large") }
        try await eventually("the service was asked") { parts.heard.contains("/v1/large") }
        try await parts.stack.stopAll()
        let got = try await large.value
        #expect(got.status == "200" && got.body.hasSuffix("]"))
    }

    @Test("nginx: coded answers, entity tags, ranges and kept connections") func nginx() async throws {
        let (port, folder) = (try LoopbackPort(), try TemporaryFolder("stile-nginx"))
        let one = #"{"id":7,"name":"Imogen Vale-Brandt","ssn":"283-68-4467","note":"likes tea"}"#
        let document = "[" + Array(repeating: one, count: 500).joined(separator: ",") + "]"
        try folder.write(document, to: "www/v1/customers.json")
        let configuration = try folder.write(
            """
            daemon off; pid \(folder["pid"]); error_log stderr; worker_processes 1; user root;
            events { worker_connections 64; }
            http {
              client_body_temp_path \(folder["t1"]); proxy_temp_path \(folder["t2"]); fastcgi_temp_path \(folder["t3"]);
              uwsgi_temp_path \(folder["t4"]); scgi_temp_path \(folder["t5"]);
              access_log \(folder["access"]); types { application/json json; } gzip on; gzip_types application/json;
              gzip_proxied any; gzip_http_version 1.0;
              server { listen 127.0.0.1:\(port.number); root \(folder["www"]); keepalive_requests 7; }
            }
            """, to: "nginx.conf")
        let server = try Command(["nginx", "-e", "stderr", "-c", configuration])
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], values: ["service": "\(port.number)"],
            files: ["service-token": "secret\n"])
        try await eventually("nginx answers") {
            guard server.isRunning else {
                throw CommandFailed(description: "nginx ended: \(server.errors.suffix(500))")
            }
            return try await StileStack.get(port: port.number, path: "/v1/customers.json") != nil
        }
        let parts = Parts(stack: stack, service: server, token: try await stack.token())
        for arguments in [[], ["--compressed"], ["-r", "0-99"], ["-H", "If-Range: \"x\"", "-r", "0-99"]] {
            let (status, body) = try await parts.curl(arguments, path: "/v1/customers.json")
            #expect(
                status == "200" && body.hasSuffix("]") && body.contains("likes tea"), "\(arguments) \(body.prefix(300))"
            )
            #expect(!body.contains("283-68") && !body.contains("Imogen"))
        }
        let head = try await parts.curl(["-I"], path: "/v1/customers.json").body
        let tag = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("ETag: W/") }?.dropFirst(6))
        let unchanged = try await parts.curl(["-H", "If-None-Match: \(tag)"], path: "/v1/customers.json")
        #expect(unchanged.status == "304" && unchanged.body.isEmpty)
        // More than a connection of nginx's serves: the sidecar makes another between two exchanges, and the client sees none of it.
        let many = try await Command.run(
            [
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n", "-H",
                "Authorization: Bearer \(parts.token)",
            ]
                + Array(repeating: "http://127.0.0.1:\(stack.port)/v1/customers.json", count: 40).flatMap {
                    [$0, "-o", "/dev/null"]
                })
        let lines = many.output.split(separator: "\n")
        #expect(lines.count == 40 && lines.allSatisfy { $0.hasPrefix("200") }, "\(many.output)")
        #expect(lines.filter { $0.hasSuffix(" 1") }.count == 1, "\(many.output)")
        try await stack.stopAll()
        try await server.stop()
    }
}
