/// The hashed value of each kind that has one: equal values give equal hashes, so that they can still be joined.
///
/// The digest is of the value's text form and nothing else: the same text has the same hash in every column.
enum HashedForm {
    static func append(
        _ value: Span<UInt8>, kind: ValueKind, key: MaskKey, to output: inout [UInt8]
    ) -> MaskedResult {
        switch kind {
        case .text:
            appendPseudonym(of: value, key: key, to: &output)
            return .text
        case .json, .jsonb:
            output.append(UInt8(ascii: "\""))
            appendPseudonym(of: value, key: key, to: &output)
            output.append(UInt8(ascii: "\""))
            return .text
        case .bytes:
            let (high, low) = key.digest(value)
            output.append(contentsOf: "\\x".utf8)
            appendHexadecimal(high, digits: 16, to: &output)
            appendHexadecimal(low, digits: 16, to: &output)
            return .text
        case .integer(let bytes):
            // One bit less than the type has: the sign stays positive.
            let bits = min(max(bytes, 1), 8) * 8 - 1
            let digest = key.digest(value).0
            output.append(contentsOf: String(digest >> UInt64(64 - bits)).utf8)
            return .text
        case .uuid:
            let (high, low) = key.digest(value)
            // RFC 9562 §5.8: version 8 is for values made by the vendor's own method.
            let versioned = high & ~0xF000 | 0x8000
            let variant = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
            appendHexadecimal(versioned >> 32, digits: 8, to: &output)
            output.append(UInt8(ascii: "-"))
            appendHexadecimal(versioned >> 16 & 0xFFFF, digits: 4, to: &output)
            output.append(UInt8(ascii: "-"))
            appendHexadecimal(versioned & 0xFFFF, digits: 4, to: &output)
            output.append(UInt8(ascii: "-"))
            appendHexadecimal(variant >> 48, digits: 4, to: &output)
            output.append(UInt8(ascii: "-"))
            appendHexadecimal(variant & 0xFFFF_FFFF_FFFF, digits: 12, to: &output)
            return .text
        default:
            return RedactedForm.append(kind, to: &output)
        }
    }

    /// `h_` and 32 hexadecimal digits.
    private static func appendPseudonym(of value: Span<UInt8>, key: MaskKey, to output: inout [UInt8]) {
        let (high, low) = key.digest(value)
        output.append(contentsOf: "h_".utf8)
        appendHexadecimal(high, digits: 16, to: &output)
        appendHexadecimal(low, digits: 16, to: &output)
    }

    private static func appendHexadecimal(_ value: UInt64, digits: Int, to output: inout [UInt8]) {
        for digit in (0..<digits).reversed() {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(digit * 4)) & 0xF
            output.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }
}
