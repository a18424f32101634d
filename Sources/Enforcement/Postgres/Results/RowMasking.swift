import Policy
import PostgresWire
import WireBytes

/// Applies a plan to rows.
enum RowMasking {
    /// Appends a DataRow with its values masked, or as it came when nothing in it is.
    ///
    /// - Parameter sample: gets each value's text form as the client will see it.
    static func append(
        _ row: inout DataRowReader, of bytes: [UInt8], whole: Range<Int>, plan: inout ResultPlan, masker: ValueMasker,
        to output: inout [UInt8], sample: (([UInt8]?) -> Void)?
    ) throws(WireError) {
        let start = output.count
        var isChanged = false
        output.append(BackendTag.dataRow.rawValue)
        output.append(contentsOf: [0, 0, 0, 0])
        output.appendBigEndian(Int16(truncatingIfNeeded: row.columnCount))
        var index = 0
        while let next = try row.next() {
            defer { index += 1 }
            guard let range = next else {
                output.appendBigEndian(Int32(-1))
                sample?(nil)
                continue
            }
            let length = output.count
            output.append(contentsOf: [0, 0, 0, 0])
            switch value(bytes[range], index, &plan, masker, into: &output) {
            case .unchanged: output.append(contentsOf: bytes[range])
            case .replaced: isChanged = true
            case .null:
                isChanged = true
                output.removeSubrange(length...)
                output.appendBigEndian(Int32(-1))
                sample?(nil)
                continue
            }
            let count = output.count - length - 4
            output.replaceBigEndian(UInt32(truncatingIfNeeded: count), at: length)
            if let sample { sample(text(output[(length + 4)...], plan.columns[index])) }
        }
        guard isChanged else {
            output.removeSubrange(start...)
            output.append(contentsOf: bytes[whole])
            return
        }
        output.replaceBigEndian(UInt32(truncatingIfNeeded: output.count - start - 1), at: start + 1)
    }

    /// The values of a COPY's row.
    ///
    /// - Returns: `nil` when none changes.
    static func values(_ values: [[UInt8]?], _ plan: inout ResultPlan, _ masker: ValueMasker) -> [[UInt8]?]? {
        // A row of another width than was described is nothing whose columns could be told.
        guard values.count == plan.columns.count else { return values.map { _ in nil } }
        var result = values
        var isChanged = false
        for (index, original) in values.enumerated() {
            guard let original else { continue }
            var output: [UInt8] = []
            switch value(original[...], index, &plan, masker, into: &output) {
            case .unchanged: continue
            case .replaced: result[index] = output
            case .null: result[index] = nil
            }
            isChanged = true
        }
        return isChanged ? result : nil
    }

    private static func value(
        _ bytes: ArraySlice<UInt8>, _ index: Int, _ plan: inout ResultPlan, _ masker: ValueMasker,
        into output: inout [UInt8]
    ) -> MaskedValue {
        let column = plan.columns[index]
        switch column.treatment {
        case .pass: return .unchanged
        case .mask(let mask, _):
            plan.columns[index].masked += 1
            return masker.mask(
                bytes, with: mask, kind: column.kind, typeOID: column.typeOID, format: column.format, into: &output)
        case .scan:
            var found: [ScanFinding] = []
            let result = masker.scan(
                bytes, kind: column.kind, typeOID: column.typeOID, format: column.format, context: column.name,
                into: &output
            ) { found.append($0) }
            for finding in found {
                let key = ResultPlan.DetectorCount(
                    column: index, detector: finding.detector, classification: finding.classification,
                    mask: finding.mask.name)
                plan.found[key, default: 0] += 1
            }
            return result
        }
    }

    private static func text(_ value: ArraySlice<UInt8>, _ column: ResultPlan.Column) -> [UInt8] {
        guard column.format == .binary else { return Array(value) }
        return BinaryCoding.text(value, typeOID: column.typeOID) ?? BinaryCoding.hexadecimal(Array(value))
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
