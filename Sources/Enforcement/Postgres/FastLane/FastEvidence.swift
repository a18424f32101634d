import Policy
import PostgresWire
import Records
import WireBytes

/// What the record of a request needs of it.
extension PostgresSession {
    /// Makes ready what the record of a request will need, for as long as its answer is awaited.
    ///
    /// Whoever runs sessions calls it when what an input came to is on its way: what is done here nobody waits for then. If it is
    /// not called, it is done when the answer comes.
    ///
    /// - Parameter output: Lends its room; nothing is added to it.
    public mutating func prepareEvidence(into output: inout SessionOutput) {
        guard !lane.isPrepared, let entry = lane.entry else { return }
        lane.isPrepared = true
        if !lane.text.isEmpty {
            lane.isTextHarmless = !lane.policy.recordsTexts || isHarmless(lane.text.span, &output.findings)
        }
        guard !lane.pipeline.isEmpty else { return }
        var pipeline: [UInt8] = []
        swap(&pipeline, &lane.pipeline)
        defer { swap(&pipeline, &lane.pipeline) }
        // It had a layout when the lane took it.
        guard let layout = RequestLayout(pipeline.span) else { return }
        recordParameters(pipeline.span, layout, entry, &output.findings)
    }

    private mutating func recordParameters(
        _ bytes: Span<UInt8>, _ layout: RequestLayout, _ entry: FastEntry, _ findings: inout DetectorFindings
    ) {
        var position = layout.parameters
        for index in 0..<layout.parameterCount {
            let length = Int(Int32(bitPattern: bytes.bigEndian32(at: position)))
            position += 4
            guard length >= 0 else {
                lane.parameters.append("NULL".utf8)
                continue
            }
            defer { position += length }
            if entry.facts.hidesParameters {
                lane.parameters.append("[redacted]".utf8)
                continue
            }
            let value = bytes.extracting(position..<position + length)
            let isBinary =
                switch layout.parameterFormats.count {
                case 0: false
                case 2: bytes[layout.parameterFormats.lowerBound + 1] != 0
                default: bytes[layout.parameterFormats.lowerBound + 2 * index + 1] != 0
                }
            if !isBinary, length <= PostgresSession.longestParameter, isHarmless(value, &findings),
                lane.parameters.appendASCII(value)
            {
                continue
            }
            lane.parameters.append(recordedParameter([UInt8](copying: value), isBinary ? .binary : .text))
        }
    }

    /// Whether there is nothing in a text that a record must not show.
    private func isHarmless(_ text: Span<UInt8>, _ findings: inout DetectorFindings) -> Bool {
        guard let scanner = lane.policy.scanner, let selection = lane.policy.selection else { return true }
        if StructuredMasking.isStructured(text) { return false }
        scanner.tables.scan(text, with: selection, into: &findings)
        return findings.findings.isEmpty
    }
}
