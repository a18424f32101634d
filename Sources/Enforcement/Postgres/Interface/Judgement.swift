/// Tells apart what a session waits for.
public struct JudgementTicket: Hashable, Sendable {
    let number: UInt64
}

/// A statement that is too long for an event loop's stack.
public struct JudgementRequest: Sendable {
    public let ticket: JudgementTicket
    let text: [UInt8]
    let reader: StatementReader

    /// Parses it on the parser's own thread.
    ///
    /// - Parameter completion: Called on that thread, or at once on this one when the parser has too much to do.
    public func read(_ completion: @escaping @Sendable (StatementReading) -> Void) {
        reader.parseOnLargeStack(text, completion: completion)
    }
}

/// A text that was parsed, or why it could not be.
public struct StatementReading: Sendable {
    let result: Result<any ParsedStatements, UnreadableStatement>
}
