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

    /// `nil` for a binary COPY.
    private let style: CopyStyle?
    private let columnCount: Int
    private var pending: [UInt8] = []
    private var isHeader: Bool
    /// The beginning of the row that is pending is gone.
    private var isCut = false
    private var binary = CopyBinaryReader()

    init(format: CopyFormat, columnCount: Int) {
        style = CopyStyle(format)
        self.columnCount = columnCount
        isHeader = style?.hasHeader ?? false
    }

    /// Takes a CopyData's content.
    ///
    /// - Returns: the values of the rows that are complete.
    mutating func take(_ data: ArraySlice<UInt8>) throws(WireError) -> [Value] {
        var values: [Value] = []
        guard let style else {
            var rows: [[[UInt8]?]] = []
            try binary.take(data) { rows.append($0) }
            for row in rows { append(row, to: &values) }
            return values
        }
        pending.append(contentsOf: data)
        var start = 0
        while let end = rowEnd(pending[start...], style) {
            appendRow(pending[start..<end], style, to: &values)
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
        if let style, !pending.isEmpty { appendRow(pending[...], style, to: &values) }
        pending = []
        return values
    }

    private func rowEnd(_ bytes: ArraySlice<UInt8>, _ style: CopyStyle) -> Int? {
        if let csv = style.csv { return CopyCSV.rowEnd(bytes, quote: csv.quote, escape: csv.escape) }
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

    private mutating func appendRow(_ line: ArraySlice<UInt8>, _ style: CopyStyle, to values: inout [Value]) {
        if isHeader {
            isHeader = false
            return
        }
        var row = line
        if row.last == 0x0A { row.removeLast() }
        if row.last == 0x0D { row.removeLast() }
        append(style.split(row), to: &values)
        isCut = false
    }

    private func append(_ row: [[UInt8]?], to values: inout [Value]) {
        let isKnown = row.count == columnCount && !isCut
        for (index, value) in row.enumerated() {
            if let value { values.append((isKnown ? index : nil, value)) }
        }
    }
}
