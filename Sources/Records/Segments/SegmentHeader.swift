/// The first bytes of a spool's segment file.
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0 | 8 | `STILESG1` |
/// | 8 | 8 | the segment's number |
/// | 16 | 8 | when it was made, microseconds since 1970 |
/// | 24 | 8 | salt |
/// | 32 | 4 | CRC-32C of the 32 bytes before |
/// | 36 | 4 | zero |
///
/// Numbers are little-endian. Frames follow (``SegmentFrame``), then zeros to the end of the file.
public struct SegmentHeader: Hashable, Sendable {
    /// The number of bytes of a header.
    public static let byteCount = 40

    /// Counts up from 1 in a spool.
    public var number: UInt64
    /// Microseconds since 1970.
    public var created: Int64
    /// A random number that goes into the checksum of every frame. Records hold text that an agent chose: without the
    /// salt it cannot make bytes that recovery, when it looks for the next frame behind a damaged one, takes for one.
    public var salt: UInt64

    public init(number: UInt64, created: Int64, salt: UInt64) {
        self.number = number
        self.created = created
        self.salt = salt
    }

    private static let magic = Array("STILESG1".utf8)

    public var encoded: [UInt8] {
        var bytes = Self.magic
        LittleEndian.append(number, to: &bytes)
        LittleEndian.append(UInt64(bitPattern: created), to: &bytes)
        LittleEndian.append(salt, to: &bytes)
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        return bytes
    }

    /// Reads the header of a segment.
    ///
    /// - Parameter segment: The file's bytes, or at least its first ``byteCount``.
    /// - Returns: `nil` when they are no header, or a damaged one.
    public init?(of segment: [UInt8]) {
        guard segment.count >= Self.byteCount, segment.starts(with: Self.magic) else { return nil }
        guard CRC32C.checksum(Array(segment[..<32])) == LittleEndian.uint32(segment, at: 32) else { return nil }
        self.init(
            number: LittleEndian.uint64(segment, at: 8),
            created: Int64(bitPattern: LittleEndian.uint64(segment, at: 16)),
            salt: LittleEndian.uint64(segment, at: 24))
    }

    /// The checksum that every frame of the segment starts from.
    var seed: UInt32 {
        var bytes: [UInt8] = []
        LittleEndian.append(salt, to: &bytes)
        return CRC32C.checksum(bytes)
    }
}
