import SQLInspection

/// A shop and a clinic, small enough to be read at a glance.
enum Fixtures {
    static func columns(_ names: String) -> [CatalogSnapshot.Column] {
        names.split(separator: " ").enumerated().map { index, name in
            .init(number: Int16(index + 1), name: String(name), typeOID: 25)
        }
    }

    static func relation(
        _ oid: UInt32, _ schema: String, _ name: String, _ kind: CatalogSnapshot.RelationKind, _ names: String,
        definition: String? = nil, parents: [UInt32] = []
    ) -> CatalogSnapshot.Relation {
        .init(
            oid: oid, schema: schema, name: name, kind: kind, columns: columns(names), definition: definition,
            parents: parents)
    }

    static let catalog = CatalogSnapshot(
        relations: [
            relation(1, "shop", "customers", .table, "id name email ssn card_number city"),
            relation(2, "shop", "orders", .table, "id customer_id total note"),
            relation(3, "clinic", "patients", .table, "id customer_id diagnosis"),
            relation(
                4, "shop", "contacts", .view, "id address upper_ssn",
                definition:
                    " SELECT customers.id,\n    customers.email AS address,\n    upper(customers.ssn) AS upper_ssn\n   FROM shop.customers;"
            ),
            relation(
                5, "shop", "contacts_of_contacts", .view, "key mail",
                definition: " SELECT c.id AS key,\n    c.address AS mail\n   FROM shop.contacts c;"),
            relation(
                6, "shop", "per_city", .materializedView, "city customers",
                definition:
                    " SELECT customers.city,\n    count(*) AS customers\n   FROM shop.customers\n  GROUP BY customers.city;"
            ),
            relation(7, "shop", "events", .partitionedTable, "id ssn day"),
            relation(8, "shop", "events_2026", .table, "id ssn day", parents: [7]),
            relation(9, "shop", "loop_a", .view, "x", definition: "SELECT loop_b.x FROM shop.loop_b"),
            relation(10, "shop", "loop_b", .view, "x", definition: "SELECT loop_a.x FROM shop.loop_a"),
            relation(11, "shop", "notes", .table, "id text"),
            relation(12, "shop", "archive", .foreignTable, "id ssn"),
            relation(100, "pg_catalog", "pg_class", .table, "oid relname relnamespace relowner relkind"),
            relation(101, "pg_catalog", "pg_stats", .view, "schemaname tablename most_common_vals"),
        ],
        functions: [
            .init(schema: "shop", name: "risky"), .init(schema: "public", name: "dblink"),
            .init(schema: "public", name: "lower_all"),
        ])

    static let scope = ResolutionScope(searchPath: ["pg_catalog", "shop", "public"])

    static func analyze(_ sql: String) throws -> [StatementAnalysis] {
        try StatementInspector().parse(Array(sql.utf8)).analyze(catalog: catalog, scope: scope)
    }

    static func one(_ sql: String) throws -> StatementAnalysis {
        guard let first = try analyze(sql).first else { throw StatementError(.syntax, "no statement") }
        return first
    }
}

extension StatementAnalysis {
    /// `id=customers.id email~customers.email`: `=` direct, `~` derived, `?` unknown, with the sources in order.
    var shape: String {
        guard let outputs else { return "none" }
        return outputs.map { column in
            let sources = column.sources.map { "\($0.relation).\($0.column)" }.sorted().joined(separator: ",")
            let sign = column.isUnknown ? "?" : column.sources.isEmpty ? "" : column.isDerived ? "~" : "="
            return column.name + sign + sources
        }.joined(separator: " ")
    }

    /// `select shop.customers` and so on, sorted, with a `!` for what nothing bounds.
    var touched: [String] {
        accesses.map { "\($0.effect.rawValue) \($0.schema).\($0.name)\($0.isUnbounded ? "!" : "")" }.sorted()
    }

    func uses(_ relation: String, _ effect: RelationAccess.Effect = .select) -> [String: RelationAccess.Use] {
        accesses.first { $0.name == relation && $0.effect == effect }?.columns ?? [:]
    }
}
