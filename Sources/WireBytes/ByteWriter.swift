/// What protocols write: big-endian integers, strings with an end, and lengths that are known afterwards.
extension [UInt8] {
    public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// The bytes and a NUL. A NUL within would end the string early, so the bytes stop before it.
    public mutating func appendTerminated(_ bytes: some Collection<UInt8>) {
        append(contentsOf: bytes.prefix { $0 != 0 })
        append(0)
    }

    public mutating func appendTerminated(_ text: String) {
        appendTerminated(text.utf8)
    }

    /// Overwrites four bytes that were written before. Nothing happens when they were not.
    public mutating func replaceBigEndian(_ value: UInt32, at index: Int) {
        guard index >= 0, index <= count - 4 else { return }
        for offset in 0..<4 {
            self[index + offset] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * offset))
        }
    }
}
