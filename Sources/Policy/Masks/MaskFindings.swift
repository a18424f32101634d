/// Masks what detectors found in a value, and leaves the rest of it.
public enum MaskFindings {
    /// - In text, each finding is replaced by its masked form.
    /// - In JSON, so is a finding within one string; a number that has one becomes `"[redacted]"`. Should the result be no JSON,
    ///   the whole value is masked.
    /// - In values of every other kind, one finding masks the whole value.
    ///
    /// A finding whose mask is `null` makes the whole value NULL.
    /// - Parameters:
    ///   - findings: Of a scan of `value`: ascending, apart, and within it. Others mask the whole value.
    ///   - value: The value's text form.
    ///   - kind: What the value is.
    ///   - key: The key of `hash` masks.
    ///   - output: Where the masked text is appended.
    ///   - mask: The mask for a finding of these detectors: the strictest of theirs.
    /// - Returns: Whether text was appended or the value is NULL now.
    public static func apply(
        _ findings: [Finding], to value: Span<UInt8>, kind: ValueKind, key: MaskKey?, into output: inout [UInt8],
        mask: (DetectorSet) -> Mask
    ) -> MaskedResult {
        let masks = findings.map { mask($0.detectors) }
        guard let strictest = Mask.strictest(of: masks) else {
            append(value, 0..<value.count, to: &output)
            return .text
        }
        if masks.contains(.null) { return .null }
        guard isInOrder(findings, within: value.count) else {
            return strictest.apply(to: value, kind: kind, key: key, into: &output)
        }
        switch kind {
        case .text:
            appendText(value, findings, masks, key: key, to: &output)
            return .text
        case .json, .jsonb:
            let start = output.count
            if appendJSON(value, findings, masks, key: key, to: &output) { return .text }
            output.removeSubrange(start...)
            return strictest.apply(to: value, kind: kind, key: key, into: &output)
        default: return strictest.apply(to: value, kind: kind, key: key, into: &output)
        }
    }

    private static func isInOrder(_ findings: [Finding], within count: Int) -> Bool {
        var last = 0
        for finding in findings {
            guard finding.range.lowerBound >= last, finding.range.upperBound <= count else { return false }
            last = finding.range.upperBound
        }
        return true
    }

    private static func append(_ value: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        // No more is reserved than what is appended takes: room for one stretch after the other would move the output each time.
        unsafe value.extracting(range).withUnsafeBufferPointer { bytes in
            unsafe output.append(contentsOf: bytes)
        }
    }

    private static func appendText(
        _ value: Span<UInt8>, _ findings: [Finding], _ masks: [Mask], key: MaskKey?, to output: inout [UInt8]
    ) {
        var position = 0
        for (finding, mask) in zip(findings, masks) {
            append(value, position..<finding.range.lowerBound, to: &output)
            _ = mask.apply(to: value.extracting(finding.range), kind: .text, key: key, into: &output)
            position = finding.range.upperBound
        }
        append(value, position..<value.count, to: &output)
    }

    /// - Returns: Whether the result is JSON.
    private static func appendJSON(
        _ value: Span<UInt8>, _ findings: [Finding], _ masks: [Mask], key: MaskKey?, to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        var tokens = JSONTokens()
        var position = 0
        var index = 0
        while let token = tokens.next(in: value), index < findings.count {
            guard token.kind != .invalid else { return false }
            guard findings[index].range.lowerBound < token.range.upperBound else { continue }
            if token.kind == .string {
                while index < findings.count, findings[index].range.lowerBound < token.range.upperBound {
                    let range = findings[index].range
                    guard range.lowerBound > token.range.lowerBound, range.upperBound < token.range.upperBound else {
                        return false
                    }
                    append(value, position..<range.lowerBound, to: &output)
                    var form: [UInt8] = []
                    _ = masks[index].apply(to: value.extracting(range), kind: .text, key: key, into: &form)
                    JSONText.appendEscaped(form.span, to: &output)
                    position = range.upperBound
                    index += 1
                }
            } else {
                guard token.kind == .number, findings[index].range.lowerBound >= token.range.lowerBound else {
                    return false
                }
                append(value, position..<token.range.lowerBound, to: &output)
                output.append(contentsOf: RedactedForm.json.utf8)
                position = token.range.upperBound
                while index < findings.count, findings[index].range.lowerBound < token.range.upperBound {
                    guard findings[index].range.upperBound <= token.range.upperBound else { return false }
                    index += 1
                }
            }
        }
        guard index == findings.count else { return false }
        append(value, position..<value.count, to: &output)
        return JSONText.isOneValue(output.span.extracting(start..<output.count))
    }
}
