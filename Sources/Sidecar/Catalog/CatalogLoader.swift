import SQLInspection

/// Reads a database's schema over a connection of the sidecar's own.
enum CatalogLoader {
    struct Loaded: Sendable {
        var snapshot: CatalogSnapshot
        var fingerprint: String
    }

    /// One repeatable-read transaction, so that all parts are of one moment.
    static func load(_ queries: UpstreamQueries) async throws -> Loaded {
        _ = try await queries.run(CatalogQueries.begin)
        do {
            let fingerprint = try await fingerprint(queries)
            let relations = try await queries.run(CatalogQueries.relations)
            let columns = try await queries.run(CatalogQueries.columns)
            let parents = try await queries.run(CatalogQueries.parents)
            let functions = try await queries.run(CatalogQueries.functions)
            let operators = try await queries.run(CatalogQueries.operators)
            let casts = try await queries.run(CatalogQueries.casts)
            _ = try await queries.run(CatalogQueries.commit)
            return Loaded(
                snapshot: try snapshot(
                    relations, columns: columns, parents: parents, functions: functions, operators: operators,
                    casts: casts),
                fingerprint: fingerprint)
        } catch {
            _ = try? await queries.run(CatalogQueries.rollback)
            throw error
        }
    }

    static func fingerprint(_ queries: UpstreamQueries) async throws -> String {
        guard let row = try await queries.run(CatalogQueries.fingerprint).first, let text = row.first ?? nil else {
            throw UpstreamQueryError(description: "the catalog's fingerprint has no row")
        }
        return text
    }

    private static func snapshot(
        _ relations: [UpstreamQueryHandler.Row], columns: [UpstreamQueryHandler.Row],
        parents: [UpstreamQueryHandler.Row], functions: [UpstreamQueryHandler.Row],
        operators: [UpstreamQueryHandler.Row], casts: [UpstreamQueryHandler.Row]
    ) throws -> CatalogSnapshot {
        var columnsOf: [UInt32: [CatalogSnapshot.Column]] = [:]
        for row in columns {
            guard row.count == 6, let relation = number(row[0], UInt32.self), let number_ = number(row[1], Int16.self),
                let name = row[2], let type = number(row[3], UInt32.self)
            else { throw unreadable("pg_attribute") }
            columnsOf[relation, default: []].append(
                CatalogSnapshot.Column(
                    number: number_, name: name, typeOID: type,
                    generatedFrom: (row[4] ?? "").split(separator: ",").compactMap { Int16($0) },
                    holdsDocuments: row[5] != nil))
        }
        var parentsOf: [UInt32: [UInt32]] = [:]
        for row in parents {
            guard row.count == 2, let child = number(row[0], UInt32.self), let parent = number(row[1], UInt32.self)
            else { throw unreadable("pg_inherits") }
            parentsOf[child, default: []].append(parent)
        }
        var read: [CatalogSnapshot.Relation] = []
        read.reserveCapacity(relations.count)
        for row in relations {
            guard row.count == 5, let oid = number(row[0], UInt32.self), let schema = row[1], let name = row[2],
                let kind = row[3].flatMap(kind)
            else { throw unreadable("pg_class") }
            read.append(
                CatalogSnapshot.Relation(
                    oid: oid, schema: schema, name: name, kind: kind, columns: columnsOf[oid] ?? [],
                    definition: row[4], parents: parentsOf[oid] ?? []))
        }
        var castsTo: [String: [CatalogSnapshot.Cast]] = [:]
        for row in casts {
            guard row.count == 6, let target = row[0], let source = row[1], let oid = number(row[2], UInt32.self),
                let array = number(row[3], UInt32.self), let schema = row[4], let name = row[5]
            else { throw unreadable("pg_cast") }
            castsTo[target, default: []].append(
                CatalogSnapshot.Cast(
                    source: source, sourceOIDs: [oid, array],
                    function: CatalogSnapshot.Function(schema: schema, name: name)))
        }
        return CatalogSnapshot(
            relations: read, functions: try names(functions, "pg_proc"),
            operators: try names(operators, "pg_operator"), casts: castsTo)
    }

    private static func names(
        _ rows: [UpstreamQueryHandler.Row], _ catalog: String
    ) throws -> Set<CatalogSnapshot.Function> {
        var names: Set<CatalogSnapshot.Function> = []
        for row in rows {
            guard row.count == 2, let schema = row[0], let name = row[1] else { throw unreadable(catalog) }
            names.insert(CatalogSnapshot.Function(schema: schema, name: name))
        }
        return names
    }

    private static func kind(_ relkind: String) -> CatalogSnapshot.RelationKind? {
        switch relkind {
        case "r": .table
        case "p": .partitionedTable
        case "v": .view
        case "m": .materializedView
        case "f": .foreignTable
        case "S": .sequence
        case "c": .composite
        case "i", "I": .index
        case "t": .toast
        default: nil
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String?, _: Number.Type) -> Number? {
        text.flatMap { Number($0) }
    }

    private static func unreadable(_ catalog: String) -> UpstreamQueryError {
        UpstreamQueryError(description: "a row of \(catalog) is not what PostgreSQL 12 to 17 give")
    }
}
