/// `truncateDate`: what is finer than the precision becomes the first of it, and the time of day midnight.
enum TruncatedDate {
    static func append(
        _ value: Span<UInt8>, to precision: Mask.DatePrecision, kind: ValueKind, into output: inout [UInt8]
    ) -> MaskedResult {
        switch kind {
        case .text, .date, .timestamp, .timestampWithZone: break
        default: return RedactedForm.append(kind, to: &output)
        }
        guard let date = CalendarDate(leading: value) else { return RedactedForm.append(kind, to: &output) }
        for position in 0..<date.yearDigits { output.append(value[position]) }
        switch precision {
        case .year: output.append(contentsOf: "-01-01".utf8)
        case .month:
            for position in date.yearDigits..<date.yearDigits + 3 { output.append(value[position]) }
            output.append(contentsOf: "-01".utf8)
        case .day:
            for position in date.yearDigits..<date.yearDigits + 6 { output.append(value[position]) }
        }
        switch kind {
        case .timestamp: output.append(contentsOf: " 00:00:00".utf8)
        case .timestampWithZone:
            output.append(contentsOf: " 00:00:00".utf8)
            appendOffset(of: value, from: date.yearDigits + 6, to: &output)
        default: break
        }
        if value.count >= 3, value[value.count - 2] == UInt8(ascii: "B"), value[value.count - 1] == UInt8(ascii: "C") {
            output.append(contentsOf: " BC".utf8)
        }
        return .text
    }

    /// Copies the offset from UTC (`+00`, `-03:30`, `+01:23:45`), or writes that of UTC where there is none.
    private static func appendOffset(of value: Span<UInt8>, from start: Int, to output: inout [UInt8]) {
        var position = start
        while position < value.count, value[position] != UInt8(ascii: "+"), value[position] != UInt8(ascii: "-") {
            position += 1
        }
        guard position + 2 < value.count, value[position + 1].isDigit, value[position + 2].isDigit else {
            output.append(contentsOf: "+00".utf8)
            return
        }
        for offset in 0..<3 { output.append(value[position + offset]) }
        position += 3
        while position + 2 < value.count, value[position] == UInt8(ascii: ":"), value[position + 1].isDigit,
            value[position + 2].isDigit
        {
            for offset in 0..<3 { output.append(value[position + offset]) }
            position += 3
        }
    }
}

/// A date in ISO form, `YYYY-MM-DD`, at the beginning of a text.
struct CalendarDate: Hashable, Sendable {
    /// How many digits the year has (4…7: PostgreSQL's dates end with 5874897).
    var yearDigits: Int
    var year: Int
    var month: Int
    var day: Int

    /// - Returns: `nil` unless a date that exists stands there, with no letter or digit right behind it but the `T` of a
    ///   timestamp.
    init?(leading text: Span<UInt8>) {
        var position = 0
        var year = 0
        while position < text.count, position < 8, text[position].isDigit {
            year = year * 10 + Int(text[position] - UInt8(ascii: "0"))
            position += 1
        }
        yearDigits = position
        guard (4...7).contains(position), position + 6 <= text.count, text[position] == UInt8(ascii: "-"),
            text[position + 3] == UInt8(ascii: "-"), text[position + 1].isDigit, text[position + 2].isDigit,
            text[position + 4].isDigit, text[position + 5].isDigit
        else { return nil }
        if position + 6 < text.count {
            let next = text[position + 6]
            guard next == UInt8(ascii: " ") || next == UInt8(ascii: "T") else { return nil }
        }
        self.year = year
        month = Int(text[position + 1] - UInt8(ascii: "0")) * 10 + Int(text[position + 2] - UInt8(ascii: "0"))
        day = Int(text[position + 4] - UInt8(ascii: "0")) * 10 + Int(text[position + 5] - UInt8(ascii: "0"))
        guard CalendarDate.exists(year: year, month: month, day: day) else { return nil }
    }

    /// Whether the Gregorian calendar has that day.
    static func exists(year: Int, month: Int, day: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        return day <= days
    }
}
