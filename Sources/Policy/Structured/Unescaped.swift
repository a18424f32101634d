/// A text with its escapes resolved, and where each byte of it came from: what is found in it can be replaced where it stands.
struct Unescaped {
    private(set) var bytes: [UInt8] = []
    /// Byte here → the first byte that it was written with. One more than there are bytes: the end.
    private var origins: [UInt32] = []
    /// Byte here → where something begins that is left out before it: what ends here ends there.
    private var gaps: [Int: UInt32] = [:]

    /// The escapes of JSON, which are those of array and hstore literals, too: `\u0031`, `\n`, and a backslash before what stands
    /// for itself. What is no escape stays as it is.
    init(backslashes text: Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            position = text.firstBackslash(in: start..<range.upperBound)
            if position > start {
                appendAsIs(text, start..<position)
                continue
            }
            let byte = text[position]
            position += 1
            guard position < range.upperBound else {
                append(byte, from: start)
                continue
            }
            let next = text[position]
            position += 1
            switch next {
            case UInt8(ascii: "n"): append(0x0A, from: start)
            case UInt8(ascii: "r"): append(0x0D, from: start)
            case UInt8(ascii: "t"): append(0x09, from: start)
            case UInt8(ascii: "b"): append(0x08, from: start)
            case UInt8(ascii: "f"): append(0x0C, from: start)
            case UInt8(ascii: "u"):
                if let scalar = Unescaped.scalar(text, &position, range.upperBound) {
                    append(scalar, from: start)
                } else {
                    append(byte, from: start)
                    append(next, from: start + 1)
                }
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "/"): append(next, from: start)
            default:
                // \4 in a file's path, but in an array the 4.
                append(byte, from: start)
                append(next, from: start + 1)
            }
        }
        origins.append(UInt32(truncatingIfNeeded: range.upperBound))
    }

    /// An element of an array literal: a backslash, and what stands for itself.
    init(literal text: Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            if text[position] == UInt8(ascii: "\\"), position + 1 < range.upperBound { position += 1 }
            append(text[position], from: start)
            position += 1
        }
        origins.append(UInt32(truncatingIfNeeded: range.upperBound))
    }

    /// XML's character references and predefined entities (XML 1.0 §4.1, §4.6). The marks of CDATA sections are left out.
    init(entities text: Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            if text[position] == UInt8(ascii: "&"), let scalar = Unescaped.entity(text, &position, range.upperBound) {
                append(scalar, from: start)
            } else if text.has(XMLMarks.openCDATA, at: position) {
                leaveOut(from: start)
                position += XMLMarks.openCDATA.utf8.count
            } else if text.has(XMLMarks.closeCDATA, at: position) {
                leaveOut(from: start)
                position += XMLMarks.closeCDATA.utf8.count
            } else {
                append(text[position], from: start)
                position += 1
            }
        }
        origins.append(UInt32(truncatingIfNeeded: range.upperBound))
    }

    /// As it is written.
    init(plain text: Span<UInt8>, _ range: Range<Int>) {
        reserve(range.count)
        appendAsIs(text, range)
        origins.append(UInt32(truncatingIfNeeded: range.upperBound))
    }

    private mutating func appendAsIs(_ text: Span<UInt8>, _ range: Range<Int>) {
        bytes.append(text, range)
        let first = UInt32(truncatingIfNeeded: range.lowerBound)
        let (last, overflows) = first.addingReportingOverflow(UInt32(truncatingIfNeeded: range.count))
        if overflows {
            for position in range { origins.append(UInt32(truncatingIfNeeded: position)) }
        } else {
            origins.append(contentsOf: first..<last)
        }
    }

    private mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(count)
        origins.reserveCapacity(count + 1)
    }

    private mutating func leaveOut(from origin: Int) {
        if gaps[bytes.count] == nil { gaps[bytes.count] = UInt32(truncatingIfNeeded: origin) }
    }

    private mutating func append(_ byte: UInt8, from origin: Int) {
        bytes.append(byte)
        origins.append(UInt32(truncatingIfNeeded: origin))
    }

    private mutating func append(_ scalar: Unicode.Scalar, from origin: Int) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte, from: origin) }
    }

    /// What a range of the text here was written with.
    func origin(of range: Range<Int>) -> Range<Int> {
        guard range.lowerBound >= 0, range.upperBound < origins.count else { return 0..<0 }
        let start = Int(origins[range.lowerBound])
        var end = range.upperBound
        // Within the bytes of one escaped character there is no end.
        while end < origins.count - 1, end > range.lowerBound, origins[end] == origins[end - 1] { end += 1 }
        return start..<max(start, Int(gaps[end] ?? origins[end]))
    }

    /// The part of the text here that a range was written for.
    func part(of range: Range<Int>) -> Range<Int> {
        let end = lowerBound(range.upperBound)
        var start = lowerBound(range.lowerBound)
        // One that begins within an escape begins with its character.
        while start > 0, start < origins.count, Int(origins[start]) > range.lowerBound { start -= 1 }
        return min(start, end)..<min(end, bytes.count)
    }

    /// What was found in a range of what is written, in the places of what is here.
    func parts(of sightings: [Sighting], in content: Range<Int>) -> [Sighting] {
        sightings.map { sighting in
            var own = sighting.clamped(to: content)
            own.range = part(of: own.range)
            return own
        }
    }

    /// The first byte here that was written at `origin` or behind it.
    private func lowerBound(_ origin: Int) -> Int {
        var low = 0
        var high = origins.count
        while low < high {
            let middle = (low + high) / 2
            if Int(origins[middle]) < origin { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The character of `\uXXXX`, of which two in a row may be the halves of one.
    ///
    /// - Parameter position: behind the `u`; behind the digits afterwards, unless there are none.
    private static func scalar(_ text: Span<UInt8>, _ position: inout Int, _ end: Int) -> Unicode.Scalar? {
        guard let first = codeUnit(text, position, end) else { return nil }
        position += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < end, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u"), let second = codeUnit(text, position + 2, end),
            (0xDC00...0xDFFF).contains(second)
        else { return "\u{FFFD}" }
        position += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func codeUnit(_ text: Span<UInt8>, _ position: Int, _ end: Int) -> UInt32? {
        guard position + 4 <= end else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = text[position + offset].hexadecimalValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// The longest reference that is looked at: `&#x0010FFFF;`, and room for zeros.
    private static let longestEntity = 24

    private static func entity(_ text: Span<UInt8>, _ position: inout Int, _ end: Int) -> Unicode.Scalar? {
        var stop = position + 1
        while stop < end, stop - position < longestEntity, text[stop] != UInt8(ascii: ";") { stop += 1 }
        guard stop < end, text[stop] == UInt8(ascii: ";"), stop - position >= 3 else { return nil }
        let name = position + 1..<stop
        var scalar: Unicode.Scalar?
        if text[name.lowerBound] == UInt8(ascii: "#") {
            let isHexadecimal = text[name.lowerBound + 1] | 0x20 == UInt8(ascii: "x")
            var value: UInt32 = 0
            let digits = name.lowerBound + (isHexadecimal ? 2 : 1)..<name.upperBound
            guard !digits.isEmpty else { return nil }
            for index in digits {
                guard let digit = text[index].hexadecimalValue, isHexadecimal || digit < 10, value < 0x11_0000 else {
                    return nil
                }
                value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
            }
            scalar = Unicode.Scalar(value)
        } else {
            for (entity, character) in XMLMarks.entities
            where name.count == entity.utf8.count && text.has(entity, at: name.lowerBound) {
                scalar = character
            }
        }
        if scalar != nil { position = stop + 1 }
        return scalar
    }
}

enum XMLMarks {
    static let openCDATA: String = "<![CDATA["
    static let closeCDATA: String = "]]>"
    static let entities: [(String, Unicode.Scalar)] = [
        ("lt", "<"), ("gt", ">"), ("amp", "&"), ("quot", "\""), ("apos", "'"),
    ]
}
