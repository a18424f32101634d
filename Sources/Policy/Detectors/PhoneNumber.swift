/// Telephone numbers: international ones (ITU-T E.164), and national ones as they are written where the form is distinct.
enum PhoneNumber {
    static func isInternational(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isAlphanumeric, !text.isWithinNumber(range, dashes: true) else {
            return false
        }
        // 1+4155552671 and x+1… are sums.
        guard !text.byteBefore(range.lowerBound).isAlphanumeric else { return false }
        let digits = text.countDigits(in: range)
        guard (8...15).contains(digits), let number = text.number(in: range) else { return false }
        var prefix = number
        for _ in 0..<(digits - 3) { prefix /= 10 }
        guard isCountryCode(Int(prefix)) else { return false }
        if prefix / 100 == 1 { return digits == 11 && isNorthAmerican(number % 10_000_000_000) }
        return true
    }

    static func isNational(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isWord, !text.isWithinNumber(range, dashes: true) else { return false }
        let before = text.byteBefore(range.lowerBound)
        guard !before.isAlphanumeric, before != UInt8(ascii: "+") else { return false }
        // ORD-415-555-2671 is an order.
        if before == UInt8(ascii: "-"), text.byte(range.lowerBound - 2).isAlphanumeric { return false }
        if text.byte(range.upperBound) == UInt8(ascii: "-"), text.byte(range.upperBound + 1).isAlphanumeric {
            return false
        }
        let digits = text.countDigits(in: range)
        guard let number = text.number(in: range) else { return false }
        var first = range.lowerBound
        while first < range.upperBound, !text[first].isDigit { first += 1 }
        if text.byte(first) == UInt8(ascii: "0") { return (10...12).contains(digits) }
        switch digits {
        case 10: return isNorthAmerican(number)
        case 11: return number / 10_000_000_000 == 1 && isNorthAmerican(number % 10_000_000_000)
        default: return false
        }
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
