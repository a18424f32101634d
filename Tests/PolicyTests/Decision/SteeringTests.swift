import Policy
import Testing

/// What a classified column may decide.
struct SteeringTests {
    private static let reader = Subject(id: "ann", issuer: "https://a.example")

    private func decide(
        _ predicates: Predicates, _ use: ColumnUse, rules: [Rule] = [], approval: ApprovalTerms? = nil
    ) throws -> Verdict {
        var model = PolicyModel(name: "p")
        model.resources = [Resource(name: "db", listen: "127.0.0.1:5432", upstream: "db:5432")]
        model.classifications = [
            Classification(
                name: "pii", columns: ["shop.customers.ssn"], predicates: predicates, approval: approval)
        ]
        model.rules = [Rule(name: "readers", effect: .allow, verbs: [.select])] + rules
        let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
        let access = Access(
            verb: .select, object: ObjectPath(["shop", "customers"]), columns: ["name": .predicate, "ssn": use])
        return bundle.decide(Operation(resource: "db", accesses: [access]), by: Self.reader)
    }

    @Test(
        "Each mode lets a column decide what it says",
        arguments: [
            (.allow, .predicate, .allow), (.allow, .lookup, .allow), (.lookup, .lookup, .allow),
            (.lookup, [.lookup, .output], .allow), (.lookup, .predicate, .deny),
            (.lookup, [.lookup, .predicate], .deny), (.deny, .lookup, .deny), (.deny, .predicate, .deny),
            (.deny, .output, .allow), (.deny, [.output, .write], .allow), (.hold, .lookup, .hold),
            (.hold, .output, .allow),
        ] as [(Predicates, ColumnUse, Verdict.Outcome)])
    func modes(predicates: Predicates, use: ColumnUse, outcome: Verdict.Outcome) throws {
        #expect(try decide(predicates, use).outcome == outcome)
    }

    @Test("A refusal names the column, its classification and what it may do")
    func message() throws {
        let verdict = try decide(.lookup, .predicate)
        #expect(verdict.rules == ["predicates:pii"])
        #expect(
            verdict.message
                == "The column shop.customers.ssn is classified as pii: it may be compared by = with a given value, and decide nothing else (no other condition, join, grouping, order or computation)."
        )
        let rule = Rule(name: "no-reading", effect: .deny, verbs: [.select], message: "Not here.")
        let both = try decide(.deny, .predicate, rules: [rule])
        #expect(both.message == "Not here.")
        #expect(both.rules == ["no-reading", "predicates:pii"])
    }

    @Test("What is held waits for an approver of each: the rules' and the classification's")
    func hold() throws {
        let rule = Rule(
            name: "ask", effect: .hold, verbs: [.select],
            approval: ApprovalTerms(groups: ["a", "b"], withinSeconds: 60))
        let terms = ApprovalTerms(groups: ["b", "c"], withinSeconds: 90, mode: .return)
        let verdict = try decide(.hold, .predicate, rules: [rule], approval: terms)
        #expect(verdict.outcome == .hold)
        #expect(verdict.approverGroups == [["a", "b"], ["b", "c"]])
        #expect(verdict.approval == ApprovalTerms(groups: ["b"], withinSeconds: 60, mode: .return))
        // With nobody who could approve, nobody can.
        #expect(try decide(.hold, .predicate).approverGroups == [[]])
    }

    @Test("A rule that observes would change nothing where a column alone refuses")
    func observed() throws {
        let rule = Rule(name: "watch", effect: .allow, mode: .observe, verbs: [.select])
        #expect(try decide(.deny, .predicate, rules: [rule]).observed.isEmpty)
    }
}
