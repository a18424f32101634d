import Foundation

/// A database, a collector and a sidecar, each a process of its own, as they run in a pod and a cluster.
///
/// The parts can be killed and started again while a test goes on.
public actor StileStack {
    /// What a policy template may ask for: `{{listen}}`, `{{upstream}}`, `{{jwks}}`, `{{credentials}}`, `{{issuer}}`,
    /// `{{audience}}`, `{{folder}}`, and whatever the test gives a value for.
    public nonisolated let folder: TemporaryFolder
    public nonisolated let issuer: TestIssuer
    public nonisolated let postgres: PostgresServer
    /// Where agents connect.
    public nonisolated var port: Int { ports.agents.number }
    public nonisolated var operationsPort: Int { ports.operations.number }
    public nonisolated var grpcPort: Int { ports.grpc.number }
    public nonisolated var httpPort: Int { ports.http.number }
    public nonisolated let policyFolder: String
    public nonisolated let spoolFolder: String
    public nonisolated let collectorFolder: String

    public private(set) var sidecar: Command?
    public private(set) var collector: Command?
    private let extraSidecarArguments: [String]
    private nonisolated let moreValues: [String: String]
    private nonisolated let ports:
        (agents: LoopbackPort, operations: LoopbackPort, grpc: LoopbackPort, http: LoopbackPort)

    /// Everything is allowed to everybody in the group `everyone`, with nothing classified.
    /// What a template of a policy begins with: who may ask is whoever has a token of the stack's issuer.
    public static func head(_ name: String) -> String {
        """
        apiVersion: stile.dev/v1
        kind: Policy
        metadata: { name: \(name) }
        identity:
          issuers:
            - { url: "{{issuer}}", audience: "{{audience}}", jwksFile: "{{jwks}}", clockSkew: 0s }
        """
    }

    public static let allowAll = """
        \(StileStack.head("all-allowing"))
        resources:
          db:
            protocol: postgres
            listen: "127.0.0.1:{{listen}}"
            upstream: "127.0.0.1:{{upstream}}"
            tls: disable
            credentials: { usernameFile: "{{credentials}}/username", passwordFile: "{{credentials}}/password" }
        rules:
          - name: everything
            allow: ["*"]
            on: [db]
            to: { groups: [everyone] }
            vouch:
              functions: ["*", "*.*"]
              features: [unknownObject, unknownLineage, dynamicCode, relabels, statistics, otherSessions, pinnedSetting,
                         largeObjects, secrets]
        """

    /// - Parameters:
    ///   - policy: file name → template.
    ///   - schema: SQL that the server runs first, as its owner.
    ///   - withCollector: a sidecar without one keeps its records in the spool.
    ///   - values: what else the policy's template may ask for.
    ///   - files: name → content, in the folder.
    public init(
        policy: [String: String] = ["policy.yaml": StileStack.allowAll], schema: String = "",
        withCollector: Bool = true,
        authentication: PostgresServer.Authentication = .scram, sidecarArguments: [String] = [],
        values: [String: String] = [:],
        files: [String: String] = [:]
    ) async throws {
        folder = try TemporaryFolder("stile-stack")
        issuer = TestIssuer()
        postgres = try await PostgresServer(authentication: authentication)
        ports = (try LoopbackPort(), try LoopbackPort(), try LoopbackPort(), try LoopbackPort())
        policyFolder = folder["policy"]
        spoolFolder = folder["spool"]
        collectorFolder = folder["collector"]
        extraSidecarArguments = sidecarArguments
        moreValues = values
        try folder.write(issuer.jwks, to: "jwks.json")
        try folder.write(postgres.superuser + "\n", to: "credentials/username")
        try folder.write(postgres.password + "\n", to: "credentials/password")
        for (name, content) in files { try folder.write(content, to: name) }
        for (name, template) in policy { try write(policy: template, to: name) }
        if !schema.isEmpty { try await postgres.sql(schema) }
        if withCollector {
            for arguments in [
                ["init", folder["certs"]],
                [
                    "issue", folder["certs"], "--name", "collector", "--server", "--dns", "localhost", "--ip",
                    "127.0.0.1",
                ],
                ["issue", folder["certs"], "--name", "sidecar-1"],
            ] {
                let result = try await Command.run([Products.path(of: "stile"), "certs"] + arguments)
                guard result.status == 0 else { throw CommandFailed(description: "stile certs: \(result.errors)") }
            }
            try await startCollector()
        }
        try await startSidecar(connected: withCollector)
    }

    deinit {
        // While they run they write to the folder, which would be removed before they are ended.
        sidecar = nil
        collector = nil
    }

    /// Fills in a template and puts it in place, as one rename.
    public nonisolated func write(policy template: String, to name: String) throws {
        var text = template
        let values = [
            "listen": "\(port)", "upstream": "\(postgres.port)", "jwks": folder["jwks.json"],
            "credentials": folder["credentials"], "issuer": issuer.url, "audience": issuer.audience,
            "folder": folder.path,
        ]
        for (key, value) in values.merging(moreValues, uniquingKeysWith: { $1 }) {
            text = text.replacingOccurrences(of: "{{\(key)}}", with: value)
        }
        try folder.write(text, to: "policy/" + name)
    }

    // MARK: The parts

    public func startCollector() async throws {
        let certs = folder["certs"]
        collector = try Command([
            Products.path(of: "stile-collector"), "--grpc", "127.0.0.1:\(grpcPort)", "--http", "127.0.0.1:\(httpPort)",
            "--data", collectorFolder, "--certificate", certs + "/collector.pem", "--key", certs + "/collector-key.pem",
            "--ca", certs + "/ca.pem", "--issuer", "\(issuer.url),stile-collector", "--issuer-jwks",
            folder["jwks.json"],
            "--role", "auditor=auditors", "--role", "approver=security", "--role", "admin=platform",
        ])
        try await waitUntilReady(collector, named: "collector", port: httpPort)
    }

    public func startSidecar(connected: Bool = true) async throws {
        let certs = folder["certs"]
        var arguments = [
            Products.path(of: "stile-sidecar"), "--policy", policyFolder, "--spool", spoolFolder,
            "--ops", "127.0.0.1:\(operationsPort)", "--sidecar-id", "sidecar-1",
        ]
        if connected {
            arguments += [
                "--collector", "127.0.0.1:\(grpcPort)", "--collector-ca", certs + "/ca.pem",
                "--certificate", certs + "/sidecar-1.pem", "--key", certs + "/sidecar-1-key.pem",
            ]
        }
        sidecar = try Command(arguments + extraSidecarArguments)
        try await waitUntilReady(sidecar, named: "sidecar", port: operationsPort)
    }

    private func waitUntilReady(_ command: Command?, named name: String, port: Int) async throws {
        try await eventually("the \(name) is ready", within: .seconds(30)) {
            guard let command, command.isRunning else {
                throw CommandFailed(description: "the \(name) ended: \(command?.errors.suffix(2_000) ?? "")")
            }
            return try await Self.get(port: port, path: "/readyz")?.status == 200
        }
    }

    public func stopAll() async throws {
        try await sidecar?.stop()
        try await collector?.stop()
    }

    // MARK: Clients

    /// A token for the sidecar.
    public nonisolated func token(
        _ subject: String = "agent", groups: [String] = ["everyone"], lifetime: Int64 = 3_600, actors: [String] = []
    ) async throws -> String {
        try await issuer.token(subject: subject, groups: groups, actors: actors, lifetime: lifetime)
    }

    /// A token for the collector.
    public nonisolated func auditToken(_ subject: String = "dana", groups: [String]) async throws -> String {
        try await issuer.token(subject: subject, groups: groups, audience: "stile-collector")
    }

    /// libpq's environment, pointed at the sidecar.
    public nonisolated func environment(token: String) -> [String: String] {
        [
            "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": "agent", "PGDATABASE": "postgres",
            "PGPASSWORD": token, "PGSSLMODE": "prefer", "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8",
        ]
    }

    /// psql through the sidecar: unaligned, tuples only.
    public nonisolated func psql(
        _ text: String, token: String, options: [String] = ["-A", "-t"], within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        try await Command.run(
            ["psql", "-X", "-q"] + options + ["-f", "-"], environment: environment(token: token), input: text,
            within: limit)
    }

    /// The `stile` command against this collector.
    public nonisolated func stile(_ arguments: [String], token: String) async throws -> CommandResult {
        try await Command.run(
            [Products.path(of: "stile")] + arguments,
            environment: ["STILE_COLLECTOR": "http://127.0.0.1:\(httpPort)", "STILE_TOKEN": token])
    }

    /// What the audit API serves of records.
    public struct ServedRecords: @unchecked Sendable {
        // Sendable: what JSON was read into, which nobody changes.
        public fileprivate(set) var items: [[String: Any]] = []
        /// The pages as they were served, one behind the other.
        public fileprivate(set) var text = ""
    }

    /// All records, page by page.
    ///
    /// - Parameter token: `nil`: an auditor's.
    /// - Throws: when the collector does not answer as it should.
    public func records(token: String? = nil) async throws -> ServedRecords {
        let auditor: String
        if let token { auditor = token } else { auditor = try await auditToken(groups: ["auditors"]) }
        var records = ServedRecords()
        var cursor: String?
        repeat {
            let path = "/v1/records?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")
            guard let page = try await StileStack.get(port: httpPort, path: path, token: auditor), page.status == 200,
                let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any],
                let items = object["items"] as? [[String: Any]]
            else { throw CommandFailed(description: "the collector does not answer \(path)") }
            records.items += items
            records.text += page.body
            cursor = object["next"] as? String
        } while cursor != nil
        return records
    }

    /// GET from loopback; `nil` when nobody answers.
    public static func get(port: Int, path: String, token: String? = nil) async throws -> (status: Int, body: String)? {
        var arguments = ["curl", "-s", "-m", "5", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)\(path)"]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        let result = try await Command.run(arguments)
        guard result.status == 0, let cut = result.output.lastIndex(of: "\n"),
            let status = Int(result.output[result.output.index(after: cut)...])
        else { return nil }
        return (status, String(result.output[..<cut]))
    }
}
