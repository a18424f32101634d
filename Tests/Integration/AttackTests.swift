import Foundation
import TestKit
import Testing

/// Ways by which data has left through masking proxies, from a table, each sent through a real sidecar to a real server.
///
/// The policy allows everything, so that masks and what is refused whoever asks are what is tried: nothing sensitive
/// comes back, nothing forbidden is done, and a record says what happened.
@Suite("Attacks on PostgreSQL")
struct AttackTests {
    struct Technique: Decodable, Sendable {
        /// The threat's number.
        var row: Int
        var name: String
        var statements: [String]
        /// The last statement is refused or fails.
        var refused: Bool?
        /// Where it makes sense; `nil`: everywhere.
        var variants: [String]?
    }

    private struct Answer: Decodable {
        var number: Int
        var refused: Bool
        var bytes: String
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Attacks"
    )
    .path

    private static let policy = """
        apiVersion: stile.dev/v1
        kind: Policy
        metadata: { name: attacked }
        identity:
          issuers:
            - { url: "{{issuer}}", audience: "{{audience}}", jwksFile: "{{jwks}}", clockSkew: 0s }
        resources:
          db:
            protocol: postgres
            listen: "127.0.0.1:{{listen}}"
            upstream: "127.0.0.1:{{upstream}}"
            tls: disable
            credentials: { usernameFile: "{{credentials}}/username", passwordFile: "{{credentials}}/password" }
        classifications:
          pii: { columns: [shop.people.ssn, "*.*.email", shop.people.born], mask: redact }
          cards: { columns: ["*.*.card_number"], mask: { keepLast: 4 } }
        rules:
          - { name: everything, allow: ["*"], on: [db], to: { groups: [everyone] } }
        """

    private static let schema = """
        CREATE SCHEMA shop;
        CREATE TABLE shop.people (id int PRIMARY KEY, name text, email text UNIQUE, card_number text, ssn text, born date,
            city text);
        INSERT INTO shop.people VALUES
            (1, 'June', 'june.chavez1@example.com', '4539148803436467', '283-68-4467', '1971-09-23', 'Boise'),
            (2, 'Kai', 'kai.ortega2@example.com', '5425233430109903', '617-22-9035', '1984-12-05', 'Denver');
        CREATE TABLE shop.plain (id int PRIMARY KEY, a text);
        INSERT INTO shop.plain VALUES (1, 'plain');
        CREATE VIEW shop.billing AS SELECT name AS holder, card_number AS pan FROM shop.people;
        CREATE VIEW shop.again AS SELECT holder, pan AS number FROM shop.billing;
        CREATE MATERIALIZED VIEW shop.stored AS SELECT id, ssn AS s FROM shop.people;
        CREATE FUNCTION shop.leak(i int) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM shop.people WHERE id = i';
        ANALYZE;
        """

    /// All that must not change: rows, relations and their columns, functions, roles.
    private static let state = """
        SELECT (SELECT string_agg(p::text, '|' ORDER BY id) FROM shop.people p)
            || (SELECT string_agg(p::text, '|' ORDER BY id) FROM shop.plain p)
            || (SELECT string_agg(attrelid::regclass || '.' || attname, '|' ORDER BY attrelid, attnum) FROM pg_attribute
                WHERE attrelid >= 16384 AND attnum > 0)
            || (SELECT count(*) FROM pg_proc) || '|' || (SELECT count(*) FROM pg_rewrite)
            || (SELECT string_agg(rolname, '|' ORDER BY rolname) FROM pg_authid)
            || (SELECT count(*) FROM pg_constraint) || '|' || (SELECT count(*) FROM pg_largeobject_metadata)
        """

    /// What must not come back, in any of the forms that turn back into it.
    private static let needles: [String] = {
        let values = [
            "june.chavez1@example.com", "kai.ortega2@example.com", "4539148803436467", "5425233430109903",
            "283-68-4467",
            "617-22-9035", "1971-09-23", "1984-12-05",
        ]
        var forms: Set<String> = []
        for value in values {
            let bytes = Data(value.utf8)
            let digits = value.filter(\.isNumber)
            forms.formUnion([
                value, value.uppercased(), String(value.reversed()),
                bytes.map { String(format: "%02x", $0) }.joined(), String(bytes.base64EncodedString().prefix(12)),
            ])
            if digits.count > 4 { forms.formUnion([digits, String(digits.reversed())]) }
        }
        // Cards show four digits, and no more.
        forms.formUnion(["453914", "542523", "4880343", "3343010", "283-68", "617-22"])
        return forms.sorted()
    }()

    private static func leaks(_ text: String) -> [String] { needles.filter { text.contains($0) } }

    private static func techniques() throws -> [Technique] {
        try JSONDecoder().decode(
            [Technique].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/postgres.json")))
    }

    /// How many statements were recorded, and all that the records say.
    private static func records(of stack: StileStack) async throws -> (statements: Int, text: String) {
        let auditor = try await stack.auditToken(groups: ["auditors"])
        var statements = 0
        var text = ""
        var cursor: String?
        repeat {
            let path = "/v1/records?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")
            guard let page = try await StileStack.get(port: stack.httpPort, path: path, token: auditor),
                let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any]
            else { break }
            let items = object["items"] as? [[String: Any]] ?? []
            statements += items.count { $0["statement"] != nil }
            text += page.body
            cursor = object["next"] as? String
        } while cursor != nil
        return (statements, text)
    }

    @Test("by psql, nothing sensitive comes back, nothing forbidden is done, and all of it is recorded")
    func simple() async throws {
        let stack = try await StileStack(policy: ["policy.yaml": Self.policy], schema: Self.schema)
        let token = try await stack.token()
        let before = try await stack.postgres.sql(Self.state)
        var sent = 0
        for technique in try Self.techniques() where technique.variants?.contains("simple") != false {
            let commands = technique.statements.flatMap { ["-c", $0] }
            let result = try await Command.run(
                ["psql", "-X", "-q", "-A", "-t", "-v", "VERBOSITY=verbose"] + commands,
                environment: stack.environment(token: token))
            sent += technique.statements.count
            let leaks = Self.leaks(result.output + result.errors)
            #expect(leaks.isEmpty, "\(technique.row) \(technique.name): \(leaks) in \(result.output)\(result.errors)")
            if technique.refused == true {
                #expect(result.errors.contains("ERROR"), "\(technique.row) \(technique.name): \(result.output)")
            }
        }
        let after = try await stack.postgres.sql(Self.state)
        #expect(after == before)
        try await expectRecords(stack, atLeast: sent)
        try await stack.stopAll()
    }

    @Test("by the extended protocol too", arguments: ["text", "binary", "blind"]) func extended(variant: String)
        async throws
    {
        let stack = try await StileStack(policy: ["policy.yaml": Self.policy], schema: Self.schema)
        let before = try await stack.postgres.sql(Self.state)
        let techniques = try Self.techniques()
        let result = try await Command.run(
            [Products.python, Self.folder + "/attack.py", Self.folder + "/postgres.json", variant],
            environment: stack.environment(token: try await stack.token()), within: .seconds(120))
        #expect(result.status == 0, "\(result.errors)")
        var sent = 0
        for line in result.output.split(separator: "\n") {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
            let technique = techniques[answer.number]
            sent += technique.statements.count
            let leaks = Self.leaks(answer.bytes)
            #expect(leaks.isEmpty, "\(technique.row) \(technique.name): \(leaks) in \(answer.bytes)")
            if technique.refused == true { #expect(answer.refused, "\(technique.row) \(technique.name)") }
        }
        #expect(sent >= techniques.count { $0.variants?.contains(variant) != false })
        let after = try await stack.postgres.sql(Self.state)
        #expect(after == before)
        try await expectRecords(stack, atLeast: sent)
        try await stack.stopAll()
    }

    private func expectRecords(_ stack: StileStack, atLeast count: Int) async throws {
        try await eventually("every statement has a record", within: .seconds(20)) {
            try await Self.records(of: stack).statements >= count
        }
        let text = try await Self.records(of: stack).text
        #expect(Self.leaks(text).isEmpty)
    }
}
