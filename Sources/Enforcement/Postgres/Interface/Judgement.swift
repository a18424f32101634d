import SQLInspection

/// Tells apart what a session waits for.
public struct JudgementTicket: Hashable, Sendable {
    let number: UInt64
}

/// A statement that must be read on a thread with a stack for it.
public struct JudgementRequest: Sendable {
    public let ticket: JudgementTicket
    let text: String
    let searchPath: [String]
    let catalog: PostgresCatalog
    let reader: StatementReader

    /// Reads it, on the caller's thread, and keeps the reading for others. Seconds, for a statement that is made to be slow.
    public func read() -> StatementReading {
        reader.readOnLargeStack(text, searchPath: searchPath, catalog: catalog)
    }
}

/// A text with what its statements would do: the same for everybody, whatever policy says of it.
public final class StatementReading: Sendable {
    /// In order; empty when the text could not be read or holds none.
    let statements: [StatementAnalysis]
    /// Why it could not be read.
    let failure: String?

    init(statements: [StatementAnalysis], failure: String? = nil) {
        self.statements = statements
        self.failure = failure
    }
}
