/// US social security numbers, by what the administration never issues (POMS RM 10201.035).
enum SocialSecurityNumber {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let after = text.byte(range.upperBound)
        let before = text.byteBefore(range.lowerBound)
        guard !after.isWord, !text.isWithinNumber(range, dashes: true) else { return false }
        // Tied to letters or to more numbers, it is part of something else.
        if before == UInt8(ascii: "-"), text.byte(range.lowerBound - 2).isAlphanumeric { return false }
        if after == UInt8(ascii: "-"), text.byte(range.upperBound + 1).isAlphanumeric { return false }
        if text.byte(range.lowerBound + 3) == UInt8(ascii: " ") {
            if before == UInt8(ascii: " "), text.byte(range.lowerBound - 2).isDigit { return false }
            if after == UInt8(ascii: " "), text.byte(range.upperBound + 1).isDigit { return false }
        }
        guard text.countDigits(in: range) == 9, let number = text.number(in: range) else { return false }
        let area = number / 1_000_000
        return area != 0 && area != 666 && area < 900 && number / 10_000 % 100 != 0 && number % 10_000 != 0
    }
}
