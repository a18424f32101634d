import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// The data of a COPY TO STDOUT, cut into rows and masked column by column.
struct CopyOutStream {
    /// One row with no end must not fill the memory.
    private static let longestRow = PostgresLimits.row

    private let format: CopyFormat
    private var pending: [UInt8] = []
    private var isHeader: Bool
    private var binary = CopyBinaryReader()
    private(set) var rows: UInt64 = 0
    /// `nil` for a binary COPY.
    let style: CopyStyle?

    init(format: CopyFormat) {
        self.format = format
        style = CopyStyle(format)
        isHeader =
            switch format {
            case .text(_, _, let header): header
            case .csv(_, _, let header, _, _): header
            case .binary: false
            }
    }

    /// Takes a CopyData's content.
    ///
    /// - Parameter mask: masks the values of a row; `nil` leaves it as it is.
    /// - Returns: what the client gets in its place, whole rows only.
    mutating func take(
        _ data: ArraySlice<UInt8>, mask: ([[UInt8]?]) -> [[UInt8]?]?, sample: inout ResponseSample?
    ) throws(SessionFault) -> [UInt8] {
        if case .binary = format { return try takeTuples(data, mask, &sample) }
        pending.append(contentsOf: data)
        var output: [UInt8] = []
        var start = 0
        while let end = rowEnd(pending[start...]) {
            appendRow(pending[start..<end], mask, &output, &sample)
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
        guard !pending.isEmpty else { return [] }
        var output: [UInt8] = []
        appendRow(pending[...], mask, &output, &sample)
        pending = []
        return output
    }

    private func rowEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        switch format {
        case .csv(_, _, _, let quote, let escape): CopyCSV.rowEnd(bytes, quote: quote, escape: escape)
        // A newline within a value is escaped, so every newline ends a row.
        default: bytes.firstIndex(of: 0x0A).map { $0 + 1 }
        }
    }

    private mutating func appendRow(
        _ line: ArraySlice<UInt8>, _ mask: ([[UInt8]?]) -> [[UInt8]?]?, _ output: inout [UInt8],
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
        switch format {
        case .text(let delimiter, let null, _):
            let null = Array(null.utf8)
            var split = CopyText.split(row, delimiter: delimiter, null: null)
            // The server does not escape a value that looks like the client's own sign for NULL: either may be a value.
            let isAmbiguous = !null.elementsEqual("\\N".utf8)
            if isAmbiguous { split = split.map { $0 ?? null } }
            guard let values = mask(split) else {
                output.append(contentsOf: line)
                return
            }
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(delimiter) }
                if let value, !isAmbiguous || value != null {
                    CopyText.escape(value, delimiter: delimiter, into: &output)
                } else {
                    output.append(contentsOf: null)
                }
            }
        case .csv(let delimiter, let null, _, let quote, let escape):
            let null = Array(null.utf8)
            let split = CopyCSV.split(row, delimiter: delimiter, null: null, quote: quote, escape: escape)
            guard let values = mask(split) else {
                output.append(contentsOf: line)
                return
            }
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(delimiter) }
                CopyCSV.append(
                    value, delimiter: delimiter, null: null, quote: quote, escape: escape, into: &output)
            }
        case .binary:
            output.append(contentsOf: line)
            return
        }
        if hasNewline { output.append(0x0A) }
    }
}
