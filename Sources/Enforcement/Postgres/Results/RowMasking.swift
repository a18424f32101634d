import Policy
import PostgresWire
import WireBytes

/// Applies a plan to rows.
enum RowMasking {
    /// What was taken of the input.
    struct Run {
        /// Where in the input the rows end that were taken.
        var end: Int
        var rows: UInt64
    }

    /// Masks the DataRows that stand one behind the other.
    ///
    /// Goes through the input once. What no mask touches is copied in stretches, from one masked value to the next and over
    /// the ends of rows; a row that is longer or shorter for its masks gets a new length.
    /// - Parameters:
    ///   - input: Begins with a whole DataRow at `start`. Rows are taken for as long as they are here whole.
    ///   - most: Of them as many at the most.
    /// - Throws: At a row that is none, or not of the plan's columns. The rows before it are in the output, nothing of it is.
    static func maskRows(
        _ input: Span<UInt8>, from start: Int, most: UInt64 = .max, plan: inout ResultPlan, to output: inout [UInt8]
    ) throws(WireError) -> Run {
        var stretch = Stretch(start: start)
        var row = start
        var rows: UInt64 = 0
        while rows < most, let end = endOfFrame(input, at: row, tag: .dataRow), end - row >= 7 {
            let place = output.count + row - stretch.start
            do throws(WireError) {
                var cursor = row + 5
                guard end - cursor >= 2 else { throw WireError(.truncated, "a row without a count of columns") }
                try maskFields(input, &cursor, end, plan: &plan, &stretch, to: &output)
                guard cursor == end else {
                    throw WireError(.trailing, "\(end - cursor) bytes after the content")
                }
            } catch {
                if stretch.start > row {
                    output.removeSubrange(place...)
                } else {
                    stretch.copy(input, upTo: row, to: &output)
                }
                throw error
            }
            stretch.setLength(of: row..<end, at: place, in: &output)
            row = end
            rows += 1
        }
        stretch.copy(input, upTo: row, to: &output)
        return Run(end: row, rows: rows)
    }

    /// Input that goes to the output as it is, once something else must.
    struct Stretch {
        private(set) var start: Int

        init(start: Int) { self.start = start }

        mutating func copy(_ input: Span<UInt8>, upTo end: Int, to output: inout [UInt8]) {
            if end > start { output.append(input, start..<end) }
            start = max(start, end)
        }

        mutating func skip(to position: Int) { start = position }

        /// Gives a message its new length.
        ///
        /// - Parameters:
        ///   - frame: Where it is in the input. What of it is not in the output yet will be copied.
        ///   - place: Where it begins in the output. It is not there when nothing in it changed.
        @inline(__always)
        func setLength(of frame: Range<Int>, at place: Int, in output: inout [UInt8]) {
            guard start > frame.lowerBound else { return }
            let length = output.count + (frame.upperBound - start) - place - 1
            output.replaceBigEndian(UInt32(truncatingIfNeeded: length), at: place + 1)
        }
    }

    /// Where a message ends that is here whole.
    static func endOfFrame(_ input: Span<UInt8>, at start: Int, tag: BackendTag) -> Int? {
        guard input.count - start >= 5, input[start] == tag.rawValue else { return nil }
        let length = Int(input.bigEndian32(at: start + 1))
        guard length >= 4, length <= PostgresLimits.row, length < input.count - start else { return nil }
        return start + 1 + length
    }

    /// Masks a count of fields and the fields: the body of a DataRow, or a tuple of a binary COPY.
    ///
    /// - Parameters:
    ///   - cursor: Where the count is, of which there are both bytes; where the fields end afterwards.
    ///   - end: Nothing is read from there on.
    static func maskFields(
        _ input: Span<UInt8>, _ cursor: inout Int, _ end: Int, plan: inout ResultPlan, _ stretch: inout Stretch,
        to output: inout [UInt8]
    ) throws(WireError) {
        let count = Int(input[cursor]) << 8 | Int(input[cursor + 1])
        let works = plan.works.works
        guard count == works.count else {
            throw WireError(.malformed, "a row of \(count) columns where \(works.count) were described")
        }
        var position = cursor + 2
        for column in 0..<count {
            guard end - position >= 4 else { throw WireError(.truncated, "a value without its length") }
            let length = Int(Int32(bitPattern: input.bigEndian32(at: position)))
            let start = position + 4
            position = start
            if length == -1 { continue }
            guard length >= 0 else { throw WireError(.malformed, "a length of \(length)") }
            guard length <= end - start else {
                throw WireError(.truncated, "\(length) bytes wanted, \(end - start) left")
            }
            position = start + length
            let work = works[column]
            if work == .pass { continue }
            mask(input, start..<position, work, column, &plan, &stretch, to: &output)
        }
        cursor = position
    }

    /// Masks one value, with its length of four bytes in front.
    @inline(__always)
    private static func mask(
        _ input: Span<UInt8>, _ range: Range<Int>, _ work: ColumnWork, _ column: Int, _ plan: inout ResultPlan,
        _ stretch: inout Stretch, to output: inout [UInt8]
    ) {
        let lengthAt = range.lowerBound - 4
        switch work {
        case .pass: return
        case .null:
            stretch.copy(input, upTo: lengthAt, to: &output)
            output.appendBigEndian(Int32(-1))
            plan.masked[column] += 1
        case .constant(let start, let count):
            stretch.copy(input, upTo: lengthAt, to: &output)
            plan.works.appendConstant(start, count, to: &output)
            plan.masked[column] += 1
        case .keep(let first, let last):
            stretch.copy(input, upTo: range.lowerBound, to: &output)
            let place = output.count
            KeptCharacters.append(input.extracting(range), first: Int(first), last: Int(last), to: &output)
            // A character of several bytes becomes one.
            if output.count - place != range.count {
                output.replaceBigEndian(UInt32(truncatingIfNeeded: output.count - place), at: place - 4)
            }
            plan.masked[column] += 1
        case .mask:
            plan.masked[column] += 1
            replace(input, lengthAt, &stretch, to: &output) { output in
                plan.masker.mask(input.extracting(range), column: plan.columns[column], into: &output)
            }
        case .scanText, .scanTyped, .scanBinary:
            if let syntax = plan.syntax(work, input.extracting(range), column: column) {
                guard let result = plan.maskWithin(work, input.extracting(range), as: syntax, column: column) else {
                    return
                }
                replace(input, lengthAt, &stretch, to: &output) { output in
                    output += plan.rewritten
                    return result
                }
                break
            }
            guard plan.finds(work, in: input.extracting(range), column: column) else { return }
            replace(input, lengthAt, &stretch, to: &output) { output in
                plan.replaceFound(work, in: input.extracting(range), column: column, into: &output)
            }
        }
        stretch.skip(to: range.upperBound)
    }

    @inline(__always)
    private static func replace(
        _ input: Span<UInt8>, _ lengthAt: Int, _ stretch: inout Stretch, to output: inout [UInt8],
        _ body: (inout [UInt8]) -> MaskedValue
    ) {
        stretch.copy(input, upTo: lengthAt, to: &output)
        let place = output.count
        output.appendBigEndian(UInt32(0))
        switch body(&output) {
        case .replaced:
            output.replaceBigEndian(UInt32(truncatingIfNeeded: output.count - place - 4), at: place)
        case .null:
            output.removeSubrange(place...)
            output.appendBigEndian(Int32(-1))
        }
    }

    /// The values of a COPY's row.
    ///
    /// - Returns: `nil` when none changes.
    static func values(_ values: [[UInt8]?], _ plan: inout ResultPlan) -> [[UInt8]?]? {
        // A row of another width than was described is nothing whose columns could be told.
        guard values.count == plan.columns.count else { return values.map { _ in nil } }
        if !plan.totals.isEmpty { plan.showTotals(plan.areCounted { values[$0] }) }
        var result = values
        var isChanged = false
        for (index, original) in values.enumerated() {
            guard let original else { continue }
            var output: [UInt8] = []
            switch plan.maskValue(original.span, column: index, into: &output) {
            case nil: continue
            case .replaced: result[index] = output
            case .null: result[index] = nil
            }
            isChanged = true
        }
        return isChanged ? result : nil
    }

    /// The text forms of a DataRow's values, for a record.
    static func texts(of row: Span<UInt8>, plan: ResultPlan) -> [[UInt8]?] {
        var texts: [[UInt8]?] = []
        var position = 7
        for column in plan.columns {
            guard row.count - position >= 4 else { break }
            let length = Int(Int32(bitPattern: row.bigEndian32(at: position)))
            position += 4
            guard length >= 0, length <= row.count - position else {
                texts.append(nil)
                continue
            }
            var value: [UInt8] = []
            value.append(row, position..<position + length)
            position += length
            if column.format == .binary {
                value = BinaryCoding.text(value[...], typeOID: column.typeOID) ?? BinaryCoding.hexadecimal(value)
            }
            texts.append(value)
        }
        return texts
    }
}

extension Mask {
    /// The mask's name as policy spells it.
    var name: String {
        switch self {
        case .redact: "redact"
        case .null: "null"
        case .hash: "hash"
        case .fixed: "fixed"
        case .keepFirst(let count): "keepFirst \(count)"
        case .keepLast(let count): "keepLast \(count)"
        case .truncateDate(let precision): "truncateDate \(precision)"
        }
    }
}
