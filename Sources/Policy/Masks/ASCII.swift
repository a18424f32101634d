/// Classes of ASCII bytes. A byte of a multi-byte character is in none of them.
extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isUppercase: Bool { self &- 0x41 < 26 }
    var isLowercase: Bool { self &- 0x61 < 26 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isAlphanumeric: Bool { isDigit || isLetter }
    /// `\w`: letters, digits and the underscore.
    var isWord: Bool { isAlphanumeric || self == 0x5F }
    var isHexadecimal: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
    var isWhiteSpace: Bool { self == 0x20 || self &- 0x09 < 5 }
}
