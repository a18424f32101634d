import Policy

/// Policies as platform teams write them, of any size: each team has tables, people and functions of its own, and a
/// few rules are for all.
enum SamplePolicies {
    static func model(rules: Int) -> PolicyModel {
        var model = PolicyModel(name: "bench-\(rules)")
        model.resources = (0..<4).map {
            Resource(name: "db-\($0)", listen: "127.0.0.1:\(5432 + $0)", upstream: "db-\($0).internal:5432")
        }
        model.resources.append(
            Resource(name: "api", protocolName: .http, listen: "127.0.0.1:8081", upstream: "api.internal:443"))
        model.classifications = [
            Classification(name: "pii", columns: ["*.*.email", "*.*.ssn", "shop.customers.phone"]),
            Classification(name: "cards", columns: ["*.*.card_*"], mask: .keepLast(4)),
            Classification(name: "phi", columns: ["clinic.*.*"]),
        ]
        model.rules = [
            Rule(
                name: "assistants-read", effect: .allow, verbs: [.select], resources: ["db-0"],
                subjects: SubjectMatch(groups: ["support"])),
            Rule(
                name: "no-bulk-reads", effect: .deny, verbs: [.select],
                condition: Condition(classifications: ["pii", "cards"], with: .unbounded)),
            Rule(
                name: "phi-needs-a-person", effect: .hold, verbs: [.select],
                condition: Condition(classifications: ["phi"]), approval: ApprovalTerms(groups: ["security"])),
            Rule(
                name: "assistants-call", effect: .allow, verbs: [.select, .call], resources: ["api"],
                subjects: SubjectMatch(groups: ["support"]),
                condition: Condition(methods: ["GET", "POST"], paths: ["/v1/customers/*", "/v1/reports/**"])),
            Rule(
                name: "no-exfiltration", effect: .deny, verbs: Set(Verb.allCases),
                condition: Condition(functions: ["pg_read_file", "dblink*", "lo_*"])),
        ]
        model.rules += (model.rules.count..<max(rules, model.rules.count)).map(teamRule)
        return model
    }

    private static func teamRule(_ number: Int) -> Rule {
        let team = "team-\(number / 8)"
        let name = "\(team)-rule-\(number)"
        let people = SubjectMatch(groups: [team])
        switch number % 8 {
        case 0:
            return Rule(
                name: name, effect: .allow, verbs: [.select, .insert, .update], resources: ["db-\(number % 4)"],
                subjects: people, condition: Condition(objects: ["app_\(number).*"]))
        case 1:
            return Rule(
                name: name, effect: number % 3 == 0 ? .deny : .allow, verbs: [.select, .call], resources: ["api"],
                subjects: people,
                condition: Condition(
                    methods: ["GET"], hosts: ["*.team-\(number / 8).example.com", "api.internal"],
                    paths: ["/app-\(number)/*/items/*", "/v1/app-\(number)/**"]))
        case 2:
            return Rule(
                name: name, effect: .deny, verbs: [.delete, .drop, .truncate],
                condition: Condition(objects: ["app_\(number).ledger", "app_\(number).audit*"]))
        case 3:
            return Rule(
                name: name, effect: .hold, verbs: [.select], subjects: people,
                condition: Condition(columns: ["app_\(number).*.salary", "*.payroll_\(number).*"]),
                approval: ApprovalTerms(groups: ["\(team)-leads"]))
        case 4:
            return Rule(
                name: name, effect: .deny, verbs: Set(Verb.allCases),
                condition: Condition(functions: ["app_\(number).export_*"]))
        case 5:
            return Rule(
                name: name, effect: .allow, verbs: [.select],
                subjects: SubjectMatch(subjects: ["system:serviceaccount:\(team):*"]),
                condition: Condition(classifications: ["cards"]))
        case 6:
            return Rule(
                name: name, effect: .deny, mode: .observe, verbs: [.select], subjects: people,
                condition: Condition(with: .allColumns))
        default:
            return Rule(
                name: name, effect: .deny, verbs: [.select], resources: ["db-\(number % 4)"], subjects: people,
                condition: Condition(classifications: ["pii"], with: .unbounded))
        }
    }

    static let subject = Subject(
        id: "system:serviceaccount:team-0:agent", issuer: "https://login.example.com",
        groups: ["support", "everyone"], actors: ["agent-7"])

    static let operations: [(name: String, operation: Operation)] = [
        (
            "point read",
            Operation(
                resource: "db-0",
                accesses: [
                    Access(
                        verb: .select, object: ObjectPath(["shop", "customers"]),
                        columns: ["id": .predicate, "name": .output, "email": .output])
                ])
        ),
        (
            "join of three, refused",
            Operation(
                resource: "db-0",
                accesses: ["customers", "orders", "payments"].map {
                    Access(
                        verb: .select, object: ObjectPath(["shop", $0]),
                        columns: ["id": .predicate, "card_number": .output, "email": .output, "total": .output],
                        features: .unbounded)
                })
        ),
        (
            "held",
            Operation(
                resource: "db-0",
                accesses: [
                    Access(verb: .select, object: ObjectPath(["clinic", "visits"]), columns: ["note": .output])
                ])
        ),
        (
            "request",
            Operation(
                resource: "api",
                accesses: [Access(verb: .select, object: ObjectPath(["v1", "customers", "7"]))],
                request: RequestFacts(method: "GET", host: "api.internal"))
        ),
    ]
}
