import Policy

/// Bytes for an upstream, made only of what a verdict permits and of messages that carry nothing of the client's.
public struct UpstreamBytes: Sendable {
    /// Whole messages of protocol 3.0.
    public private(set) var bytes: [UInt8] = []

    init() {}

    public var isEmpty: Bool { bytes.isEmpty }

    mutating func removeAll(keeping capacity: Int) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= capacity)
    }

    /// Appends what a verdict permits.
    mutating func append(_ message: Permitted<FrontendBytes>) {
        bytes.append(contentsOf: message.value.bytes)
    }

    /// Appends a request of the statement that a verdict permits for as long as it is in force.
    mutating func append(_ request: Span<UInt8>, of statement: Permitted<StandingPermission>) {
        bytes.append(request, 0..<request.count)
    }

    /// Appends a message of the sidecar's own, or one that asks for nothing that a verdict is needed for (Sync, Flush).
    mutating func append(control message: FrontendBytes) {
        bytes.append(contentsOf: message.bytes)
    }
}

/// One or more whole frontend messages, as they go on the wire.
struct FrontendBytes: Sendable {
    /// Often a part of what the client sent: it must be gone before more is taken from the client, or it would be copied.
    let bytes: ArraySlice<UInt8>

    init(bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }
}
