import WireBytes

/// numeric's binary form: groups of four decimal digits (src/backend/utils/adt/numeric.c, numeric_send).
enum NumericCoding {
    private static let negative: UInt16 = 0x4000

    /// - Returns: `nil` for NaN and the infinities.
    static func text(_ reader: inout ByteReader) throws(WireError) -> String? {
        let count = Int(try reader.uint16())
        let weight = Int(try reader.int16())
        let sign = try reader.uint16()
        let scale = Int(try reader.uint16())
        guard sign == 0 || sign == negative, scale <= 16_383 else { return nil }
        var groups: [UInt16] = []
        for _ in 0..<count {
            let group = try reader.uint16()
            guard group < 10_000 else { return nil }
            groups.append(group)
        }
        func group(_ index: Int) -> String {
            let value = index >= 0 && index < groups.count ? groups[index] : 0
            let digits = String(value)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }
        var whole = ""
        if weight >= 0 { for index in 0...weight { whole += group(index) } }
        let significant = String(whole.drop { $0 == "0" })
        var text = (sign == negative ? "-" : "") + (significant.isEmpty ? "0" : significant)
        if scale > 0 {
            var fraction = ""
            var index = weight + 1
            while fraction.utf8.count < scale {
                fraction += group(index)
                index += 1
            }
            text += "." + fraction.prefix(scale)
        }
        return text
    }

    static func binary(_ text: String) -> [UInt8]? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, !first.isEmpty, first.utf8.count <= 1_000,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1].utf8) : []
        guard fraction.count <= 1_000 else { return nil }
        var whole = Array(first.utf8.drop { $0 == 48 })
        while !whole.count.isMultiple(of: 4) { whole.insert(48, at: 0) }
        var padded = fraction
        while !padded.count.isMultiple(of: 4) { padded.append(48) }
        let digits = whole + padded
        var groups: [UInt16] = []
        var index = 0
        while index < digits.count {
            groups.append(digits[index..<(index + 4)].reduce(0) { $0 * 10 + UInt16($1 - 48) })
            index += 4
        }
        var weight = whole.count / 4 - 1
        while groups.first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        if groups.isEmpty { weight = 0 }
        var output: [UInt8] = []
        output.appendBigEndian(UInt16(groups.count))
        output.appendBigEndian(Int16(truncatingIfNeeded: weight))
        output.appendBigEndian(isNegative && !groups.isEmpty ? negative : 0)
        output.appendBigEndian(UInt16(fraction.count))
        for group in groups { output.appendBigEndian(group) }
        return output
    }
}
