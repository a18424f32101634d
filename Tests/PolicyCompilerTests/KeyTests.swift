import PolicyCompiler
import Testing

/// Golden texts: what people read when they mistype.
@Suite struct KeyTests {
    @Test func `a sound policy has nothing said of it`() {
        #expect(diagnostics(of: [PolicySource(name: "base.yaml", text: soundBase)]) == [])
    }

    @Test func `an unknown key is named with the one that was probably meant`() {
        #expect(
            diagnostics("identity: { issuers: [ { url: https://a.example, audience: b, groupClaim: g } ] }\n") == [
                "p.yaml:3:63: error: unknown key 'groupClaim' in an issuer; did you mean 'groupsClaim'?"
            ])
    }

    @Test func `an unknown key unlike any other is answered with the keys there are`() {
        #expect(
            diagnostics("masks: { zebra: 1 }\n") == [
                "p.yaml:3:8: error: masks needs 'keyFile'; the key of `hash` masks, on the sidecar's file system; it never enters a bundle",
                "p.yaml:3:10: error: unknown key 'zebra' in masks; its keys are: keyFile",
            ])
    }

    @Test func `a key that is one level too high is sent where it belongs`() {
        #expect(
            ruleDiagnostics("name: r, deny: write, groups: [a], unbounded: true") == [
                "p.yaml:4:29: error: unknown key 'groups' in a rule; it belongs under 'to'",
                "p.yaml:4:42: error: unknown key 'unbounded' in a rule; it belongs under 'where'",
            ])
    }

    @Test func `a key that YAML 1.1 took for a boolean is recognised`() {
        #expect(
            ruleDiagnostics("name: r, deny: write, true: db") == [
                "p.yaml:4:29: error: unknown key 'true' in a rule; did a tool that reads YAML 1.1 write it for 'on'? Put \"on\" in quotes"
            ])
    }

    @Test func `every fault is found at once and in the order of the source`() {
        #expect(
            diagnostics(
                """
                resources:
                  other: { protocol: postgress, listen: 0.0.0.0:5433, upstream: db.internal, tls: verifyfull }
                record: { maxResponseBytes: 64KB, statements: maskd }
                rules:
                  - { name: late, hold: read, where: { classification: phi }, approval: { by: { groups: sec }, within: 10 } }

                """) == [
                    "p.yaml:4:22: error: protocol: 'postgress' is not known here; did you mean 'postgres'?",
                    "p.yaml:4:41: error: listen: '0.0.0.0:5433' can be reached from outside the pod; a resource listens on loopback or a Unix socket alone; did you mean '127.0.0.1:5433'?",
                    "p.yaml:4:65: error: upstream: 'db.internal' has no port; did you mean 'db.internal:5432'?",
                    "p.yaml:4:83: error: tls: 'verifyfull' is not known here; did you mean 'verify-full'?",
                    "p.yaml:5:29: error: maxResponseBytes: 'KB' in '64KB' is no unit of a size; write 'KiB'",
                    "p.yaml:5:47: error: statements: 'maskd' is not known here; did you mean 'masked'?",
                    "p.yaml:7:104: error: within: '10' has no unit; one of 10s, 10m, 10h",
                ])
    }

    @Test(arguments: [
        ("listen: 5432", "p.yaml:4:40: error: listen: expected text, found a number; put it in quotes: '5432'"),
        ("listen: '5432'", "p.yaml:4:40: error: listen: '5432' has no host; did you mean '127.0.0.1:5432'?"),
        (
            "listen: 'unix:run/db'",
            "p.yaml:4:40: error: listen: 'unix:run/db' has no absolute path; as in 'unix:/run/stile/db.sock'"
        ),
        (
            "listen: '[::1]:99999'",
            "p.yaml:4:40: error: listen: '[::1]:99999' is no address to listen on; as in '127.0.0.1:5432' or 'unix:/run/stile/db.sock'"
        ),
        (
            "listen: 127.evil.example:1",
            "p.yaml:4:40: error: listen: '127.evil.example:1' can be reached from outside the pod; a resource listens on loopback or a Unix socket alone; did you mean '127.0.0.1:1'?"
        ),
    ])
    func `a resource listens on loopback or a socket`(listen: String, expected: String) {
        #expect(diagnostics("resources:\n  other: { protocol: postgres, \(listen), upstream: 'a:1' }\n") == [expected])
    }

    @Test func `two resources never listen on the same address`() {
        #expect(
            diagnostics("resources:\n  other: { protocol: postgres, listen: localhost:5432, upstream: b:1 }\n") == [
                "p.yaml:4:40: error: 'other' listens where 'db' does; give each resource a port or socket of its own",
                "base.yaml:6:37: note: 'db' listens here",
            ])
    }

    @Test func `a name that is defined twice is a fault with both places`() {
        #expect(
            diagnostics("classifications:\n  pii: { columns: a.b.c }\n") == [
                "p.yaml:4:3: error: the classification 'pii' is defined twice; rename or remove one of the two",
                "base.yaml:9:3: note: the first is here",
            ])
    }

    @Test func `a setting may stand in one file only`() {
        #expect(
            diagnostics("masks: { keyFile: /other }\n") == [
                "p.yaml:3:10: error: the setting 'masks.keyFile' is defined twice; keep one of the two",
                "base.yaml:7:10: note: the first is here",
            ])
    }

    @Test func `an empty list is refused, since it could mean nobody or everybody`() {
        #expect(
            ruleDiagnostics("name: r, deny: write, to: { groups: [] }") == [
                "p.yaml:4:43: error: groups: the list is empty; leave the key out, or say what is meant"
            ])
        #expect(
            ruleDiagnostics("name: r, deny: write, to: { }") == [
                "p.yaml:4:33: error: 'to' is empty; leave it out, or say what is meant"
            ])
    }

    @Test func `an issuer without encryption is refused unless it is on loopback`() {
        #expect(
            diagnostics("identity: { issuers: [ { url: http://login.example.com, audience: b } ] }\n") == [
                "p.yaml:3:31: error: url: 'http://login.example.com' is not encrypted, so whoever is on the way could hand out keys of their own; write 'https://login.example.com'; plain http is for loopback alone"
            ])
        #expect(diagnostics("identity: { issuers: [ { url: http://127.0.0.1:8080/realm, audience: b } ] }\n") == [])
    }

    @Test func `masks are words or objects with one key`() {
        #expect(
            diagnostics(
                """
                classifications:
                  a: { columns: a.b.c, mask: keepLast }
                  b: { columns: a.b.c, mask: { keepLast: 4, keepFirst: 2 } }
                  c: { columns: a.b.c, mask: redacted }
                  d: { columns: a.b.c, mask: null }
                  e: { columns: a.b.c, mask: { keepLast: 0 } }
                  g: { columns: a.b.c, mask: { keepLast: "4" } }
                  f: { columns: a.b.c, mask: { truncateDate: yaer } }

                """) == [
                    "p.yaml:4:30: error: mask: the mask 'keepLast' needs a value; as in '{ keepLast: 4 }'",
                    "p.yaml:5:45: error: a mask has one of 'fixed', 'keepFirst', 'keepLast' or 'truncateDate', and this has 'keepLast' and 'keepFirst'; keep one",
                    "p.yaml:5:32: note: 'keepLast' is here",
                    "p.yaml:6:30: error: mask: 'redacted' is no mask; did you mean 'redact'?",
                    "p.yaml:8:42: error: keepLast: expected a whole number between 1 and 64, found '0'",
                    "p.yaml:9:42: error: keepLast: expected a whole number between 1 and 64, found '4'; write it without quotes",
                    "p.yaml:10:46: error: truncateDate: 'yaer' is not known here; did you mean 'year'?",
                ])
    }

    @Test func `patterns have as many parts as what they name`() {
        #expect(
            diagnostics("classifications:\n  x: { columns: [email, shop.customers, 'a.b.c.d', Shop.x.y] }\n") == [
                "p.yaml:4:18: error: columns: 'email' has 1 part, and schema.table.column has 3; did you mean '*.*.email'?",
                "p.yaml:4:25: error: columns: 'shop.customers' has 2 parts, and schema.table.column has 3; did you mean '*.shop.customers'?",
                "p.yaml:4:41: error: columns: 'a.b.c.d' has 4 parts, and schema.table.column has 3; write schema.table.column",
            ])
    }

    @Test func `an upper-case pattern is warned of`() {
        #expect(
            diagnostics("classifications:\n  x: { columns: Shop.x.y }\n") == [
                "p.yaml:4:17: warning: 'Shop.x.y' matches only names that were created in quotes: others are folded to lower case; did you mean 'shop.x.y'?"
            ])
    }

    @Test func `words for true and false that YAML no longer knows are explained`() {
        #expect(
            ruleDiagnostics("name: r, deny: read, where: { unbounded: yes }") == [
                "p.yaml:4:48: error: unbounded: expected true or false, found 'yes'; did you mean 'true'?"
            ])
    }

    @Test func `a policy needs a name`() {
        #expect(
            diagnostics(of: [
                PolicySource(name: "a.yaml", text: soundBase.replacing("metadata: { name: test }\n", with: ""))
            ]) == [
                "a.yaml:1:1: error: the policy has no name; write 'metadata: { name: … }' in one of the files"
            ])
    }

    @Test(arguments: [
        ("- a", "a policy is a mapping, and this is a list"),
        ("hello", "a policy is a mapping, and this is text"),
        ("{}", "a policy needs 'apiVersion'; write 'apiVersion: stile.dev/v1'"),
        ("# nothing", "there is no policy here"),
        ("kind: Policy\napiVersion: v1", "apiVersion: expected 'stile.dev/v1', found 'v1'"),
    ])
    func `what is no policy is told so`(text: String, expected: String) {
        let said = diagnostics(of: [PolicySource(name: "p.yaml", text: text + "\n")])
        #expect(said.first?.contains("error: \(expected)") == true, "\(said)")
    }

    @Test func `what is quoted from a file can do nothing to a terminal or a log`() {
        #expect(
            diagnostics(#"record: { statements: none, "\e[2Jx\ny\u202E": 1 }"# + "\n").first
                == #"p.yaml:3:29: error: unknown key '\u{1b}[2Jx\u{a}y\u{202e}' in record; its keys are: statements, responses, maxResponseBytes, whenSpoolIsFull"#
        )
        let long = String(repeating: "k", count: 5000)
        #expect(diagnostics("\(long): 1\n").allSatisfy { $0.count < 2000 })
    }

    @Test func `no file at all is a fault`() {
        #expect(
            diagnostics(of: []) == [
                "error: there is no policy here; a policy begins with 'apiVersion: stile.dev/v1' and 'kind: Policy'"
            ])
    }

    @Test func `an unknown kind is named`() {
        #expect(
            diagnostics(of: [
                PolicySource(name: "b.yaml", text: soundBase),
                PolicySource(name: "c.yaml", text: "apiVersion: stile.dev/v1\nkind: Polcy\n"),
            ]) == ["c.yaml:2:7: error: 'Polcy' is no kind of document; did you mean 'Policy'?"])
    }
}
