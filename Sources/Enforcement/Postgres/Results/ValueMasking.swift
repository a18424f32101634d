import Policy
import PostgresWire

/// What masking made of a value.
enum MaskedValue {
    case null
    /// The new value's bytes were appended to the output.
    case replaced
}

/// Masks single values, in either format.
struct ValueMasker {
    let scanner: DetectorScanner?
    let key: MaskKey?

    /// Applies a column's mask.
    ///
    /// - Parameters:
    ///   - value: as on the wire.
    ///   - output: the masked value as on the wire is appended.
    func mask(_ value: Span<UInt8>, column: ResultPlan.Column, into output: inout [UInt8]) -> MaskedValue {
        guard case .mask(var mask, _) = column.treatment else { return .null }
        if column.isUnderKey, StructuredMasking.isStructured(value) { mask = Mask.stricter(mask, .redact) }
        if column.format == .text || PostgresTypes.isTextInBinary(column.typeOID) {
            if case .null = mask.apply(to: value, kind: column.kind, key: key, into: &output) { return .null }
            return .replaced
        }
        // Without a text form there is nothing that a mask could keep a part of.
        let text = BinaryCoding.text([UInt8](copying: value)[...], typeOID: column.typeOID)
        let effective = text == nil ? Mask.redact : mask
        var masked: [UInt8] = []
        let result = (text ?? []).withSpan { effective.apply(to: $0, kind: column.kind, key: key, into: &masked) }
        guard case .text = result, let binary = BinaryCoding.binary(masked, typeOID: column.typeOID) else {
            return .null
        }
        output.append(contentsOf: binary)
        return .replaced
    }

    /// Masks findings within a text that is no typed value: notices, payloads, statements.
    func scanText(_ text: [UInt8], context: [UInt8] = []) -> [UInt8] {
        guard let scanner else { return text }
        if StructuredMasking.isStructured(text.span) {
            var masking = scanner.structuredMasking(key: key)
            let outcome = masking.mask(text.span, as: .text, selection: scanner.selection(for: context))
            return outcome == .replaced ? masking.output : text
        }
        let findings = scanner.findings(in: text.span, context: context)
        if findings.isEmpty { return text }
        var output: [UInt8] = []
        _ = replace(findings, in: text.span, kind: .text, into: &output)
        return output
    }

    /// - Returns: `.null` when no valid value of the kind comes out.
    func replace(
        _ findings: [ScanFinding], in text: Span<UInt8>, kind: ValueKind, into output: inout [UInt8]
    ) -> MaskedValue {
        switch kind {
        case .text, .json, .jsonb, .xml, .bytes, .array, .enumeration, .other: break
        default:
            // A number that is a card number has no part that could be replaced.
            let mask = Mask.strictest(of: findings.map(\.mask)) ?? .redact
            if case .null = mask.apply(to: text, kind: kind, key: key, into: &output) { return .null }
            return .replaced
        }
        var position = 0
        for finding in findings {
            let range = finding.range.clamped(to: position..<text.count)
            output.append(text, position..<range.lowerBound)
            let start = output.count
            replace(text.extracting(range), by: finding.mask, into: &output)
            if kind != .text { ValueMasker.makeSafe(&output, from: start) }
            position = range.upperBound
        }
        output.append(text, position..<text.count)
        return .replaced
    }

    /// Masks a part of a text, which cannot be NULL.
    func replace(_ part: Span<UInt8>, by mask: Mask, into output: inout [UInt8]) {
        if case .null = mask.apply(to: part, kind: .text, key: key, into: &output) {
            output.append(contentsOf: RedactedForm.text.utf8)
        }
    }

    /// Inside JSON, XML, arrays and the like only what needs no quoting may be put.
    private static func makeSafe(_ bytes: inout [UInt8], from start: Int) {
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"),
                UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: " "), UInt8(ascii: ":"),
                0x80...:
                break
            default: bytes[index] = UInt8(ascii: "*")
            }
        }
    }
}
