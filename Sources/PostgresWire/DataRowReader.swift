public import WireBytes

/// Walks the values of a DataRow where they lie, without a copy.
public struct DataRowReader: Sendable {
    private var body: ByteReader
    public let columnCount: Int
    private var left: Int

    public init(_ body: ByteReader) throws(WireError) {
        var body = body
        columnCount = try PostgresWire.columnCount(&body)
        left = columnCount
        self.body = body
    }

    /// The next column's value, as a range of the array that the reader was made with.
    ///
    /// - Returns: `.some(nil)` for NULL, `nil` after the last.
    public mutating func next() throws(WireError) -> Range<Int>?? {
        guard left > 0 else {
            try body.finish()
            return nil
        }
        left -= 1
        let length = try body.int32()
        if length == -1 { return .some(nil) }
        return .some(try body.range(Int(length)))
    }
}
