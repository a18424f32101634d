/// `keepFirst` and `keepLast`: the characters that are not kept become `*`, one for one.
///
/// A character is a Unicode scalar, or a byte where the text is not UTF-8. Spaces and dashes stay and do not count, so that
/// `4111-1111-1111-1234` becomes `****-****-****-1234`. A value that has no more characters than are to be kept is masked
/// whole: whoever asks for the last four of a four-digit number must not get the number.
public enum KeptCharacters {
    static func append(
        _ value: Span<UInt8>, first: Int = 0, last: Int = 0, kind: ValueKind, to output: inout [UInt8]
    ) -> MaskedResult {
        guard kind == .text else { return RedactedForm.append(kind, to: &output) }
        append(value, first: first, last: last, to: &output)
        return .text
    }

    /// Masks a value that is text.
    public static func append(_ value: Span<UInt8>, first: Int, last: Int, to output: inout [UInt8]) {
        if !appendASCII(value, first: first, last: last, to: &output) {
            appendScalars(value, first: first, last: last, to: &output)
        }
    }

    /// - Returns: Whether the value is ASCII; nothing was appended otherwise.
    private static func appendASCII(_ value: Span<UInt8>, first: Int, last: Int, to output: inout [UInt8]) -> Bool {
        var characters = 0
        var union: UInt8 = 0
        for position in 0..<value.count {
            union |= value[position]
            characters += isSeparator(value[position]) ? 0 : 1
        }
        guard union < 0x80 else { return false }
        let isHidden = characters <= first + last
        let firstKept = isHidden ? 0 : first
        let lastKept = isHidden ? characters : characters - last
        var index = 0
        output.append(addingCapacity: value.count) { span in
            for position in 0..<value.count {
                let byte = value[position]
                let isSeparator = isSeparator(byte)
                let isKept = isSeparator || index < firstKept || index >= lastKept
                span.append(isKept ? byte : UInt8(ascii: "*"))
                index += isSeparator ? 0 : 1
            }
        }
        return true
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") }

    private static func appendScalars(_ value: Span<UInt8>, first: Int, last: Int, to output: inout [UInt8]) {
        var characters = 0
        forEachCharacter(of: value) { _, _, isSeparator in
            characters += isSeparator ? 0 : 1
        }
        let isHidden = characters <= first + last
        let firstKept = isHidden ? 0 : first
        let lastKept = isHidden ? characters : characters - last
        var index = 0
        forEachCharacter(of: value) { start, end, isSeparator in
            if isSeparator {
                output.append(value[start])
                return
            }
            if index < firstKept || index >= lastKept {
                for position in start..<end { output.append(value[position]) }
            } else {
                output.append(UInt8(ascii: "*"))
            }
            index += 1
        }
    }

    private static func forEachCharacter(
        of value: Span<UInt8>, _ body: (_ start: Int, _ end: Int, _ isSeparator: Bool) -> Void
    ) {
        var position = 0
        while position < value.count {
            let byte = value[position]
            let end = position + lengthOfScalar(in: value, at: position)
            body(position, end, isSeparator(byte))
            position = end
        }
    }

    /// Bytes of the scalar at `position`; 1 where there is none that is well formed, as far as its lengths tell.
    private static func lengthOfScalar(in value: Span<UInt8>, at position: Int) -> Int {
        let expected =
            switch value[position] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        guard position + expected <= value.count else { return 1 }
        for offset in 1..<max(expected, 2) where expected > 1 {
            guard value[position + offset] & 0xC0 == 0x80 else { return 1 }
        }
        return expected
    }
}
