import HTTPInspection
import Policy

/// What a session over HTTP wants done, gathered while it takes one input. Whoever runs sessions owns one, has the session fill it, and
/// drains it in the order of ``SessionOutput``: records, bytes, actions.
///
/// So no byte leaves before the record of what it comes from is safe.
public struct HTTPOutput: ~Copyable, Sendable {
    /// Evidence: it may come early, never late.
    public internal(set) var records: [SessionRecord] = []
    /// Bytes for the client.
    public internal(set) var client: [UInt8] = []
    /// Bytes for the upstream.
    public internal(set) var upstream = HTTPUpstreamBytes()
    private var actions: [HTTPAction] = []
    // What a session works in while it takes an input.
    var scratch: [UInt8] = []

    public init() {}

    public var isEmpty: Bool { records.isEmpty && client.isEmpty && upstream.bytes.isEmpty && actions.isEmpty }

    // MARK: For whoever runs sessions

    public mutating func clearRecords() {
        records.removeAll(keepingCapacity: true)
    }

    /// - Parameter capacity: A buffer that has grown larger is given back.
    public mutating func clearBytes(keeping capacity: Int = SessionOutput.keptCapacity) {
        client.removeAll(keepingCapacity: client.capacity <= capacity)
        upstream.removeAll(keeping: capacity)
        scratch.removeAll(keepingCapacity: scratch.capacity <= capacity)
    }

    public var hasActions: Bool { !actions.isEmpty }

    public mutating func takeActions() -> [HTTPAction] {
        if actions.isEmpty { return [] }
        defer { actions = [] }
        return actions
    }

    /// Drops what may not happen, since its record could not be kept.
    public mutating func withhold() {
        clearRecords()
        client.removeAll()
        upstream.removeAll(keeping: 0)
        actions.removeAll()
    }

    /// Drops the bytes that a session wrote as it ended, since their record could not be kept. Its end goes on.
    public mutating func withholdBytes() {
        client.removeAll()
        upstream.removeAll(keeping: 0)
    }

    // MARK: For the session

    mutating func perform(_ action: HTTPAction) {
        actions.append(action)
    }

    mutating func record(_ record: SessionRecord) {
        records.append(record)
    }
}

/// Bytes for an upstream, made only of what a verdict permits.
public struct HTTPUpstreamBytes: Sendable {
    public private(set) var bytes: [UInt8] = []

    init() {}

    mutating func removeAll(keeping capacity: Int) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= capacity)
    }

    /// Writes a part of a WebSocket that a verdict permits.
    mutating func write(_ part: WebSocketPart, of exchange: Permitted<StandingPermission>, key: [UInt8]) {
        WebSocketEncoder.write(part, key: key, into: &bytes)
    }

    /// Passes on a part of a tunnel that a verdict permits.
    mutating func pass(of exchange: Permitted<StandingPermission>, _ more: Span<UInt8>) {
        bytes.append(more, 0..<more.count)
    }

    /// Writes a part of a request that a verdict permits.
    mutating func write(
        of exchange: Permitted<StandingPermission>, _ part: (inout [UInt8]) throws(HTTPError) -> Void
    ) throws(HTTPError) {
        try part(&bytes)
    }
}
