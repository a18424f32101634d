/// One entry of a segment: a head of eight bytes, the content, zeros up to a multiple of eight.
///
/// The head is one word, written after the content: length (24 bits) and kind (8 bits), then the CRC-32C of the
/// segment's salt, those four bytes and the content. A head is never 0, which is what a file that was preallocated
/// holds beyond its last frame.
public struct SegmentFrame: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable {
        /// An encoded `Record`.
        case record = 1
        /// A ``ChainState`` of a session whose records have left the spool while it is open: after a crash its close
        /// can still be chained and signed.
        case openSession = 2
    }

    /// The number of bytes of a head.
    public static let headByteCount = 8
    /// Frames start at multiples of this, so that recovery tries one place in eight.
    public static let alignment = 8

    public var kind: Kind
    /// Where the content lies in the segment.
    public var content: Range<Int>

    /// Where the next frame starts.
    public var end: Int { Self.aligned(content.upperBound) }

    /// The bytes that a frame takes.
    ///
    /// - Parameter contentByteCount: At most ``RecordLimits/maximumRecordBytes``.
    public static func byteCount(contentByteCount: Int) -> Int { aligned(headByteCount + contentByteCount) }

    static func aligned(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }
}

/// Makes and reads the frames of one segment.
public struct SegmentFraming: Hashable, Sendable {
    private let seed: UInt32

    public init(_ header: SegmentHeader) {
        seed = header.seed
    }

    /// The head of a frame, as the number that is stored in little-endian order.
    ///
    /// - Returns: `nil` when the content is empty or longer than ``RecordLimits/maximumRecordBytes``.
    public func head(of content: [UInt8], kind: SegmentFrame.Kind) -> UInt64? {
        head(of: content.span, kind: kind)
    }

    /// The head of a frame whose content lies anywhere.
    public func head(of content: Span<UInt8>, kind: SegmentFrame.Kind) -> UInt64? {
        guard !content.isEmpty, content.count <= RecordLimits.maximumRecordBytes else { return nil }
        let length = UInt32(content.count) | UInt32(kind.rawValue) << 24
        return UInt64(length) | UInt64(checksum(length: length, content)) << 32
    }

    /// A whole frame.
    ///
    /// - Returns: `nil` when the content is empty or longer than ``RecordLimits/maximumRecordBytes``.
    public func frame(_ content: [UInt8], kind: SegmentFrame.Kind) -> [UInt8]? {
        guard let head = head(of: content, kind: kind) else { return nil }
        var bytes: [UInt8] = []
        LittleEndian.append(head, to: &bytes)
        bytes += content
        bytes += repeatElement(0, count: SegmentFrame.aligned(bytes.count) - bytes.count)
        return bytes
    }

    /// How much of a frame its head announces.
    ///
    /// - Returns: The length of the content, or `nil` when no frame has such a head.
    public static func contentByteCount(head: UInt64) -> Int? {
        let length = Int(head & 0xFF_FFFF)
        guard length > 0, length <= RecordLimits.maximumRecordBytes,
            SegmentFrame.Kind(rawValue: UInt8(truncatingIfNeeded: head >> 24)) != nil
        else { return nil }
        return length
    }

    /// Reads the frame at an offset.
    ///
    /// - Parameters:
    ///   - bytes: A segment, or a part of one that starts with a frame.
    ///   - offset: At least 0.
    /// - Returns: `nil` when there is none that is whole and undamaged.
    public func frame(in bytes: [UInt8], at offset: Int) -> SegmentFrame? {
        guard offset >= 0, bytes.count - offset >= SegmentFrame.headByteCount else { return nil }
        let head = LittleEndian.uint64(bytes, at: offset)
        guard let length = Self.contentByteCount(head: head),
            let kind = SegmentFrame.Kind(rawValue: UInt8(truncatingIfNeeded: head >> 24))
        else { return nil }
        let start = offset + SegmentFrame.headByteCount
        guard length <= bytes.count - start else { return nil }
        let content = bytes.span.extracting(start..<start + length)
        guard checksum(length: UInt32(truncatingIfNeeded: head), content) == UInt32(head >> 32) else { return nil }
        return SegmentFrame(kind: kind, content: start..<start + length)
    }

    private func checksum(length: UInt32, _ content: Span<UInt8>) -> UInt32 {
        // A head of which four bytes are the length, none the content: four table steps, not an array.
        var crc = seed
        for shift in stride(from: 0, to: 32, by: 8) {
            crc = CRC32C.step(crc, UInt8(truncatingIfNeeded: length >> UInt32(shift)))
        }
        return CRC32C.checksum(content, continuing: crc)
    }
}
