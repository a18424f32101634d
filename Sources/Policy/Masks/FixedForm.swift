/// `fixed`: the operator's text where it is a value of the kind, NULL where it is not.
///
/// The text comes from policy, so that the same column always takes the same way.
enum FixedForm {
    static func append(_ text: String, kind: ValueKind, to output: inout [UInt8]) -> MaskedResult {
        if kind == .json || kind == .jsonb {
            appendJSON(text, to: &output)
            return .text
        }
        guard isValid(text, as: kind) else { return .null }
        output.append(contentsOf: text.utf8)
        return .text
    }

    /// Whether `text` is a value of `kind` in the server's text form.
    static func isValid(_ text: String, as kind: ValueKind) -> Bool {
        let bytes = Array(text.utf8)
        switch kind {
        case .text: return true
        case .integer(let size):
            switch size {
            case 2: return Int16(text) != nil
            case 4: return Int32(text) != nil
            default: return Int64(text) != nil
            }
        case .decimal, .money: return isDecimal(bytes)
        case .float:
            // `Double` takes hexadecimal floats too, which the server's clients need not.
            return bytes.allSatisfy { $0.isDigit || ".+-eE".utf8.contains($0) } && Double(text) != nil
        case .boolean: return ["t", "f", "true", "false"].contains(text)
        case .date:
            guard let date = CalendarDate(leading: bytes.span) else { return false }
            return date.yearDigits + 6 == bytes.count
        case .time: return isTime(bytes[...])
        case .timestamp, .timestampWithZone: return isTimestamp(bytes, withZone: kind == .timestampWithZone)
        case .uuid: return isUUID(bytes)
        case .json, .jsonb: return JSONText.isOneValue(bytes.span)
        case .bytes:
            return bytes.count >= 2 && bytes.count % 2 == 0 && bytes.starts(with: "\\x".utf8)
                && bytes.dropFirst(2).allSatisfy(\.isHexadecimal)
        case .network: return IPAddressText.isIPv4(bytes.span) || IPAddressText.isIPv6(bytes.span)
        case .bit: return !bytes.isEmpty && bytes.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
        case .xml: return !bytes.contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") || $0 < 0x20 }
        case .interval, .array, .enumeration, .other: return false
        }
    }

    /// The text itself where it is JSON, or else as a JSON string.
    private static func appendJSON(_ text: String, to output: inout [UInt8]) {
        let bytes = Array(text.utf8)
        if JSONText.isOneValue(bytes.span) {
            output.append(contentsOf: bytes)
        } else {
            output.append(UInt8(ascii: "\""))
            JSONText.appendEscaped(bytes.span, to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }

    /// Sign, digits, at the most one point with digits behind it.
    private static func isDecimal(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isDigit) }
    }

    /// `hh:mm:ss` with an optional fraction.
    private static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 2, parts[1].count == 2 else { return false }
        let seconds = parts[2].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(seconds.count), seconds[0].count == 2 else { return false }
        guard (parts[0...1] + seconds).allSatisfy({ !$0.isEmpty && $0.count <= 6 && $0.allSatisfy(\.isDigit) }) else {
            return false
        }
        let number = { (digits: ArraySlice<UInt8>) in digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
        return number(parts[0]) < 24 && number(parts[1]) < 60 && number(seconds[0]) < 60
    }

    /// A date, a space, a time, and for a kind with a zone `+hh` or `-hh`.
    private static func isTimestamp(_ bytes: [UInt8], withZone: Bool) -> Bool {
        guard let date = CalendarDate(leading: bytes.span), bytes.count > date.yearDigits + 7,
            bytes[date.yearDigits + 6] == UInt8(ascii: " ")
        else { return false }
        var time = bytes[(date.yearDigits + 7)...]
        if withZone {
            let zone = time.suffix(3)
            guard zone.count == 3, let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
                zone.dropFirst().allSatisfy(\.isDigit)
            else { return false }
            time = time.dropLast(3)
        }
        return isTime(time)
    }

    /// Hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        let groups = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexadecimal) }
    }
}
