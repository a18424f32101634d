import Policy
import PostgresWire

/// Values with values inside: JSON, XML, arrays, hstore.
extension ResultPlan {
    /// What a value is taken for; `nil` for all that has no parts of its own.
    @inline(__always)
    func syntax(_ work: ColumnWork, _ value: Span<UInt8>, column: Int) -> StructuredMasking.Syntax? {
        if work == .scanText { return StructuredMasking.isStructured(value) ? .text : nil }
        return typedSyntax(work, value, column)
    }

    private func typedSyntax(_ work: ColumnWork, _ value: Span<UInt8>, _ column: Int) -> StructuredMasking.Syntax? {
        switch columns[column].kind {
        case .text: return StructuredMasking.isStructured(value) ? .text : nil
        case .json, .jsonb: return .json
        case .xml: return .xml
        case .array(let element): return .array(ResultPlan.element(element))
        case .other:
            // The number of an extension's type is another in every database: its values tell.
            if work == .scanBinary { return HstoreCoding.isBinary(value) ? .hstore : nil }
            guard let first = value.isEmpty ? nil : value[0] else { return nil }
            switch first {
            case UInt8(ascii: "\""): return .hstore
            case UInt8(ascii: "{"): return .array(.text)
            case UInt8(ascii: "<"): return .xml
            default: return nil
            }
        default: return nil
        }
    }

    private static func element(_ kind: ValueKind) -> StructuredMasking.Syntax.Element {
        switch kind {
        case .text, .json, .jsonb, .xml: .text
        default: .number
        }
    }

    /// Masks within a value; what was masked is counted.
    ///
    /// - Returns: `nil` when it stays as it is. What took its place is in ``rewritten``, as on the wire.
    mutating func maskWithin(
        _ work: ColumnWork, _ value: Span<UInt8>, as syntax: StructuredMasking.Syntax, column: Int
    ) -> MaskedValue? {
        guard var masking = structured else { return nil }
        structured = nil
        defer { structured = masking }
        rewritten.removeAll(keepingCapacity: true)
        let selection = works.selections[column]
        guard work == .scanBinary else {
            guard masking.mask(value, as: syntax, selection: selection) == .replaced else { return nil }
            count(masking, column: column)
            rewritten += masking.output
            return .replaced
        }
        let typeOID = columns[column].typeOID
        let original = [UInt8](copying: value)
        let isHstore = syntax == .hstore
        let text = isHstore ? HstoreCoding.text(original) : BinaryCoding.text(original[...], typeOID: typeOID)
        let scanned = text ?? original
        guard masking.mask(scanned.span, as: syntax, selection: selection) == .replaced else { return nil }
        count(masking, column: column)
        // What has no text form has none that it could be written from.
        guard text != nil else { return .null }
        let binary: [UInt8]?
        if isHstore {
            binary = HstoreCoding.binary(masking.output)
        } else if let element = PostgresTypes.arrays[typeOID] {
            binary = ArrayCoding.binary(masking.output, element: element, shape: original)
        } else {
            binary = BinaryCoding.binary(masking.output, typeOID: typeOID)
        }
        guard let binary else { return .null }
        rewritten += binary
        return .replaced
    }

    private mutating func count(_ masking: StructuredMasking, column: Int) {
        keepShown(masking)
        countFindings(masking.found, column: column)
        for number in masking.foundKeys where number < masking.keys.uses.count {
            countKey(masking.keys.uses[number], column: column)
        }
    }
}
