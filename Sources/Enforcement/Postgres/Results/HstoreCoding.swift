import WireBytes

/// hstore's binary form (contrib/hstore/hstore_io.c, hstore_send): a count, and for each pair two texts behind their lengths, the
/// second of which may be NULL. Its text form is `"a"=>"1", "b"=>NULL`.
enum HstoreCoding {
    /// Whether bytes are one hstore and nothing else. The type has no number that could be known.
    static func isBinary(_ value: Span<UInt8>) -> Bool {
        guard value.count >= 4 else { return false }
        let pairs = Int(Int32(bitPattern: value.bigEndian32(at: 0)))
        guard pairs > 0 else { return false }
        var position = 4
        for _ in 0..<pairs {
            for isKey in [true, false] {
                guard value.count - position >= 4 else { return false }
                let length = Int(Int32(bitPattern: value.bigEndian32(at: position)))
                position += 4
                if length == -1, !isKey { continue }
                guard length >= 0, length <= value.count - position else { return false }
                position += length
            }
        }
        return position == value.count
    }

    /// - Returns: `nil` when it is none.
    static func text(_ value: [UInt8]) -> [UInt8]? {
        guard isBinary(value.span) else { return nil }
        var output: [UInt8] = []
        var position = 4
        var isKey = true
        while position < value.count {
            let length = Int(Int32(bitPattern: value.span.bigEndian32(at: position)))
            position += 4
            if isKey, !output.isEmpty { output += ", ".utf8 }
            if length < 0 {
                output += "NULL".utf8
            } else {
                output.append(UInt8(ascii: "\""))
                for byte in value[position..<position + length] {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
                    output.append(byte)
                }
                output.append(UInt8(ascii: "\""))
                position += length
            }
            if isKey { output += "=>".utf8 }
            isKey.toggle()
        }
        return output
    }

    /// - Parameter text: as ``text(_:)`` writes it.
    /// - Returns: `nil` when it is not.
    static func binary(_ text: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        output.appendBigEndian(Int32(0))
        var pairs: UInt32 = 0
        var rest = text[...]
        while !rest.isEmpty {
            if pairs > 0 {
                guard rest.starts(with: ", ".utf8) else { return nil }
                rest = rest.dropFirst(2)
            }
            guard let key = string(&rest), rest.starts(with: "=>".utf8) else { return nil }
            rest = rest.dropFirst(2)
            append(key, to: &output)
            if rest.starts(with: "NULL".utf8) {
                rest = rest.dropFirst(4)
                output.appendBigEndian(Int32(-1))
            } else {
                guard let value = string(&rest) else { return nil }
                append(value, to: &output)
            }
            pairs += 1
        }
        output.replaceBigEndian(pairs, at: 0)
        return output
    }

    private static func append(_ text: [UInt8], to output: inout [UInt8]) {
        output.appendBigEndian(Int32(truncatingIfNeeded: text.count))
        output += text
    }

    private static func string(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var output: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return output }
            if byte == UInt8(ascii: "\\") {
                guard let next = rest.popFirst() else { return nil }
                output.append(next)
            } else {
                output.append(byte)
            }
        }
        return nil
    }
}
