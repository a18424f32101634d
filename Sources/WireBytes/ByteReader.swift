/// Reads a part of an array from its beginning to its end, and never past it.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    /// Where the next byte is, in the array.
    public private(set) var position: Int
    /// Where the part ends, in the array.
    public let end: Int

    /// - Parameter range: Clamped to the array.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        let clamped = range.clamped(to: 0..<bytes.count)
        position = clamped.lowerBound
        end = clamped.upperBound
    }

    public init(_ bytes: [UInt8]) {
        self.init(bytes, in: 0..<bytes.count)
    }

    public var remaining: Int { end - position }

    public mutating func uint8() throws(WireError) -> UInt8 {
        try need(1)
        defer { position += 1 }
        return bytes[position]
    }

    /// Big-endian, as every integer here.
    public mutating func uint16() throws(WireError) -> UInt16 {
        try need(2)
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    public mutating func uint32() throws(WireError) -> UInt32 {
        try need(4)
        defer { position += 4 }
        return UInt32(bytes[position]) << 24 | UInt32(bytes[position + 1]) << 16 | UInt32(bytes[position + 2]) << 8
            | UInt32(bytes[position + 3])
    }

    public mutating func uint64() throws(WireError) -> UInt64 {
        let high = try uint32()
        let low = try uint32()
        return UInt64(high) << 32 | UInt64(low)
    }

    public mutating func int16() throws(WireError) -> Int16 { Int16(bitPattern: try uint16()) }

    public mutating func int32() throws(WireError) -> Int32 { Int32(bitPattern: try uint32()) }

    public mutating func int64() throws(WireError) -> Int64 { Int64(bitPattern: try uint64()) }

    /// The range, in the array, of the next `count` bytes.
    public mutating func range(_ count: Int) throws(WireError) -> Range<Int> {
        guard count >= 0 else { throw WireError(.malformed, "a length of \(count)") }
        try need(count)
        defer { position += count }
        return position..<(position + count)
    }

    public mutating func array(_ count: Int) throws(WireError) -> [UInt8] {
        Array(bytes[try range(count)])
    }

    /// The bytes up to a NUL, which is skipped.
    public mutating func terminated() throws(WireError) -> [UInt8] {
        guard let stop = bytes[position..<end].firstIndex(of: 0) else {
            throw WireError(.truncated, "a string without its end")
        }
        defer { position = stop + 1 }
        return Array(bytes[position..<stop])
    }

    /// What is left.
    public mutating func rest() -> [UInt8] {
        defer { position = end }
        return Array(bytes[position..<end])
    }

    /// Call it when the content should be over.
    public func finish() throws(WireError) {
        if remaining != 0 { throw WireError(.trailing, "\(remaining) bytes after the content") }
    }

    private func need(_ count: Int) throws(WireError) {
        if remaining < count { throw WireError(.truncated, "\(count) bytes wanted, \(remaining) left") }
    }
}
