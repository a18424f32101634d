import AsyncHTTPClient
import Collector
import Foundation
import NIOCore
import NIOHTTP1
import Records
import TestKit
import Testing
import UplinkProtocol

@Suite struct AuditAPITests {
    @Test func `Every route answers each role as it should`() async throws {
        let id = "0198c0de-0000-7000-8000-000000000000"
        // 0: allowed, whatever comes of it.
        let routes: [(HTTPMethod, String, String?, auditor: UInt, approver: UInt, admin: UInt)] = [
            (.GET, "/v1/sessions", nil, 200, 403, 200),
            (.GET, "/v1/sessions/\(id)", nil, 404, 403, 404),
            (.GET, "/v1/sessions/\(id)/records", nil, 404, 403, 404),
            (.GET, "/v1/sessions/\(id)/verify", nil, 404, 403, 404),
            (.GET, "/v1/sessions/\(id)/export", nil, 404, 403, 404),
            (.GET, "/v1/records", nil, 200, 403, 200),
            (.GET, "/v1/records/\(id)", nil, 404, 403, 404),
            (.GET, "/v1/findings", nil, 200, 403, 200),
            (.GET, "/v1/sidecars", nil, 200, 403, 200),
            (.GET, "/v1/approvals", nil, 200, 200, 200),
            (.GET, "/v1/approvals/none", nil, 404, 404, 404),
            (.POST, "/v1/approvals/none/approve", nil, 404, 404, 404),
            (.GET, "/v1/revocations", nil, 200, 403, 200),
            (.POST, "/v1/revocations", #"{"subject":"bob","reason":"left"}"#, 403, 403, 201),
            (.DELETE, "/v1/revocations/none", nil, 403, 403, 404),
            (.GET, "/v1/whoami", nil, 200, 200, 200),
        ]
        try await RunningCollector.with { collector in
            let auditor = try await collector.token("ada", ["auditors"])
            let approver = try await collector.token("dana", ["approvers"])
            let admin = try await collector.token("root", ["platform"])
            let nobody = try await collector.token("eve", ["support"])
            let expired = try await collector.token("ada", ["auditors"], lifetime: -600)
            for route in routes {
                for (token, status) in [
                    (auditor, route.auditor), (approver, route.approver), (admin, route.admin),
                    (nobody, route.1 == "/v1/whoami" ? 200 : 403), (expired, 401), ("no-token", 401), (nil, 401),
                ] {
                    let answer = try await collector.call(route.0, route.1, token: token, body: route.2)
                    #expect(answer.status == status, "\(route.0) \(route.1): \(answer.text)")
                    if answer.status >= 400 { #expect(try answer.json(ProblemView.self).status == Int(answer.status)) }
                }
            }
            for path in ["/healthz", "/readyz", "/metrics", "/v1/openapi.yaml"] {
                #expect(try await collector.call(.GET, path, token: nil).status == 200)
            }
        }
    }

    @Test func `Pages stay as they are while records come in`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var expected: [String] = []
            for batch in 1...4 as ClosedRange<UInt64> {
                let session = try SampleSession.complete(sidecar.signer)
                expected.append(contentsOf: session.records.map(\.id.description))
                client.send(batch: batch, session.bytes)
                try await client.stored(batch)
            }
            let token = try await collector.auditor()
            var seen: [String] = []
            var cursor: String?
            var batch: UInt64 = 5
            repeat {
                let query = cursor.map { "&cursor=\($0)" } ?? ""
                let page = try await collector.get(
                    "/v1/records?limit=3\(query)", token: token, as: Page<RecordView>.self)
                seen.append(contentsOf: page.items.map(\.id))
                cursor = page.next
                client.send(batch: batch, try SampleSession.complete(sidecar.signer).bytes)
                try await client.stored(batch)
                batch += 1
            } while cursor != nil
            #expect(seen == expected.reversed())
        }
    }

    @Test func `A search finds by time, subject, resource, verdict, rule, table, text and kind`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            client.send(batch: 1, try SampleSession.complete(sidecar.signer).bytes)
            client.send(batch: 2, try SampleSession.complete(sidecar.signer, subject: "bob").bytes)
            try await client.stored(2)
            let token = try await collector.auditor()
            for (query, count) in [
                ("subject=bob", 5), ("subject=b", 0), ("actor=assistant", 10), ("resource=customers-db", 10),
                ("verdict=deny", 2), ("verdict=allow", 2), ("rule=no-bulk-reads", 2), ("table=visits", 2),
                ("table=clinic.visits", 2), ("table=visit", 0), ("text=SSN%20from", 2), ("text=%22%20OR%20%22", 0),
                ("text=100%25", 0), ("text=a%20AND%20b*", 0),
                ("text=%E2%82%AC%E2%82%AC%E2%82%AC", 0), ("classification=pii", 2),
                ("kind=session-closed&subject=ann", 1),
                ("since=2027-01-15T08:00:00Z", 10), ("since=2027-01-15T08:00:00.005Z", 2),
                ("until=2027-01-15T08:00:00.002Z", 2), ("verdict=deny&subject=ann&table=visits", 1),
            ] {
                let found = try await collector.get("/v1/records?\(query)", token: token, as: Page<RecordView>.self)
                #expect(found.items.count == count, "\(query)")
            }
        }
    }

    @Test(arguments: [
        "limit=0", "limit=1001", "limit=x", "cursor=%20", "since=yesterday", "verdict=maybe", "sesion=1",
        "session=xyz", "text=ab", "subject=", "text=ab%00cd", "kind=statment", "verdict=allow&verdict=deny",
    ])
    func `A search that makes no sense is refused`(query: String) async throws {
        try await RunningCollector.with { collector in
            let answer = try await collector.call(.GET, "/v1/records?\(query)", token: collector.auditor())
            #expect(answer.status == 400, "\(answer.text)")
        }
    }

    @Test func `An exported session verifies from its bytes alone, and no longer when one of them is changed`()
        async throws
    {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let session = try SampleSession.complete(sidecar.signer)
            client.send(batch: 1, session.bytes)
            try await client.stored(1)
            let answer = try await collector.call(
                .GET, "/v1/sessions/\(session.uuid)/export", token: collector.auditor())
            let lines = try answer.text.split(separator: "\n").map {
                try JSONDecoder().decode(ExportLine.self, from: Data($0.utf8))
            }
            #expect(lines.count == session.records.count + 2)
            guard case .session(_, let encoded, _, _)? = lines.first, case .end(let count)? = lines.last else {
                Issue.record("an export begins with its session and ends with an end")
                return
            }
            #expect(count == Int64(session.records.count))
            let keys = SessionVerifier.keys(
                ofCertificates: encoded.compactMap { Data(base64Encoded: $0).map(Array.init) })
            var bytes: [[UInt8]] = []
            for case .record(_, _, let text) in lines { bytes.append(Array(try #require(Data(base64Encoded: text)))) }
            #expect(bytes == session.bytes)
            var verifier = SessionVerifier(sessionID: session.id.bytes, keys: keys)
            for raw in bytes { verifier.add(raw) }
            #expect(verifier.finish().verified)
            for (index, raw) in bytes.enumerated() {
                var altered = bytes
                altered[index][raw.count - 3] ^= 1
                var verifier = SessionVerifier(sessionID: session.id.bytes, keys: keys)
                for raw in altered { verifier.add(raw) }
                #expect(!verifier.finish().verified)
            }
        }
    }

    @Test func `A stream of events takes up where it was cut`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            let token = try await collector.auditor()
            let session = try SampleSession.complete(sidecar.signer)
            client.send(batch: 1, Array(session.bytes.prefix(2)))
            try await client.stored(1)
            func events(_ query: String, _ count: Int, during: () async throws -> Void) async throws -> [String] {
                var request = HTTPClientRequest(url: "http://\(collector.addresses.api)/v1/events?\(query)")
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
                try await during()
                var text = ""
                for try await part in response.body {
                    text += String(buffer: part)
                    if text.components(separatedBy: "\n\n").filter({ $0.contains("data: ") }).count >= count { break }
                }
                return text.components(separatedBy: "\n").filter { $0.hasPrefix("id: ") }.map {
                    String($0.dropFirst(4))
                }
            }
            let first = try await events("cursor=0", 2) {}
            #expect(first.count == 2)
            let rest = try await events("cursor=\(first[1])", 3) {
                client.send(batch: 2, session.bytes)
                try await client.stored(2)
            }
            #expect(rest.count == 3)
            #expect(Set(first).isDisjoint(with: rest))
        }
    }

    @Test
    func `A revocation is told to sidecars that are connected, to those that connect later, and so is its lifting`()
        async throws
    {
        try await RunningCollector.with { collector in
            let client = try TestSidecar(collector.authority).connect(collector)
            _ = try await client.welcome()
            let admin = try await collector.token("root", ["platform"])
            let answer = try await collector.call(
                .POST, "/v1/revocations", token: admin, body: #"{"subject":"bob","reason":"left the company"}"#)
            let revocation = try answer.json(RevocationView.self)
            let told = try await client.message("the revocation comes") { message -> PBRevocation? in
                if case .revocation(let revocation)? = message.message { return revocation }
                return nil
            }
            #expect(told.subject == "bob" && told.id == revocation.id && !told.lifted)
            let later = try TestSidecar(collector.authority, id: "sidecar-2").connect(collector)
            #expect(try await later.welcome().revocations.map(\.id) == [revocation.id])
            _ = try await collector.call(.DELETE, "/v1/revocations/\(revocation.id)", token: admin)
            _ = try await later.message("the lifting comes") { message -> PBRevocation? in
                if case .revocation(let revocation)? = message.message, revocation.lifted { return revocation }
                return nil
            }
            let last = try TestSidecar(collector.authority, id: "sidecar-3").connect(collector)
            #expect(try await last.welcome().revocations.isEmpty)
        }
    }

    @Test(arguments: [
        #"{"reason":"x"}"#, #"{"subject":"","reason":"x"}"#, #"{"subject":"bob"}"#, "[", #"{"subject":7,"reason":"x"}"#,
    ])
    func `A revocation that names nobody, or gives no reason, is refused`(body: String) async throws {
        try await RunningCollector.with { collector in
            let admin = try await collector.token("root", ["platform"])
            #expect(try await collector.call(.POST, "/v1/revocations", token: admin, body: body).status == 400)
        }
    }
}
