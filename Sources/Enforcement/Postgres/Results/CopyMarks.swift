/// Finds, one after the other, the bytes of a row at which its values may begin, end or be escaped: sixteen bytes at a time, as most
/// bytes are none of them.
struct CopyMarks {
    private typealias Block = SIMD16<UInt8>

    private let marks: (Block, Block, Block, Block)
    private var end = 0
    /// Where the block begins that is looked at.
    private var block = 0
    /// A bit for each of its bytes that is a mark and was not given out.
    private var found: UInt32 = 0

    init(_ style: CopyStyle) {
        let quote = style.csv?.quote ?? UInt8(ascii: "\\")
        marks = (
            Block(repeating: style.delimiter), Block(repeating: UInt8(ascii: "\n")), Block(repeating: quote),
            Block(repeating: style.csv?.escape ?? quote)
        )
    }

    /// Begins with a row.
    mutating func begin(_ row: Range<Int>, _ input: Span<UInt8>) {
        block = row.lowerBound
        end = row.upperBound
        found = look(input)
    }

    /// Where the next mark is, from `position` on; the row's end when there is none left.
    @inline(__always)
    mutating func next(_ input: Span<UInt8>, from position: Int) -> Int {
        while true {
            while found == 0 {
                block &+= 16
                guard block < end else { return end }
                found = look(input)
            }
            let mark = block &+ found.trailingZeroBitCount
            found &= found &- 1
            if mark >= position { return min(mark, end) }
        }
    }

    @inline(__always)
    private func look(_ input: Span<UInt8>) -> UInt32 {
        let bytes =
            block &+ 16 <= input.count
            ? unsafe input.bytes.unsafeLoadUnaligned(fromByteOffset: block, as: Block.self) : last(input)
        let isMark =
            (bytes .== marks.0) .| (bytes .== marks.1) .| (bytes .== marks.2) .| (bytes .== marks.3)
        let words = unsafe unsafeBitCast(Block().replacing(with: 1, where: isMark), to: SIMD2<UInt64>.self)
        return CopyMarks.bits(words[0]) | CopyMarks.bits(words[1]) &<< 8
    }

    /// Eight bytes that are 0 or 1 as eight bits: the product brings each byte's bit to a place of its own in the last byte.
    @inline(__always)
    private static func bits(_ bytes: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (UInt64(littleEndian: bytes) &* 0x0102_0408_1020_4080) &>> 56)
    }

    /// A block that goes beyond the input.
    @inline(never)
    private func last(_ input: Span<UInt8>) -> Block {
        var bytes = Block()
        for offset in 0..<max(0, min(16, input.count - block)) { bytes[offset] = input[block + offset] }
        return bytes
    }
}
