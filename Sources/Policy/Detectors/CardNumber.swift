/// Payment card numbers (ISO/IEC 7812): an issuer's prefix, the length that it uses, Luhn's check, and if it is written in
/// groups, groups as cards have them.
enum CardNumber {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isAlphanumeric, !text.isWithinNumber(range, dashes: false) else {
            return false
        }
        var groups = 1
        var shape = 0
        var size = 0
        var separator: UInt8 = 0
        for position in range {
            if text[position].isDigit {
                size += 1
            } else {
                // Points separate groups only where all of them are points: what has one is a decimal number.
                guard groups == 1 || text[position] != UInt8(ascii: ".") || separator == text[position] else {
                    return false
                }
                separator = text[position]
                shape = shape * 100 + size
                size = 0
                groups += 1
                guard groups <= 6 else { return false }
            }
        }
        if groups > 1 {
            // A longer run of numbers tied by the same dashes is no card.
            guard !text.isWithinNumber(range, dashes: text.byte(range.upperBound) == UInt8(ascii: "-")) else {
                return false
            }
            guard isShape(shape * 100 + size), separator != UInt8(ascii: ".") || groups > 2,
                !text.isWithinUUID(range)
            else { return false }
        }
        let digits = text.countDigits(in: range)
        guard let number = text.number(in: range), isIssued(number, digits: digits) else { return false }
        return text.passesLuhn(in: range)
    }

    /// Sizes of groups, two decimal places each, as they are printed on cards and as forms cut them.
    private static func isShape(_ shape: Int) -> Bool {
        switch shape {
        case 4_04_04_04, 4_06_05, 4_06_04, 4_04_04_01, 4_04_05, 4_04_04_03, 4_04_04_04_03, 4_04_04_04_01, 4_04_04_04_02,
            8_08, 6_10, 6_12, 6_13, 4_12, 12_04, 4_05_06, 4_04_04_02, 4_03_03_03, 4_04_04_05:
            true
        default: false
        }
    }

    private static func isIssued(_ number: UInt64, digits: Int) -> Bool {
        guard (13...19).contains(digits) else { return false }
        var prefix = number
        for _ in 0..<(digits - 6) { prefix /= 10 }
        switch prefix {
        case 400_000...499_999: return digits == 13 || digits == 16 || digits == 19
        case 510_000...559_999, 222_100...272_099: return digits == 16
        case 340_000...349_999, 370_000...379_999: return digits == 15
        // Diners Club.
        case 300_000...305_999, 309_500...309_599, 360_000...369_999, 380_000...399_999:
            return (14...19).contains(digits)
        // JCB; Discover, UnionPay, RuPay; Mir.
        case 352_800...358_999, 601_100...601_199, 620_000...659_999, 810_000...829_999, 220_000...220_499:
            return (16...19).contains(digits)
        case 600_000...609_999, 508_500...508_999, 353_000...353_999: return digits == 16
        // Maestro, Verve, Troy.
        case 501_800...501_899, 502_000...502_099, 503_800...503_899, 506_000...507_999, 589_300...589_399,
            676_000...676_399, 675_900...675_999, 979_200...979_299:
            return true
        default: return false
        }
    }
}
