import Enforcement
import FuzzHarnesses
import Policy
import PolicyCompiler
import PostgresWire

/// The database and the policy of the tests.
extension SessionHarness {
    static let shop = PostgresCatalog(snapshot: Shop.snapshot, version: 1)

    static func policy(
        _ rules: String, record: String = "{ statements: masked }", predicates: String = "allow",
        pii: String = "detectors: [shout]", classes: String = "", more: String = ""
    ) throws -> BundlePolicy {
        let yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [ { url: "https://id.example", audience: shop } ] }
            resources:
              shop-db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            # What detectors find is not the point here.
            detectors: { shout: { pattern: SECRET } }
            classifications:
              pii:   { columns: [public.customers.ssn], \(pii), mask: redact, predicates: \(predicates) }
              cards: { columns: [public.customers.card], mask: { keepLast: 4 } }
              dates: { columns: [public.customers.born], mask: { truncateDate: year }, predicates: \(predicates) }
              \(classes)
            rules:
            \(rules)
            record: \(record)
            \(more)
            """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: yaml)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        return BundlePolicy(
            bundle: bundle, resource: "shop-db", maskKey: nil,
            scanner: try DetectorScanner(bundle: bundle, resource: "shop-db"))
    }

    static let readers = "  - { name: readers, allow: [select], on: [shop-db], to: { groups: [support] } }\n"
    static let writers =
        "  - { name: writers, allow: [select, insert, update, delete, create, drop], on: [shop-db], to: { groups: [support] } }\n"

    static func field(_ name: String, table: UInt32 = 0, column: Int16 = 0, type: UInt32 = 25) -> FieldDescription {
        FieldDescription(name: Array(name.utf8), tableOID: table, attributeNumber: column, typeOID: type)
    }
}

extension BackendMessage {
    var errorFields: ResponseFields? { if case .errorResponse(let fields) = self { fields } else { nil } }
    var notice: ResponseFields? { if case .noticeResponse(let fields) = self { fields } else { nil } }
    /// A row as texts.
    var row: [String?]? {
        guard case .dataRow(let values) = self else { return nil }
        return values.map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }
}

extension [BackendMessage] {
    var rows: [[String?]] { compactMap(\.row) }
    var copied: [UInt8] { flatMap { if case .copyData(let bytes) = $0 { bytes } else { [UInt8]() } } }
    var error: ResponseFields? { compactMap(\.errorFields).first }
    var sqlState: String? { error?["C"].map { String(decoding: $0, as: UTF8.self) } }
    var message: String? { error?["M"].map { String(decoding: $0, as: UTF8.self) } }
    var hint: String? { error?["H"].map { String(decoding: $0, as: UTF8.self) } }
    var status: TransactionStatus? {
        if case .readyForQuery(let status) = last { return status }
        return nil
    }
}
