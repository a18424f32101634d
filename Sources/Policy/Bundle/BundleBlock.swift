/// The bundle's memory: read-only, and closed. Every read is checked against the block's end and yields zero beyond it,
/// so that a look-up cannot leave the block even where validation had a hole, or the file changed under the mapping.
///
/// All that is unsafe in reading a bundle is in this file.
@safe
final class BundleBlock: @unchecked Sendable {
    // Never written after initialization, which is what makes sharing it sound.
    private let base: UnsafeRawPointer
    let count: Int
    private let release: @Sendable (UnsafeRawPointer, Int) -> Void

    /// - Parameters:
    ///   - base: `count` readable bytes that stay so until `release` is called.
    ///   - release: frees `base` when the block goes.
    @unsafe
    init(base: UnsafeRawPointer, count: Int, release: @escaping @Sendable (UnsafeRawPointer, Int) -> Void) {
        unsafe self.base = unsafe base
        self.count = count
        unsafe self.release = unsafe release
    }

    /// A copy of `bytes` that the block owns.
    convenience init(copying bytes: [UInt8]) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 8), alignment: 8)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe memory.copyMemory(from: start, byteCount: source.count) }
        }
        unsafe self.init(base: memory, count: bytes.count) { base, _ in
            unsafe UnsafeMutableRawPointer(mutating: base).deallocate()
        }
    }

    deinit {
        unsafe release(base, count)
    }

    func byte(at offset: Int) -> UInt8 {
        guard offset >= 0, offset < count else { return 0 }
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    func u32(at offset: Int) -> UInt32 {
        guard offset >= 0, offset <= count - 4 else { return 0 }
        return UInt32(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    func u64(at offset: Int) -> UInt64 {
        guard offset >= 0, offset <= count - 8 else { return 0 }
        return UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The bytes of `range` as far as the block has them.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Text, with U+FFFD for what is not UTF-8.
    func string(_ range: Range<Int>) -> String {
        let range = range.clamped(to: 0..<count)
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count), as: UTF8.self)
    }

    /// Whether `range` lies in the block and is UTF-8.
    func isUTF8(_ range: Range<Int>) -> Bool {
        guard range.lowerBound >= 0, range.upperBound <= count else { return false }
        var position = range.lowerBound
        while position <= range.upperBound - 8, u64(at: position) & 0x8080_8080_8080_8080 == 0 {
            position += 8
        }
        return unsafe String(
            validating: UnsafeRawBufferPointer(start: base + position, count: range.upperBound - position),
            as: UTF8.self) != nil
    }

    /// The checksum over everything from `offset` on; what is missing of the last 32 bytes counts as zeros.
    func checksum(from offset: Int) -> UInt64 {
        var checksum = Checksum()
        var position = offset
        while position <= count - 32 {
            unsafe checksum.add(
                word(position), word(position + 8), word(position + 16), word(position + 24))
            position += 32
        }
        var tail: [UInt64] = [0, 0, 0, 0]
        for index in position..<max(position, count) {
            tail[(index - position) / 8] |= UInt64(byte(at: index)) << UInt64(8 * ((index - position) % 8))
        }
        checksum.add(tail[0], tail[1], tail[2], tail[3])
        return checksum.value
    }

    @unsafe
    private func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

/// A part of a block that is read like bytes of its own: outside are zeros, even where the block goes on.
struct BlockSlice: ByteSource, Sendable {
    let block: BundleBlock
    let range: Range<Int>

    var count: Int { range.count }

    func byte(at offset: Int) -> UInt8 {
        offset >= 0 && offset < range.count ? block.byte(at: range.lowerBound + offset) : 0
    }

    /// The `index`th u32.
    func u32(_ index: Int) -> UInt32 {
        index >= 0 && index < range.count / 4 ? block.u32(at: range.lowerBound + 4 * index) : 0
    }

    /// The `index`th u64.
    func u64(_ index: Int) -> UInt64 {
        index >= 0 && index < range.count / 8 ? block.u64(at: range.lowerBound + 8 * index) : 0
    }

    /// A part of this part, as far as it has it.
    func slice(_ offset: Int, _ length: Int) -> BlockSlice {
        let whole = 0..<range.count
        let start = min(max(offset, 0), whole.upperBound)
        let end = min(max(length, 0), whole.upperBound - start) + start
        return BlockSlice(block: block, range: range.lowerBound + start..<range.lowerBound + end)
    }

    var bytes: [UInt8] { block.bytes(range) }
}
