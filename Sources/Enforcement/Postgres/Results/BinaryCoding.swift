import Policy
import WireBytes

/// The binary forms of types whose masked values need one, both ways (the send and recv functions of
/// src/backend/utils/adt).
enum BinaryCoding {
    /// A value's text form.
    ///
    /// - Returns: `nil` when the type's binary form is not known or the bytes are not of it.
    static func text(_ value: ArraySlice<UInt8>, typeOID: UInt32) -> [UInt8]? {
        if PostgresTypes.isTextInBinary(typeOID) { return Array(value) }
        let bytes = Array(value)
        var reader = ByteReader(bytes)
        do throws(WireError) {
            let text: String?
            switch typeOID {
            case 16: text = try reader.uint8() == 0 ? "f" : "t"
            case 20: text = String(try reader.int64())
            case 21: text = String(try reader.int16())
            case 23: text = String(try reader.int32())
            case 26: text = String(try reader.uint32())
            case 700: text = "\(Float(bitPattern: try reader.uint32()))"
            case 701: text = "\(Double(bitPattern: try reader.uint64()))"
            case 17: return hexadecimal(reader.rest())
            case 3802:
                guard try reader.uint8() == 1 else { return nil }
                return reader.rest()
            case 1082: text = CalendarDate(daysSince2000: Int64(try reader.int32()))?.text
            case 1114, 1184: text = timestamp(try reader.int64(), hasZone: typeOID == 1184)
            case 1700: text = try NumericCoding.text(&reader)
            case 2950: text = uuid(try reader.array(16))
            default:
                guard let element = PostgresTypes.arrays[typeOID] else { return nil }
                return try ArrayCoding.text(&reader, element: element)
            }
            guard reader.remaining == 0 else { return nil }
            return text.map { Array($0.utf8) }
        } catch {
            return nil
        }
    }

    /// What detectors look at. What has no text form is looked at as it is: an unknown type's binary form may hold text.
    static func scannedText(_ value: [UInt8], typeOID: UInt32) -> [UInt8] {
        text(value[...], typeOID: typeOID) ?? value
    }

    /// - Returns: `nil` when the text is no value of the type or the type's binary form is not known.
    static func binary(_ text: [UInt8], typeOID: UInt32) -> [UInt8]? {
        if PostgresTypes.isTextInBinary(typeOID) { return text }
        let string = String(decoding: text, as: UTF8.self)
        var output: [UInt8] = []
        switch typeOID {
        case 16:
            guard string == "t" || string == "f" else { return nil }
            output.append(string == "t" ? 1 : 0)
        case 20:
            guard let value = Int64(string) else { return nil }
            output.appendBigEndian(value)
        case 21:
            guard let value = Int16(string) else { return nil }
            output.appendBigEndian(value)
        case 23:
            guard let value = Int32(string) else { return nil }
            output.appendBigEndian(value)
        case 26:
            guard let value = UInt32(string) else { return nil }
            output.appendBigEndian(value)
        case 700:
            guard let value = Float(string) else { return nil }
            output.appendBigEndian(value.bitPattern)
        case 701:
            guard let value = Double(string) else { return nil }
            output.appendBigEndian(value.bitPattern)
        case 17: return bytes(hexadecimal: text)
        case 3802: return [1] + text
        case 1082:
            guard let days = CalendarDate(text: string)?.daysSince2000, let value = Int32(exactly: days) else {
                return nil
            }
            output.appendBigEndian(value)
        case 1114, 1184:
            guard let value = timestamp(string) else { return nil }
            output.appendBigEndian(value)
        case 1700: return NumericCoding.binary(string)
        case 2950: return uuid(string)
        default:
            guard let element = PostgresTypes.arrays[typeOID] else { return nil }
            return ArrayCoding.binary(text, element: element)
        }
        return output
    }

    private static let digits = Array("0123456789abcdef".utf8)

    static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        var text = Array("\\x".utf8)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    private static func bytes(hexadecimal text: [UInt8]) -> [UInt8]? {
        guard text.starts(with: "\\x".utf8), text.count.isMultiple(of: 2) else { return nil }
        var output: [UInt8] = []
        var index = 2
        while index < text.count {
            guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else { return nil }
            output.append(high << 4 | low)
            index += 2
        }
        return output
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func uuid(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func uuid(_ text: String) -> [UInt8]? {
        let plain = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard plain.count == 32 else { return nil }
        return bytes(hexadecimal: Array("\\x".utf8) + plain)
    }

    /// Microseconds since 2000-01-01 00:00.
    private static func timestamp(_ microseconds: Int64, hasZone: Bool) -> String? {
        let perDay: Int64 = 86_400_000_000
        var (days, rest) = microseconds.quotientAndRemainder(dividingBy: perDay)
        if rest < 0 {
            rest += perDay
            days -= 1
        }
        guard let date = CalendarDate(daysSince2000: days) else { return nil }
        let seconds = rest / 1_000_000
        let fraction = rest % 1_000_000
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        var text = "\(date.text) \(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        if fraction != 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: 6 - digits.count) + digits
        }
        return hasZone ? text + "+00" : text
    }

    /// Only what a date's mask leaves of a timestamp: the day at midnight, whatever its zone.
    private static func timestamp(_ text: String) -> Int64? {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, let days = CalendarDate(text: String(first))?.daysSince2000 else { return nil }
        if parts.count == 2, !parts[1].hasPrefix("00:00:00") { return nil }
        let (value, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
        return overflow ? nil : value
    }
}
