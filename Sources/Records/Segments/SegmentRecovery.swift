/// What a segment holds after its writer was killed, or its medium damaged: every frame that is whole, and every byte
/// that is not accounted for.
///
/// A frame that was being written when the writer died is cut off: nothing follows it. Damage with frames behind it is
/// reported with its place and passed over.
public struct SegmentRecovery: Hashable, Sendable {
    /// The whole frames, in the order of the file.
    public private(set) var frames: [SegmentFrame] = []
    /// Damage with whole frames behind it.
    public private(set) var damaged: [Range<Int>] = []
    /// Where the last whole frame ends, and the next may be written.
    public private(set) var end: Int
    /// How many bytes from ``end`` on are not zero up to the last such byte: the remains of a frame that was being
    /// written, or damage to the last frames (which cannot be told from it).
    public private(set) var tornByteCount = 0

    /// Reads a segment.
    ///
    /// - Parameters:
    ///   - segment: The whole file.
    ///   - framing: Of the file's header.
    ///   - start: Where to start: the end of the header, or of a frame.
    public init(
        of segment: [UInt8], framing: SegmentFraming, from start: Int = SegmentHeader.byteCount
    ) {
        end = start
        var offset = start
        while offset < segment.count {
            if let frame = framing.frame(in: segment, at: offset) {
                if offset > end { damaged.append(end..<offset) }
                frames.append(frame)
                end = frame.end
                offset = end
            } else {
                offset = Self.nextCandidate(in: segment, after: offset)
            }
        }
        // A last frame whose padding was cut off with the file ends beyond it.
        end = min(end, segment.count)
        if let last = segment[end...].lastIndex(where: { $0 != 0 }) { tornByteCount = last + 1 - end }
    }

    /// The next place that is not zero, where a frame could start.
    private static func nextCandidate(in segment: [UInt8], after offset: Int) -> Int {
        var next = SegmentFrame.aligned(offset + 1)
        let span = segment.span
        while next + 8 <= span.count {
            // In bounds by the loop's condition.
            if unsafe span.bytes.unsafeLoadUnaligned(fromByteOffset: next, as: UInt64.self) != 0 { return next }
            next += 8
        }
        return segment.count
    }
}
