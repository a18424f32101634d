/// Bytes as the text people see: hexadecimal digests, and the 16 bytes of a UUID in the form of RFC 9562 §4.
public enum Identifiers {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case hexadecimal.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes of hexadecimal text of either case; nil if it is not that.
    public static func bytes(hex text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case 0x30...0x39: value = byte - 0x30
            case 0x61...0x66: value = byte - 0x61 + 10
            case 0x41...0x46: value = byte - 0x41 + 10
            default: return nil
            }
            if let pending = high {
                out.append(pending << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? out : nil
    }

    /// `0198c0de-….` for 16 bytes; plain hexadecimal for any other length.
    public static func uuid(_ bytes: some Collection<UInt8>) -> String {
        let text = hex(bytes)
        guard bytes.count == 16 else { return text }
        var out = ""
        for (offset, character) in text.enumerated() {
            if offset == 8 || offset == 12 || offset == 16 || offset == 20 { out.append("-") }
            out.append(character)
        }
        return out
    }

    /// The 16 bytes of a UUID written with or without its hyphens; nil if it is not one.
    public static func bytes(uuid text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count <= 36 else { return nil }
        let plain = String(text.filter { $0 != "-" })
        guard let bytes = bytes(hex: plain), bytes.count == 16 else { return nil }
        return bytes
    }

    /// A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then random ones.
    public static func uuidv7(at time: Timestamp) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let millis = UInt64(clamping: time.microseconds / 1000)
        var bytes: [UInt8] = []
        for shift in stride(from: 40, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: millis >> shift)) }
        let random = (generator.next(), generator.next())
        for shift in stride(from: 56, through: 48, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: random.0 >> shift))
        }
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: random.1 >> shift))
        }
        bytes[6] = 0x70 | (bytes[6] & 0x0f)
        bytes[8] = 0x80 | (bytes[8] & 0x3f)
        return bytes
    }
}
