import Policy
import PolicyCompiler
import Testing

@Suite("Policy of a forward proxy") struct EgressPolicyTests {
    private static func text(_ resource: String, _ rules: String) -> String {
        """
        apiVersion: stile.dev/v1
        kind: Policy
        metadata: { name: test }
        identity: { issuers: [{ url: "https://id.example", audience: a }] }
        resources:
          web: { protocol: egress, listen: "127.0.0.1:3128"\(resource) }
          crm: { protocol: http, listen: "127.0.0.1:8081", upstream: "http://127.0.0.1:8082" }
        rules:
        \(rules)
        """
    }

    private static func compile(_ resource: String = "", _ rules: String) throws -> PolicyModel {
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: text(resource, rules))])
        return try PolicyBundle(validating: compiled.bundle).model
    }

    private static func faults(_ resource: String = "", _ rules: String) -> String {
        do {
            _ = try compile(resource, rules)
            return ""
        } catch { return "\(error)" }
    }

    private static let rule = "  - { name: all, allow: ['*'], on: [web] }"

    @Test("has no upstream, may trust more, and says where whom to trust is written") func resource() throws {
        let model = try Self.compile(", caFile: /ca.pem, trustFile: /run/trust.pem, tokenFile: /token", Self.rule)
        let web = try #require(model.resources.first { $0.name == "web" })
        #expect(web.protocolName == .egress && web.upstream.isEmpty)
        #expect(web.caFile == "/ca.pem" && web.trustFile == "/run/trust.pem" && web.tokenFile == "/token")
    }

    @Test(
        "takes no key that says nothing of it",
        arguments: [
            ", upstream: 'https://a.example'", ", tls: require", ", credentials: { bearerFile: /b }",
            ", databases: [a]",
        ])
    func foreignKeys(keys: String) {
        #expect(Self.faults(keys, Self.rule).contains("egress"))
    }

    @Test("other protocols still need an upstream, and write no trust file") func others() {
        let without = Self.text("", Self.rule).replacing(", upstream: \"http://127.0.0.1:8082\"", with: "")
        #expect(throws: (any Error).self) {
            try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: without)])
        }
        let file = Self.text("", Self.rule).replacing("8082\" }", with: "8082\", trustFile: /t }")
        #expect(throws: (any Error).self) {
            try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: file)])
        }
    }

    @Test("ports are numbers of egress alone, and a tunnel is allowed by a rule that allows anything") func rules()
        throws
    {
        let model = try Self.compile(
            "",
            "  - { name: a, allow: ['*'], on: [web], where: { hosts: [a.example], ports: [8443, 443] }, vouch: { features: [tunnel] } }"
        )
        #expect(model.rules.first?.condition.ports == ["443", "8443"])
        #expect(Self.faults("", "  - { name: a, allow: [select], on: [web], where: { ports: [0] } }").contains("65535"))
        #expect(
            Self.faults("", "  - { name: a, allow: [select], on: [crm], where: { ports: [80] } }").contains(
                "never fire"))
        #expect(
            Self.faults("", "  - { name: a, allow: [select], on: [web], vouch: { features: [tunnel] } }").contains(
                "vouches for tunnels"))
    }

    private static func decide(
        _ rules: String, verb: Verb = .select, host: String = "a.example", port: UInt16, features: Features = []
    ) throws -> Verdict.Outcome {
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: text("", rules))])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let operation = Operation(
            resource: "web", accesses: [Access(verb: verb, object: ObjectPath([]))], features: features,
            request: RequestFacts(method: verb == .select ? "GET" : "CONNECT", host: host, port: port))
        let subject = Subject(id: "ann", issuer: "https://id.example", groups: [])
        let outcome = bundle.decide(operation, by: subject).outcome
        #expect(bundle.explain(operation, by: subject).verdict.outcome == outcome)
        return outcome
    }

    @Test("an allow rule without ports is about 80 and 443, and a deny rule about all") func ports() throws {
        let open = "  - { name: a, allow: [select], on: [web], where: { hosts: [a.example] } }"
        let named = "  - { name: a, allow: [select], on: [web], where: { hosts: [a.example], ports: [8443] } }"
        for (port, byOpen, byNamed) in [
            (80 as UInt16, Verdict.Outcome.allow, Verdict.Outcome.deny), (443, .allow, .deny), (8443, .deny, .allow),
            (22, .deny, .deny),
        ] {
            #expect(try Self.decide(open, port: port) == byOpen)
            #expect(try Self.decide(named, port: port) == byNamed)
        }
        let denied = """
              - { name: d, deny: ['*'], on: [web], where: { hosts: ['a.*'] } }
              - { name: e, allow: [select], on: [web], where: { hosts: ['*.example'], ports: [8443] } }
            """
        #expect(try Self.decide(denied, host: "b.example", port: 8443) == .allow)
        #expect(try Self.decide(denied, port: 8443) == .deny)
    }

    @Test("connecting is implied by whatever is allowed there, and nowhere else") func connecting() throws {
        let rules =
            "  - { name: a, allow: [call], on: [web], where: { hosts: [a.example], methods: [POST], paths: ['/v1/**'] } }"
        #expect(try Self.decide(rules, verb: .session, port: 443) == .allow)
        #expect(try Self.decide(rules, verb: .session, port: 22) == .deny)
        #expect(try Self.decide(rules, verb: .session, host: "b.example", port: 443) == .deny)
        #expect(try Self.decide(rules, verb: .session, port: 443, features: .privateAddress) == .deny)
        #expect(try Self.decide(rules, verb: .other, port: 443, features: .tunnel) == .deny)
    }
}
