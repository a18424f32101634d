import Foundation
import TestKit
import Testing

/// A forward proxy between programs that people use and real servers, over HTTP, HTTPS that is opened, and HTTPS by name.
@Suite("Egress", .serialized)
struct EgressTests {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    /// The servers: three of one program and one of files.
    private struct Parts {
        var stack: StileStack
        var ports: [String: LoopbackPort]
        var services: [Command]
        var environment: [String: String]

        func port(_ name: String) -> Int { ports[name]?.number ?? 0 }

        /// What the services heard.
        var heard: String {
            services.map { (try? String(contentsOfFile: $0.outputFile, encoding: .utf8)) ?? "" }.joined()
        }

        func stopAll() async throws {
            try await stack.stopAll()
            for service in services { try await service.stop() }
        }

        func curl(_ arguments: [String], _ url: String) async throws -> (status: String, body: String) {
            let result = try await Command.run(
                ["curl", "-s", "-m", "20", "-w", "\n%{http_code} %{http_connect}"] + arguments + [url],
                environment: environment)
            let cut = result.output.lastIndex(of: "\n") ?? result.output.startIndex
            return (String(result.output[cut...].dropFirst()), String(result.output[..<cut]))
        }

        /// All that the records say, once this is in it.
        func records(with text: String) async throws -> String {
            let auditor = try await stack.auditToken(groups: ["auditors"])
            var page = ""
            try await eventually("the record of \(text) is there") {
                page =
                    try await StileStack.get(
                        port: stack.httpPort, path: "/v1/records?limit=500", token: auditor)?
                    .body.replacingOccurrences(of: "\\/", with: "/") ?? ""
                return page.contains(text)
            }
            return page
        }
    }

    private static func start() async throws -> Parts {
        var ports: [String: LoopbackPort] = [:]
        for name in ["plain", "opened", "named", "misnamed", "site", "unvouched"] { ports[name] = try LoopbackPort() }
        let stack = try await StileStack(
            policy: ["policy.yaml": try String(contentsOfFile: here + "/Attacks/egress.yaml", encoding: .utf8)],
            values: ports.mapValues { "\($0.number)" })
        let certs = stack.folder["certs"]
        let program = here + "/Clients/http_service.py"
        var services: [Command] = []
        for (name, certificate) in [
            ("plain", nil), ("opened", "collector"), ("named", "collector"), ("misnamed", "sidecar-1"),
        ] {
            let files = certificate.map { [certs + "/\($0).pem", certs + "/\($0)-key.pem"] } ?? []
            services.append(try Command([Products.python, program, "\(ports[name]?.number ?? 0)"] + files))
        }
        let site = try await Command.run([Products.python, here + "/Clients/egress_site.py", stack.folder["www"]])
        #expect(site.status == 0, "\(site.errors)")
        let folder = stack.folder
        let configuration = try folder.write(
            """
            daemon off; pid \(folder["pid"]); error_log stderr; worker_processes 1; user root;
            events { worker_connections 64; }
            http {
              client_body_temp_path \(folder["t1"]); proxy_temp_path \(folder["t2"]); fastcgi_temp_path \(folder["t3"]);
              uwsgi_temp_path \(folder["t4"]); scgi_temp_path \(folder["t5"]); access_log off;
              types { text/html html; }
              server {
                listen 127.0.0.1:\(ports["site"]?.number ?? 0) ssl; root \(folder["www"]); index index.html;
                ssl_certificate \(certs)/collector.pem; ssl_certificate_key \(certs)/collector-key.pem;
              }
            }
            """, to: "nginx.conf")
        services.append(try Command(["nginx", "-e", "stderr", "-c", configuration]))
        for (name, port) in ports where name != "unvouched" {
            try await eventually("\(name) listens") { port.isListening }
        }
        let trust = folder["trust.pem"]
        let proxy = "http://agent:\(try await stack.token())@127.0.0.1:\(stack.port)"
        return Parts(
            stack: stack, ports: ports, services: services,
            environment: [
                "HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "http_proxy": proxy, "https_proxy": proxy, "NO_PROXY": "",
                "no_proxy": "", "SSL_CERT_FILE": trust, "REQUESTS_CA_BUNDLE": trust, "CURL_CA_BUNDLE": trust,
                "NODE_EXTRA_CA_CERTS": trust, "GIT_SSL_CAINFO": trust, "GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path,
                "PIP_CONFIG_FILE": "/dev/null",
            ])
    }

    @Test("programs find their way by the environment alone: requests, httpx, aiohttp, curl, pip, git, Node")
    func clients()
        async throws
    {
        let parts = try await Self.start()
        try await expectLibraries(parts)
        try await expectCurl(parts)
        try await expectTools(parts)
        #expect(!parts.heard.contains("4539"))
        let page = try await parts.records(with: "https://localhost:\(parts.port("opened"))/v2/customers/7")
        #expect(page.contains("CONNECT localhost:\(parts.port("named"))"))
        #expect(page.contains("GET http://localhost:\(parts.port("plain"))/v1/customers/7"))
        #expect(page.contains("bytes sent") && page.contains("did not take the sidecar's certificate"))
        #expect(!page.contains("283-68") && !page.contains("4539 1488"))
        try await parts.stopAll()
    }

    private func expectLibraries(_ parts: Parts) async throws {
        let result = try await Command.run(
            [Products.python, Self.here + "/Clients/egress_client.py"]
                + ["plain", "opened", "named"].map { "\(parts.port($0))" },
            environment: parts.environment, within: .seconds(120))
        #expect(result.status == 0, "\(result.errors)")
        let got = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: [Any]])
        for library in ["requests", "httpx", "aiohttp"] {
            for kind in ["plain", "opened"] {
                let answer = try #require(got["\(library) \(kind)"])
                let text = answer[1] as? String ?? ""
                #expect(answer[0] as? Int == 200 && text.contains("likes tea"), "\(library) \(kind) \(answer)")
                #expect(!text.contains("283-68") && !text.contains("Imogen"), "\(library) \(kind)")
            }
            // Nobody looks into what is passed by name.
            #expect((got["\(library) named"]?[1] as? String)?.contains("283-68") == true, "\(library)")
            #expect(got["\(library) denied"]?[0] as? Int == 403, "\(library)")
        }
        #expect(got["requests card"]?[0] as? Int == 403)
        #expect(got["requests port"]?[0] as? Int == 403)
    }

    private func expectCurl(_ parts: Parts) async throws {
        let opened = "https://localhost:\(parts.port("opened"))"
        let mine = try await parts.curl(["-H", "Authorization: Bearer for-the-service"], opened + "/v1/customers/7")
        #expect(mine.status == "200 200" && mine.body.contains("likes tea"))
        #expect(parts.heard.contains("Bearer for-the-service"))
        #expect(!parts.heard.contains(try await parts.stack.token().prefix(30)) && !parts.heard.contains("Proxy-Auth"))
        // A certificate that is not the host's, either way.
        #expect(try await parts.curl([], "https://localhost:\(parts.port("misnamed"))/v1/a").status == "000 502")
        // An address has a certificate, too.
        #expect(try await parts.curl([], "https://127.0.0.1:\(parts.port("opened"))/v1/a").status == "200 200")
        // curl asks first without saying who it is, as git does.
        #expect(try await parts.curl(["--proxy-anyauth"], opened + "/v1/a").status.hasPrefix("200"))
        let anonymous = try await parts.curl(["--proxy", "http://127.0.0.1:\(parts.stack.port)"], opened + "/v1/a")
        #expect(anonymous.status == "000 407")
        // Whoever does not trust the sidecar's authority hears nothing, and a record says why.
        let untrusting = try await parts.curl(
            ["--cacert", parts.stack.folder["certs/ca.pem"]], opened + "/v1/a")
        #expect(untrusting.status == "000 200")
        let many = try await parts.curl(
            ["-o", "/dev/null"], opened + "/v1/large")
        #expect(many.status == "200 200")
    }

    private func expectTools(_ parts: Parts) async throws {
        let site = parts.port("site")
        for host in ["localhost", "127.0.0.1"] {
            // By name, and opened.
            let target = parts.stack.folder["installed-\(host)"]
            let pip = try await Command.run(
                [
                    Products.python, "-m", "pip", "install", "-q", "--no-cache-dir", "--disable-pip-version-check",
                    "--target", target,
                    "--index-url", "https://\(host):\(site)/simple/", "stile-sample",
                ], environment: parts.environment, within: .seconds(60))
            #expect(pip.status == 0, "\(host): \(pip.errors)")
            #expect(FileManager.default.fileExists(atPath: target + "/stile_sample.py"))
            let clone = parts.stack.folder["clone-\(host)"]
            let git = try await Command.run(
                ["git", "clone", "-q", "https://\(host):\(site)/repository.git", clone], environment: parts.environment)
            #expect(git.status == 0, "\(host): \(git.errors)")
            #expect(FileManager.default.fileExists(atPath: clone + "/README"))
        }
        for name in ["opened", "named"] {
            let node = try await Command.run(
                [
                    "node", Self.here + "/Clients/egress_client.mjs",
                    "https://localhost:\(parts.port(name))/v1/customers/7",
                ], environment: parts.environment)
            #expect(node.output.hasPrefix("200 ") && node.output.contains("likes tea"), "\(node.output) \(node.errors)")
            #expect(node.output.contains("283-68") == (name == "named"))
        }
    }

    @Test("a command that is run finds the proxy, and whom to trust, in its environment") func run() async throws {
        let folder = try TemporaryFolder("stile-run")
        let issuer = TestIssuer()
        try folder.write(issuer.jwks, to: "jwks.json")
        let policy = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: run }
            identity: { issuers: [{ url: "\(issuer.url)", audience: "\(issuer.audience)", jwksFile: "\(folder["jwks.json"])" }] }
            resources:
              web: { protocol: egress, listen: "127.0.0.1:3128", trustFile: "\(folder["trust.pem"])" }
            rules: [{ name: none, allow: [select], on: [web], where: { hosts: [a.invalid] } }]
            """
        try folder.write(policy, to: "policy/policy.yaml")
        let script =
            "head -1 $SSL_CERT_FILE; curl -s -o /dev/null -w '%{http_code}\\n' http://b.invalid/ ; "
            + "curl -s -w '%{http_connect} %{ssl_verify_result}\\n' https://a.invalid:443/"
        let result = try await Command.run(
            [
                Products.path(of: "stile"), "run", "--policy", folder["policy"], "--state", folder["state"], "--http",
                "127.0.0.1:0", "--quiet", "--", "sh", "-c", script,
            ], environment: ["STILE_TOKEN": try await issuer.token(subject: "me", groups: [])])
        #expect(result.output == "-----BEGIN CERTIFICATE-----\n403\n502 0\n", "\(result.output) \(result.errors)")
    }

    @Test("a Java program that is run trusts what is opened, and keeps the options that it had") func java()
        async throws
    {
        let (port, folder) = (try LoopbackPort(), try TemporaryFolder("stile-java"))
        let issuer = TestIssuer()
        for step in [
            ["init", folder["certs"]],
            ["issue", folder["certs"], "--name", "service", "--server", "--dns", "localhost"],
        ] {
            let made = try await Command.run([Products.path(of: "stile"), "certs"] + step)
            #expect(made.status == 0, "\(made.errors)")
        }
        let service = try Command([
            Products.python, Self.here + "/Clients/http_service.py", "\(port.number)", folder["certs/service.pem"],
            folder["certs/service-key.pem"],
        ])
        try await eventually("the service listens") { port.isListening }
        try folder.write(issuer.jwks, to: "jwks.json")
        try folder.write(try await issuer.token(subject: "me", groups: []), to: "token")
        // A path with a space in it is one option all the same. Java says nothing to a proxy of who asks, so the resource does.
        let policy = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: run }
            identity: { issuers: [{ url: "\(issuer.url)", audience: "\(issuer.audience)", jwksFile: "\(folder["jwks.json"])" }] }
            resources:
              web:
                protocol: egress
                listen: "127.0.0.1:3128"
                trustFile: "\(folder["a trust.pem"])"
                caFile: "\(folder["certs/ca.pem"])"
                tokenFile: "\(folder["token"])"
            classifications:
              people: { detectors: [us-ssn], mask: redact }
            rules:
              - { name: all, allow: [select], on: [web], where: { hosts: [localhost], ports: [\(port.number)] }, vouch: { features: [privateAddress] } }
            """
        try folder.write(policy, to: "policy/policy.yaml")
        let compiled = try await Command.run([
            "javac", "-d", folder["classes"], Self.here + "/Clients/EgressClient.java",
        ])
        #expect(compiled.status == 0, "\(compiled.errors)")
        let result = try await Command.run(
            [
                Products.path(of: "stile"), "run", "--policy", folder["policy"], "--state", folder["state"], "--http",
                "127.0.0.1:0", "--quiet", "--", "java", "-cp", folder["classes"], "EgressClient",
                "https://localhost:\(port.number)/v1/customers/7",
            ],
            environment: [
                "STILE_TOKEN": try await issuer.token(subject: "me", groups: []),
                "JAVA_TOOL_OPTIONS": "-Dhttp.nonProxyHosts= -Dstile.kept=yes",
            ], within: .seconds(90))
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(result.output.hasPrefix("yes\n200 ") && result.output.contains("likes tea"), "\(result.output)")
        #expect(
            result.output.contains("issuer CN=Stile egress") && !result.output.contains("283-68"), "\(result.output)")
        let token = try String(contentsOfFile: folder["token"], encoding: .utf8)
        #expect(result.errors.contains("JAVA_TOOL_OPTIONS") && !result.errors.contains(token.prefix(40)))
        try await service.stop()
    }

    // MARK: Attacks

    private struct Answer: Decodable {
        var row: Int
        var name: String
        var status: Int?
        var expected: [Int]
        /// What the client got besides, and may not have.
        var got: String
        /// A text that stands in the record of it.
        var recorded: String
    }

    @Test(
        "no way out but those that policy names: nothing sensitive leaves, nothing forbidden is reached, all is recorded"
    )
    func attacks() async throws {
        let parts = try await Self.start()
        let names = ["plain", "opened", "named", "unvouched"]
        let result = try await Command.run(
            [Products.python, Self.here + "/Attacks/egress_attack.py", "\(parts.stack.port)"]
                + names.map { "\(parts.port($0))" },
            environment: ["TOKEN": try await parts.stack.token(), "TRUST": parts.stack.folder["trust.pem"]],
            within: .seconds(120))
        #expect(result.status == 0, "\(result.errors)")
        var answers: [Answer] = []
        for line in result.output.split(separator: "\n") {
            answers.append(try JSONDecoder().decode(Answer.self, from: Data(line.utf8)))
        }
        let rows = Dictionary(grouping: answers, by: \.row).mapValues(\.count)
        for row in 102...106 { #expect(rows[row, default: 0] >= 3, "row \(row)") }
        let page = try await parts.records(with: "attack-last")
        for answer in answers {
            let place = Comment(rawValue: "\(answer.row) \(answer.name): \(answer.status ?? 0) \(answer.got)")
            #expect(answer.status.map(answer.expected.contains) ?? answer.expected.isEmpty, place)
            #expect(answer.got.isEmpty, place)
            let isRecorded = answer.recorded.isEmpty || page.contains(answer.recorded)
            #expect(isRecorded, "\(place.rawValue): no record with \(answer.recorded)")
        }
        for value in ["283-68-4467", "4539148803436467", "attack-forbidden"] {
            let isHeard = parts.heard.contains(value)
            #expect(!isHeard, "the services heard \(value)")
        }
        for value in ["283-68-4467", "4539148803436467"] {
            let isKept = page.contains(value)
            #expect(!isKept, "the records hold \(value)")
        }
        try await parts.stopAll()
    }
}
