/// What stands before the event in a record's bytes.
///
/// The form is canonical, so that the bytes can be taken apart and put together again: the fields 1 to 5 in their order, zeros
/// left out.
struct RecordHeader {
    var sessionID: RecordID
    var sequence: UInt64
    var previous: RecordHash
    /// Microseconds since 1970.
    var time: Int64
    /// `nil` where nobody was told it.
    var id: RecordID?

    var byteCount: Int {
        18 + ProtobufWriter.byteCount(field: 2, varint: sequence) + 34
            + ProtobufWriter.byteCount(field: 4, varint: UInt64(bitPattern: time)) + (id == nil ? 0 : 18)
    }

    /// Writes the header.
    ///
    /// - Parameter memory: At least ``byteCount`` bytes.
    /// - Returns: How many were written.
    @discardableResult
    func store(to memory: UnsafeMutableRawBufferPointer) -> Int {
        unsafe memory.storeBytes(of: UInt16(0x100A).littleEndian, toByteOffset: 0, as: UInt16.self)
        unsafe sessionID.store(to: memory, at: 2)
        var offset = 18
        unsafe Self.store(tag: 0x10, sequence, to: memory, at: &offset)
        unsafe memory.storeBytes(of: UInt16(0x201A).littleEndian, toByteOffset: offset, as: UInt16.self)
        unsafe previous.store(to: memory, at: offset + 2)
        offset += 34
        unsafe Self.store(tag: 0x20, UInt64(bitPattern: time), to: memory, at: &offset)
        if let id {
            unsafe memory.storeBytes(of: UInt16(0x102A).littleEndian, toByteOffset: offset, as: UInt16.self)
            unsafe id.store(to: memory, at: offset + 2)
            offset += 18
        }
        return offset
    }

    private static func store(
        tag: UInt8, _ value: UInt64, to memory: UnsafeMutableRawBufferPointer, at offset: inout Int
    ) {
        guard value != 0 else { return }
        unsafe memory[offset] = tag
        offset += 1
        unsafe store(varint: value, to: memory, at: &offset)
    }

    static func store(varint value: UInt64, to memory: UnsafeMutableRawBufferPointer, at offset: inout Int) {
        var rest = value
        while rest >= 0x80 {
            unsafe memory[offset] = UInt8(truncatingIfNeeded: rest) | 0x80
            offset += 1
            rest >>= 7
        }
        unsafe memory[offset] = UInt8(truncatingIfNeeded: rest)
        offset += 1
    }
}
