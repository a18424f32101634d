extension Span<UInt8> {
    /// Whether both hold the same bytes; eight of them are compared at a time.
    public func holdsSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { left in unsafe other.withUnsafeBytes { unsafe SpanComparison.equal(left, $0) } }
    }
}

extension [UInt8] {
    /// The same of an array.
    public func holdsSameBytes(as other: Span<UInt8>) -> Bool { other.holdsSameBytes(as: span) }
}

private enum SpanComparison {
    /// - Parameter right: As many bytes as `left`.
    @inline(__always)
    static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = left.count
        guard count >= 8 else {
            for index in 0..<count where unsafe left[index] != right[index] { return false }
            return true
        }
        var offset = 0
        while offset <= count - 8 {
            guard unsafe word(left, offset) == word(right, offset) else { return false }
            offset += 8
        }
        // The last eight, of which some were compared before.
        return unsafe word(left, count - 8) == word(right, count - 8)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
