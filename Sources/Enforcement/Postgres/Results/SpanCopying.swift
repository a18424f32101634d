extension [UInt8] {
    /// Appends a part of a span in one piece.
    @inline(__always)
    mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        unsafe span.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    init(copying span: Span<UInt8>) {
        self = []
        append(span, 0..<span.count)
    }

    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(span) }
}

extension Span<UInt8> {
    /// Four bytes as protocols write numbers. The caller has checked that they are there.
    @inline(__always)
    func bigEndian32(at index: Int) -> UInt32 {
        UInt32(self[index]) << 24 | UInt32(self[index + 1]) << 16 | UInt32(self[index + 2]) << 8
            | UInt32(self[index + 3])
    }
}
