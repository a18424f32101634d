import SQLInspection

/// How a COPY in a text format writes its rows.
struct CopyStyle {
    let delimiter: UInt8
    let null: [UInt8]
    /// The first row is the columns' names.
    let hasHeader: Bool
    /// `nil`: COPY's text format.
    let csv: (quote: UInt8, escape: UInt8)?

    /// - Returns: `nil` for the binary format.
    init?(_ format: CopyFormat) {
        switch format {
        case .text(let delimiter, let null, let header):
            self.delimiter = delimiter
            self.null = Array(null.utf8)
            hasHeader = header
            csv = nil
        case .csv(let delimiter, let null, let header, let quote, let escape):
            self.delimiter = delimiter
            self.null = Array(null.utf8)
            hasHeader = header
            csv = (quote, escape)
        case .binary: return nil
        }
    }

    /// Whether no value can look like NULL: a client may ask for a mark that values have, and masks must not pass those by.
    var isNullDistinct: Bool { csv == nil ? null == Array("\\N".utf8) : null.isEmpty }

    /// Cuts a row, without its newline, into values.
    func split(_ row: ArraySlice<UInt8>) -> [[UInt8]?] {
        guard let csv else { return CopyText.split(row, delimiter: delimiter, null: null) }
        return CopyCSV.split(row, delimiter: delimiter, null: null, quote: csv.quote, escape: csv.escape)
    }

    func append(_ value: [UInt8]?, to output: inout [UInt8]) {
        if let csv {
            CopyCSV.append(
                value, delimiter: delimiter, null: null, quote: csv.quote, escape: csv.escape, into: &output)
        } else if let value {
            CopyText.escape(value, delimiter: delimiter, into: &output)
        } else {
            output.append(contentsOf: null)
        }
    }

    /// Whether the value that stands from `start` on is written as it is, as most are: ``append(_:to:)`` would escape nothing in it,
    /// and put it in no quotes. `false` may be said of others, too.
    func isPlain(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        // In CSV a value that is NULL's mark has quotes.
        guard bytes.count > start, csv == nil || bytes.count - start != null.count else { return false }
        let quote = csv?.quote ?? delimiter
        for index in start..<bytes.count {
            let byte = unsafe bytes[unchecked: index]
            if byte < 0x20 || byte == UInt8(ascii: "\\") || byte == delimiter || byte == quote { return false }
        }
        return true
    }
}
