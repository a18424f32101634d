import PostgresWire

/// What a session wants done, gathered while it works on one input, in an order that keeps records before the bytes that
/// depend on them.
struct SessionOutput {
    /// Bytes for the client, until the next flush.
    var client: [UInt8] = []
    var upstream = UpstreamBytes()
    private var actions: [PostgresAction] = []

    /// Writes of this size are as good as larger ones.
    private static let clientChunk = 64 << 10

    /// Puts an action behind all the bytes so far.
    mutating func perform(_ action: PostgresAction) {
        flushBytes()
        actions.append(action)
    }

    /// Puts a record before any byte that was not handed out yet: it may come early, never late.
    mutating func record(_ record: SessionRecord) {
        actions.append(.record(record))
    }

    /// Call it between whole messages: what has gathered is handed out when it is worth a write.
    mutating func relieve() {
        if client.count >= SessionOutput.clientChunk { flushBytes() }
    }

    mutating func toClient(_ message: BackendMessage) {
        message.encode(into: &client)
    }

    mutating func flush(into target: inout [PostgresAction]) {
        flushBytes()
        if target.isEmpty {
            swap(&target, &actions)
        } else {
            target.append(contentsOf: actions)
            actions.removeAll(keepingCapacity: true)
        }
    }

    private mutating func flushBytes() {
        if !upstream.isEmpty {
            actions.append(.sendToUpstream(upstream))
            upstream = UpstreamBytes()
        }
        if !client.isEmpty {
            actions.append(.sendToClient(client))
            client = []
        }
    }
}
