import Policy

/// Scans of values, as a plan has them.
extension ResultPlan {
    /// Looks for sensitive values; what was found is counted and left in the workspace.
    ///
    /// - Parameter value: as on the wire.
    mutating func finds(_ work: ColumnWork, in value: Span<UInt8>, column: Int) -> Bool {
        guard let scanner = masker.scanner else { return false }
        if work == .scanBinary {
            let text = BinaryCoding.scannedText([UInt8](copying: value), typeOID: columns[column].typeOID)
            scanner.tables.scan(text.span, with: works.selections[column], into: &workspace)
        } else {
            scanner.tables.scan(value, with: works.selections[column], into: &workspace)
        }
        if workspace.findings.isEmpty { return false }
        countFindings(column: column)
        return true
    }

    /// Masks what ``finds(_:in:column:)`` found in the same value.
    ///
    /// - Parameter output: the masked value as on the wire is appended.
    mutating func replaceFound(
        _ work: ColumnWork, in value: Span<UInt8>, column: Int, into output: inout [UInt8]
    ) -> MaskedValue {
        guard let scanner = masker.scanner else { return .null }
        if work == .scanText {
            keepShown(in: value, scanner)
            replaceInText(value, scanner, into: &output)
            return .replaced
        }
        let findings = workspace.findings.compactMap(scanner.resolve)
        let kind = columns[column].kind
        if work == .scanTyped {
            keepShown(in: value, scanner)
            return masker.replace(findings, in: value, kind: kind, into: &output)
        }
        let typeOID = columns[column].typeOID
        let text = BinaryCoding.scannedText([UInt8](copying: value), typeOID: typeOID)
        keepShown(in: text.span, scanner)
        var masked: [UInt8] = []
        guard case .replaced = masker.replace(findings, in: text.span, kind: kind, into: &masked),
            let binary = BinaryCoding.binary(masked, typeOID: typeOID)
        else { return .null }
        output += binary
        return .replaced
    }

    private func replaceInText(_ text: Span<UInt8>, _ scanner: DetectorScanner, into output: inout [UInt8]) {
        var position = 0
        for finding in workspace.findings {
            let range = finding.range.clamped(to: position..<text.count)
            output.append(text, position..<range.lowerBound)
            position = range.upperBound
            if finding.detectors.count == 1, let replacement = scanner.replacements[finding.detector] {
                output.append(contentsOf: replacement)
            } else {
                let mask = scanner.resolve(finding)?.mask ?? .redact
                masker.replace(text.extracting(range), by: mask, into: &output)
            }
        }
        output.append(text, position..<text.count)
    }

    /// Masks a value that stands alone.
    ///
    /// - Returns: `nil` when it stays as it is.
    mutating func maskValue(_ value: Span<UInt8>, column: Int, into output: inout [UInt8]) -> MaskedValue? {
        let work = works.works[column]
        switch work {
        case .pass: return nil
        case .null:
            masked[column] += 1
            return .null
        case .constant(let start, let count):
            masked[column] += 1
            works.appendConstant(start + 4, count - 4, to: &output)
            return .replaced
        case .keep(let first, let last):
            masked[column] += 1
            KeptCharacters.append(value, first: Int(first), last: Int(last), to: &output)
            return .replaced
        case .mask:
            masked[column] += 1
            return masker.mask(value, column: columns[column], into: &output)
        case .scanText, .scanTyped, .scanBinary:
            if let syntax = syntax(work, value, column: column) {
                let result = maskWithin(work, value, as: syntax, column: column)
                if result == .replaced { output += rewritten }
                return result
            }
            guard finds(work, in: value, column: column) else { return nil }
            return replaceFound(work, in: value, column: column, into: &output)
        }
    }
}
