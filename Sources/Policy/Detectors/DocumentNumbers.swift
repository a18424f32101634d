/// US national provider identifiers: ten digits that pass Luhn's check behind the prefix 80840 (45 CFR 162.406).
enum ProviderIdentifier {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isWord, !text.isWithinNumber(range, dashes: true) else { return false }
        // The prefix's digits add up to 24.
        return text.countDigits(in: range) == 10 && text.passesLuhn(in: range, prefixSum: 24)
    }
}

/// Numbers of documents, which have no form of their own: context says what they are, and enough digits that they are numbers.
enum DocumentNumber {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let after = text.byte(range.upperBound)
        let digits = text.countDigits(in: range)
        guard !after.isWord, digits >= 4 || digits == 3 && range.count >= 9, !text.isWithinUUID(range) else {
            return false
        }
        guard !text.isWithinNumber(range, dashes: true) else { return false }
        if after == UInt8(ascii: "-"), text.byte(range.upperBound + 1).isAlphanumeric { return false }
        // 12/07/1984 and 12:30 are written with digits too.
        let isTie = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") }
        if isTie(after), text.byte(range.upperBound + 1).isDigit { return false }
        if isTie(text.byteBefore(range.lowerBound)), text.byte(range.lowerBound - 2).isDigit { return false }
        return !isDate(text, range) && !ForeignWord.isThing(text, before: range.lowerBound)
    }

    /// 1984-07-12, 12-07-1984
    private static func isDate(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == 10, text.countDigits(in: range) == 8 else { return false }
        let start = range.lowerBound
        return !text[start + 4].isDigit && !text[start + 7].isDigit
            || !text[start + 2].isDigit && !text[start + 5].isDigit
    }
}

/// Dates in figures, in either order of day and month, and with the month's name.
enum WrittenDate {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isDigit, !text.isWithinNumber(range, dashes: true),
            !ForeignWord.isEvent(text, before: range.lowerBound)
        else { return false }
        var numbers: [Int] = []
        var widths: [Int] = []
        var isInNumber = false
        var hasLetters = false
        for position in range {
            let byte = text[position]
            if byte.isDigit {
                if !isInNumber {
                    numbers.append(0)
                    widths.append(0)
                }
                let value = numbers[numbers.count - 1] * 10 + Int(byte - UInt8(ascii: "0"))
                guard value < 100_000_000 else { return false }
                numbers[numbers.count - 1] = value
                widths[widths.count - 1] += 1
            } else if byte.isLetter {
                hasLetters = true
            }
            isInNumber = byte.isDigit
        }
        if hasLetters {
            guard numbers.count == 2, let day = numbers.first, let year = numbers.last else { return false }
            return (1...31).contains(day) && isYear(year, width: widths[1])
        }
        switch numbers.count {
        case 1:
            return isYear(numbers[0] / 10_000, width: 4)
                && CalendarDate.exists(year: numbers[0] / 10_000, month: numbers[0] / 100 % 100, day: numbers[0] % 100)
        case 3:
            if widths[0] == 4 {
                return isYear(numbers[0], width: 4)
                    && CalendarDate.exists(year: numbers[0], month: numbers[1], day: numbers[2])
            }
            guard isYear(numbers[2], width: widths[2]) else { return false }
            // 4.11.52 is a version.
            if widths[2] == 2, widths[0] != 2 || widths[1] != 2,
                text.byte(range.lowerBound + widths[0]) != UInt8(ascii: "/")
            {
                return false
            }
            // A year of two digits is leap or not by its century; take the one that lets most days pass.
            let year = widths[2] == 2 ? 2000 + numbers[2] : numbers[2]
            return CalendarDate.exists(year: year, month: numbers[0], day: numbers[1])
                || CalendarDate.exists(year: year, month: numbers[1], day: numbers[0])
        default: return false
        }
    }

    private static func isYear(_ year: Int, width: Int) -> Bool {
        width == 2 || width == 4 && (1850...2100).contains(year)
    }
}
