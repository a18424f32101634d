import Policy

/// A bundle of any bytes is refused, or every look-up in it stays inside.
enum BundleReaderHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        exercise(input)
        // Whoever means harm makes length and checksum agree.
        exercise(BundleLayout.mended(input))
    }

    private static func exercise(_ bytes: [UInt8]) {
        guard let bundle = try? PolicyBundle(validating: bytes) else { return }
        _ = bundle.model
        for subject in subjects {
            let rows = bundle.prepare(subject)
            for operation in operations {
                _ = bundle.decide(operation, by: rows)
                _ = bundle.explain(operation, by: subject)
            }
        }
        for resource in ["db", "orders-db"] {
            _ = bundle.columnClass(resource: resource, column: ["shop", "customers", "ssn"])
            _ = bundle.hasClassifiedColumns(resource: resource)
            _ = bundle.detectorNames(resource: resource)
        }
        scan(bundle.detectorBytes)
    }

    /// The detectors' tables are validated on their own.
    private static func scan(_ bytes: [UInt8]) {
        guard let tables = try? DetectorTables(validating: bytes) else { return }
        let selection = tables.selection(of: tables.set(of: tables.names), columnName: "card_number")
        var findings = DetectorFindings()
        for text in texts { tables.scan(text.span, with: selection, into: &findings) }
    }

    private static let subjects = [
        Subject(id: "ann", issuer: "https://id.example", groups: ["support", "security"]),
        Subject(id: "", issuer: "", groups: [], actors: ["a", "b"]),
    ]

    private static let operations: [Operation] = ["db", "orders-db", ""].flatMap { resource in
        [Verb.select, .delete, .other].map { verb in
            Operation(
                resource: resource,
                accesses: [
                    Access(
                        verb: verb, object: ObjectPath(["shop", "customers"]),
                        columns: ["ssn": [.output, .predicate], "name": .write], features: .unbounded),
                    Access(verb: .other, object: ObjectPath([])),
                ], functions: ["public.f", "pg_sleep"], features: .functionCall)
        }
            + [["v1", "customers", "7"], []].map { path in
                Operation(
                    resource: resource, accesses: [Access(verb: .select, object: ObjectPath(path))],
                    request: RequestFacts(method: "GET", host: "api.example.com"))
            }
            + [["tool", "create_ticket"], ["resource", "docs://a"], []].map { path in
                Operation(
                    resource: resource, accesses: [Access(verb: .call, object: ObjectPath(path))],
                    call: CallFacts(
                        arguments: .object([.init(name: "project", value: .string("OPS-1"))])))
            }
    }

    private static let texts: [[UInt8]] = [
        "", "4111 1111 1111 1111", "ann@shop.example, +49 30 901820", "DE89370400440532013000 078-05-1120 10.0.0.1",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl AKIAIOSFODNN7EXAMPLE",
    ].map { Array($0.utf8) }
}
