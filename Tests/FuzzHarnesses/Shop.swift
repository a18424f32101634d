package import SQLInspection

/// The database that statements are resolved against, here and where the session machine is tested.
package enum Shop {
    package static let snapshot = CatalogSnapshot(
        relations: [
            .init(
                oid: 100, schema: "public", name: "customers", kind: .table,
                columns: [
                    .init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "name", typeOID: 25),
                    .init(number: 3, name: "ssn", typeOID: 25), .init(number: 4, name: "card", typeOID: 25),
                    .init(number: 5, name: "born", typeOID: 1082),
                ]),
            .init(
                oid: 101, schema: "public", name: "orders", kind: .table,
                columns: [.init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "note", typeOID: 25)]),
            .init(
                oid: 102, schema: "public", name: "people", kind: .view,
                columns: [.init(number: 1, name: "tax_number", typeOID: 25)],
                definition: "SELECT customers.ssn AS tax_number FROM public.customers"),
            .init(
                oid: 103, schema: "other", name: "customers", kind: .table,
                columns: [.init(number: 1, name: "ssn", typeOID: 25)]),
        ])
}
