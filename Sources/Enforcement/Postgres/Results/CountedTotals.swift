import Policy
import PostgresWire
import SQLInspection
import WireBytes

/// A sum or an average in a result that passes in the rows where the count beside it is large enough.
struct CountedTotal: Hashable {
    /// The result's column that is the total.
    var column: Int
    /// The one that counts what it was made of, in the same row.
    var counter: Int
    var minimum: UInt64
}

extension ResultPlanner {
    /// The totals among a result's columns that policy lets pass where they are of enough rows.
    func totals(_ outputs: [OutputColumn]?) -> [CountedTotal] {
        guard let outputs else { return [] }
        return outputs.enumerated().compactMap { index, output in
            guard let counter = output.countedBy, outputs.indices.contains(counter), !output.isUnknown else {
                return nil
            }
            var minimum: UInt32 = 0
            for source in output.sources {
                guard let found = policy.classification(of: source) else { continue }
                guard let rows = found.aggregatedRows else { return nil }
                minimum = max(minimum, rows)
            }
            return minimum > 0 ? CountedTotal(column: index, counter: counter, minimum: UInt64(minimum)) : nil
        }
    }
}

extension ResultPlan {
    /// Whether every total of a row is of enough rows. `value` gives a column's text or binary form; `nil` for NULL.
    func areCounted(_ value: (Int) -> [UInt8]?) -> Bool {
        totals.allSatisfy { total in
            guard columns.indices.contains(total.counter), let bytes = value(total.counter) else { return false }
            return ResultPlan.count(bytes, columns[total.counter].format).map { $0 >= total.minimum } ?? false
        }
    }

    /// count's bigint.
    private static func count(_ bytes: [UInt8], _ format: FormatCode) -> UInt64? {
        if format == .binary {
            guard bytes.count == 8 else { return nil }
            let value = bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            return Int64(bitPattern: value) < 0 ? nil : value
        }
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

extension PostgresSession {
    /// Whether the row that a frame holds has enough rows behind each of its totals.
    func areCounted(in frame: Frame, _ plan: ResultPlan) throws(SessionFault) -> Bool {
        let wanted = Set(plan.totals.map(\.counter))
        var values: [Int: [UInt8]] = [:]
        try SessionFault.ofServer { () throws(WireError) in
            var row = try DataRowReader(ByteReader(upstream.bytes, in: frame.body))
            var index = 0
            while let next = try row.next() {
                if wanted.contains(index), let range = next { values[index] = Array(upstream.bytes[range]) }
                index += 1
            }
        }
        return plan.areCounted { values[$0] }
    }
}
