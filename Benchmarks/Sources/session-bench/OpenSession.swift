import Enforcement
import Policy
import PolicyCompiler
import PostgresWire
import Records
import SQLInspection

/// A session that a client has logged in to, between byte arrays.
final class OpenSession {
    private var session: PostgresSession
    private var output = SessionOutput()
    private let now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    private(set) var recordCount = 0

    init(policy: any SessionPolicy, resource: Resource) {
        let id = RecordID(at: 1_800_000_000_000_000)
        session = PostgresSession(
            configuration: PostgresSessionConfiguration(
                resource: resource, offersTLS: false, agent: AgentDescription(),
                cancelKey: CancelKey(processID: 1, secret: 2)),
            services: PostgresSessionServices(
                reader: StatementReader(), makeRecordID: { _ in id }, takeGrant: { _ in .none }),
            policy: policy, at: now)
        client(
            StartupPacket.startup(
                major: 3, minor: 0,
                parameters: [.init(name: "user", value: "bench"), .init(name: "database", value: "bench")]
            ).encoded)
        client(FrontendMessage.password(Array("token".utf8) + [0]).encoded)
        feed(
            .identified(
                SessionIdentity(
                    subject: Subject(id: "bench", issuer: "https://login.example.com", groups: ["support"]),
                    expiresAtUnixSeconds: 1_900_000_000)))
        feed(
            .upstreamReady(
                UpstreamGreeting(parameters: ["client_encoding": "UTF8"], cancelKey: nil, catalog: Bench.catalog)))
        // The search path, which the session asks for.
        server(
            Conversation.bytes(
                .parseComplete, .bindComplete, .dataRow([Array("public".utf8)]),
                .commandComplete(Array("SELECT 1".utf8)), .closeComplete, .closeComplete, .readyForQuery(.idle)))
    }

    func client(_ bytes: [UInt8]) {
        session.receiveFromClient(bytes.span, at: now, into: &output)
        drain()
    }

    func server(_ bytes: [UInt8]) {
        session.receiveFromUpstream(bytes.span, at: now, into: &output)
        drain()
    }

    private func feed(_ event: PostgresEvent) {
        session.handle(event, at: now, into: &output)
        drain()
    }

    /// How much went to either side since it was last asked.
    private(set) var sent = (client: 0, upstream: 0)

    func takeSent() -> (client: Int, upstream: Int) {
        defer { sent = (0, 0) }
        return sent
    }

    private func drain() {
        recordCount += output.records.count
        sent.client += output.client.count
        sent.upstream += output.upstream.bytes.count
        output.clearRecords()
        output.clearBytes()
        _ = output.takeActions()
        _ = session.nextDeadline
    }
}

enum Bench {
    static let catalog = PostgresCatalog(
        snapshot: CatalogSnapshot(relations: [
            .init(
                oid: 16_385, schema: "public", name: "pgbench_accounts", kind: .table,
                columns: [
                    .init(number: 1, name: "aid", typeOID: 23), .init(number: 2, name: "bid", typeOID: 23),
                    .init(number: 3, name: "abalance", typeOID: 23), .init(number: 4, name: "filler", typeOID: 1042),
                ]),
            .init(
                oid: 16_390, schema: "shop", name: "customers", kind: .table,
                columns: [.init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "ssn", typeOID: 25)]),
        ]), version: 1)

    /// Masks, detectors, and as many rules as a platform has: they all are judged, and one applies.
    static func policy(rules: Int) throws -> (any SessionPolicy, Resource) {
        var yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: bench }
            identity: { issuers: [ { url: "https://login.example.com", audience: bench } ] }
            resources:
              bench-db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            classifications:
              pii: { columns: [shop.customers.ssn, "*.*.email"], detectors: [us-ssn, email, credit-card], mask: redact }
            rules:
              - { name: pgbench, allow: [select], on: [bench-db], to: { groups: [support] },
                  where: { tables: ['public.pgbench_*'] } }

            """
        for number in 0..<(rules - 1) {
            let place = number / 2
            let verb = number % 2 == 0 ? "allow: [select]" : "deny: [update]"
            yaml += "  - { name: rule-\(number), \(verb), on: [bench-db], to: { groups: [team-\(place % 20)] },\n"
            yaml += "      where: { tables: [app.table_\(place), 'app_\(place).*'] } }\n"
        }
        yaml += "record: { statements: masked, responses: masked, maxResponseBytes: 64KiB, whenSpoolIsFull: deny }\n"
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "bench.yaml", text: yaml)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let resource = Resource(name: "bench-db", listen: "127.0.0.1:5432", upstream: "db:5432", tokenFile: nil)
        return (
            BundlePolicy(
                bundle: bundle, resource: "bench-db", maskKey: nil,
                scanner: try DetectorScanner(bundle: bundle, resource: "bench-db")), resource
        )
    }
}
