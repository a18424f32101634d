import PolicyCompiler
import Testing

@Suite struct YAMLTests {
    private func said(_ text: String) -> [String] { diagnostics(of: [PolicySource(name: "p.yaml", text: text)]) }

    @Test func `a key that is written twice is a fault with both places`() {
        #expect(
            diagnostics("rules:\n  - name: r\n    name: s\n    deny: write\n") == [
                "p.yaml:5:5: error: the key 'name' is written twice; keep one of the two",
                "p.yaml:4:5: note: the first is here",
            ])
    }

    @Test func `aliases are refused`() {
        #expect(
            said("a: &x 1\nb: *x\n") == [
                "p.yaml:1:4: error: anchors (&name) are not read, so that a policy means what it shows; write the value out where it is needed"
            ])
        #expect(said("b: *x\n").first?.hasPrefix("p.yaml:1:4: error: aliases (*name) are not read") == true)
    }

    @Test func `tags are refused`() {
        #expect(said("a: !!str 1\n").first?.hasPrefix("p.yaml:1:4: error: tags (!name) are not read") == true)
    }

    @Test func `a glob that YAML takes for an alias is explained`() {
        let said = diagnostics("classifications:\n  x: { columns: [*.*.email] }\n")
        #expect(
            said == [
                "p.yaml:4:19: error: not YAML: did not find expected alphabetic or numeric character while scanning an alias; put text that starts with a special character (*, &, @, %) in quotes"
            ])
    }

    @Test func `a tab is explained`() {
        let said = said("a:\n\tb: 1\n")
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("p.yaml:2:1: error: not YAML: ") == true, "\(said)")
        #expect(said.first?.contains("indent with spaces") == true, "\(said)")
    }

    @Test func `text that is not UTF-8 is refused with its line`() {
        let said = diagnostics(of: [PolicySource(name: "p.yaml", bytes: Array("a: 1\nb: ".utf8) + [0xFF, 0xFE, 0x0A])])
        #expect(said.first?.hasPrefix("p.yaml:2:4: error: not UTF-8 text: ") == true, "\(said)")
    }

    @Test func `nesting without end is refused`() {
        let said = said(String(repeating: "[", count: 100_000))
        #expect(said == ["p.yaml:1:33: error: nested more than 32 levels deep"])
    }

    @Test func `a file that is too large is refused unread`() {
        let said = diagnostics(of: [
            PolicySource(name: "p.yaml", bytes: [UInt8](repeating: 0x20, count: (16 << 20) + 1))
        ])
        #expect(said.first?.hasPrefix("p.yaml:1:1: error: the file has 16777217 bytes") == true)
    }

    @Test func `several documents of a file are merged like files`() {
        let parts = soundBase.replacing(
            "rules:\n", with: "---\napiVersion: stile.dev/v1\nkind: Policy\nrules:\n")
        #expect(said(parts + "---\n# nothing here\n") == [])
    }

    @Test func `quoted words are text, and plain ones what the core schema makes of them`() {
        #expect(
            ruleDiagnostics("name: r, deny: read, message: true") == [
                "p.yaml:4:37: error: message: expected text, found a boolean; put it in quotes: 'true'"
            ])
        #expect(ruleDiagnostics("name: r, deny: read, where: { classification: pii }, message: 'true'") == [])
        #expect(
            ruleDiagnostics("name: r, deny: read, where: { unbounded: 'true' }") == [
                "p.yaml:4:48: error: unbounded: expected true or false, found 'true'; write it without quotes"
            ])
        #expect(
            ruleDiagnostics("name: r, deny: read, message: 1e3") == [
                "p.yaml:4:37: error: message: expected text, found a number; put it in quotes: '1e3'"
            ])
    }

    @Test func `a control character is refused`() {
        #expect(
            ruleDiagnostics(#"name: r, deny: read, message: "a\0b""#) == [
                "p.yaml:4:37: error: message: the text holds a control character"
            ])
    }
}
