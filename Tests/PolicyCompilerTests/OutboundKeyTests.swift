import Policy
import PolicyCompiler
import Testing

/// What becomes of what is found in requests.
@Suite struct OutboundKeyTests {
    private let api = "resources:\n  api: { protocol: http, listen: 127.0.0.1:8081, upstream: https://api }\n"

    private func compiled(_ outbound: String) throws -> CompiledPolicy {
        let text =
            "apiVersion: stile.dev/v1\nkind: Policy\n\(api)classifications:\n  mail: { jsonKeys: mail\(outbound) }\n"
        return try PolicyCompiler.compile(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
    }

    @Test(arguments: [
        ("", Outbound.deny, "refused"), (", outbound: deny", .deny, "refused"),
        (", outbound: mask", .mask, "masked, too"), (", outbound: allow", .allow, "let through"),
    ])
    func `a classification says it, and refuses where it does not`(key: String, outbound: Outbound, words: String)
        throws
    {
        let compiled = try compiled(key)
        #expect(compiled.model.classifications.first { $0.name == "mail" }?.outbound == outbound)
        let bundle = try PolicyBundle(validating: compiled.bundle)
        #expect(bundle.outbound(of: ["mail"]) == outbound)
        #expect(PolicySummary.text(of: compiled.model).contains("in JSON, what is under mail; in requests \(words)\n"))
    }

    @Test func `the strictest answer counts, and what is unknown is refused`() throws {
        let bundle = try PolicyBundle(validating: compiled(", outbound: allow").bundle)
        #expect(bundle.outbound(of: ["mail", "pii"]) == .deny)
        #expect(bundle.outbound(of: ["nothing"]) == .deny)
        #expect(bundle.outbound(of: []) == .deny)
        #expect([Outbound.mask, .deny, .allow].max() == .deny)
    }

    @Test func `it is about what can be found in requests`() {
        #expect(
            diagnostics(api + "classifications:\n  c: { columns: a.b.c, outbound: mask }\n") == [
                "p.yaml:6:24: error: 'outbound' is about what is found in requests, and 'c' finds nothing there; say how it is found in bodies ('jsonKeys', 'detectors'), or leave 'outbound' out"
            ])
        #expect(
            diagnostics(api + "classifications:\n  c: { detectors: email, on: db, outbound: mask }\n") == [
                "p.yaml:6:34: error: 'outbound' is about requests to APIs, and 'c' holds for databases alone; leave it out"
            ])
    }
}
