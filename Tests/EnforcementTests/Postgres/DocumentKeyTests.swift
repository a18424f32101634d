import Enforcement
import Policy
import PolicyCompiler
import PostgresWire
import Records
import SQLInspection
import Testing

/// What stands under classified keys of documents, and is taken out of them.
@Suite struct DocumentKeyTests {
    private func harness(predicates: String = "lookup") throws -> SessionHarness {
        let yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [ { url: "https://id.example", audience: shop } ] }
            resources:
              shop-db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            classifications:
              staff: { jsonKeys: [name], mask: { keepLast: 2 }, predicates: \(predicates) }
            rules:
              - { name: all, allow: [select, insert, update], on: [shop-db], to: { groups: [support] } }
            record: { statements: masked }
            """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: yaml)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let harness = SessionHarness(
            policy: BundlePolicy(
                bundle: bundle, resource: "shop-db", maskKey: nil,
                scanner: try DetectorScanner(bundle: bundle, resource: "shop-db")))
        harness.catalog = PostgresCatalog(
            snapshot: CatalogSnapshot(relations: [
                .init(
                    oid: 100, schema: "public", name: "visits", kind: .table,
                    columns: [
                        .init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "d", typeOID: 3802),
                        .init(number: 3, name: "note", typeOID: 25),
                    ])
            ]), version: 1)
        harness.connect()
        return harness
    }

    private func answer(_ value: String, _ row: String, type: UInt32 = 25) throws -> String? {
        let harness = try harness()
        let text = "SELECT \(value) FROM visits LIMIT 5"
        harness.server.answers[text] = .rows([SessionHarness.field("x", type: type)], [[row]], tag: "SELECT 1")
        let messages = harness.query(text)
        let row = try #require(messages.rows.first, "\(String(describing: messages.error))")
        return row.first ?? nil
    }

    @Test func `a value under a key has its mask, and a part of it is redacted`() throws {
        #expect(try answer("d->'by'->>'name'", "Dr 17") == "** 17")
        #expect(try answer("d->'by'->>'NAME'", "Dr 17") == "** 17")
        #expect(try answer("d->>'name'", #"{"first": "A"}"#) == "[redacted]")
        #expect(try answer("upper(d->>'name')", "DR 17") == "[redacted]")
        // Whether there is anything at a place of the value tells of it.
        #expect(try harness().query("SELECT d->'name'->>'first' FROM visits LIMIT 5").error != nil)
        #expect(try answer("d->'name'", #""Dr 17""#, type: 3802) == #""[redacted]""#)
    }

    @Test func `what cannot be told is redacted, and what is under other keys comes as it is`() throws {
        #expect(try answer("d->>note", "Dr 17") == "[redacted]")
        #expect(try answer("substr(d::text, 9)", "Dr 17") == "[redacted]")
        #expect(try answer("d->>'city'", "Paris") == "Paris")
        #expect(try answer("d->>'by'", #"{"name": "Dr 17"}"#) == #"{"name": "** 17"}"#)
        #expect(try answer("note", "Paris") == "Paris")
    }

    @Test(
        "What decides and may not is refused, by whichever way it is asked",
        arguments: [
            ("d->>'name' LIKE 'D%'", true), ("d->>'by' LIKE '%Dr%'", true), ("d @? '$.name'", true),
            ("d->>'name' = 'Dr 17'", false), ("d->>'city' = 'Paris'", false), ("(d->>'age')::int > 3", false),
        ])
    func conditions(condition: String, isRefused: Bool) throws {
        let text = "SELECT id FROM visits WHERE \(condition)"
        func state(_ predicates: String) throws -> String? {
            let harness = try harness(predicates: predicates)
            harness.server.answers[text] = .rows([SessionHarness.field("id", type: 23)], [["1"]], tag: "SELECT 1")
            return harness.query(text).sqlState
        }
        #expect(try state("lookup") == (isRefused ? "42501" : nil))
        #expect(try state("allow") == nil)
    }

    @Test func `a record does not hold what a key's value was compared with`() throws {
        let harness = try harness()
        for number in 1...2 {
            let text = "SELECT id FROM visits WHERE d->>'name' = 'Dr 1\(number)'"
            harness.server.answers[text] = .rows([SessionHarness.field("id", type: 23)], [["1"]], tag: "SELECT 1")
            _ = harness.query(text)
            #expect(harness.judged.last?.text.contains("Dr 1") == false)
        }
    }

    @Test func `a value does not leave its key for another column`() throws {
        let harness = try harness()
        #expect(harness.query("UPDATE visits SET note = d->>'name' WHERE id = 1").sqlState == "42501")
        #expect(
            harness.query("INSERT INTO visits (note) SELECT substr(d::text, 4) FROM visits LIMIT 1").sqlState == "42501"
        )
    }
}
