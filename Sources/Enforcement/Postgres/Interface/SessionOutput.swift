import Policy
import PostgresWire
public import Records

/// What a session wants done, gathered while it takes one input. Whoever runs sessions owns one (an event loop's sessions may
/// share it: it is empty between inputs), has the session fill it, and drains it in this order:
///
/// 1. ``records`` are spooled. When one cannot be kept and ``PostgresSession/mustRecord`` is true, ``withhold()`` is called and
///    ``PostgresEvent/recordRefused(reason:)`` fed, which fills it anew; of a session that is over, ``withholdBytes()``. Else
///    ``clearRecords()``.
/// 2. ``upstream`` and ``client`` are on their way, in whichever order; then ``clearBytes()``.
/// 3. What ``takeActions()`` gives is performed in its order. An action that causes an event at once has it fill this
///    output again, which is drained after the actions that were taken.
///
/// So no byte leaves before the record of what it comes from is safe, and the buffers are written again and again with no
/// allocation.
public struct SessionOutput: ~Copyable, Sendable {
    /// Evidence: it may come early, never late.
    public internal(set) var records: [SessionRecord] = []
    /// The bytes of those that come encoded.
    public internal(set) var events = EventBuffer()
    /// Bytes for the client.
    public internal(set) var client: [UInt8] = []
    /// Bytes for the upstream.
    public internal(set) var upstream = UpstreamBytes()
    /// The rare rest.
    private var actions: [PostgresAction] = []
    // What a session works in while it takes an input; empty, or of no interest, between inputs.
    var scratch: [UInt8] = []
    var findings = DetectorFindings()
    /// So many of the first bytes for the client end a message whose beginning was handed out before.
    private var continuation = 0

    public init() {}

    public var isEmpty: Bool { records.isEmpty && client.isEmpty && upstream.isEmpty && actions.isEmpty }

    // MARK: For whoever runs sessions

    public mutating func clearRecords() {
        records.removeAll(keepingCapacity: true)
        events.removeAll()
    }

    /// - Parameter capacity: A buffer that has grown larger is given back.
    public mutating func clearBytes(keeping capacity: Int = SessionOutput.keptCapacity) {
        client.removeAll(keepingCapacity: client.capacity <= capacity)
        upstream.removeAll(keeping: capacity)
        scratch.removeAll(keepingCapacity: scratch.capacity <= capacity)
        continuation = 0
    }

    /// A full read of a socket, with what masks add to it.
    public static let keptCapacity = 256 << 10

    public var hasActions: Bool { !actions.isEmpty }

    public mutating func takeActions() -> [PostgresAction] {
        if actions.isEmpty { return [] }
        defer { actions = [] }
        return actions
    }

    /// Drops what may not happen, since its record could not be kept: all but the end of a message that the client has the
    /// beginning of.
    public mutating func withhold() {
        clearRecords()
        withholdBytes()
        actions.removeAll()
    }

    /// Drops the bytes that a session wrote as it ended, since their record could not be kept. Its end goes on.
    public mutating func withholdBytes() {
        client.removeSubrange(Swift.min(continuation, client.count)...)
        upstream.removeAll(keeping: 0)
    }

    // MARK: For the session

    mutating func perform(_ action: PostgresAction) {
        actions.append(action)
    }

    mutating func record(_ record: SessionRecord) {
        records.append(record)
    }

    mutating func toClient(_ message: BackendMessage) {
        message.encode(into: &client)
    }

    /// More of a message that the client has the beginning of.
    mutating func continueToClient(_ part: some Collection<UInt8>) {
        let isFirst = client.count == continuation
        client.append(contentsOf: part)
        if isFirst { continuation = client.count }
    }
}
