extension Span<UInt8> {
    /// Whether these are the bytes of a text.
    func spells(_ text: String) -> Bool {
        let wanted = text.utf8.span
        guard wanted.count == count else { return false }
        for index in wanted.indices where self[index] != wanted[index] { return false }
        return true
    }

    /// Whether these are the bytes of a text, which is in lower case, when theirs does not count.
    func spellsWithoutCase(_ text: String) -> Bool {
        let wanted = text.utf8.span
        guard wanted.count == count else { return false }
        for index in wanted.indices where Octet.lowercased(self[index]) != wanted[index] { return false }
        return true
    }

    /// Where the first byte is that no value may have (RFC 9110 §5.5), or the end.
    func endOfFieldContent(from start: Int) -> Int {
        let raw = unsafe bytes
        var index = start
        while index <= count - 8 {
            // Eight bytes at once: below 0x20, or 0x7F. Above the first that is found there may be false ones.
            let eight = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let deletes = eight ^ 0x7F7F_7F7F_7F7F_7F7F
            let found =
                ((eight &- 0x2020_2020_2020_2020) & ~eight | (deletes &- 0x0101_0101_0101_0101) & ~deletes)
                & 0x8080_8080_8080_8080
            if found == 0 {
                index += 8
                continue
            }
            index += found.trailingZeroBitCount / 8
            guard Octet.isFieldContent(self[index]) else { return index }
            index += 1  // A tab.
        }
        while index < count, Octet.isFieldContent(self[index]) { index += 1 }
        return index
    }

    var array: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// In lower case, as text. For ASCII: other bytes that are no UTF-8 are replaced.
    func lowercasedText(_ range: Range<Int>) -> String {
        let range = range.clamped(to: 0..<count)
        return unsafe String(unsafeUninitializedCapacity: range.count) { buffer in
            var offset = 0
            for index in range {
                unsafe buffer[offset] = Octet.lowercased(self[index])
                offset += 1
            }
            return offset
        }
    }

    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    func spellsWithoutCase(_ text: String) -> Bool {
        span.spellsWithoutCase(text)
    }

    /// In lower case, as text.
    var lowercasedText: String {
        let span = span
        return span.lowercasedText(0..<span.count)
    }
}
