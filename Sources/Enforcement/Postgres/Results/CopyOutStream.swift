import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// The data of a COPY TO STDOUT, cut into rows and masked column by column.
struct CopyOutStream {
    /// One row with no end must not fill the memory.
    private static let longestRow = PostgresLimits.row

    private var pending: [UInt8] = []
    private var isHeader: Bool
    private var binary = CopyBinaryReader()
    private(set) var rows: UInt64 = 0
    /// `nil` for a binary COPY.
    let style: CopyStyle?

    init(format: CopyFormat) {
        style = CopyStyle(format)
        isHeader = style?.hasHeader ?? false
    }

    /// Takes a CopyData's content.
    ///
    /// - Parameter mask: masks the values of a row; `nil` leaves it as it is.
    /// - Returns: what the client gets in its place, whole rows only.
    mutating func take(
        _ data: ArraySlice<UInt8>, mask: ([[UInt8]?]) -> [[UInt8]?]?, sample: inout ResponseSample?
    ) throws(SessionFault) -> [UInt8] {
        guard let style else { return try takeTuples(data, mask, &sample) }
        pending.append(contentsOf: data)
        var output: [UInt8] = []
        var start = 0
        while let end = rowEnd(pending[start...], style) {
            appendRow(pending[start..<end], style, mask, &output, &sample)
            start = end
        }
        pending.removeFirst(start)
        guard pending.count <= CopyOutStream.longestRow else {
            throw SessionFault(sqlState: "54000", message: "A row of the COPY is too long to be masked.")
        }
        return output
    }

    private mutating func takeTuples(
        _ data: ArraySlice<UInt8>, _ mask: ([[UInt8]?]) -> [[UInt8]?]?, _ sample: inout ResponseSample?
    ) throws(SessionFault) -> [UInt8] {
        var tuples: [UInt8] = []
        var count: UInt64 = 0
        do throws(WireError) {
            let around = try binary.take(data) { values in
                let masked = mask(values) ?? values
                CopyBinaryWriter.append(masked, to: &tuples)
                sample?.appendRow(masked.map { $0.map(BinaryCoding.hexadecimal) })
                count += 1
            }
            rows += count
            return around.header + tuples + around.trailer
        } catch {
            throw SessionFault(
                sqlState: "08P01", message: "The database sent a binary COPY that cannot be taken.",
                reason: "server protocol violation: \(error)")
        }
    }

    /// Whether what comes next begins a row.
    var isBetweenRows: Bool { pending.isEmpty && !isHeader }

    /// Counts rows that were masked where they lay.
    mutating func pass(rows count: UInt64) { rows += count }

    /// What is left when the server says that it is done.
    mutating func finish(mask: ([[UInt8]?]) -> [[UInt8]?]?, sample: inout ResponseSample?) -> [UInt8] {
        guard let style, !pending.isEmpty else { return [] }
        var output: [UInt8] = []
        appendRow(pending[...], style, mask, &output, &sample)
        pending = []
        return output
    }

    private func rowEnd(_ bytes: ArraySlice<UInt8>, _ style: CopyStyle) -> Int? {
        if let csv = style.csv { return CopyCSV.rowEnd(bytes, quote: csv.quote, escape: csv.escape) }
        // A newline within a value is escaped, so every newline ends a row.
        return bytes.firstIndex(of: 0x0A).map { $0 + 1 }
    }

    private mutating func appendRow(
        _ line: ArraySlice<UInt8>, _ style: CopyStyle, _ mask: ([[UInt8]?]) -> [[UInt8]?]?, _ output: inout [UInt8],
        _ sample: inout ResponseSample?
    ) {
        let start = output.count
        defer { sample?.appendLine(Array(output[start...])) }
        // The header is names, and the end-of-data mark is none of the rows.
        if isHeader {
            isHeader = false
            output.append(contentsOf: line)
            return
        }
        var row = line
        let hasNewline = row.last == 0x0A
        if hasNewline { row.removeLast() }
        if row.elementsEqual("\\.".utf8) {
            output.append(contentsOf: line)
            return
        }
        rows += 1
        var values = style.split(row)
        // The server does not escape a value that looks like the client's own sign for NULL: either may be a value.
        let isAmbiguous = style.csv == nil && !style.isNullDistinct
        if isAmbiguous { values = values.map { $0 ?? style.null } }
        guard let masked = mask(values) else {
            output.append(contentsOf: line)
            return
        }
        for (index, value) in masked.enumerated() {
            if index > 0 { output.append(style.delimiter) }
            style.append(isAmbiguous && value == style.null ? nil : value, to: &output)
        }
        if hasNewline { output.append(0x0A) }
    }
}
