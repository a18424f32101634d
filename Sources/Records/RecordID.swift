/// The name of a session or of a record: a UUID of version 7 (RFC 9562 §5.7), so that names sort by time; or, of a record that
/// carries no id, one of version 8 that is derived from the session's.
public struct RecordID: Hashable, Comparable, Sendable {
    /// The number of bytes of an id.
    public static let byteCount = 16

    /// The first and the last eight bytes, as big-endian numbers.
    public let high: UInt64
    public let low: UInt64

    /// Makes the id of a moment.
    ///
    /// The twelve bits after the version hold the fraction of the millisecond (RFC 9562 §6.2, method 3), so that ids of
    /// one process sort as they were made, to a quarter of a microsecond; the last 62 bits are random.
    ///
    /// - Parameters:
    ///   - microseconds: Since 1970. A negative number counts as 0.
    ///   - generator: Must be unpredictable: clients see record ids, and must not guess those of others.
    public init(at microseconds: Int64, using generator: inout some RandomNumberGenerator) {
        let time = UInt64(max(0, microseconds))
        let (milliseconds, rest) = time.quotientAndRemainder(dividingBy: 1000)
        let fraction = rest * 4096 / 1000
        high = milliseconds << 16 | 0x7000 | fraction
        low = 0x8000_0000_0000_0000 | (generator.next() >> 2)
    }

    /// Makes the id of a moment, random by the system's generator.
    public init(at microseconds: Int64) {
        var generator = SystemRandomNumberGenerator()
        self.init(at: microseconds, using: &generator)
    }

    /// The id of a record that carries none: nobody was told it, and whoever has the record can tell it.
    ///
    /// A UUID of version 8 (RFC 9562 §5.8): the session's, with the sequence number added to its last 62 bits. The ids of a
    /// session differ by their sequence, and those of two sessions unless both began in the same quarter of a microsecond and
    /// drew 62 random bits that lie as close together as their records do.
    public init(derivedFrom session: RecordID, sequence: UInt64) {
        let mask: UInt64 = 0x3FFF_FFFF_FFFF_FFFF
        high = session.high & ~0xF000 | 0x8000
        low = 0x8000_0000_0000_0000 | ((session.low & mask) &+ sequence) & mask
    }

    /// - Returns: `nil` unless there are 16 bytes. Any 16 bytes are taken: the version is not checked.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        // Byte by byte through a generic collection takes a hundred times as long.
        if let fast = bytes.withContiguousStorageIfAvailable({ unsafe Self(loading: $0.span.bytes, at: 0) }) {
            self = fast
            return
        }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        self.high = high
        self.low = low
    }

    /// The id of these two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Returns: `nil` unless `description` is 32 hexadecimal digits, with hyphens anywhere or nowhere.
    public init?(_ description: some StringProtocol) {
        guard let bytes = Hexadecimal.bytes(of: description.utf8.filter { $0 != UInt8(ascii: "-") }) else { return nil }
        self.init(bytes: bytes)
    }

    /// Reads the sixteen bytes at an offset.
    ///
    /// - Parameter bytes: At least sixteen bytes from the offset on.
    init(loading bytes: RawSpan, at offset: Int) {
        high = unsafe UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        low = unsafe UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    }

    /// - Returns: `nil` unless the range has sixteen bytes and lies within `bytes`.
    init?(_ bytes: [UInt8], in range: Range<Int>) {
        guard range.count == Self.byteCount, bytes.indices.contains(range.upperBound - 1) else { return nil }
        unsafe self.init(loading: bytes.span.bytes, at: range.lowerBound)
    }

    /// Writes the sixteen bytes.
    ///
    /// - Parameter memory: At least sixteen bytes.
    func store(to memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe memory.storeBytes(of: high.bigEndian, toByteOffset: offset, as: UInt64.self)
        unsafe memory.storeBytes(of: low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    }

    /// The sixteen bytes.
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            for index in 0..<8 {
                unsafe buffer[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * index))
                unsafe buffer[8 + index] = UInt8(truncatingIfNeeded: low >> (56 - 8 * index))
            }
            count = Self.byteCount
        }
    }

    /// The millisecond since 1970 that the id was made in.
    public var milliseconds: Int64 { Int64(high >> 16) }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension RecordID: CustomStringConvertible, LosslessStringConvertible {
    /// Lower-case hexadecimal in the groups of RFC 9562 §4.
    public var description: String {
        let digits = Array(Hexadecimal.string(of: bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    public init?(_ description: String) {
        self.init(description[...])
    }
}
