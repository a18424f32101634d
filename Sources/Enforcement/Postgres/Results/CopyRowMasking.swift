import PostgresWire
import SQLInspection
import WireBytes

/// Applies a plan to the rows of a COPY, where each is a CopyData of its own, as servers send them.
enum CopyRowMasking {
    /// One value where it lies.
    private struct Field {
        var range: Range<Int>
        var isQuoted = false
        /// Something in it stands for something else.
        var isEscaped = false
    }

    /// Masks the rows that stand one behind the other. What is no whole row of the plan's columns ends the run, and is for
    /// ``CopyOutStream``.
    ///
    /// - Parameter input: Begins with a CopyData at `start`.
    static func maskRows(
        _ input: Span<UInt8>, from start: Int, style: CopyStyle, plan: inout ResultPlan, to output: inout [UInt8]
    ) -> RowMasking.Run {
        var stretch = RowMasking.Stretch(start: start)
        var row = start
        var rows: UInt64 = 0
        var fields: [Field] = []
        var scratch: [UInt8] = []
        while let end = RowMasking.endOfFrame(input, at: row, tag: .copyData), end - row >= 6,
            input[end - 1] == UInt8(ascii: "\n")
        {
            let place = output.count + row - stretch.start
            guard split(input, row + 5..<end - 1, style, columns: plan.columns.count, into: &fields) else { break }
            for column in fields.indices {
                mask(input, fields[column], column, style, &plan, &stretch, &scratch, to: &output)
            }
            if stretch.start > row {
                let length = output.count + (end - stretch.start) - place - 1
                output.replaceBigEndian(UInt32(truncatingIfNeeded: length), at: place + 1)
            }
            row = end
            rows += 1
        }
        stretch.copy(input, upTo: row, to: &output)
        return RowMasking.Run(end: row, rows: rows)
    }

    /// - Returns: Whether it was a row of as many values as there are columns.
    private static func split(
        _ input: Span<UInt8>, _ row: Range<Int>, _ style: CopyStyle, columns: Int, into fields: inout [Field]
    ) -> Bool {
        fields.removeAll(keepingCapacity: true)
        // The mark of the data's end is no row.
        if row.count == 2, input[row.lowerBound] == UInt8(ascii: "\\"), input[row.lowerBound + 1] == UInt8(ascii: ".") {
            return false
        }
        var position = row.lowerBound
        while let field = nextField(input, position..<row.upperBound, style) {
            fields.append(field)
            position = field.range.upperBound
            if position == row.upperBound { return fields.count == columns }
            guard input[position] == style.delimiter, fields.count < columns else { return false }
            position += 1
        }
        return false
    }

    private static func mask(
        _ input: Span<UInt8>, _ field: Field, _ column: Int, _ style: CopyStyle, _ plan: inout ResultPlan,
        _ stretch: inout RowMasking.Stretch, _ scratch: inout [UInt8], to output: inout [UInt8]
    ) {
        if plan.works.works[column] == .pass || isNull(input, field, style) { return }
        scratch.removeAll(keepingCapacity: true)
        let masked: MaskedValue?
        if field.isEscaped {
            let value = unescaped(input, field, style)
            masked = plan.maskValue(value.span, column: column, into: &scratch)
        } else {
            let inner = field.isQuoted ? field.range.lowerBound + 1..<field.range.upperBound - 1 : field.range
            masked = plan.maskValue(input.extracting(inner), column: column, into: &scratch)
        }
        guard let masked else { return }
        stretch.copy(input, upTo: field.range.lowerBound, to: &output)
        switch masked {
        case .replaced: style.append(scratch, to: &output)
        case .null: style.append(nil, to: &output)
        }
        stretch.skip(to: field.range.upperBound)
    }

    /// The value that begins the range, up to the delimiter or the row's end; `nil` where it has no form that a server writes.
    private static func nextField(_ input: Span<UInt8>, _ range: Range<Int>, _ style: CopyStyle) -> Field? {
        guard let csv = style.csv else { return textField(input, range, delimiter: style.delimiter) }
        if range.isEmpty || input[range.lowerBound] != csv.quote {
            return plainField(input, range, delimiter: style.delimiter, quote: csv.quote)
        }
        var field = Field(range: range, isQuoted: true)
        var position = range.lowerBound + 1
        while position < range.upperBound {
            let byte = unsafe input[unchecked: position]
            if byte == csv.escape, position + 1 < range.upperBound,
                input[position + 1] == csv.quote || input[position + 1] == csv.escape
            {
                field.isEscaped = true
                position += 2
                continue
            }
            position += 1
            if byte == csv.quote {
                field.range = range.lowerBound..<position
                return field
            }
        }
        return nil
    }

    private static func textField(_ input: Span<UInt8>, _ range: Range<Int>, delimiter: UInt8) -> Field? {
        var field = Field(range: range)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = unsafe input[unchecked: position]
            if byte == delimiter { break }
            if byte == UInt8(ascii: "\n") { return nil }
            if byte == UInt8(ascii: "\\") {
                field.isEscaped = true
                position &+= 1
            }
            position &+= 1
        }
        // A backslash at the very end escapes nothing.
        guard position <= range.upperBound else { return nil }
        field.range = range.lowerBound..<position
        return field
    }

    private static func plainField(
        _ input: Span<UInt8>, _ range: Range<Int>, delimiter: UInt8, quote: UInt8
    ) -> Field? {
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = unsafe input[unchecked: position]
            if byte == delimiter { break }
            if byte == UInt8(ascii: "\n") || byte == quote { return nil }
            position &+= 1
        }
        return Field(range: range.lowerBound..<position)
    }

    private static func isNull(_ input: Span<UInt8>, _ field: Field, _ style: CopyStyle) -> Bool {
        guard !field.isQuoted, field.range.count == style.null.count else { return false }
        for offset in 0..<style.null.count where input[field.range.lowerBound + offset] != style.null[offset] {
            return false
        }
        return true
    }

    private static func unescaped(_ input: Span<UInt8>, _ field: Field, _ style: CopyStyle) -> [UInt8] {
        let raw = [UInt8](copying: input.extracting(field.range))
        guard let csv = style.csv else { return CopyText.unescape(raw[...]) }
        var value: [UInt8] = []
        var index = 1
        while index < raw.count - 1 {
            if raw[index] == csv.escape, raw[index + 1] == csv.quote || raw[index + 1] == csv.escape { index += 1 }
            value.append(raw[index])
            index += 1
        }
        return value
    }
}
