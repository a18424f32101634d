import Foundation
import TestKit
import Testing

/// `stile policy` as platform teams run it in their CI.
@Suite("stile policy")
struct PolicyCommandTests {
    private static let example =
        String(#filePath.dropLast("/Tests/Integration/PolicyCommandTests.swift".count)) + "/examples/policy"

    private func policy(_ arguments: String...) async throws -> CommandResult {
        try await Command.run([Products.path(of: "stile"), "policy"] + arguments)
    }

    @Test func `the example is sound and says what it comes to`() async throws {
        let result = try await policy("check", Self.example, "--strict")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors == "")
        #expect(result.output.contains("customers-db: 127.0.0.1:5432 → db.internal:5432, TLS verify-full"))
        #expect(result.output.contains("phi-needs-a-person"))
    }

    @Test func `the example's cases hold`() async throws {
        let result = try await policy("test", Self.example)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("16 cases hold, 0 do not"))
    }

    @Test func `a case that does not hold is shown, and the exit code says so`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            apiVersion: stile.dev/v1
            kind: PolicyTest
            people: { ana: { groups: support } }
            cases:
              - { name: everybody reads everything, as: ana, sql: SELECT * FROM shop.customers, expect: allow }

            """, to: "cases.yaml")
        let result = try await policy("test", Self.example, folder["cases.yaml"])
        #expect(result.status == 1)
        #expect(result.output.contains("FAIL  everybody reads everything"))
        #expect(result.output.contains("expected to be allowed, and it is denied by no-bulk-reads"))
    }

    @Test func `explain says which rules decide and why`() async throws {
        let result = try await policy(
            "explain", Self.example, "--as", "ana", "--groups", "support",
            "SELECT diagnosis FROM clinic.visits WHERE id = 7")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("is held for approval by phi-needs-a-person"))
        #expect(result.output.contains("somebody in security may approve within 10m"))
        #expect(result.output.contains("masked in the result: diagnosis"))
    }

    @Test func `explain says in which rows an average passes, and that no column is masked`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: pay }
            identity: { issuers: [{ url: https://login.example, audience: stile }] }
            resources:
              db: { protocol: postgres, listen: "127.0.0.1:5432", upstream: "db.internal:5432" }
            classifications:
              pay: { columns: hr.pay.amount, aggregates: { minimumRows: 20 } }
            rules:
              - { name: all, allow: select, on: db, to: { groups: hr } }

            """, to: "policy.yaml")
        let average = try await policy(
            "explain", folder["policy.yaml"], "--as", "ana", "--groups", "hr",
            "SELECT avg(amount) mean, count(amount) n FROM hr.pay")
        #expect(average.output.contains("masked in the result: mean\n"), "\(average.output)\(average.errors)")
        #expect(average.output.contains("but not mean in the rows whose n is 20 or more"))
        let plain = try await policy(
            "explain", folder["policy.yaml"], "--as", "ana", "--groups", "hr", "SELECT id FROM hr.pay")
        #expect(plain.output.contains("masked in the result: no column"))
        try folder.write(
            """
            apiVersion: stile.dev/v1
            kind: PolicyTest
            people: { ana: { groups: hr } }
            cases:
              - { name: nothing is masked, as: ana, sql: SELECT amount FROM hr.pay, expect: allow, masked: [] }

            """, to: "cases.yaml")
        let masked = try await policy("test", folder["policy.yaml"], folder["cases.yaml"])
        #expect(masked.output.contains("expected to be masked: none; masked are: amount"), "\(masked.errors)")
    }

    @Test func `cases without their policy are checked for themselves`() async throws {
        let folder = try TemporaryFolder()
        let cases = """
            apiVersion: stile.dev/v1
            kind: PolicyTest
            people: { ana: { groups: support } }
            cases:
              - { name: one, as: ana, on: somewhere, sql: SELECT 1, expect: allow, rule: some-rule }

            """
        try folder.write(cases, to: "cases.yaml")
        let sound = try await policy("check", folder["cases.yaml"])
        #expect(sound.status == 0, "\(sound.errors)")
        #expect(sound.output.hasPrefix("1 test case and no policy;"))
        try folder.write(cases.replacingOccurrences(of: "as: ana", with: "as: anna"), to: "cases.yaml")
        let faulty = try await policy("check", folder["cases.yaml"])
        #expect(faulty.status == 65)
        #expect(faulty.errors.contains("nobody under 'people' is called 'anna'"))
    }

    @Test func `every program says its version`() async throws {
        for program in ["stile", "stile-sidecar", "stile-collector"] {
            let result = try await Command.run([Products.path(of: program), "--version"])
            #expect(result.status == 0, "\(program): \(result.errors)")
            #expect(result.output == "0.1.0\n", "\(program)")
        }
    }

    @Test func `explain and cases take requests to APIs`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: crm }
            identity: { issuers: [ { url: https://login.example.com, audience: crm } ] }
            resources:
              crm: { protocol: http, listen: 127.0.0.1:8081, upstream: https://crm.internal }
            rules:
              - { name: support-reads, allow: read, on: crm, to: { groups: support }, where: { paths: /v1/customers/* } }
              - { name: nobody-exports, deny: "*", on: crm, where: { paths: /v1/exports/** }, message: Ask for one customer. }

            """, to: "policy.yaml")
        try folder.write(
            """
            apiVersion: stile.dev/v1
            kind: PolicyTest
            people: { ana: { groups: support } }
            cases:
              - { name: one customer, as: ana, request: GET /v1/customers/7?fields=name, expect: allow, rule: support-reads }
              - { name: no change, as: ana, request: PATCH /v1/customers/7, expect: deny }
              - { name: no export, as: ana, request: POST /v1/exports/all, expect: deny, rule: nobody-exports }
              - { name: dots, as: ana, request: GET /v1/customers/.., expect: deny }

            """, to: "cases.yaml")
        let cases = try await policy("test", folder["policy.yaml"], folder["cases.yaml"])
        #expect(cases.status == 0, "\(cases.output)\(cases.errors)")
        #expect(cases.output.contains("4 cases hold, 0 do not"))
        func explain(_ request: String) async throws -> CommandResult {
            try await policy(
                "explain", folder["policy.yaml"], "--as", "ana", "--groups", "support", "--request", request)
        }
        let read = try await explain("GET /v1/customers/7")
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.output.contains("GET /v1/customers/7\n  is allowed by support-reads\n"))
        #expect(read.output.contains("select on /v1/customers/7\n  by GET to crm.internal\n"))
        let ambiguous = try await explain("GET /v1/customers/%2e%2e")
        #expect(ambiguous.output.contains("is denied: no rule that allows it vouches for ambiguousPath"))
        #expect(try await explain("GET").status == 64)
        #expect(
            try await policy("explain", folder["policy.yaml"], "--as", "ana", "SELECT 1").errors
                == "stile: the policy has no database\n")
    }

    @Test func `the same policy has the same digest in every process`() async throws {
        let folder = try TemporaryFolder()
        var digests: Set<String> = []
        for number in 0..<3 {
            let result = try await policy("compile", Self.example, "-o", folder["\(number).bundle"])
            #expect(result.status == 0, "\(result.errors)")
            digests.insert(result.output)
        }
        #expect(digests.count == 1)
    }

    @Test func `exit codes tell what went wrong`() async throws {
        #expect(try await policy("check", "/nowhere").status == 66)
        #expect(try await policy("check").status == 64)
        let nowhere = try await policy("compile", Self.example, "-o", "/nowhere/x")
        #expect(nowhere.status == 73)
        #expect(
            nowhere.errors
                == "stile: the bundle cannot be written to /nowhere/x: there is no directory /nowhere; make it, or name another "
                + "place with -o.\n")
        #expect(try await policy("compile", Self.example, "-o", "/tmp").errors.contains("it is a directory"))
        let folder = try TemporaryFolder()
        #expect(try await policy("compile", Self.example, "-o", folder["bundle"]).status == 0)
        let bundle = try await policy("check", folder["bundle"])
        #expect(bundle.status == 65)
        #expect(bundle.errors.hasSuffix("this is a compiled bundle; name the YAML that it was made of\n"))
        #expect(try await policy("explain", Self.example, "--as", "a", "--resource", "b", "SELECT 1").status == 64)
    }
}
