import Enforcement
import Policy
import PostgresWire
import Records
import Testing

@Suite struct ErrorHygieneTests {
    private func harness(_ rules: String = SessionHarness.writers, vouch: String = "") throws -> SessionHarness {
        let rule = vouch.isEmpty ? rules : rules.replacing(" } }\n", with: " }, vouch: { \(vouch) } }\n")
        let harness = SessionHarness(policy: try SessionHarness.policy(rule))
        harness.connect()
        return harness
    }

    private func fields(_ sqlState: String, _ message: String, _ others: [(Character, String)] = []) -> ResponseFields {
        var fields = ResponseFields(severity: "ERROR", sqlState: sqlState, message: message).fields
        for (code, value) in others {
            fields.append(.init(code: code.asciiValue ?? 0, value: Array(value.utf8)))
        }
        return ResponseFields(fields)
    }

    /// What a client sees of an error that a statement meets.
    private func seen(_ statement: String, _ error: ResponseFields, vouch: String = "") throws -> [Character: String] {
        let harness = try harness(vouch: vouch)
        harness.server.answers[statement] = .error(error)
        let answer = harness.query(statement)
        var seen: [Character: String] = [:]
        for field in answer.error?.fields ?? [] where !"SV".utf8.contains(field.code) {
            seen[Character(UnicodeScalar(field.code))] = String(decoding: field.value, as: UTF8.self)
        }
        return seen
    }

    private let classified = "SELECT name FROM customers WHERE id = 1"

    @Test(arguments: [
        ("22P02", "invalid input syntax for type integer: \"123-45-6789\""),
        ("22007", "invalid input syntax for type date: \"123-45-6789\""),
        ("42704", "unrecognized configuration parameter \"123-45-6789\""),
        ("42P01", "relation \"123-45-6789\" does not exist"), ("XX000", "123-45-6789"), ("P0001", "123-45-6789"),
        ("ZZ123", "123-45-6789"), ("01000", "line 1: xmlns: URI 123-45-6789 is not absolute"),
    ])
    func `a text that may quote a value of a table with classified columns is replaced`(state: String, text: String)
        throws
    {
        let seen = try seen(classified, fields(state, text, [("D", "123-45-6789"), ("H", "123-45-6789")]))
        #expect(seen["M"]?.contains("6789") == false)
        #expect(seen["M"]?.contains("withheld") == true)
        #expect(seen["D"] == nil)
        #expect(seen["H"] == nil)
        #expect(seen["C"] == state)
    }

    @Test func `names of constraints and columns pass, rows and keys do not`() throws {
        let error = fields(
            "23505", "duplicate key value violates unique constraint \"customers_ssn_key\"",
            [("D", "Key (ssn)=(123-45-6789) already exists."), ("n", "customers_ssn_key"), ("R", "_bt_check_unique")])
        let seen = try seen(classified, error)
        #expect(seen["M"] == "duplicate key value violates unique constraint \"customers_ssn_key\"")
        #expect(seen["D"] == nil)
        #expect(seen["n"] == "customers_ssn_key")
        #expect(seen["R"] == "_bt_check_unique")
    }

    @Test func `what the server says of the statement's own text passes`() throws {
        let error = fields(
            "22P02", "invalid input syntax for type integer: \"x\"", [("P", "8"), ("H", "Mind the type.")])
        let seen = try seen(classified, error)
        #expect(seen["M"] == "invalid input syntax for type integer: \"x\"")
        #expect(seen["H"] == "Mind the type.")
    }

    @Test(arguments: ["W", "q"] as [Character])
    func `what code of the database's raises is replaced whatever its SQLSTATE and position`(field: Character) throws {
        let error = fields(
            "42501", "customer 123-45-6789 may not",
            [(field, "PL/pgSQL function f() line 1 at RAISE"), ("P", "1"), ("c", "123-45-6789")])
        let seen = try seen(classified, error)
        #expect(seen["M"]?.contains("6789") == false)
        #expect(seen["c"] == nil)
        #expect(seen[field] == nil)
    }

    @Test func `a SQLSTATE that code made up is replaced too`() throws {
        let seen = try seen("SELECT f()", fields("45678", "x"), vouch: "functions: [f]")
        #expect(seen["C"] == "P0001")
    }

    @Test func `a vouched function's own context gives its notices away`() throws {
        let harness = try harness(vouch: "functions: [\"*\"]")
        harness.holdsServer = true
        harness.send(.query(Array("SELECT f()".utf8)))
        var bytes: [UInt8] = []
        BackendMessage.noticeResponse(
            ResponseFields(severity: "NOTICE", sqlState: "00000", message: "ssn is 123-45-6789")
        ).encode(into: &bytes)
        harness.passServer(bytes)
        let notice = harness.take().compactMap(\.notice).first
        #expect(notice?["M"].map { String(decoding: $0, as: UTF8.self) }?.contains("6789") == false)
        harness.releaseServer()
        #expect(harness.completed.last?.withheld.count == 1)
    }

    @Test func `a statement that touches nothing classified keeps its errors`() throws {
        let error = fields("22P02", "invalid input syntax for type integer: \"x\"", [("D", "a SECRET detail")])
        let seen = try seen("SELECT note::int FROM orders WHERE id = 1", error)
        #expect(seen["M"] == "invalid input syntax for type integer: \"x\"")
        #expect(seen["D"] == "a [redacted] detail")
    }

    @Test func `the record has a digest of each text that was withheld, equal for equal texts`() throws {
        let harness = try harness()
        for text in ["bad value 1", "bad value 2", "bad value 1"] {
            harness.server.answers[classified] = .error(fields("22P02", text))
            _ = harness.query(classified)
        }
        let digests = harness.completed.suffix(3).map(\.withheld)
        #expect(digests.allSatisfy { $0.count == 1 && $0[0].count == 16 })
        #expect(digests[0] == digests[2])
        #expect(digests[0] != digests[1])
    }

    @Test func `a payload passes to whom policy vouches for it, looked through by detectors`() throws {
        let message = BackendMessage.notification(processID: 1, channel: [99], payload: Array("a SECRET".utf8)).encoded
        func payload(_ harness: SessionHarness) -> [BackendMessage] {
            harness.fromServer(message)
            return harness.take()
        }
        let vouched = try harness(
            "  - { name: l, allow: [listen], on: [shop-db], to: { groups: [support] } }\n",
            vouch: "features: [unknownLineage]")
        #expect(
            payload(vouched) == [.notification(processID: 1, channel: [99], payload: Array("a [redacted]".utf8))])
        let other = try harness("  - { name: l, allow: [listen], on: [shop-db], to: { groups: [support] } }\n")
        #expect(payload(other) == [.notification(processID: 1, channel: [99], payload: Array("[redacted]".utf8))])
    }

    @Test func `an error at the end of the transaction, which comes with the Sync, passes on`() throws {
        let harness = try harness()
        harness.holdsServer = true
        harness.send(.sync)
        var bytes: [UInt8] = []
        BackendMessage.errorResponse(fields("23505", "duplicate key", [("D", "Key (ssn)=(123-45-6789)")])).encode(
            into: &bytes)
        BackendMessage.readyForQuery(.idle).encode(into: &bytes)
        harness.passServer(bytes)
        let answer = harness.take()
        #expect(answer.sqlState == "23505")
        #expect(answer.error?["D"] == nil)
        #expect(answer.status == .idle)
        #expect(!harness.isClientClosed)
    }
}
