import Policy
import Testing

struct DecisionTests {
    private let customers = ObjectPath(["shop", "customers"])
    private let ann = Subject(id: "ann", issuer: "https://a.example", groups: ["support"])

    private func decide(_ rules: [Rule], _ operation: Operation) throws -> Verdict {
        var model = PolicyModel(name: "p")
        model.resources = [Resource(name: "db", listen: "127.0.0.1:5432", upstream: "db:5432")]
        model.classifications = [
            Classification(name: "cards", columns: ["*.*.card_number"]),
            Classification(name: "pii", columns: ["*.*.email"]),
        ]
        model.rules = rules
        return try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest)).decide(operation, by: ann)
    }

    private func select(_ columns: String..., features: Features = [], functions: [String] = []) -> Operation {
        Operation(
            resource: "db",
            accesses: [
                Access(
                    verb: .select, object: customers,
                    columns: Dictionary(uniqueKeysWithValues: columns.map { ($0, .output) }), features: features)
            ],
            functions: functions)
    }

    private let read = Rule(name: "read", effect: .allow, verbs: [.select])

    @Test("Nothing is allowed that no rule allows")
    func denyByDefault() throws {
        let operation = select("id")
        #expect(try decide([], operation).defaultReason == .notAllowed(operation.accesses[0]))
        #expect(try decide([read], operation).outcome == .allow)
        #expect(try decide([read], Operation(resource: "nowhere", accesses: [])).defaultReason == .noPolicy)
        #expect(try decide([read], Operation(resource: "db", accesses: [])).outcome == .deny)
    }

    @Test("An allow rule that names a column lets no other through beside it")
    func allowIsBounded() throws {
        let names = Rule(
            name: "names", effect: .allow, verbs: [.select], condition: Condition(columns: ["shop.customers.name"]))
        #expect(try decide([names], select("name")).outcome == .allow)
        #expect(try decide([names], select("name", "ssn")).outcome == .deny)
        #expect(try decide([names], select()).outcome == .deny)
        let pii = Rule(
            name: "pii", effect: .allow, verbs: [.select], condition: Condition(classifications: ["pii"]))
        #expect(try decide([pii], select("id", "email")).outcome == .allow)
        #expect(try decide([pii], select("email", "card_number")).outcome == .deny)
    }

    @Test("A deny rule that names a column refuses whatever uses it")
    func denyReaches() throws {
        let cards = Rule(
            name: "no-cards", effect: .deny, verbs: [.select], condition: Condition(classifications: ["cards"]),
            message: "No cards.")
        let verdict = try decide([read, cards], select("id", "card_number"))
        #expect(verdict.outcome == .deny && verdict.rules == ["no-cards"] && verdict.message == "No cards.")
        #expect(try decide([read, cards], select("id")).outcome == .allow)
    }

    @Test("Guarded features and unknown functions need one rule that vouches for all of them")
    func vouching() throws {
        #expect(try decide([read], select(functions: ["shop.fee"])).defaultReason == .functionsNotVouched(["shop.fee"]))
        #expect(try decide([read], select(features: .secrets)).defaultReason == .notVouched(.secrets))
        var one = read
        one.vouches = Vouches(functions: ["shop.fee"])
        var two = read
        two.name = "read-too"
        two.vouches = Vouches(features: .secrets)
        #expect(try decide([one, two], select(functions: ["shop.fee"])).outcome == .allow)
        #expect(try decide([one, two], select(features: .secrets, functions: ["shop.fee"])).outcome == .deny)
    }

    @Test("An allow rule lets a client connect, and change no role")
    func impliedVerbs() throws {
        var narrow = read
        narrow.condition.objects = ["shop.orders"]
        func session(_ features: Features) -> Operation {
            Operation(
                resource: "db", accesses: [Access(verb: .session, object: ObjectPath([]))], features: features)
        }
        #expect(try decide([narrow], session([])).outcome == .allow)
        #expect(try decide([narrow], session(.roleChange)).outcome == .deny)
    }

    @Test("Several rules that hold must all be satisfied by who approves")
    func strictestApproval() throws {
        func hold(_ name: String, _ terms: ApprovalTerms) -> Rule {
            Rule(name: name, effect: .hold, verbs: [.select], approval: terms)
        }
        let both = try decide(
            [
                read, hold("a", ApprovalTerms(groups: ["security", "dba"], withinSeconds: 60, inTransaction: .wait)),
                hold("b", ApprovalTerms(groups: ["security", "legal"], withinSeconds: 600, mode: .return)),
            ], select("id"))
        #expect(both.outcome == .hold && both.rules == ["a", "b"])
        #expect(
            both.approval
                == ApprovalTerms(groups: ["security"], withinSeconds: 60, mode: .return, inTransaction: .refuse))
        #expect(both.approverGroups == [["dba", "security"], ["legal", "security"]])
        let apart = try decide(
            [read, hold("a", ApprovalTerms(groups: ["dba"])), hold("b", ApprovalTerms(groups: ["legal"]))], select("id")
        )
        #expect(apart.approval?.groups == [])
        #expect(apart.approverGroups == [["dba"], ["legal"]])
    }

    @Test("A rule in observe mode decides nothing and is told of when it would have")
    func observe() throws {
        var deny = Rule(name: "would-deny", effect: .deny, mode: .observe, verbs: [.select])
        #expect(
            try decide([read, deny], select("id"))
                == Verdict(
                    outcome: .allow, rules: ["read"], observed: [ObservedRule(name: "would-deny", outcome: .deny)]))
        deny.verbs = [.insert]
        #expect(try decide([read, deny], select("id")).observed.isEmpty)
    }

    @Test("One access that is refused refuses the whole")
    func everyAccessCounts() throws {
        var operation = select("id")
        operation.accesses.append(Access(verb: .delete, object: customers))
        #expect(try decide([read], operation).defaultReason == .notAllowed(operation.accesses[1]))
    }
}
