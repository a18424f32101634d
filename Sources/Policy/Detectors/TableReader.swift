/// Reads little-endian numbers, never past the end.
struct TableReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() throws(DetectorTableError) -> UInt8 {
        guard offset < bytes.count else { throw DetectorTableError("they end too early", at: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func u16() throws(DetectorTableError) -> Int {
        Int(try byte()) | Int(try byte()) << 8
    }

    mutating func u32() throws(DetectorTableError) -> UInt32 {
        UInt32(try u16()) | UInt32(try u16()) << 16
    }

    mutating func bytes(_ count: Int) throws(DetectorTableError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - offset else {
            throw DetectorTableError("they end too early", at: offset)
        }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    /// - Throws: Unless the number is in 0...`max`.
    mutating func u16(upTo max: Int, _ what: String) throws(DetectorTableError) -> Int {
        let start = offset
        let value = try u16()
        guard value <= max else { throw DetectorTableError("\(what) \(value) is more than \(max)", at: start) }
        return value
    }
}
