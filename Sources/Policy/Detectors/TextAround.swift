/// What validators ask of a text.
extension Span<UInt8> {
    /// The byte there; 0 out of the text.
    func byte(_ position: Int) -> UInt8 {
        position >= 0 && position < count ? self[position] : 0
    }

    /// The byte before `position`; 0 at the beginning of the text, and behind an escape (`\n`, `\u00e9`) whose letters only look
    /// as if they were part of what follows.
    func byteBefore(_ position: Int) -> UInt8 {
        endsEscape(before: position) ? 0 : byte(position - 1)
    }

    /// Whether an escape of a JSON string, or of a COPY row, ends right before `position`.
    func endsEscape(before position: Int) -> Bool {
        if byte(position - 2) == UInt8(ascii: "\\") { return byte(position - 1).isEscapeLetter }
        return byte(position - 6) == UInt8(ascii: "\\") && byte(position - 5) == UInt8(ascii: "u")
            && byte(position - 1).isHexadecimal
    }

    /// Whether one of the bytes is `byte`.
    func contains(_ byte: UInt8) -> Bool {
        first(byte, from: 0) < count
    }

    /// Calls `body` with the value of every digit in the range.
    func forEachDigit(in range: Range<Int>, _ body: (Int) -> Void) {
        for position in range where self[position].isDigit { body(Int(self[position] - UInt8(ascii: "0"))) }
    }

    func countDigits(in range: Range<Int>) -> Int {
        var digits = 0
        forEachDigit(in: range) { _ in digits += 1 }
        return digits
    }

    /// The digits of the range as a number; `nil` when there are more than 19.
    func number(in range: Range<Int>) -> UInt64? {
        guard countDigits(in: range) <= 19 else { return nil }
        var value: UInt64 = 0
        forEachDigit(in: range) { value = value &* 10 &+ UInt64($0) }
        return value
    }

    /// Whether the range is part of a longer number: a digit touches it, or one behind a point, or one that is tied to it
    /// by a dash.
    func isWithinNumber(_ range: Range<Int>, dashes: Bool) -> Bool {
        let before = byteBefore(range.lowerBound)
        let after = byte(range.upperBound)
        if before.isDigit || after.isDigit { return true }
        let isTie = { (byte: UInt8) in byte == UInt8(ascii: ".") || dashes && byte == UInt8(ascii: "-") }
        return isTie(before) && byte(range.lowerBound - 2).isDigit || isTie(after) && byte(range.upperBound + 1).isDigit
    }

    /// Whether the range is part of a UUID: 36 letters and dashes in their places.
    func isWithinUUID(_ range: Range<Int>) -> Bool {
        let isPart = { (byte: UInt8) in byte.isHexadecimal || byte == UInt8(ascii: "-") }
        var start = range.lowerBound
        while start > 0, range.lowerBound - start <= 36, isPart(self[start - 1]) { start -= 1 }
        var end = range.upperBound
        while end < count, end - range.upperBound <= 36, isPart(self[end]) { end += 1 }
        guard end - start == 36 else { return false }
        for place in 0..<36 where (self[start + place] == UInt8(ascii: "-")) != [8, 13, 18, 23].contains(place) {
            return false
        }
        return true
    }

    /// Luhn's check (ISO/IEC 7812-1 annex B) of the digits in the range, behind `prefixSum` of digits before them.
    func passesLuhn(in range: Range<Int>, prefixSum: Int = 0) -> Bool {
        var sum = prefixSum
        var isDoubled = false
        var position = range.upperBound
        while position > range.lowerBound {
            position -= 1
            guard self[position].isDigit else { continue }
            let digit = Int(self[position] - UInt8(ascii: "0"))
            sum += isDoubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit
            isDoubled.toggle()
        }
        return sum % 10 == 0
    }

    /// Whether `word` is right there, in whatever case. `word` is lowercase.
    func hasWord(_ word: String, at position: Int) -> Bool {
        guard position >= 0 else { return false }
        var next = position
        for letter in word.utf8 {
            guard next < count, self[next] | 0x20 == letter | 0x20 else { return false }
            next += 1
        }
        return true
    }
}

extension UInt8 {
    /// The letters that stand for control characters behind a backslash.
    var isEscapeLetter: Bool {
        switch self {
        case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "v"):
            true
        default: false
        }
    }
}
