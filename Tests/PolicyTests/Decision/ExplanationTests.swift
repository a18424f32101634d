import Policy
import Testing

struct ExplanationTests {
    @Test("An explanation agrees with the decision that it explains", arguments: 0..<4 as Range<UInt64>)
    func agreesWithDecision(seed: UInt64) throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 1_000 + seed))
        for _ in 0..<40 {
            let bundle = try PolicyBundle(validating: BundleWriter.encode(policies.model(rules: 25), digest: noDigest))
            for _ in 0..<20 {
                let operation = policies.operation()
                let explanation = bundle.explain(operation, by: policies.subject())
                let enforced = explanation.rules.filter { $0.mode == .enforce }
                func names(_ effect: Rule.Effect) -> [String] {
                    enforced.filter { $0.effect == effect && $0.matchesAny }.map(\.name)
                }
                let isCovered = explanation.accesses.indices.allSatisfy { access in
                    enforced.contains { $0.effect == .allow && $0.matches[access] == .matches }
                }
                let verdict = explanation.verdict
                let steering = explanation.accesses.flatMap(\.steering)
                func deciders(_ effect: Rule.Effect, _ outcome: Verdict.Outcome) -> [String] {
                    let columns = steering.filter { $0.outcome == outcome || outcome == .hold }
                    return (names(effect) + Set(columns.map { "predicates:\($0.classification)" })).sorted()
                }
                if !deciders(.deny, .deny).isEmpty {
                    #expect(verdict.outcome == .deny && verdict.rules == deciders(.deny, .deny))
                } else if !isCovered {
                    #expect(verdict.outcome == .deny && verdict.rules.isEmpty && verdict.defaultReason != nil)
                } else if !deciders(.hold, .hold).isEmpty {
                    #expect(verdict.outcome == .hold && verdict.rules == deciders(.hold, .hold))
                } else {
                    #expect(verdict.outcome == .allow && verdict.rules == names(.allow))
                }
            }
        }
    }

    @Test("An explanation names the first dimension that fails, and what is not vouched for")
    func namesTheReason() throws {
        var model = PolicyModel(name: "p")
        model.resources = [Resource(name: "db", listen: "127.0.0.1:5432", upstream: "db:5432")]
        model.rules = [
            Rule(name: "a-writers", effect: .allow, verbs: [.insert]),
            Rule(name: "b-others", effect: .allow, verbs: [.select], subjects: SubjectMatch(groups: ["dba"])),
            Rule(name: "c-readers", effect: .allow, verbs: [.select]),
        ]
        let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
        let explanation = bundle.explain(
            Operation(
                resource: "db", accesses: [Access(verb: .select, object: ObjectPath(["shop", "customers"]))],
                functions: ["shop.fee"], features: .roleChange),
            by: Subject(id: "ann", issuer: "https://a.example"))
        #expect(
            explanation.rules.map(\.matches) == [
                [.fails(.verbs)], [.fails(.groups)],
                [.doesNotVouch(features: .roleChange, functions: ["shop.fee"])],
            ])
        #expect(explanation.verdict.defaultReason == .notVouched(.roleChange))
        #expect(explanation.rules[2].matches[0].description == "does not vouch for roleChange, shop.fee")
    }
}
