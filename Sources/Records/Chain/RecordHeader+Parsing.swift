extension RecordHeader {
    /// Takes a record apart.
    ///
    /// - Returns: The header, and where the event lies; `nil` for bytes that ``store(to:)`` would not make.
    static func parse(_ bytes: [UInt8], in range: Range<Int>) -> (RecordHeader, event: Range<Int>)? {
        let all = bytes.span
        guard range.upperBound <= all.count else { return nil }
        let span = all.extracting(range)
        // The session id and the hash before anything else: both are always there.
        guard span.count >= 18, span[0] == 0x0A, span[1] == 0x10 else { return nil }
        var position = 18
        let sequence = number(0x10, span, &position)
        guard let sequence, span.count - position >= 34, span[position] == 0x1A, span[position + 1] == 0x20 else {
            return nil
        }
        let previous = unsafe RecordHash(loading: span.bytes, at: position + 2)
        position += 34
        guard let time = number(0x20, span, &position) else { return nil }
        var id: RecordID?
        if span.count - position >= 18, span[position] == 0x2A, span[position + 1] == 0x10 {
            id = unsafe RecordID(loading: span.bytes, at: position + 2)
            position += 18
        }
        let header = RecordHeader(
            sessionID: unsafe RecordID(loading: span.bytes, at: 2), sequence: sequence, previous: previous,
            time: Int64(bitPattern: time), id: id)
        return (header, range.lowerBound + position..<range.upperBound)
    }

    /// A number's field, where it stands; else 0, which has none.
    ///
    /// - Returns: `nil` when the number is 0 all the same, or not in its shortest form.
    private static func number(_ tag: UInt8, _ span: Span<UInt8>, _ position: inout Int) -> UInt64? {
        guard position < span.count, span[position] == tag else { return 0 }
        position += 1
        var result: UInt64 = 0
        for index in 0..<10 {
            guard position < span.count else { return nil }
            let byte = span[position]
            position += 1
            guard index < 9 || byte <= 1 else { return nil }
            result |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte & 0x80 == 0 { return byte == 0 ? nil : result }
        }
        return nil
    }
}
