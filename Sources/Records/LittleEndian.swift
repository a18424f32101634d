/// Numbers of the spool's own formats.
enum LittleEndian {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for index in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    /// - Returns: The number at `offset`; bytes beyond the end count as 0.
    static func uint64(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        UInt64(uint32(bytes, at: offset)) | UInt64(uint32(bytes, at: offset + 4)) << 32
    }

    /// - Returns: The number at `offset`; bytes beyond the end count as 0.
    static func uint32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 where offset + index < bytes.count {
            value |= UInt32(bytes[offset + index]) << UInt32(8 * index)
        }
        return value
    }
}
