import Enforcement
import Policy
import SQLInspection

/// Asks a policy what it says of SQL text, as a sidecar would, without a server.
struct StatementJudge {
    let bundle: PolicyBundle
    let resource: String
    /// `nil`: there is no catalog, and tables are taken to have the columns that the statement and the policy name.
    let catalog: CatalogSnapshot?
    let searchPath: [String]

    /// One statement of a text.
    struct Judged {
        var text: String
        var operation: Operation
        var explanation: Explanation
        /// Names of the result's columns that come back masked; `nil` when there is no result.
        var masked: [String]?
        /// Sums and averages among them that pass where the count beside them is large enough.
        var counted: [Counted] = []
    }

    struct Counted {
        var name: String
        var counter: String
        var minimum: UInt32
    }

    /// - Returns: the statements in order; one that is unparsable when the text cannot be read.
    func judge(_ sql: String, by subject: Subject) async -> (statements: [Judged], failure: String?) {
        let bytes = Array(sql.utf8)
        let parser = LargeStackParser(inspector: StatementInspector())
        let parsed: ParsedText
        do throws(StatementError) {
            parsed = try await parser.parse(bytes)
        } catch {
            let operation = OperationMapping.unreadable(resource: resource)
            let judged = Judged(text: sql, operation: operation, explanation: bundle.explain(operation, by: subject))
            return ([judged], error.description)
        }
        let scope = ResolutionScope(searchPath: searchPath)
        let analyses = parsed.analyze(catalog: catalog ?? assumedCatalog(parsed, scope), scope: scope)
        let statements = analyses.map { analysis in
            let operation = OperationMapping.operation(
                for: analysis, resource: resource, isOneOfSeveral: analyses.count > 1,
                keys: bundle.jsonKeys(resource: resource)
            ) { bundle.columnClass(resource: resource, column: [$0.schema, $0.relation, $0.column])?.mask }
            return Judged(
                text: String(decoding: bytes[analysis.textRange.clamped(to: bytes.indices)], as: UTF8.self),
                operation: operation, explanation: bundle.explain(operation, by: subject),
                masked: analysis.outputs?.filter {
                    $0.isUnknown || $0.sources.contains(where: isClassified) || isUnderKey($0.document)
                }.map(\.name), counted: counted(analysis.outputs ?? []))
        }
        return (statements, nil)
    }

    private func isUnderKey(_ part: DocumentPart?) -> Bool {
        let keys = bundle.jsonKeys(resource: resource)
        guard let part, !keys.isEmpty else { return false }
        return part.isUntold || part.keys.contains { keys.use(of: $0) != nil }
    }

    private func counted(_ outputs: [OutputColumn]) -> [Counted] {
        outputs.compactMap { output in
            guard let counter = output.countedBy, outputs.indices.contains(counter), !output.isUnknown else {
                return nil
            }
            let classes = output.sources.compactMap {
                bundle.columnClass(resource: resource, column: [$0.schema, $0.relation, $0.column])
            }
            guard let minimum = classes.compactMap(\.aggregatedRows).max(),
                classes.allSatisfy({ $0.aggregatedRows != nil })
            else { return nil }
            return Counted(name: output.name, counter: outputs[counter].name, minimum: minimum)
        }
    }

    private func isClassified(_ column: BaseColumn) -> Bool {
        bundle.columnClass(resource: resource, column: [column.schema, column.relation, column.column]) != nil
    }

    /// A catalog in which every table that the statements name exists, with the columns that they or the policy name.
    private func assumedCatalog(_ parsed: ParsedText, _ scope: ResolutionScope) -> CatalogSnapshot {
        var tables: [BaseTable: Set<String>] = [:]
        for access in parsed.analyze(catalog: CatalogSnapshot(relations: []), scope: scope).flatMap(\.accesses)
        where !access.isCatalog {
            let schema = access.schema.isEmpty ? searchPath.first ?? "public" : access.schema
            tables[BaseTable(schema: schema, name: access.name), default: []].formUnion(access.columns.keys)
        }
        let named = Set(
            bundle.classifications.flatMap(\.columns).compactMap { pattern in
                pattern.split(separator: ".").last.map(String.init)
            }.filter { !$0.contains("*") && !$0.contains("\"") })
        return CatalogSnapshot(
            tables: tables.map { table, columns in
                let classified = named.filter {
                    isClassified(BaseColumn(schema: table.schema, relation: table.name, column: $0))
                }
                return (table.schema, table.name, columns.union(classified).subtracting(["*"]).sorted())
            })
    }

    private struct BaseTable: Hashable {
        var schema: String
        var name: String
    }
}

extension StatementJudge {
    /// What policy says of all the statements together: deny beats hold, hold beats allow.
    static func verdict(of statements: [Judged]) -> Verdict? {
        statements.map(\.explanation.verdict).max { $0.outcome < $1.outcome }
    }
}

extension CatalogSnapshot {
    /// A catalog of plain tables, their columns numbered as they come. Types are not told: nothing that is decided before
    /// a statement runs depends on them.
    init(tables: [(schema: String, name: String, columns: [String])]) {
        // 25 is text's type; oids under 16384 are the server's own.
        let relations = tables.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }.enumerated().map { index, table in
            Relation(
                oid: 16_384 + UInt32(index), schema: table.schema, name: table.name, kind: .table,
                columns: table.columns.prefix(1_600).enumerated().map { number, name in
                    Column(number: Int16(number + 1), name: name, typeOID: 25)
                })
        }
        self.init(relations: relations)
    }
}
