/// International bank account numbers (ISO 13616): the country's length and the remainder 1 modulo 97.
enum BankAccountNumber {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !text.byte(range.upperBound).isAlphanumeric else { return false }
        var characters = 0
        for position in range where text[position].isAlphanumeric { characters += 1 }
        let country = UInt16(text[range.lowerBound] & 0xDF) << 8 | UInt16(text.byte(range.lowerBound + 1) & 0xDF)
        guard characters == length(of: country) else { return false }
        // The first four characters go to the end; letters count 10 to 35.
        var remainder = 0
        for turn in 0..<2 {
            var index = 0
            for position in range where text[position].isAlphanumeric {
                defer { index += 1 }
                guard (index < 4) == (turn == 1) else { continue }
                let byte = text[position]
                if byte.isDigit {
                    remainder = (remainder * 10 + Int(byte - UInt8(ascii: "0"))) % 97
                } else {
                    remainder = (remainder * 100 + Int(byte & 0xDF) - 55) % 97
                }
            }
        }
        return remainder == 1
    }

    /// Characters of a country's numbers (SWIFT's IBAN registry); `nil` for a country that has none.
    private static func length(of country: UInt16) -> Int? {
        let code = String(
            decoding: [UInt8(truncatingIfNeeded: country >> 8), UInt8(truncatingIfNeeded: country)], as: UTF8.self)
        return lengths[code]
    }

    private static let lengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
        "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
        "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
        "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
        "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
        "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
        "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
        "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
        "YE": 30,
    ]
}
