public import SQLInspection

/// Reads SQL with PostgreSQL's own parser.
public struct InspectorParser: StatementParsing {
    private let inspector: StatementInspector
    private let parser: LargeStackParser

    public init(inspector: StatementInspector = StatementInspector()) {
        self.inspector = inspector
        parser = LargeStackParser(inspector: inspector)
    }

    public func needsLargeStack(_ text: [UInt8]) throws(UnreadableStatement) -> Bool {
        do throws(StatementError) {
            return try inspector.stackNeed(of: text) == .large
        } catch {
            throw UnreadableStatement(error.description)
        }
    }

    public func parse(_ text: [UInt8]) throws(UnreadableStatement) -> any ParsedStatements {
        do throws(StatementError) {
            return try inspector.parse(text)
        } catch {
            throw UnreadableStatement(error.description)
        }
    }

    public func parseOnLargeStack(
        _ text: [UInt8],
        completion: @escaping @Sendable (Result<any ParsedStatements, UnreadableStatement>) -> Void
    ) {
        parser.parse(text) { result in
            completion(result.map { $0 as any ParsedStatements }.mapError { UnreadableStatement($0.description) })
        }
    }
}

extension ParsedText: ParsedStatements {
    public func analyze(catalog: CatalogSnapshot, searchPath: [String]) -> [StatementAnalysis] {
        analyze(catalog: catalog, scope: ResolutionScope(searchPath: searchPath))
    }
}
