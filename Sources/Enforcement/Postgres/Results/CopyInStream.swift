import SQLInspection
import WireBytes

/// The data of a COPY FROM STDIN, cut into rows and values as the server will cut them.
///
/// Where a row has another number of values than there are columns (generated columns are not copied), or is too long to be
/// kept, each value is given out for every column.
struct CopyInStream {
    /// A value with the number of its column; `nil`: it may be any column's.
    typealias Value = (column: Int?, value: [UInt8])

    /// A longer row without an end is looked at in pieces.
    private static let longestRow = 1 << 20
    /// As much of a piece is looked at again with the next one: no form that is looked for is longer.
    private static let overlap = 256

    private let format: CopyFormat
    private let columnCount: Int
    private var pending: [UInt8] = []
    private var isHeader: Bool
    /// The beginning of the row that is pending is gone.
    private var isCut = false
    private var binary = CopyBinaryReader()

    init(format: CopyFormat, columnCount: Int) {
        self.format = format
        self.columnCount = columnCount
        isHeader =
            switch format {
            case .text(_, _, let header): header
            case .csv(_, _, let header, _, _): header
            case .binary: false
            }
    }

    /// Takes a CopyData's content.
    ///
    /// - Returns: the values of the rows that are complete.
    mutating func take(_ data: ArraySlice<UInt8>) throws(WireError) -> [Value] {
        var values: [Value] = []
        if case .binary = format {
            var rows: [[[UInt8]?]] = []
            try binary.take(data) { rows.append($0) }
            for row in rows { append(row, to: &values) }
            return values
        }
        pending.append(contentsOf: data)
        var start = 0
        while let end = rowEnd(pending[start...]) {
            appendRow(pending[start..<end], to: &values)
            start = end
        }
        pending.removeFirst(start)
        if pending.count > CopyInStream.longestRow {
            isCut = true
            values.append((nil, pending))
            pending.removeFirst(pending.count - CopyInStream.overlap)
        }
        return values
    }

    /// What is left at the end.
    mutating func finish() -> [Value] {
        var values: [Value] = []
        if !pending.isEmpty { appendRow(pending[...], to: &values) }
        pending = []
        return values
    }

    private func rowEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        if case .csv(_, _, _, let quote, let escape) = format {
            return CopyCSV.rowEnd(bytes, quote: quote, escape: escape)
        }
        var index = bytes.startIndex
        while index < bytes.endIndex {
            // A newline behind a backslash is part of a value.
            if bytes[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            if bytes[index] == 0x0A { return index + 1 }
            index += 1
        }
        return nil
    }

    private mutating func appendRow(_ line: ArraySlice<UInt8>, to values: inout [Value]) {
        if isHeader {
            isHeader = false
            return
        }
        var row = line
        if row.last == 0x0A { row.removeLast() }
        if row.last == 0x0D { row.removeLast() }
        switch format {
        case .text(let delimiter, let null, _):
            append(CopyText.splitInput(row, delimiter: delimiter, null: Array(null.utf8)), to: &values)
        case .csv(let delimiter, let null, _, let quote, let escape):
            append(
                CopyCSV.split(row, delimiter: delimiter, null: Array(null.utf8), quote: quote, escape: escape),
                to: &values)
        case .binary: break
        }
        isCut = false
    }

    private func append(_ row: [[UInt8]?], to values: inout [Value]) {
        let isKnown = row.count == columnCount && !isCut
        for (index, value) in row.enumerated() {
            if let value { values.append((isKnown ? index : nil, value)) }
        }
    }
}

extension CopyText {
    /// Cuts a row of a client's into values. Clients may escape more than a server does: bytes by their numbers, too.
    static func splitInput(_ row: ArraySlice<UInt8>, delimiter: UInt8, null: [UInt8]) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        var start = row.startIndex
        var index = start
        func value(_ raw: ArraySlice<UInt8>) -> [UInt8]? { raw.elementsEqual(null) ? nil : unescapeInput(raw) }
        while index < row.endIndex {
            if row[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            if row[index] == delimiter {
                values.append(value(row[start..<index]))
                start = index + 1
            }
            index += 1
        }
        values.append(value(row[start...]))
        return values
    }

    /// CopyReadAttributesText (src/backend/commands/copyfromparse.c).
    private static func unescapeInput(_ raw: ArraySlice<UInt8>) -> [UInt8] {
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
