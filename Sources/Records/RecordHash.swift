public import Crypto

/// The SHA-256 of a record's bytes: what the next record of its session names as `previous`.
public struct RecordHash: Hashable, Sendable, CustomStringConvertible {
    /// The number of bytes of a hash.
    public static let byteCount = 32

    /// What the first record of a session names: thirty-two zeros.
    public static let zero = RecordHash(words: (0, 0, 0, 0))

    // Words rather than an array: a chain's state is then a plain value that costs no allocation to keep or compare.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (first, second, third, fourth) = words
    }

    /// The hash of a record's bytes, as they were first encoded.
    public init(of record: [UInt8]) {
        self.init(SHA256.hash(data: record))
    }

    /// The hash of a record's bytes where they lie.
    init(of record: UnsafeRawBufferPointer) {
        var digest = SHA256()
        unsafe digest.update(bufferPointer: record)
        self.init(digest.finalize())
    }

    /// Reads the thirty-two bytes at an offset.
    ///
    /// - Parameter bytes: At least thirty-two bytes from the offset on.
    init(loading bytes: RawSpan, at offset: Int) {
        first = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        second = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        third = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 16, as: UInt64.self))
        fourth = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
    }

    /// - Returns: `nil` unless the range has thirty-two bytes and lies within `bytes`.
    init?(_ bytes: [UInt8], in range: Range<Int>) {
        guard range.count == Self.byteCount, bytes.indices.contains(range.upperBound - 1) else { return nil }
        unsafe self.init(loading: bytes.span.bytes, at: range.lowerBound)
    }

    /// The bytes as four little-endian numbers.
    var words: InlineArray<4, UInt64> { [first, second, third, fourth] }

    /// Writes the thirty-two bytes.
    ///
    /// - Parameter memory: At least thirty-two bytes.
    func store(to memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe memory.storeBytes(of: first.littleEndian, toByteOffset: offset, as: UInt64.self)
        unsafe memory.storeBytes(of: second.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
        unsafe memory.storeBytes(of: third.littleEndian, toByteOffset: offset + 16, as: UInt64.self)
        unsafe memory.storeBytes(of: fourth.littleEndian, toByteOffset: offset + 24, as: UInt64.self)
    }

    public init(_ digest: SHA256Digest) {
        self.init(
            words: unsafe digest.withUnsafeBytes { bytes in
                unsafe (
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
                )
            })
    }

    /// - Returns: `nil` unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        // Byte by byte through a generic collection takes a hundred times as long.
        if let fast = bytes.withContiguousStorageIfAvailable({ unsafe Self(loading: $0.span.bytes, at: 0) }) {
            self = fast
            return
        }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() {
            words[index / 8] |= UInt64(byte) << (8 * (index % 8))
        }
        self.init(words: (words[0], words[1], words[2], words[3]))
    }

    /// The thirty-two bytes.
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            for (word, value) in [first, second, third, fourth].enumerated() {
                for index in 0..<8 {
                    unsafe buffer[8 * word + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
                }
            }
            count = Self.byteCount
        }
    }

    /// Lower-case hexadecimal.
    public var description: String { Hexadecimal.string(of: bytes) }
}
