/// Telephone numbers: international ones (ITU-T E.164), and national ones as they are written where the form is distinct.
enum PhoneNumber {
    static func isInternational(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isAlphanumeric, !text.isWithinNumber(range, dashes: true) else {
            return false
        }
        // 1+4155552671 and x+1… are sums.
        guard !text.byteBefore(range.lowerBound).isAlphanumeric else { return false }
        return isComplete(text, withoutExtension(text, range))
    }

    static func isNational(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard isApart(text, range) else { return false }
        let range = withoutExtension(text, range)
        let digits = text.countDigits(in: range)
        guard let number = text.number(in: range) else { return false }
        var first = range.lowerBound
        while first < range.upperBound, !text[first].isDigit { first += 1 }
        if text.byte(first) == UInt8(ascii: "0") {
            guard !isAmongGroups(text, range) else { return false }
            // 0049 30 …: the country's code behind the prefix for abroad.
            if text.byte(first + 1) == UInt8(ascii: "0") { return isComplete(text, first + 2..<range.upperBound) }
            return (9...12).contains(digits)
        }
        if text[range.lowerBound] == UInt8(ascii: "("), !text.byte(range.lowerBound + 3).isDigit {
            // (11) 96123-4567: Brazil's areas have no zero.
            return (10...11).contains(digits) && number % 10_000_000_000 > 1_100_000_000
        }
        switch digits {
        case 10: return isNorthAmerican(number)
        case 11: return number / 10_000_000_000 == 1 && isNorthAmerican(number % 10_000_000_000)
        default: return false
        }
    }

    /// A number that words beside it call one: any grouping, as long as it is no date, time or address.
    static func isContextual(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard isApart(text, range), !ForeignWord.isThing(text, before: range.lowerBound) else { return false }
        if text.byte(range.upperBound) == UInt8(ascii: ":"), text.byte(range.upperBound + 1).isDigit { return false }
        let digits = text.countDigits(in: range)
        guard (8...15).contains(digits), digits > 8 || digits < range.count else { return false }
        if WrittenDate.isValid(text, range) || IPAddressText.isIPv4(text, in: range) { return false }
        if digits == range.count {
            let first = text[range.lowerBound]
            if first == UInt8(ascii: "0") {
                if text[range.lowerBound + 1] == first {
                    return isComplete(text, range.lowerBound + 2..<range.upperBound)
                }
                return digits <= 12
            }
            // Seconds since 1970, and what is as long as nobody's number.
            guard first != UInt8(ascii: "1") || digits == 11 || text[range.lowerBound + 1] == first else {
                return false
            }
            return digits <= 12
        }
        // 2024.05, 12.50: a number with a fraction.
        var separators = 0
        var isPoint = true
        for position in range where !text[position].isDigit {
            separators += 1
            if text[position] != UInt8(ascii: ".") { isPoint = false }
        }
        return separators > 1 || !isPoint
    }

    /// Neither letters nor more numbers touch it.
    private static func isApart(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isWord, !text.isWithinNumber(range, dashes: true) else { return false }
        let before = text.byteBefore(range.lowerBound)
        guard !before.isAlphanumeric, before != UInt8(ascii: "+") else { return false }
        // 01/09/2023 9400: a date's end.
        if before == UInt8(ascii: "/"), text.byte(range.lowerBound - 2).isDigit { return false }
        if text.byte(range.upperBound) == UInt8(ascii: "/"), text.byte(range.upperBound + 1).isDigit { return false }
        // ORD-415-555-2671 is an order.
        if before == UInt8(ascii: "-"), text.byte(range.lowerBound - 2).isAlphanumeric { return false }
        if text.byte(range.upperBound) == UInt8(ascii: "-"), text.byte(range.upperBound + 1).isAlphanumeric {
            return false
        }
        return true
    }

    /// Whether a group of four digits is beside it, as in accounts' and parcels' numbers.
    private static func isAmongGroups(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let isGroup = { (text: Span<UInt8>, first: Int) in
            for place in 0..<4 where !text.byte(first + place).isDigit { return false }
            return !text.byte(first - 1).isDigit && !text.byte(first + 4).isDigit
        }
        if text.byte(range.lowerBound - 1) == UInt8(ascii: " "), isGroup(text, range.lowerBound - 5) { return true }
        return text.byte(range.upperBound) == UInt8(ascii: " ") && isGroup(text, range.upperBound + 1)
    }

    /// The number up to `ext. 12`.
    private static func withoutExtension(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        for position in range where text[position].isLetter { return range.lowerBound..<position }
        return range
    }

    /// A country's code that there is, and as many digits behind it as numbers have.
    private static func isComplete(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let digits = text.countDigits(in: range)
        guard (7...15).contains(digits), let number = text.number(in: range) else { return false }
        var prefix = number
        for _ in 0..<(digits - 3) { prefix /= 10 }
        guard isCountryCode(Int(prefix)) else { return false }
        if prefix / 100 == 1 { return digits == 11 && isNorthAmerican(number % 10_000_000_000) }
        return true
    }

    /// Area and exchange begin with 2…9 and neither is a service code (N11).
    private static func isNorthAmerican(_ number: UInt64) -> Bool {
        let area = number / 10_000_000
        let exchange = number / 10_000 % 1_000
        return area >= 200 && area < 1_000 && exchange >= 200 && area % 100 != 11 && exchange % 100 != 11
    }

    /// - Parameter prefix: The first three digits.
    private static func isCountryCode(_ prefix: Int) -> Bool {
        switch prefix / 10 {
        // One digit, then two, as ITU-T E.164's list has them; what is left has three.
        case 10...19, 70...79, 20, 27, 30...34, 36, 39...41, 43...49, 51...58, 60...66, 81, 82, 84, 86, 90...95, 98:
            true
        case 21: prefix == 211 || prefix == 212 || prefix == 213 || prefix == 216 || prefix == 218
        case 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99: true
        default: false
        }
    }
}
