import Policy

/// Policies, operations and subjects from a vocabulary so small that rules meet.
struct RandomPolicies {
    var random: SeededGenerator

    static let resources = ["db", "warehouse", "other"]
    static let groups = ["support", "security", "dba", "é", "e\u{301}"]
    static let people = ["ann", "ann@example.com", "system:serviceaccount:shop:agent", "bob"]
    static let personGlobs = ["ann", "*@example.com", "system:*:agent", "*", "b*b", "a*"]
    static let schemas = ["shop", "clinic", "é", "odd.name"]
    static let tables = ["customers", "cards", "patients", "visits"]
    static let columns = ["id", "ssn", "email", "card_number", "name"]
    static let functions = ["pg_read_file", "dblink", "shop.dblink_exec", "shop.fee", "clinic.age", "lo_get", "fee"]
    static let objectGlobs = [
        "shop.*", "*.customers", "*", "*.*", "shop.cu*", "*.*s", "*.*i*", "clinic.patients", "c*.*", "\"odd.name\".*",
        "é.*", "*.c*s", "shop.customers", "nothing",
    ]
    static let columnGlobs = [
        "shop.customers.ssn", "*.*.email", "clinic.*.*", "*.*.card_*", "*.*.*_number", "*", "*.*.*a*", "shop.*.id",
        "*.patients.*", "\"odd.name\".*.name", "*.customers.*",
    ]
    static let functionGlobs = [
        "pg_read_file", "dblink*", "lo_*", "shop.*", "*", "*.fee", "fee", "*.*", "*e*", "shop.f*e",
    ]
    static let methods = ["GET", "POST", "PROPFIND", "get"]
    static let hosts = [
        "api.example.com", "eu.api.example.com", "example.com", "10.0.0.1", "[fd00::1]", "API.example.com", "",
    ]
    static let hostGlobs = [
        "api.example.com", "*.example.com", "*", "10.*", "[fd00::*]", "API.*", "*api*", "*m", "a*.com",
    ]
    static let requestPaths: [[String]] = [
        [], ["v1"], ["v1", "customers"], ["v1", "customers", "7"], ["v1", "customers", "7", "orders"],
        ["v1", "reports", "2024", "q1", "all"], ["", "v1"], ["v1", "é"], ["v1", "e\u{301}"], ["shop", "customers"],
        ["a/b"],
        ["v1", ""], ["v1", "Customers"], ["clinic", "patients"],
    ]
    static let requestPathGlobs = [
        "/", "/**", "/v1/customers/*", "/v1/customers/**", "/v1/*/7", "/*", "/*/*", "/v1/re*s/**", "/v1/c*/*/orders",
        "/shop/customers", "/v1/é", "/*1/**", "/v1/customers/7*", "/*o*/*e*s", "/v1/**", "/v1", "/*/**", "/*/*s",
    ]
    static let features: [Features] = [
        .unbounded, .copy, .explain, .predicate, .unknownObject, .unknownLineage, .roleChange, .serverFiles,
    ]

    mutating func model(rules: Int) -> PolicyModel {
        var model = PolicyModel(name: "random")
        model.issuers = random.some(["https://a.example", "https://b.example"], upTo: 2).enumerated().map {
            Issuer(url: $1, audience: "stile-\($0)", jwksFile: random.chance(30) ? "/etc/jwks" : nil)
        }
        model.resources = ["db", "warehouse"].map {
            Resource(
                name: $0, protocolName: random.pick(Resource.ProtocolName.allCases), listen: "127.0.0.1:5432",
                upstream: "\($0).internal:5432", tls: random.pick(Resource.UpstreamTLS.allCases),
                bearerFile: random.chance(20) ? "/var/run/token" : nil, headerName: random.chance(20) ? "X-Key" : nil,
                headerFile: random.chance(20) ? "/var/run/key" : nil,
                databases: random.some(["a", "b", "a"], upTo: 3), upstreamPath: random.chance(30) ? "/mcp" : "",
                toolPins: random.chance(30)
                    ? [ToolPin(tool: "b", fingerprint: "2"), ToolPin(tool: "a", fingerprint: "1")] : [],
                clientCertificateFile: random.chance(20) ? "/var/run/certificate" : nil,
                clientKeyFile: random.chance(20) ? "/var/run/certificate-key" : nil,
                oauth: random.chance(20)
                    ? OAuthClient(
                        tokenURL: "https://id.example/token", clientIDFile: "/var/run/id",
                        clientSecretFile: "/var/run/secret", scopes: random.some(["b", "a", "c"], upTo: 3),
                        audience: random.chance(50) ? "api" : nil, caFile: random.chance(50) ? "/ca" : nil) : nil)
        }
        let classifications = ["pii", "cards", "phi"].prefix(Int.random(in: 0...3, using: &random))
        model.classifications = classifications.map { name in
            Classification(
                name: name, columns: random.some(Self.columnGlobs, upTo: 3),
                detectors: random.some(["email", "us-ssn"], upTo: 2),
                jsonKeys: random.some(["ssn", "Card", "k"], upTo: 2), mask: mask(),
                resources: random.chance(20) ? [random.pick(["db", "warehouse"])] : [],
                predicates: random.pick(Predicates.allCases),
                approval: random.chance(50) ? ApprovalTerms(groups: random.some(Self.groups, upTo: 3)) : nil,
                aggregatedRows: random.chance(30) ? 10 : nil, outbound: random.pick(Outbound.allCases))
        }
        model.customDetectors = random.chance(30) ? [CustomDetector(name: "badge", pattern: "B[0-9]{6}")] : []
        model.recording = Recording(
            statements: random.pick([.none, .masked]), maxResponseBytes: UInt64.random(in: 0...1 << 40, using: &random))
        model.maskKeyFile = random.chance(50) ? "/var/run/key" : nil
        model.budgets = (0..<Int.random(in: 0...2, using: &random)).map { budget($0, Array(classifications)) }
        model.rules = (0..<rules).map { rule($0, classifications: Array(classifications)) }
        return model
    }

    mutating func rule(_ number: Int, classifications: [String]) -> Rule {
        let effect = random.pick([Rule.Effect.allow, .allow, .hold, .deny])
        var rule = Rule(
            name: "rule-\(number)", effect: effect, mode: random.chance(20) ? .observe : .enforce,
            verbs: random.chance(30)
                ? Set(Verb.allCases) : Set(random.some([.select, .insert, .update, .session], upTo: 3)))
        if random.chance(30) { rule.resources = random.some(["db", "warehouse"], upTo: 2) }
        if random.chance(30) { rule.subjects.groups = random.some(Self.groups, upTo: 2) }
        if random.chance(20) { rule.subjects.subjects = random.some(Self.personGlobs, upTo: 2) }
        if random.chance(15) { rule.subjects.actors = random.some(Self.personGlobs, upTo: 2) }
        if random.chance(25), !classifications.isEmpty {
            rule.condition.classifications = random.some(classifications, upTo: 2)
        }
        if random.chance(30) { rule.condition.objects = random.some(Self.objectGlobs, upTo: 3) }
        if random.chance(25) { rule.condition.columns = random.some(Self.columnGlobs, upTo: 3) }
        if random.chance(15) { rule.condition.functions = random.some(Self.functionGlobs, upTo: 2) }
        if random.chance(12) { rule.condition.methods = random.some(Self.methods, upTo: 2) }
        if random.chance(12) { rule.condition.hosts = random.some(Self.hostGlobs, upTo: 2) }
        if random.chance(12) { rule.condition.ports = random.some(["80", "443", "8443"], upTo: 2) }
        if random.chance(15) { rule.condition.paths = random.some(Self.requestPathGlobs, upTo: 3) }
        addCallCondition(to: &rule.condition)
        if random.chance(20) { rule.condition.with = random.pick(Self.features) }
        if random.chance(20) { rule.condition.without = random.pick(Self.features) }
        if random.chance(40) { rule.vouches.functions = random.some(Self.functionGlobs, upTo: 3) }
        if random.chance(40) { rule.vouches.features = Features(random.some(Self.features, upTo: 6)) }
        if random.chance(40) { rule.message = "because of \(number)" }
        if effect == .hold, random.chance(90) {
            rule.approval = ApprovalTerms(
                groups: random.some(Self.groups, upTo: 3), withinSeconds: UInt32.random(in: 1...900, using: &random),
                mode: random.pick(ApprovalTerms.Mode.allCases),
                inTransaction: random.pick(ApprovalTerms.InTransaction.allCases))
        }
        return rule
    }

    private mutating func budget(_ number: Int, _ classifications: [String]) -> Budget {
        Budget(
            name: "budget-\(number)", resources: random.chance(20) ? ["db"] : [],
            subjects: SubjectMatch(
                groups: random.chance(30) ? random.some(Self.groups, upTo: 2) : [],
                subjects: random.chance(30) ? random.some(Self.personGlobs, upTo: 2) : []),
            objects: random.chance(40) ? random.some(Self.objectGlobs, upTo: 2) : [],
            classifications: random.chance(30) && !classifications.isEmpty ? random.some(classifications, upTo: 2) : [],
            rowsPerStatement: random.chance(50) ? 7 : nil, rowsPerSubject: random.chance(50) ? .max : nil,
            valuesPerSubject: random.chance(50) ? 3 : nil, windowSeconds: 60,
            then: random.pick(Budget.Outcome.allCases),
            approval: random.chance(50) ? ApprovalTerms(groups: random.some(Self.groups, upTo: 3)) : nil,
            message: random.chance(50) ? "enough" : nil)
    }

    private mutating func mask() -> Mask {
        random.pick([
            .redact, .null, .hash, .fixed("***"), .keepFirst(2), .keepLast(4), .truncateDate(.year),
            .truncateDate(.day),
        ])
    }

    mutating func subject() -> Subject {
        Subject(
            id: random.pick(Self.people), issuer: "https://a.example", groups: random.some(Self.groups, upTo: 3),
            actors: random.some(Self.people, upTo: 2))
    }

    mutating func operation() -> Operation {
        random.chance(30) ? request() : random.chance(30) ? call() : statement()
    }

    /// Of more than one access and with columns now and then, which no request has, so that nothing hangs on that.
    private mutating func request() -> Operation {
        let accesses = (0..<(random.chance(80) ? 1 : Int.random(in: 0...2, using: &random))).map { _ in
            Access(
                verb: random.pick([.select, .select, .insert, .update, .describe]),
                object: ObjectPath(random.pick(Self.requestPaths)),
                columns: random.chance(10) ? [random.pick(Self.columns): use()] : [:],
                features: random.chance(25) ? random.pick(Self.features) : [],
                shownRows: UInt32.random(in: 0...2, using: &random))
        }
        return Operation(
            resource: random.chance(95) ? random.pick(["db", "warehouse"]) : "other", accesses: accesses,
            features: random.chance(25) ? random.pick(Self.features) : [],
            request: RequestFacts(
                method: random.pick(Self.methods), host: random.pick(Self.hosts),
                port: random.chance(50) ? random.pick([80, 443, 8443, 22]) : nil))
    }

    private mutating func statement() -> Operation {
        let accesses = (0..<Int.random(in: 0...3, using: &random)).map { _ in access() }
        return Operation(
            resource: random.chance(95) ? random.pick(["db", "warehouse"]) : "other", accesses: accesses,
            functions: random.chance(30) ? random.some(Self.functions, upTo: 2) : [],
            features: random.chance(25) ? random.pick(Self.features) : [], shownValues: random.chance(20) ? 3 : 0,
            packsRows: random.chance(10))
    }

    private mutating func use() -> ColumnUse {
        random.chance(70) ? .output : random.pick([.predicate, .lookup, [.output, .lookup], [.predicate, .lookup]])
    }

    private mutating func access() -> Access {
        let verb = random.pick([Verb.select, .select, .insert, .update, .session, .describe, .drop])
        if random.chance(10) { return Access(verb: verb, object: ObjectPath([])) }
        let names = random.chance(95) ? random.some(Self.columns, upTo: 4) : []
        return Access(
            verb: verb, object: ObjectPath([random.pick(Self.schemas), random.pick(Self.tables)]),
            columns: Dictionary(names.map { ($0, use()) }, uniquingKeysWith: { first, _ in first }),
            features: random.chance(25) ? random.pick(Self.features) : [],
            shownRows: UInt32.random(in: 0...2, using: &random))
    }
}

/// Stands for SHA-256 where the digest is not the point.
func noDigest(_: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 7, count: 32)
}
