import Foundation
import TestKit
import Testing

/// Two servers that read the same bytes as different requests let one pass that nobody judged. Hundreds of heads and bodies of which that
/// is known, or might be, through a real sidecar to servers that are built differently: each saw what the records say that it was sent, and
/// nothing else.
@Suite("Smuggling", .serialized)
struct SmugglingTests {
    private static let policy = """
        \(StileStack.head("smuggling"))
        resources:
          api: { protocol: http, listen: "127.0.0.1:{{listen}}", upstream: "http://127.0.0.1:{{service}}" }
        classifications:
          people: { detectors: [us-ssn], mask: redact }
        rules:
          - { name: everything, allow: ["*"], on: [api], to: { groups: [everyone] } }
        record: { statements: masked }
        """

    private struct Outcome: Decodable {
        var cases: Int
        var closed: Int
        var seen: Int
        var answered: Int
        var refused: Int
        var faults: [String]
    }

    enum Server: CaseIterable { case nginx, node }

    @Test("a service sees the requests that were judged, and no other", arguments: Server.allCases)
    func differential(server: Server) async throws {
        let (port, inner, folder) = (try LoopbackPort(), try LoopbackPort(), try TemporaryFolder("stile-smuggling"))
        let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Attacks/Smuggling"
        let log = try folder.write("", to: "log")
        let service =
            switch server {
            case .nginx: try Command(["nginx", "-e", "stderr", "-c", try Self.nginx(port, inner, folder, log)])
            case .node: try Command(["node", scripts + "/service.js", "\(port.number)", log])
            }
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], values: ["service": "\(port.number)"])
        try await eventually("the service listens") {
            guard service.isRunning else { throw CommandFailed(description: "it ended: \(service.errors.suffix(500))") }
            return try await Command.run(["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:\(port.number)/"]).status
                == 0
        }
        // What asked whether it listens is not of the corpus.
        try await eventually("the log is written") { try !Data(contentsOf: URL(fileURLWithPath: log)).isEmpty }
        try FileHandle(forWritingTo: URL(fileURLWithPath: log)).truncate(atOffset: 0)
        let result = try await Command.run(
            [
                Products.python, scripts + "/differential.py", "\(stack.port)", "\(stack.httpPort)", log,
            ],
            environment: [
                "TOKEN": try await stack.token(), "AUDIT": try await stack.auditToken(groups: ["auditors"]),
            ], within: .seconds(90))
        #expect(result.status == 0, "\(result.errors)")
        let outcome = try JSONDecoder().decode(Outcome.self, from: Data(result.output.utf8))
        #expect(outcome.faults.isEmpty, "\(outcome.faults.prefix(20).joined(separator: "\n"))")
        #expect(outcome.cases > 400 && outcome.closed > outcome.cases * 9 / 10)
        // Neither everything is refused nor everything let through.
        #expect(outcome.answered > 50 && outcome.refused > 200 && outcome.seen > 80, "\(outcome)")
        try await stack.stopAll()
        try await service.stop()
    }

    /// nginx shows the bodies that it passes on; it passes them on to itself.
    private static func nginx(
        _ port: LoopbackPort, _ inner: LoopbackPort, _ folder: TemporaryFolder, _ log: String
    ) throws -> String {
        try folder.write(
            """
            daemon off; pid \(folder["pid"]); error_log stderr; worker_processes 1; user root;
            events { worker_connections 256; }
            http {
              client_body_temp_path \(folder["t1"]); proxy_temp_path \(folder["t2"]); fastcgi_temp_path \(folder["t3"]);
              uwsgi_temp_path \(folder["t4"]); scgi_temp_path \(folder["t5"]); access_log off;
              log_format seen escape=json '{"method":"$request_method","target":"$request_uri","host":"$http_host",'
                '"body":"$request_body","status":"$status","sent":"$request_length"}';
              client_body_buffer_size 64k; client_body_in_single_buffer on;
              server {
                listen 127.0.0.1:\(port.number); access_log \(log) seen;
                location / { proxy_pass http://127.0.0.1:\(inner.number); proxy_http_version 1.1; }
              }
              server { listen 127.0.0.1:\(inner.number); location / { return 200 "ok"; } }
            }
            """, to: "nginx.conf")
    }
}
