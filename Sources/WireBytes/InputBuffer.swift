/// Bytes that have arrived and are not yet used up: appended at the end, used from the beginning.
public struct InputBuffer: Sendable {
    /// Indices of ``bytes`` stay valid until the next `append` or `consume`.
    public private(set) var bytes: [UInt8] = []
    /// Where what is not used up begins.
    public private(set) var start = 0

    public init() {}

    public var count: Int { bytes.count - start }
    public var isEmpty: Bool { count == 0 }
    /// What is not used up.
    public var range: Range<Int> { start..<bytes.count }

    public mutating func append(_ span: Span<UInt8>) {
        compact()
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func append(_ more: some Collection<UInt8>) {
        compact()
        bytes.append(contentsOf: more)
    }

    /// - Parameter count: Clamped to what there is.
    public mutating func consume(_ count: Int) {
        start += Swift.min(Swift.max(count, 0), self.count)
        if start == bytes.count {
            // A buffer that large messages have grown is given back.
            bytes.removeAll(keepingCapacity: bytes.capacity <= InputBuffer.keptCapacity)
            start = 0
        }
    }

    public mutating func removeAll() {
        bytes = []
        start = 0
    }

    /// A connection keeps this much between messages: enough for those of a point query, and little for thousands of
    /// connections that wait.
    private static let keptCapacity = 2 * 1024

    /// Moves what is left to the front once more has been used up than is left, so that a byte is moved once at the most.
    private mutating func compact() {
        guard start > 0, start >= bytes.count - start else { return }
        bytes.removeSubrange(0..<start)
        start = 0
    }
}
