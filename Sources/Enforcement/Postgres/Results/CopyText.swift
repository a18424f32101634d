import SQLInspection

/// COPY's text format: tabs between values, newlines between rows, backslashes before what would be mistaken for either.
enum CopyText {
    /// Appends a value with what the format needs escaped.
    static func escape(_ value: [UInt8], delimiter: UInt8 = UInt8(ascii: "\t"), into output: inout [UInt8]) {
        // Most values have nothing to escape, and go in one piece.
        if value.allSatisfy({ $0 > 0x0D && $0 != UInt8(ascii: "\\") && $0 != delimiter }) {
            output.append(contentsOf: value)
            return
        }
        for byte in value {
            switch byte {
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: "\\r".utf8)
            case 0x08: output.append(contentsOf: "\\b".utf8)
            case 0x0B: output.append(contentsOf: "\\v".utf8)
            case 0x0C: output.append(contentsOf: "\\f".utf8)
            case delimiter:
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            default: output.append(byte)
            }
        }
    }

    /// The same of a part of a span, in stretches of what needs nothing.
    static func escape(_ bytes: Span<UInt8>, _ range: Range<Int>, into output: inout [UInt8]) {
        var copied = range.lowerBound
        for index in range where bytes[index] < 0x0E || bytes[index] == UInt8(ascii: "\\") {
            output.append(bytes, copied..<index)
            escape([bytes[index]], into: &output)
            copied = index + 1
        }
        output.append(bytes, copied..<range.upperBound)
    }

    /// Cuts a row, without its newline, into values.
    static func split(_ row: ArraySlice<UInt8>, delimiter: UInt8, null: [UInt8]) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        var start = row.startIndex
        var index = start
        while index < row.endIndex {
            if row[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            if row[index] == delimiter {
                values.append(value(row[start..<index], null))
                start = index + 1
            }
            index += 1
        }
        values.append(value(row[start...], null))
        return values
    }

    private static func value(_ raw: ArraySlice<UInt8>, _ null: [UInt8]) -> [UInt8]? {
        raw.elementsEqual(null) ? nil : unescape(raw)
    }

    /// Without the escapes, as CopyReadAttributesText (src/backend/commands/copyfromparse.c) takes them. Clients may write bytes by
    /// their numbers, too; what a server writes cannot be mistaken for one: no delimiter is a digit or a small letter.
    static func unescape(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        guard raw.contains(UInt8(ascii: "\\")) else { return Array(raw) }
        var output: [UInt8] = []
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                output.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "v"): output.append(0x0B)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                output.append(number(from: next, radix: 8, digits: 2, &rest))
            case UInt8(ascii: "x") where rest.first.flatMap(digit) != nil:
                output.append(number(from: UInt8(ascii: "0"), radix: 16, digits: 2, &rest))
            default: output.append(next)
            }
        }
        return output
    }

    private static func number(
        from first: UInt8, radix: Int, digits: Int, _ rest: inout ArraySlice<UInt8>
    ) -> UInt8 {
        var value = Int(first - UInt8(ascii: "0"))
        var left = digits
        while left > 0, let next = rest.first.flatMap(digit), next < radix {
            value = value * radix + next
            rest.removeFirst()
            left -= 1
        }
        return UInt8(truncatingIfNeeded: value)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

/// COPY's CSV format.
enum CopyCSV {
    static func append(
        _ value: [UInt8]?, delimiter: UInt8, null: [UInt8], quote: UInt8, escape: UInt8, into output: inout [UInt8]
    ) {
        guard let value else {
            output.append(contentsOf: null)
            return
        }
        let needsQuotes =
            value.elementsEqual(null) || value.elementsEqual("\\.".utf8)
            || value.contains { $0 == delimiter || $0 == quote || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else {
            output.append(contentsOf: value)
            return
        }
        output.append(quote)
        for byte in value {
            if byte == quote || byte == escape { output.append(escape) }
            output.append(byte)
        }
        output.append(quote)
    }

    /// Cuts a row, without its newline, into values.
    static func split(
        _ row: ArraySlice<UInt8>, delimiter: UInt8, null: [UInt8], quote: UInt8, escape: UInt8
    ) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        var current: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        func finish() {
            values.append(!wasQuoted && current == null ? nil : current)
            current = []
            wasQuoted = false
        }
        var index = row.startIndex
        while index < row.endIndex {
            let byte = row[index]
            if isQuoted {
                let next = index + 1 < row.endIndex ? row[index + 1] : nil
                if byte == escape, let next, next == quote || next == escape {
                    current.append(next)
                    index += 1
                } else if byte == quote {
                    isQuoted = false
                } else {
                    current.append(byte)
                }
            } else if byte == quote {
                isQuoted = true
                wasQuoted = true
            } else if byte == delimiter {
                finish()
            } else {
                current.append(byte)
            }
            index += 1
        }
        finish()
        return values
    }

    /// Where the first row of `bytes` ends, its newline included; `nil` when it has not all come.
    static func rowEnd(_ bytes: ArraySlice<UInt8>, quote: UInt8, escape: UInt8) -> Int? {
        var isQuoted = false
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if isQuoted, byte == escape, escape != quote {
                index += 2
                continue
            }
            if byte == quote { isQuoted.toggle() }
            if byte == 0x0A, !isQuoted { return index + 1 }
            index += 1
        }
        return nil
    }
}
