import Policy
import PolicyCompiler
import Testing

/// A policy with nothing wrong, to which tests add what they need.
let soundBase = """
    apiVersion: stile.dev/v1
    kind: Policy
    metadata: { name: test }
    identity: { issuers: [ { url: https://login.example.com, audience: test } ] }
    resources:
      db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: db.internal:5432 }
    masks: { keyFile: /run/key }
    classifications:
      pii: { columns: [shop.customers.ssn, "*.*.email"], detectors: us-ssn }
      phi: { columns: "clinic.*.*" }
      found: { detectors: email }
    rules:
      - { name: base-read, allow: read, to: { groups: support } }

    """

/// What the compiler says of `files`, a line each.
func diagnostics(of files: [PolicySource]) -> [String] {
    do throws(PolicyFaults) {
        return try PolicyCompiler.check(files: files).warnings.flatMap(lines)
    } catch {
        return error.diagnostics.flatMap(lines)
    }
}

/// What the compiler says of one document beside a sound policy. The document's name is `p.yaml`.
func diagnostics(_ body: String) -> [String] {
    let header = "apiVersion: stile.dev/v1\nkind: Policy\n"
    return diagnostics(of: [
        PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: header + body),
    ])
}

/// What the compiler says of a rule written in one line, which is line 4 of `p.yaml`.
func ruleDiagnostics(_ rule: String) -> [String] {
    diagnostics("rules:\n  - { \(rule) }\n")
}

private func lines(_ diagnostic: Diagnostic) -> [String] {
    diagnostic.description.split(separator: "\n").map(String.init)
}
