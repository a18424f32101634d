/// Bytes that have arrived and are not yet used up: appended at the end, used from the beginning.
public struct InputBuffer: Sendable {
    /// Indices of ``bytes`` stay valid until the next `append` or `consume`.
    public private(set) var bytes: [UInt8] = []
    /// Where what is not used up begins.
    public private(set) var start = 0

    public init() {}

    public var count: Int { bytes.count - start }
    public var isEmpty: Bool { count == 0 }
    /// Bytes of memory that it holds, used or not.
    public var capacity: Int { bytes.capacity }
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

    /// Makes room for the next bytes of a long message, and for all of it where that is at most as much again as has come:
    /// a length that is a lie reserves nothing, and one that is true leaves no room unused.
    ///
    /// - Parameters:
    ///   - more: How many bytes are to be appended next.
    ///   - total: How many bytes the message at the beginning has in all.
    public mutating func makeRoom(for more: Int, of total: Int) {
        compact()
        let needed = bytes.count + more
        guard needed > bytes.capacity else { return }
        bytes.reserveCapacity(Swift.max(needed, Swift.min(start + total + more, 2 * needed)))
    }

    /// - Parameter count: Clamped to what there is.
    public mutating func consume(_ count: Int) {
        start += Swift.min(Swift.max(count, 0), self.count)
        if start == bytes.count {
            // A buffer that large messages have grown is given back.
            bytes.removeAll(keepingCapacity: bytes.capacity <= InputBuffer.keptCapacity)
            start = 0
        } else if bytes.capacity > InputBuffer.longCapacity, start >= self.count {
            // So is one that has the beginning of the next message behind a long one.
            bytes = Array(bytes[start...])
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

    /// More than reads of a socket and messages of usual lengths make of it.
    private static let longCapacity = 512 * 1024

    /// Moves what is left to the front once more has been used up than is left, so that a byte is moved once at the most.
    private mutating func compact() {
        guard start > 0, start >= bytes.count - start else { return }
        bytes.removeSubrange(0..<start)
        start = 0
    }
}
