import PostgresWire

/// Where the parts of an answer stand that is the whole of what came, and whole: `[ParseComplete BindComplete] [RowDescription]
/// DataRow* CommandComplete ReadyForQuery`.
struct AnswerLayout {
    /// The RowDescription's body; empty when there is none.
    private(set) var description = 0..<0
    /// All DataRows.
    private(set) var rows = 0..<0
    private(set) var rowCount = 0
    /// The command tag.
    private(set) var tag = 0..<0
    private(set) var status = TransactionStatus.idle

    /// - Returns: `nil` for anything else.
    init?(_ bytes: Span<UInt8>, _ shape: FastLane.Shape) {
        var next = 0
        if shape.hasParse {
            guard let end = bytes.endOfMessage(BackendTag.parseComplete.rawValue, at: next), end - next == 5 else {
                return nil
            }
            next = end
        }
        if !shape.isQuery {
            guard let end = bytes.endOfMessage(BackendTag.bindComplete.rawValue, at: next), end - next == 5 else {
                return nil
            }
            next = end
        }
        if shape.isQuery || shape.hasDescribe {
            guard let end = bytes.endOfMessage(BackendTag.rowDescription.rawValue, at: next) else { return nil }
            description = next + 5..<end
            next = end
        }
        let first = next
        while let end = bytes.endOfMessage(BackendTag.dataRow.rawValue, at: next) {
            next = end
            rowCount += 1
        }
        rows = first..<next
        guard let end = bytes.endOfMessage(BackendTag.commandComplete.rawValue, at: next), end - next > 5,
            bytes[end - 1] == 0
        else { return nil }
        tag = next + 5..<end - 1
        // What is not ASCII is the machine's to make UTF-8 of; a zero within is its to refuse.
        for index in tag where bytes[index] == 0 || bytes[index] >= 0x80 { return nil }
        guard let last = bytes.endOfMessage(BackendTag.readyForQuery.rawValue, at: end), last - end == 6,
            last == bytes.count, let status = TransactionStatus(rawValue: bytes[end + 5])
        else { return nil }
        self.status = status
    }
}
