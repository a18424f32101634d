import CByteScan

/// Where the tokens of a window of a JSON text begin and its strings end, as bits: the first of two stages in which the text is read, after
/// Langdale and Lemire, "Parsing gigabytes of JSON per second" (2019), §3.1.
struct JSONIndex: Sendable {
    /// A word has 64 places.
    private(set) var tokens: [UInt64] = []
    /// Places in strings of backslashes, and of bytes that are no ASCII.
    private var special: [UInt64] = []
    /// The place of the first bit.
    private(set) var base = 0
    /// There is something that this is no help with: a control character in a string, or what is no ASCII outside of them.
    private(set) var isOdd = true

    /// - Parameter start: outside of strings.
    mutating func read(_ text: Span<UInt8>, from start: Int) {
        base = start
        isOdd = true
        guard DetectorMarks.isThere, start >= 0, start <= text.count else { return }
        let count = (text.count - start + 63) / 64
        if tokens.count != count {
            tokens.removeAll(keepingCapacity: count > MaskingWindow.usual / 64)
            tokens += repeatElement(0, count: count)
            special.removeAll(keepingCapacity: count > MaskingWindow.usual / 64)
            special += repeatElement(0, count: count)
        }
        var state = bytescan_json_state()
        unsafe tokens.withUnsafeMutableBufferPointer { tokens in
            unsafe special.withUnsafeMutableBufferPointer { special in
                unsafe text.extracting(start..<text.count).withUnsafeBufferPointer { bytes in
                    guard let bytes = bytes.baseAddress, let tokens = tokens.baseAddress,
                        let special = special.baseAddress
                    else { return }
                    unsafe bytescan_json(bytes, text.count - start, &state, tokens, special, count)
                }
            }
        }
        isOdd = state.is_odd != 0
    }

    /// Gives back the memory of a long value.
    mutating func releaseMemory() {
        guard tokens.count > 4 * MaskingWindow.usual / 64 else { return }
        tokens = []
        special = []
    }

    /// Whether there is a backslash, or what is no ASCII, in a part of a string.
    @inline(__always)
    func isSpecial(_ range: Range<Int>) -> Bool {
        let (first, last) = (range.lowerBound - base, range.upperBound - 1 - base)
        guard first >= 0, first <= last, last >> 6 < special.count else { return !range.isEmpty }
        let head = UInt64.max << UInt64(first & 63)
        let tail = UInt64.max >> UInt64(63 - last & 63)
        if first >> 6 == last >> 6 { return special[first >> 6] & head & tail != 0 }
        if special[first >> 6] & head != 0 || special[last >> 6] & tail != 0 { return true }
        var word = first >> 6 + 1
        while word < last >> 6 {
            if special[word] != 0 { return true }
            word += 1
        }
        return false
    }
}

/// Goes over the bits of a ``JSONIndex``.
struct JSONIndexCursor {
    private var word = 0
    private var bits: UInt64

    init(_ index: borrowing JSONIndex) { bits = index.tokens.first ?? 0 }

    /// The next place; `nil` behind the last.
    @inline(__always)
    mutating func next(in index: borrowing JSONIndex) -> Int? {
        while bits == 0 {
            word &+= 1
            guard word < index.tokens.count else {
                word &-= 1
                return nil
            }
            bits = index.tokens[word]
        }
        let place = index.base &+ word &* 64 &+ bits.trailingZeroBitCount
        bits &= bits &- 1
        return place
    }
}
