/// A number as JSON writes it, compared as what it says and not as what a machine's number would make of it.
struct DecimalText {
    private let isNegative: Bool
    /// Without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The number is 0.d₁d₂… × 10^exponent.
    private let exponent: Int

    /// The digits of the longest exponent that is read; beyond it lies what no machine's number holds.
    private static let exponentDigits = 9

    /// - Returns: `nil` for what is no number of JSON, or one beyond all bounds.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let whole = rest.prefix(while: Self.isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != 0x30 else { return nil }
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: Self.isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count + 1)
        }
        var power = 0
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            let sign = rest.first
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
            let number = rest.prefix(while: Self.isDigit)
            guard !number.isEmpty, number.count <= Self.exponentDigits else { return nil }
            power = number.reduce(0) { $0 * 10 + Int($1 - 0x30) } * (sign == UInt8(ascii: "-") ? -1 : 1)
            rest = rest.dropFirst(number.count)
        }
        guard rest.isEmpty else { return nil }
        let written = Array(whole) + fraction
        let significant = written.drop { $0 == 0x30 }
        var kept = Array(significant)
        while kept.last == 0x30 { kept.removeLast() }
        digits = kept
        exponent = kept.isEmpty ? 0 : whole.count - (written.count - significant.count) + power
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    /// Whether it has no fraction.
    var isWhole: Bool { digits.count <= Swift.max(exponent, 0) }

    static func < (left: DecimalText, right: DecimalText) -> Bool {
        let (leftSign, rightSign) = (left.sign, right.sign)
        guard leftSign == rightSign else { return leftSign < rightSign }
        return leftSign < 0 ? right.isNearer(than: left) : left.isNearer(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// Whether it is nearer to zero.
    private func isNearer(than other: DecimalText) -> Bool {
        guard exponent == other.exponent else { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
