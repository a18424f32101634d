import Foundation
import TestKit
import Testing

/// HTTP/2: on the agent's side by prior knowledge and by ALPN, on the service's by ALPN.
@Suite("HTTP/2", .serialized)
struct HTTP2Tests {
    private static let policy = """
        \(StileStack.head("http2"))
        resources:
          crm:
            protocol: http
            listen: "127.0.0.1:{{listen}}"
            upstream: "{{scheme}}://localhost:{{service}}"
            credentials: { bearerFile: "{{folder}}/service-token" }
            {{tls}}
        classifications:
          people: { detectors: [us-ssn, email], jsonKeys: [name], mask: redact }
        rules:
          - { name: readers, allow: [select, call], on: [crm], to: { groups: [everyone] } }
          - { name: no-puts, deny: [update], on: [crm], to: { groups: [everyone] }, message: "Changes go through the team." }
        record: { statements: masked, responses: masked }
        """

    private static let clients = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients"

    private static func start() async throws -> (stack: StileStack, service: Command, token: String) {
        let port = try LoopbackPort()
        let service = try Command([Products.python, clients + "/http_service.py", "\(port.number)"])
        let stack = try await StileStack(
            policy: ["policy.yaml": policy], values: ["service": "\(port.number)", "scheme": "http", "tls": ""],
            files: ["service-token": "secret-of-the-service\n"])
        try await eventually("the service answers") {
            try await StileStack.get(port: port.number, path: "/v1/none") != nil
        }
        return (stack, service, try await stack.token())
    }

    @Test func `curl by prior knowledge gets what it gets over HTTP 1`() async throws {
        let (stack, service, token) = try await Self.start()
        let base = "http://127.0.0.1:\(stack.port)"
        func curl(_ arguments: [String], _ path: String = "/v1/customers/7") async throws -> String {
            try await Command.run(
                [
                    "curl", "-s", "-m", "30", "--http2-prior-knowledge", "-w", " %{http_version} %{http_code}", "-H",
                    "Authorization: Bearer \(token)",
                ] + arguments + [base + path], within: .seconds(60)
            ).output
        }
        let read = try await curl([])
        #expect(read.contains("likes tea") && read.hasSuffix(" 2 200"))
        #expect(!read.contains("283-68") && !read.contains("Imogen") && !read.contains("june.chavez1"))
        #expect(try await curl(["-X", "PUT", "-d", "{}"]).contains("Changes go through the team."))
        #expect(try await curl(["-I"]).hasSuffix(" 2 200"))
        #expect(try await curl([], "/v1/none").hasSuffix(" 2 204"))
        #expect(try await curl(["-d", "hello", "-H", "Content-Type: text/plain"], "/v1/echo").hasPrefix("hello 2 200"))
        let large = try await curl([], "/v1/large")
        #expect(large.hasSuffix("] 2 200") && large.components(separatedBy: "likes tea").count == 20_001)
        #expect(!large.contains("283-68"))
        let refused = try await curl(["-d", "283-68-4467", "-H", "Content-Type: text/plain"], "/v1/echo")
        #expect(refused.hasSuffix(" 2 403"))
        let many = try await Command.run(
            [Products.python, Self.clients + "/http2_streams.py", base], environment: ["TOKEN": token],
            within: .seconds(90))
        #expect(
            many.output.contains(#""statuses": {"200": 60}, "versions": ["HTTP/2"]"#), "\(many.output) \(many.errors)")
        #expect(!many.output.contains("283-68") && !many.output.contains("Imogen"))
        let heard = try String(contentsOfFile: service.outputFile, encoding: .utf8)
        #expect(heard.contains("Bearer secret-of-the-service") && !heard.contains(token) && !heard.contains("283-68"))
        #expect(!heard.contains("PUT"))
        try await stack.stopAll()
    }

    @Test func `a stream that a connection never had before is of the policy in force`() async throws {
        let (stack, service, token) = try await Self.start()
        let client = try Command(
            [Products.python, Self.clients + "/http2_reload.py", "http://127.0.0.1:\(stack.port)"],
            environment: ["TOKEN": token])
        try await eventually("the first is answered") { client.output.contains(#"{"first": 200}"#) }
        try stack.write(
            policy: Self.policy.replacing("allow: [select, call], on", with: "allow: [call], on"), to: "policy.yaml")
        let result = try await client.result(within: .seconds(60))
        #expect(result.output.contains(#"{"later": [403]}"#), "\(result.output) \(result.errors)")
        try await service.stop()
        try await stack.stopAll()
    }

    @Test func `frames that are no request reach no service, and the record says that they came`() async throws {
        let (stack, service, token) = try await Self.start()
        let result = try await Command.run(
            [Products.python, Self.clients + "/http2_frames.py", "\(stack.port)", token], within: .seconds(120))
        let lines = result.output.split(separator: "\n")
        #expect(result.status == 0 && lines.count == 16, "\(result.output) \(result.errors)")
        for line in lines.dropLast(2) {
            #expect(!line.contains(#""outcome": "2"#), "\(line)")
        }
        #expect(lines.last?.hasSuffix(#""outcome": "closed"}"#) == true, "\(result.output)")
        let heard = try String(contentsOfFile: service.outputFile, encoding: .utf8)
        #expect(!heard.contains("smuggled") && !heard.contains("begun"), "\(heard)")
        #expect(heard.contains("/v1/customers/8"))
        let auditor = try await stack.auditToken(groups: ["auditors"])
        try await eventually("the records are there") {
            let page =
                try await StileStack.get(port: stack.httpPort, path: "/v1/records?limit=500", token: auditor)?.body
            return page?.contains("a Host that is not the authority") == true
        }
        try await stack.stopAll()
    }

    @Test func `TLS on both sides: ALPN chooses HTTP 2 with the agent and with nginx`() async throws {
        let (port, folder) = (try LoopbackPort(), try TemporaryFolder("stile-nginx2"))
        let one = #"{"id":7,"name":"Imogen Vale-Brandt","ssn":"283-68-4467","note":"likes tea"}"#
        try folder.write("[" + Array(repeating: one, count: 5_000).joined(separator: ",") + "]", to: "www/v1/all.json")
        let policy = Self.policy.replacing(
            "{{tls}}",
            with: """
                caFile: "{{folder}}/certs/ca.pem"
                    listenTLS: { certificateFile: "{{folder}}/certs/collector.pem", keyFile: "{{folder}}/certs/collector-key.pem" }
                """)
        let stack = try await StileStack(
            policy: ["policy.yaml": policy], values: ["service": "\(port.number)", "scheme": "https"],
            files: ["service-token": "secret-of-the-service\n"])
        let certs = stack.folder["certs"]
        let configuration = try folder.write(
            """
            daemon off; pid \(folder["pid"]); error_log stderr; worker_processes 1; user root;
            events { worker_connections 64; }
            http {
              client_body_temp_path \(folder["t1"]); proxy_temp_path \(folder["t2"]); fastcgi_temp_path \(folder["t3"]);
              uwsgi_temp_path \(folder["t4"]); scgi_temp_path \(folder["t5"]);
              log_format seen '$server_protocol $request_method $uri $http_authorization'; access_log \(folder["access"]) seen;
              types { application/json json; }
              server {
                listen 127.0.0.1:\(port.number) ssl http2; listen [::1]:\(port.number) ssl http2; root \(folder["www"]);
                ssl_certificate \(certs)/collector.pem; ssl_certificate_key \(certs)/collector-key.pem;
              }
            }
            """, to: "nginx.conf")
        let server = try Command(["nginx", "-e", "stderr", "-c", configuration])
        try await eventually("nginx listens") {
            guard server.isRunning else {
                throw CommandFailed(description: "nginx ended: \(server.errors.suffix(500))")
            }
            return try await Command.run(["curl", "-s", "-k", "https://localhost:\(port.number)/"]).status == 0
        }
        let token = try await stack.token()
        let url = "https://localhost:\(stack.port)/v1/all.json"
        let result = try await Command.run(
            [
                "curl", "-s", "-m", "30", "--http2", "--cacert", certs + "/ca.pem", "-w",
                " %{http_version} %{http_code}\n",
                "-H", "Authorization: Bearer \(token)", url, url, url,
            ], within: .seconds(60))
        let versions = result.output.components(separatedBy: " 2 200\n").count - 1
        #expect(versions == 3, "\(result.output.suffix(300)) \(result.errors)")
        #expect(!result.output.contains("283-68") && !result.output.contains("Imogen"))
        let seen = try String(contentsOfFile: folder["access"], encoding: .utf8)
        #expect(seen.contains("HTTP/2.0 GET /v1/all.json Bearer secret-of-the-service"), "\(seen)")
        #expect(!seen.contains(token))
        try await stack.stopAll()
        try await server.stop()
    }
}
