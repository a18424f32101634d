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

    var array: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }

    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0[range.clamped(to: 0..<count)]) }
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
