import PostgresWire
import SQLInspection
import WireBytes

/// Applies a plan to the rows of a COPY, where each is a CopyData of its own, as servers send them.
enum CopyRowMasking {
    /// One value where it lies.
    private struct Field {
        var column: Int
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
        var marks = CopyMarks(style)
        var fields: [Field] = []
        var scratch: [UInt8] = []
        while let end = RowMasking.endOfFrame(input, at: row, tag: .copyData), end - row >= 6,
            input[end - 1] == UInt8(ascii: "\n")
        {
            let place = output.count + row - stretch.start
            guard split(input, row + 5..<end - 1, style, plan.works.works, &marks, into: &fields) else { break }
            for field in fields { mask(input, field, style, &plan, &stretch, &scratch, to: &output) }
            stretch.setLength(of: row..<end, at: place, in: &output)
            row = end
            rows += 1
        }
        stretch.copy(input, upTo: row, to: &output)
        return RowMasking.Run(end: row, rows: rows)
    }

    /// Finds the values of a row at which there is something to do.
    ///
    /// - Returns: Whether it was a row of as many values as there are columns.
    private static func split(
        _ input: Span<UInt8>, _ row: Range<Int>, _ style: CopyStyle, _ works: [ColumnWork], _ marks: inout CopyMarks,
        into fields: inout [Field]
    ) -> Bool {
        fields.removeAll(keepingCapacity: true)
        // The mark of the data's end is no row.
        if row.count == 2, input[row.lowerBound] == UInt8(ascii: "\\"), input[row.lowerBound + 1] == UInt8(ascii: ".") {
            return false
        }
        marks.begin(row, input)
        var position = row.lowerBound
        for column in works.indices {
            var field = Field(column: column, range: position..<row.upperBound)
            guard end(of: &field, input, style, &marks) else { return false }
            if works[column] != .pass { fields.append(field) }
            position = field.range.upperBound
            if position == row.upperBound { return column == works.count - 1 }
            guard input[position] == style.delimiter else { return false }
            position += 1
        }
        return false
    }

    private static func mask(
        _ input: Span<UInt8>, _ field: Field, _ style: CopyStyle, _ plan: inout ResultPlan,
        _ stretch: inout RowMasking.Stretch, _ scratch: inout [UInt8], to output: inout [UInt8]
    ) {
        if isNull(input, field, style) { return }
        switch plan.works.works[field.column] {
        // Most values stay as they are.
        case .pass, .scanText, .scanTyped, .scanBinary:
            scratch.removeAll(keepingCapacity: true)
            guard let masked = masked(input, field, style, &plan, into: &scratch) else { return }
            stretch.copy(input, upTo: field.range.lowerBound, to: &output)
            style.append(masked == .null ? nil : scratch, to: &output)
        case .null, .constant, .keep, .mask:
            stretch.copy(input, upTo: field.range.lowerBound, to: &output)
            let place = output.count
            switch masked(input, field, style, &plan, into: &output) {
            case .replaced where style.isPlain(output.span, from: place): break
            case .replaced:
                let value = Array(output[place...])
                output.removeSubrange(place...)
                style.append(value, to: &output)
            case .null, nil: style.append(nil, to: &output)
            }
        }
        stretch.skip(to: field.range.upperBound)
    }

    /// What the plan makes of a value, without escapes.
    @inline(__always)
    private static func masked(
        _ input: Span<UInt8>, _ field: Field, _ style: CopyStyle, _ plan: inout ResultPlan, into output: inout [UInt8]
    ) -> MaskedValue? {
        if field.isEscaped {
            return plan.maskValue(unescaped(input, field, style).span, column: field.column, into: &output)
        }
        let inner = field.isQuoted ? field.range.lowerBound + 1..<field.range.upperBound - 1 : field.range
        return plan.maskValue(input.extracting(inner), column: field.column, into: &output)
    }

    /// Ends a field that begins its range at the delimiter or the row's end.
    ///
    /// - Returns: Whether it has a form that a server writes.
    @inline(__always)
    private static func end(
        of field: inout Field, _ input: Span<UInt8>, _ style: CopyStyle, _ marks: inout CopyMarks
    ) -> Bool {
        guard let csv = style.csv else { return endText(&field, input, style.delimiter, &marks) }
        let start = field.range.lowerBound
        guard start < field.range.upperBound, input[start] == csv.quote else {
            return endPlain(&field, input, style.delimiter, csv.quote, &marks)
        }
        return endQuoted(&field, input, csv.quote, csv.escape, &marks)
    }

    @inline(__always)
    private static func endText(
        _ field: inout Field, _ input: Span<UInt8>, _ delimiter: UInt8, _ marks: inout CopyMarks
    ) -> Bool {
        let (start, end) = (field.range.lowerBound, field.range.upperBound)
        var position = marks.next(input, from: start)
        while position < end, input[position] != delimiter {
            if input[position] == UInt8(ascii: "\n") { return false }
            field.isEscaped = true
            // A backslash at the very end escapes nothing.
            guard position + 2 <= end else { return false }
            position = marks.next(input, from: position + 2)
        }
        field.range = start..<position
        return true
    }

    @inline(__always)
    private static func endPlain(
        _ field: inout Field, _ input: Span<UInt8>, _ delimiter: UInt8, _ quote: UInt8, _ marks: inout CopyMarks
    ) -> Bool {
        let (start, end) = (field.range.lowerBound, field.range.upperBound)
        var position = marks.next(input, from: start)
        while position < end, input[position] != delimiter {
            if input[position] == UInt8(ascii: "\n") || input[position] == quote { return false }
            position = marks.next(input, from: position + 1)
        }
        field.range = start..<position
        return true
    }

    private static func endQuoted(
        _ field: inout Field, _ input: Span<UInt8>, _ quote: UInt8, _ escape: UInt8, _ marks: inout CopyMarks
    ) -> Bool {
        let (start, end) = (field.range.lowerBound, field.range.upperBound)
        field.isQuoted = true
        var position = marks.next(input, from: start + 1)
        while position < end {
            let byte = input[position]
            if byte == escape, position + 1 < end, input[position + 1] == quote || input[position + 1] == escape {
                field.isEscaped = true
                position = marks.next(input, from: position + 2)
                continue
            }
            if byte == quote {
                field.range = start..<position + 1
                return true
            }
            position = marks.next(input, from: position + 1)
        }
        return false
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
