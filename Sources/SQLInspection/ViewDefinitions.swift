internal import Synchronization

/// Parsed definitions of one snapshot's views, each parsed when it is first asked for.
final class ViewDefinitions: Sendable {
    private let parsed = Mutex<[UInt32: ParsedText?]>([:])

    /// - Returns: nil where there is none that can be parsed on the calling thread.
    func definition(of relation: CatalogSnapshot.Relation, limits: StatementInspector.Limits) -> ParsedText? {
        if let known = parsed.withLock({ $0[relation.oid] }) { return known }
        let text = relation.definition.flatMap { try? StatementInspector(limits: limits).parse(Array($0.utf8)) }
        parsed.withLock { $0[relation.oid] = text }
        return text
    }
}

extension CatalogSnapshot {
    func viewDefinition(of relation: Relation, limits: StatementInspector.Limits) -> ParsedText? {
        definitions.definition(of: relation, limits: limits)
    }
}
