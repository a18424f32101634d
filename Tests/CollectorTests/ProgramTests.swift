import Collector
import Foundation
import Records
import SwiftProtobuf
import TestKit
import Testing
import UplinkProtocol

/// The programs themselves, as they are started.
@Suite struct ProgramTests {
    // MARK: stile

    @Test func `A person reads a session, searches, exports and verifies on the command line`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            // Its time is now: whoever signed it must have been certified then.
            let session = try SampleSession.complete(sidecar.signer, start: Timestamp.now().microseconds)
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            let token = try await collector.auditor()
            func stile(_ arguments: String...) async throws -> CommandResult {
                try await Command.run(
                    [Products.path(of: "stile")] + arguments,
                    environment: ["STILE_COLLECTOR": "http://\(collector.addresses.api)", "STILE_TOKEN": token])
            }
            let list = try await stile("sessions", "list", "--output", "json")
            #expect(
                try JSONDecoder().decode([SessionView].self, from: Data(list.output.utf8)).map(\.id) == [session.uuid])
            let table = try await stile("sessions", "list")
            #expect(table.output.contains("ann via assistant") && table.output.contains("closed, signed"))
            let shown = try await stile("sessions", "show", session.uuid)
            for part in ["ALLOW", "DENY", "no-bulk-reads", "masked ssn: redact of pii, 3 values", "3 rows"] {
                #expect(shown.output.contains(part), "\(shown.output)")
            }
            let found = try await stile("sessions", "search", "--verdict", "deny", "--table", "visits")
            #expect(found.output.contains("clinic.visits"))
            #expect(try await stile("sessions", "verify", session.uuid, "--closed").status == 0)

            let folder = try TemporaryFolder("export")
            let file = folder["session.jsonl"]
            #expect(try await stile("sessions", "export", session.uuid, "--out", file).status == 0)
            let authority = try folder.write(collector.authority.certificatePEM, to: "ca.pem")
            let good = try await stile("sessions", "verify", file, "--authority", authority, "--closed")
            #expect(good.status == 0, "\(good.output)\(good.errors)")
            let other = try folder.write(
                CertificateAuthority(name: "another", days: 1).certificatePEM, to: "other.pem")
            let strange = try await stile("sessions", "verify", file, "--authority", other)
            #expect(strange.status == 65 && strange.output.contains("not from this authority"))

            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            let cut = try folder.write(lines.dropLast(2).joined(separator: "\n"), to: "cut.jsonl")
            let short = try await stile("sessions", "verify", cut)
            #expect(short.status == 65 && short.output.contains("cut short"))
            let misspelt = try await stile("sessions", "verify", folder["sesion.jsonl"])
            #expect(misspelt.status == 66 && misspelt.errors.contains("neither a file"), "\(misspelt.errors)")
            let missing = try await stile("sessions", "show", "0198c0de-0000-7000-8000-000000000000")
            #expect(missing.status == 66 && missing.errors.contains("there is no session"))
        }
    }

    @Test func `What an agent wrote moves no cursor on a person's terminal`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var session = try SampleSession()
            try session.addStatement(1, "SELECT 1 -- \u{1B}[2J\u{1B}]0;owned\u{07}\u{202E}drop\r\nALLOW all")
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            let shown = try await Command.run(
                [Products.path(of: "stile"), "sessions", "show", session.uuid],
                environment: [
                    "STILE_COLLECTOR": "http://\(collector.addresses.api)",
                    "STILE_TOKEN": try await collector.auditor(),
                ])
            #expect(shown.status == 0)
            for scalar in ["\u{1B}", "\u{07}", "\u{202E}", "\r"] { #expect(!shown.output.contains(scalar)) }
            #expect(!shown.output.contains("\nALLOW all"))
        }
    }

    @Test func `Who watches sees a request in full as it comes, and what became of it; who follows sees records`()
        async throws
    {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            let environment = [
                "STILE_COLLECTOR": "http://\(collector.addresses.api)",
                "STILE_TOKEN": try await collector.token("dana", ["approvers", "security", "auditors"]),
            ]
            let stile = Products.path(of: "stile")
            let watch = try Command([stile, "approvals", "watch"], environment: environment)
            let follow = try Command([stile, "sessions", "follow", "--all"], environment: environment)
            try await eventually("it watches") { watch.errors.contains("watching") }
            var session = try SampleSession()
            client.send(
                .with {
                    $0.approval.approvalID = "a1"
                    $0.approval.sessionID = Data(session.id.bytes)
                    $0.approval.subject.id = "ann"
                    $0.approval.resource = "customers-db"
                    $0.approval.text = "SELECT diagnosis FROM clinic.visits WHERE id = 7"
                    $0.approval.rules = ["phi-needs-a-person"]
                    $0.approval.groups = ["security"]
                    $0.approval.expiresUnixS = Timestamp.now().seconds + 600
                    $0.approval.binding = Data(repeating: 1, count: 32)
                })
            try await eventually("the request is shown") {
                watch.output.contains("phi-needs-a-person") && watch.output.contains("stile approvals approve a1")
            }
            let approved = try await Command.run(
                [stile, "approvals", "approve", "a1", "--reason", "ticket 4711"], environment: environment)
            #expect(approved.status == 0, "\(approved.errors)")
            try await eventually("the decision is shown") { watch.output.contains("a1 approved by dana: ticket 4711") }
            try session.addStatement(1, "SELECT diagnosis FROM clinic.visits WHERE id = 7", approval: "a1")
            client.send(batch: 1, session.bytes)
            try await eventually("the records are shown") {
                follow.output.contains("approval: a1") && follow.output.contains("SELECT 3, 3 rows")
            }
            watch.signal(SIGTERM)
            follow.signal(SIGTERM)
        }
    }

    @Test func `A collector that is not there, and a token that is not good, are said in one line`() async throws {
        let nobody = try LoopbackPort()
        let away = try await Command.run(
            [Products.path(of: "stile"), "sessions", "list"],
            environment: ["STILE_COLLECTOR": "http://127.0.0.1:\(nobody)", "STILE_TOKEN": "x"])
        #expect(!nobody.isListening)
        #expect(away.status == 69 && away.errors.split(separator: "\n").count == 1, "\(away.errors)")
        let clear = try await Command.run(
            [Products.path(of: "stile"), "sessions", "list"],
            environment: ["STILE_COLLECTOR": "http://collector.example:7480", "STILE_TOKEN": "x"])
        #expect(clear.status == 78 && clear.errors.contains("https"))
        try await RunningCollector.with { collector in
            let bad = try await Command.run(
                [Products.path(of: "stile"), "approvals", "list"],
                environment: ["STILE_COLLECTOR": "http://\(collector.addresses.api)", "STILE_TOKEN": "x"])
            #expect(bad.status == 77 && bad.errors.split(separator: "\n").count == 1, "\(bad.errors)")
        }
    }

    // MARK: stile-collector

    private func arguments(_ site: RunningCollector.Site, grpc: Int = 0, http: Int = 0) -> [String] {
        let folder = site.folder
        return [
            Products.path(of: "stile-collector"), "--grpc", "127.0.0.1:\(grpc)", "--http", "127.0.0.1:\(http)",
            "--data",
            folder["data"], "--certificate", folder["collector.pem"], "--key", folder["collector-key.pem"], "--ca",
            folder["ca.pem"], "--issuer", "\(site.issuer.url),\(site.issuer.audience)", "--issuer-jwks",
            folder["jwks.json"], "--role", "auditor=auditors",
        ]
    }

    @Test func `A fault that keeps it from starting is one line with a code`() async throws {
        let site = try RunningCollector.Site()
        let past = Date().addingTimeInterval(-10 * 86_400)
        let old = try CertificateAuthority(name: "old", days: 30, now: past)
            .issue(.init(name: "c", isServer: true, dnsNames: ["localhost"], days: 1), now: past)
        try site.folder.write(old.certificatePEM, to: "old.pem")
        try site.folder.write(old.keyPEM, to: "old-key.pem")
        try site.folder.write("not a database, and long enough to be read as one", to: "broken/collector.sqlite")
        let good = arguments(site)
        try await RunningCollector.with { other in
            for (change, code, part) in [
                (["--certificate", site.folder["none.pem"]], 66, "none.pem"),
                (["--certificate", site.folder["old.pem"], "--key", site.folder["old-key.pem"]], 78, "expired on"),
                (["--key", site.folder["old-key.pem"]], 78, "does not belong"),
                (["--http", "127.0.0.1:\(other.addresses.api.port)"], 69, "in use"),
                (["--grpc", "127.0.0.1:\(other.addresses.uplink.port)"], 69, "in use"),
                (["--http", "127.0.0.1"], 78, "HOST:PORT"),
                (["--http", "0.0.0.0:0"], 78, "without TLS"),
                (["--issuer", "login.example.com"], 78, "URL,AUDIENCE"),
                (["--role", "auditer=x"], 78, "auditor, approver or admin"),
                (["--data", site.folder["broken"]], 74, "collector.sqlite"),
            ] as [([String], Int32, String)] {
                var arguments = good
                for index in stride(from: 0, to: change.count, by: 2) {
                    if let place = arguments.firstIndex(of: change[index]) { arguments[place + 1] = change[index + 1] }
                }
                let result = try await Command.run(arguments)
                #expect(result.status == code, "\(change): \(result.errors)")
                let said = result.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
                #expect(said.count == 1 && said[0].contains(part), "\(change): \(result.errors)")
            }
        }
    }

    @Test func `A setting of the environment that makes no sense is said, not passed over`() async throws {
        let result = try await Command.run(
            arguments(try RunningCollector.Site()), environment: ["STILE_COLLECTOR_DRAIN": "10s"])
        #expect(result.status == 78 && result.errors.contains("--drain \"10s\""), "\(result.errors)")
    }

    @Test func `Killed in the middle of ingest it loses nothing it acknowledged, and duplicates nothing`() async throws
    {
        let site = try RunningCollector.Site()
        let sidecar = try TestSidecar(site.authority)
        var acknowledged: [SampleSession] = []
        for round in 0..<3 {
            let (grpc, http) = (try LoopbackPort(), try LoopbackPort())
            let program = try Command(arguments(site, grpc: grpc.number, http: http.number))
            try await eventually("the collector listens") { grpc.isListening && http.isListening }
            let addresses = CollectorServer.Addresses(
                uplink: ListenAddress(host: "127.0.0.1", port: grpc.number),
                api: ListenAddress(host: "127.0.0.1", port: http.number))
            let client = try UplinkClient(
                addresses, authority: site.authority, identity: sidecar.issued, sidecarID: sidecar.id)
            // What was acknowledged before comes again, as from a spool that did not learn of it.
            for (index, session) in acknowledged.enumerated() { client.send(batch: UInt64(index + 1), session.bytes) }
            let start = UInt64(acknowledged.count)
            var sent: [SampleSession] = []
            for index in 1...20 as ClosedRange<UInt64> {
                let session = try SampleSession.complete(sidecar.signer)
                client.send(batch: start + index, session.bytes)
                sent.append(session)
            }
            try await client.stored(start + UInt64(3 + round * 4))
            try await program.kill9()
            var last: UInt64 = 0
            for message in client.messages {
                if case .stored(let stored)? = message.message { last = max(last, stored.batch) }
            }
            acknowledged.append(contentsOf: sent.prefix(Int(last - start)))
        }
        try await RunningCollector.with(site) { collector in
            let token = try await collector.auditor()
            for session in acknowledged {
                let result = try await collector.get(
                    "/v1/sessions/\(session.uuid)/verify", token: token, as: VerificationView.self)
                #expect(result.verified && result.records == Int64(session.records.count), "\(result.problems)")
            }
            let findings = try await collector.get("/v1/findings?open=true", token: token, as: Page<FindingView>.self)
            #expect(findings.items.isEmpty)
        }
    }
}
