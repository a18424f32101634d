import Policy
import PostgresWire

/// What masking made of a value.
enum MaskedValue {
    case unchanged
    case null
    /// The new value's bytes were appended to the output.
    case replaced
}

/// Masks and scans single values, in either format.
struct ValueMasker {
    let scanner: (any ValueScanner)?
    let key: MaskKey?

    /// Applies a column's mask.
    ///
    /// - Parameters:
    ///   - value: as on the wire.
    ///   - output: the masked value as on the wire is appended.
    func mask(
        _ value: ArraySlice<UInt8>, with mask: Mask, kind: ValueKind, typeOID: UInt32, format: FormatCode,
        into output: inout [UInt8]
    ) -> MaskedValue {
        switch format {
        case .text:
            let start = output.count
            let result = Array(value).withSpan { mask.apply(to: $0, kind: kind, key: key, into: &output) }
            if case .null = result { return .null }
            // A mask of no such kind says so by NULL; the text is valid as it is.
            _ = start
            return .replaced
        case .binary:
            // Without a text form there is nothing that a mask could keep a part of.
            let text = BinaryCoding.text(value, typeOID: typeOID)
            let effective = text == nil ? Mask.redact : mask
            var masked: [UInt8] = []
            let result = (text ?? []).withSpan { effective.apply(to: $0, kind: kind, key: key, into: &masked) }
            guard case .text = result, let binary = BinaryCoding.binary(masked, typeOID: typeOID) else { return .null }
            output.append(contentsOf: binary)
            return .replaced
        }
    }

    /// Looks for sensitive values and masks what is found in place.
    ///
    /// - Parameter onFinding: called for each.
    func scan(
        _ value: ArraySlice<UInt8>, kind: ValueKind, typeOID: UInt32, format: FormatCode, context: [UInt8],
        into output: inout [UInt8], onFinding: (ScanFinding) -> Void
    ) -> MaskedValue {
        guard let scanner else { return .unchanged }
        var text = Array(value)
        if format == .binary {
            // What has no text form is looked at as it is: an unknown type's binary form may hold text.
            text = BinaryCoding.text(value, typeOID: typeOID) ?? text
        }
        let findings = text.withSpan { scanner.findings(in: $0, context: context) }
        if findings.isEmpty { return .unchanged }
        findings.forEach(onFinding)
        guard let masked = replace(findings, in: text, kind: kind) else { return .null }
        if format == .text {
            output.append(contentsOf: masked)
            return .replaced
        }
        guard let binary = BinaryCoding.binary(masked, typeOID: typeOID) else { return .null }
        output.append(contentsOf: binary)
        return .replaced
    }

    /// Masks findings within a text that is no typed value: notices, payloads, statements.
    func scanText(_ text: [UInt8], context: [UInt8] = []) -> [UInt8] {
        guard let scanner else { return text }
        let findings = text.withSpan { scanner.findings(in: $0, context: context) }
        return findings.isEmpty ? text : replace(findings, in: text, kind: .text) ?? []
    }

    /// - Returns: `nil` when no valid value of the kind comes out: NULL stands for it.
    private func replace(_ findings: [ScanFinding], in text: [UInt8], kind: ValueKind) -> [UInt8]? {
        switch kind {
        case .text, .json, .jsonb, .xml, .bytes, .array, .enumeration, .other: break
        default:
            // A number that is a card number has no part that could be replaced.
            var output: [UInt8] = []
            let mask = Mask.strictest(of: findings.map(\.mask)) ?? .redact
            let result = text.withSpan { mask.apply(to: $0, kind: kind, key: key, into: &output) }
            if case .text = result { return output }
            return nil
        }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var position = 0
        for finding in findings {
            let range = finding.range.clamped(to: position..<text.count)
            output.append(contentsOf: text[position..<range.lowerBound])
            let start = output.count
            let part = Array(text[range])
            let result = part.withSpan { finding.mask.apply(to: $0, kind: .text, key: key, into: &output) }
            if case .null = result {
                output.removeSubrange(start...)
                output.append(contentsOf: "[redacted]".utf8)
            }
            if !isPlain(kind) { ValueMasker.makeSafe(&output, from: start) }
            position = range.upperBound
        }
        output.append(contentsOf: text[position...])
        return output
    }

    private func isPlain(_ kind: ValueKind) -> Bool {
        if case .text = kind { return true }
        return false
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

extension [UInt8] {
    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(span) }
}
