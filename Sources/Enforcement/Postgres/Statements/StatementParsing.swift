public import SQLInspection

/// What reads SQL for a ``StatementReader``.
public protocol StatementParsing: Sendable {
    /// Whether a text is too long for an event loop's stack.
    func needsLargeStack(_ text: [UInt8]) throws(UnreadableStatement) -> Bool
    /// Parses a text that does not need a large stack.
    func parse(_ text: [UInt8]) throws(UnreadableStatement) -> any ParsedStatements
    /// Parses a text on a thread of the parser's own and calls back there, or at once when it has too much to do.
    func parseOnLargeStack(
        _ text: [UInt8],
        completion: @escaping @Sendable (Result<any ParsedStatements, UnreadableStatement>) -> Void)
}

/// A text that was parsed, before anything is known of the database that it is meant for.
public protocol ParsedStatements: Sendable {
    /// One analysis a statement, in order.
    func analyze(catalog: CatalogSnapshot, searchPath: [String]) -> [StatementAnalysis]
}

/// Why a text could not be read.
public struct UnreadableStatement: Error, Hashable, Sendable {
    /// For clients and records: it quotes nothing of the text.
    public var message: String

    public init(_ message: String) {
        self.message = message
    }
}
