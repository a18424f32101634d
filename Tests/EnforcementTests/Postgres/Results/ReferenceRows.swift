import Policy
import PostgresWire
import WireBytes

@testable import Enforcement

/// What masking a row means, value by value and with a copy of each: what the loop over whole buffers must come to.
enum ReferenceRows {
    /// The values as the client gets them, and what was counted.
    static func mask(
        _ values: [[UInt8]?], columns: [ResultPlan.Column], scanner: DetectorScanner?, key: MaskKey?,
        counts: inout ReferenceCounts
    ) -> [[UInt8]?] {
        zip(columns, values).enumerated().map { index, pair in
            guard let value = pair.1 else { return nil }
            switch pair.0.treatment {
            case .pass: return value
            case .mask(let mask, _):
                counts.masked[index, default: 0] += 1
                return masked(value, pair.0, mask, key)
            case .scan: return scanned(value, pair.0, index, scanner, key, &counts)
            }
        }
    }

    private static func masked(_ value: [UInt8], _ column: ResultPlan.Column, _ mask: Mask, _ key: MaskKey?) -> [UInt8]?
    {
        var output: [UInt8] = []
        guard column.format == .binary else {
            return mask.apply(to: value.span, kind: column.kind, key: key, into: &output) == .null ? nil : output
        }
        let text = BinaryCoding.text(value[...], typeOID: column.typeOID)
        let effective = text == nil && mask != .null ? Mask.redact : mask
        let copy = text ?? []
        if effective.apply(to: copy.span, kind: column.kind, key: key, into: &output) == .null { return nil }
        return BinaryCoding.binary(output, typeOID: column.typeOID)
    }

    private static func scanned(
        _ value: [UInt8], _ column: ResultPlan.Column, _ index: Int, _ scanner: DetectorScanner?, _ key: MaskKey?,
        _ counts: inout ReferenceCounts
    ) -> [UInt8]? {
        guard let scanner else { return value }
        // Values with values inside have tests of their own; here a plan for one value alone does them.
        var plan = ResultPlan(columns: [column], masker: ValueMasker(scanner: scanner, key: key))
        let work = plan.works.works[0]
        if let syntax = plan.syntax(work, value.span, column: 0) {
            let result = plan.maskWithin(work, value.span, as: syntax, column: 0)
            for (key, count) in plan.found {
                var key = key
                key.column = index
                counts.found[key, default: 0] += count
            }
            return result.map { $0 == .replaced ? plan.rewritten : nil } ?? value
        }
        var text = value
        if column.format == .binary { text = BinaryCoding.text(value[...], typeOID: column.typeOID) ?? value }
        let findings = scanner.findings(in: text.span, context: column.name)
        if findings.isEmpty { return value }
        for finding in findings {
            counts.found[ResultPlan.DetectorCount(column: index, finding), default: 0] += 1
        }
        var output: [UInt8] = []
        let masker = ValueMasker(scanner: scanner, key: key)
        guard case .replaced = masker.replace(findings, in: text.span, kind: column.kind, into: &output) else {
            return nil
        }
        return column.format == .text ? output : BinaryCoding.binary(output, typeOID: column.typeOID)
    }
}

struct ReferenceCounts {
    var masked: [Int: UInt64] = [:]
    var found: [ResultPlan.DetectorCount: UInt64] = [:]
}
